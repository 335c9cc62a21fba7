#include "features/takeover/takeover.h"

#include "engine/engine.h"

enum status takeover_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    bool **erased = arena_array(context->arena, count, sizeof *erased);

    for (size_t i = 0; i < count; i++) {
        struct takeover *takeover = commands[i]->body;
        takeover->load.states[0].erased_before = false;
        erased[i] = &takeover->load.states[0].erased_before;
    }
    return registrations_load(context, commands, erased, count, err);
}
