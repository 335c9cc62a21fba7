#include "features/occasions/occasions_feature.h"

#include "features/occasions/occasion.h"

static const struct command_type *const commands[] = {&give_occasion_type, &undo_occasion_type};

const struct feature occasions_feature = {
    .name = "occasions", .commands = commands, .command_count = sizeof commands / sizeof commands[0]};
