/* definitions.h: `patron definitions`: what its files share. */
#ifndef PATRON_CLI_DEFINITIONS_H
#define PATRON_CLI_DEFINITIONS_H

#include "cli/subcommand.h"
#include "features/definitions/change_store.h"

/* A call on the open engine. */
struct definitions_call {
    struct cli *cli;
    struct configuration configuration; /* borrowed until the call ends */
    struct definition_key key;          /* of the arguments KIND CODE; kind NULL: none was named */
};

/* A time of the option `name`; false, with a message, when it is none. `*out` stays without. */
bool definitions_time(struct cli *cli, const char *name, int64_t *out);

/* Changes: save, publish, submit, approve, refuse, drop, withdraw, rollback. */
int definitions_change(struct definitions_call *call, enum definition_action action);
int definitions_check_file(struct definitions_call *call);
int definitions_export_file(struct definitions_call *call);
int definitions_import_file(struct definitions_call *call);
/* By the options drafts, without-review and dry-run of the subcommand, where it has them; tells what became of the lines. */
int definitions_import_lines_here(struct definitions_call *call, struct text lines, struct text note);

#endif
