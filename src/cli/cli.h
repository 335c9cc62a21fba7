/* cli.h: the command line: finds the subcommand, reads its options, runs it. */
#ifndef PATRON_CLI_CLI_H
#define PATRON_CLI_CLI_H

/* Runs `patron ...`. Returns the exit status: 0 done, 1 failed, 2 not understood. */
int cli_main(int argc, char **argv);

#endif
