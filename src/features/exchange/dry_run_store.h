/* dry_run_store.h: what an import would do with its rows, found without doing it. */
#ifndef PATRON_FEATURES_EXCHANGE_DRY_RUN_STORE_H
#define PATRON_FEATURES_EXCHANGE_DRY_RUN_STORE_H

#include "engine/engine.h"

enum dry_verdict {
    DRY_KNOWN,     /* it is there already */
    DRY_NEW,       /* it would be imported */
    DRY_REGISTERS, /* it would be imported, and its member registered */
    DRY_UNKNOWN,   /* it would be refused: nobody has the identifier */
};

/* Remembers whom the rows so far would have registered; beyond DRY_CLAIMS_MAX identifiers of them it counts some twice. */
struct dry_run;
enum { DRY_CLAIMS_MAX = 4000000 };

/* NULL: there is no memory. Release accepts NULL. */
struct dry_run *dry_run_new(const unsigned char *seal_key); /* borrowed: SEAL_KEY_SIZE bytes */
void dry_run_free(struct dry_run *dry);

/* `command` is one of import_purchase.h, import_member.h or import_reason.h. */
enum status dry_run_judge(struct dry_run *dry, struct storage_session *session, const struct command *command,
                          bool register_unknown, enum dry_verdict *out, struct error *err);

/* `command` is one of import_stay.h. */
enum status dry_run_stay(struct dry_run *dry, struct storage_session *session, const struct command *command,
                         enum dry_verdict *out, struct error *err);

/* `command` is one of import_takeover.h: sets the result of each of its rows, and whether somebody is known by it. */
enum status dry_run_takeover(struct dry_run *dry, struct storage_session *session, struct command *command, bool *known,
                             struct error *err);

#endif
