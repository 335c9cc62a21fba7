#include "features/measures/measures.h"

#include <stddef.h>
#include <string.h>

const struct measure measures[] = {
#define MEASURE(code, name, formula, unit, period, returns, filters, shown, test) \
    {code, name, formula, unit, period, returns, filters, shown, test},
#include "features/measures/measures.def"
#undef MEASURE
};
const size_t measure_count = sizeof measures / sizeof measures[0];

const struct lifecycle_value lifecycle_values[] = {
    {"active_days", offsetof(struct lifecycle, active_days), false, 1, 3660,
     "Who bought or visited within so many is active."},
    {"own_interval_days", offsetof(struct lifecycle, own_interval_days), false, 2, 100,
     "From so many purchase days on a member has an interval of their own."},
    {"at_risk_intervals", offsetof(struct lifecycle, at_risk_tenths), true, 10, 1000,
     "Silence over so many usual intervals is at risk."},
    {"lapsed_intervals", offsetof(struct lifecycle, lapsed_tenths), true, 10, 1000,
     "Silence over so many usual intervals is lapsed."},
    {"lost_intervals", offsetof(struct lifecycle, lost_tenths), true, 10, 1000,
     "Silence over so many usual intervals is lost."},
    {"won_back_days", offsetof(struct lifecycle, won_back_days), false, 1, 3660,
     "So long after buying when lapsed a member is won back."},
    {"new_purchases", offsetof(struct lifecycle, new_purchases), false, 1, 100,
     "Below so many purchases a member is new."},
    {"growth_days", offsetof(struct lifecycle, growth_days), false, 1, STANDING_RECENT_DAYS / 2,
     "Spend of the last so many days against so many before."},
    {"repeat_purchases", offsetof(struct lifecycle, repeat_purchases), false, 2, 100,
     "Who bought so often is a repeat buyer."},
};
const size_t lifecycle_value_count = sizeof lifecycle_values / sizeof lifecycle_values[0];

int64_t lifecycle_value_of(const struct lifecycle *rules, size_t index)
{
    return *(const int64_t *)(const void *)((const char *)rules + lifecycle_values[index].offset);
}

const struct measure *measure_find(struct text code)
{
    for (size_t i = 0; i < measure_count; i++)
        if (text_equals(code, measures[i].code))
            return &measures[i];
    return NULL;
}

/* Whether the words of `shown` have "where.field". */
static bool is_shown(const char *shown, const char *where, struct text field)
{
    size_t size = strlen(where);

    for (const char *word = shown; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (length == size + 1 + field.size && memcmp(word, where, size) == 0 && word[size] == '.' &&
            memcmp(word + size + 1, field.bytes, field.size) == 0)
            return true;
        word += length + (word[length] == ' ');
    }
    return false;
}

const struct measure *measure_shown(const char *where, struct text field)
{
    for (size_t i = 0; i < measure_count; i++)
        if (is_shown(measures[i].shown, where, field))
            return &measures[i];
    return NULL;
}

static void write_value(struct builder *out, const struct lifecycle *rules, struct text name)
{
    for (size_t i = 0; i < lifecycle_value_count; i++) {
        int64_t value = lifecycle_value_of(rules, i);
        if (!text_equals(name, lifecycle_values[i].name))
            continue;
        if (lifecycle_values[i].tenths && value % 10 != 0)
            builder_format(out, "%lld.%lld", (long long)(value / 10), (long long)(value % 10));
        else
            builder_integer(out, lifecycle_values[i].tenths ? value / 10 : value);
    }
}

struct text measure_words(struct arena *arena, const char *words, const struct lifecycle *rules)
{
    struct builder out = {.arena = arena};

    for (const char *at = words; *at != '\0';) {
        size_t length = strcspn(at, "{"), name = at[length] == '{' ? strcspn(at + length + 1, "}") : 0;
        builder_bytes(&out, at, length);
        at += length;
        if (*at == '\0')
            break;
        write_value(&out, rules, (struct text){at + 1, name});
        at += name + 2;
    }
    return builder_done(&out);
}

struct text measure_formula(struct arena *arena, const struct measure *measure, const struct lifecycle *rules)
{
    return measure_words(arena, measure->formula, rules);
}

enum status lifecycle_check(const struct lifecycle *rules, struct error *err)
{
    for (size_t i = 0; i < lifecycle_value_count; i++) {
        const struct lifecycle_value *value = &lifecycle_values[i];
        int64_t given = lifecycle_value_of(rules, i), scale = value->tenths ? 10 : 1;
        if (given < value->minimum || given > value->maximum)
            return error_set(err, STATUS_INVALID, "measures.range", value->name, "%s lies between %lld and %lld",
                             value->name, (long long)(value->minimum / scale), (long long)(value->maximum / scale));
    }
    if (rules->at_risk_tenths >= rules->lapsed_tenths)
        return error_set(err, STATUS_INVALID, "measures.order", "lapsed_intervals",
                         "a member is at risk before lapsed: lapsed_intervals is above at_risk_intervals");
    if (rules->lapsed_tenths >= rules->lost_tenths)
        return error_set(err, STATUS_INVALID, "measures.order", "lost_intervals",
                         "a member lapses before being lost: lost_intervals is above lapsed_intervals");
    return STATUS_OK;
}
