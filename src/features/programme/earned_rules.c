#include "features/programme/earned_rules.h"

#include <jansson.h>

static struct text text_of(struct arena *arena, const json_t *value)
{
    return text_copy(arena, (struct text){json_string_value(value), json_string_length(value)});
}

const struct earned_rule *earned_rules_read(struct arena *arena, struct text facts, size_t *count)
{
    json_t *object = facts.size > 0 ? json_loadb(facts.bytes, facts.size, 0, NULL) : NULL;

    *count = 0;
    const json_t *list = json_object_get(object, "earned");
    struct earned_rule *rules = arena_array(arena, json_array_size(list) + 1, sizeof *rules);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        rules[(*count)++] = (struct earned_rule){text_of(arena, json_object_get(entry, "rule")),
                                                 text_of(arena, json_object_get(entry, "wallet")),
                                                 json_integer_value(json_object_get(entry, "points"))};
    }
    json_decref(object);
    return rules;
}
