/* import_control.h: the control sheet of a migration on the command line. */
#ifndef PATRON_CLI_IMPORT_CONTROL_H
#define PATRON_CLI_IMPORT_CONTROL_H

#include "cli/subcommand.h"
#include "features/takeover/sheet_store.h"

/* "import control": prints theirs, ours and the difference; EXIT_FAILED unless every difference is 0. */
int import_control(struct cli *cli);

#endif
