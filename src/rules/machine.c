#include "rules/machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 256, FAILURE_COST = 8 };

static bool note(struct rule_machine *machine, const char *code, const char *message)
{
    struct rule_failure *failure = arena_try(machine->arena, sizeof *failure);
    if (failure == NULL) {
        failure = &machine->last_resort;
        code = "rules.limit";
        message = "the expression used up its memory";
        machine->exhausted = true;
    }
    *failure = (struct rule_failure){.code = code, .message = message, .at = SIZE_MAX};
    machine->failure = failure;
    return false;
}

bool machine_fail(struct rule_machine *machine, const char *code, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    if (!machine_charge(machine, FAILURE_COST))
        return false;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t size = strlen(message) + 1;
    char *copy = machine_allocate(machine, size);
    if (copy == NULL)
        return false;
    memcpy(copy, message, size);
    return note(machine, code, copy);
}

bool machine_charge(struct rule_machine *machine, size_t cost)
{
    if (machine->exhausted)
        return false;
    if (cost > INT64_MAX || (int64_t)cost > machine->cost_left) {
        machine->exhausted = true;
        machine->cost_left = 0;
        return note(machine, "rules.limit", "the expression costs more than its limit");
    }
    machine->cost_left -= (int64_t)cost;
    return true;
}

void *machine_allocate(struct rule_machine *machine, size_t size)
{
    void *memory = size <= machine->memory_left ? arena_try(machine->arena, size) : NULL;
    if (memory == NULL) {
        machine->exhausted = true;
        note(machine, "rules.limit", "the expression needs more memory than its limit");
        return NULL;
    }
    machine->memory_left -= size;
    return memory;
}

bool machine_fail_overload(struct rule_machine *machine, const char *name, const struct rule_value *arguments,
                           size_t count)
{
    char kinds[MESSAGE_SIZE / 2] = "";
    size_t size = 0;
    for (size_t i = 0; i < count && size < sizeof kinds; i++) {
        int written = snprintf(kinds + size, sizeof kinds - size, "%s%s", i == 0 ? "" : ", ",
                               rule_kind_name((enum rule_kind)arguments[i].kind));
        size += (size_t)written;
    }
    return machine_fail(machine, "rules.overload", "no such overload: %s does not take (%s)", name, kinds);
}
