/* member.h: the member that an argument names, and what the subcommand shows of one. */
#ifndef PATRON_CLI_MEMBER_H
#define PATRON_CLI_MEMBER_H

#include "cli/subcommand.h"

struct command;

/*
 * By mbr_..., phone:+86..., email:..., card:..., openid:... or external:... A word without kind is an external id, or else a card. STATUS_MISSING `member.unknown`.
 */
enum status cli_member(struct cli *cli, struct storage_session *session, const char *word, int64_t *member,
                       struct error *err);

/* Each prints and returns the exit status; the engine is open. */
int member_show(struct cli *cli, int64_t member);
int member_find(struct cli *cli, const char *text);
int member_timeline(struct cli *cli, int64_t member);
int member_statement(struct cli *cli, int64_t member);        /* of the month in the third argument */
int member_preview(struct cli *cli, struct command *command); /* what a merge or an unmerge would do */
int member_export(struct cli *cli, int64_t member);           /* everything about the person as JSON */

#endif
