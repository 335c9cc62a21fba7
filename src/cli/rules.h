/* rules.h: what the files of `patron rules` share. */
#ifndef PATRON_CLI_RULES_H
#define PATRON_CLI_RULES_H

#include "cli/subcommand.h"

/* `patron rules eval 'EXPRESSION' --member REFERENCE`: over the facts of a member. Prints and returns the exit status. */
int rules_eval_member(struct cli *cli, const char *reference);

#endif
