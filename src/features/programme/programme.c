/* Finding a version of the programme, and the parts of one. */
#include <assert.h>

#include "features/programme/programme.h"

const struct programme *programme_at(const struct programme_set *set, int64_t at)
{
    assert(set->version_count > 0);

    size_t low = 0, high = set->version_count; /* versions[low] is in force, or the first */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (set->versions[middle].effective_at <= at)
            low = middle;
        else
            high = middle;
    }
    return &set->versions[low];
}

const struct programme *programme_by_version(const struct programme_set *set, int64_t version)
{
    for (size_t i = 0; i < set->version_count; i++)
        if (set->versions[i].version == version)
            return &set->versions[i];
    if (version == 0)
        return set->fallback;
    return NULL;
}

const struct wallet_policy *programme_wallet(const struct programme *programme, struct text code)
{
    for (size_t i = 0; i < programme->wallet_count; i++)
        if (text_equal(programme->wallets[i].code, code))
            return &programme->wallets[i];
    return NULL;
}

const struct stored_value *programme_stored_value(const struct programme *programme, struct text code)
{
    for (size_t i = 0; i < programme->stored_value_count; i++)
        if (text_equal(programme->stored_values[i].code, code))
            return &programme->stored_values[i];
    return NULL;
}

const struct tier_level *programme_tier(const struct programme *programme, struct text code)
{
    for (size_t i = 0; i < programme->ladder.level_count; i++)
        if (text_equal(programme->ladder.levels[i].code, code))
            return &programme->ladder.levels[i];
    return NULL;
}

struct text programme_default_source(void)
{
    return TEXT("{\"zone\": \"UTC\", \"currency\": \"USD\","
                " \"wallets\": [{\"code\": \"points\", \"name\": \"Points\"}],"
                " \"rules\": [{\"code\": \"base\", \"wallet\": \"points\", \"points\": 1, \"per\": \"1.00\","
                " \"whole_units\": true}]}");
}

size_t programme_warnings(struct arena *arena, const struct programme *programme, struct text **out)
{
    struct text *warnings = arena_array(arena, programme->wallet_count + 1, sizeof *warnings);
    size_t count = 0;

    for (size_t i = 0; i < programme->wallet_count; i++) {
        const struct wallet_policy *policy = &programme->wallets[i];
        if (policy->spendable && !policy->proof_said)
            warnings[count++] = text_from(arena_format(arena,
                                                       "wallets[%zu].redemption: whoever knows a member's phone number "
                                                       "can spend points of '%.*s'; say which proof "
                                                       "is needed, or \"none\"",
                                                       i, (int)policy->code.size, policy->code.bytes));
    }
    *out = warnings;
    return count;
}

const struct item_category *category_find(const struct programme_set *set, struct text code)
{
    size_t low = 0, high = set->category_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(set->categories[middle].code, code);
        if (order == 0)
            return &set->categories[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
