/* verify.h: verifying an opened database, for the subcommands that do. */
#ifndef PATRON_CLI_VERIFY_H
#define PATRON_CLI_VERIFY_H

#include "cli/subcommand.h"

/* Verifies and prints the report; `*clean` tells how it ended. */
enum status cli_verify(struct cli *cli, struct storage *storage, const unsigned char *seal_key, bool *clean,
                       struct error *err);

/* The file with the key of the seals that the call's database uses. */
const char *cli_key_file(struct cli *cli);

#endif
