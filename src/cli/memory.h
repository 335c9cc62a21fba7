/* memory.h: how much memory a call may take, so that it ends with a message before the system ends it. */
#ifndef PATRON_CLI_MEMORY_H
#define PATRON_CLI_MEMORY_H

#include "cli/subcommand.h"

#define OPTION_MEMORY                                                                         \
    {                                                                                         \
        "memory", "MIB", "take no more memory than this; default nine tenths of what is free" \
    }

/*
 * Keeps this process to --memory, or to nine tenths of what the system, its control group and its limits leave free. What
 * would take more ends with `memory.full`. False, with a message, when --memory is no number.
 */
bool memory_limit(const struct cli *cli);

#endif
