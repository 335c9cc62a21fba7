/* Series of codes: their documents, and what is found among them. */
#include "features/coupons/series.h"

#include <stdio.h>

#include "features/conditions/condition_read.h"
#include "features/definitions/definition_read.h"
#include "features/definitions/references.h"
#include "foundation/map.h"
#include "rules/rules.h"

const char *const coupon_gift_names[] = {"nothing", "offer", "points", "reward", "entitlement", NULL};
const char *const coupon_codes_names[] = {"unique", "imported", "public", NULL};

enum { MINUTES_MAX = COUPON_RESERVED_SECONDS_MAX / 60, GIFT_POINTS_MAX = 1000000000 };

/* ---- the document ---- */

static enum status read_prefix(const struct object *codes, struct text *out)
{
    TRY(object_text(codes, "prefix", false, CODE_PREFIX_MAX, out));
    for (size_t i = 0; i < out->size; i++) {
        char c = out->bytes[i];
        if ((c < 'A' || c > 'Z') && (c < '0' || c > '9'))
            return object_refuse(codes, "prefix", "a prefix has capitals and digits only");
    }
    return STATUS_OK;
}

static enum status read_public(const struct object *codes, struct coupon_series *series)
{
    struct text given = {NULL, 0};

    TRY(object_text(codes, "code", true, CODE_GIVEN_MAX, &given));
    if (code_key(codes->arena, given, &series->public_key, NULL) != STATUS_OK)
        return object_refuse(codes, "code", "a code has 1 to 48 letters and digits");
    series->uses = INT64_MAX;
    return STATUS_OK;
}

static enum status read_codes(const struct object *object, struct coupon_series *series)
{
    static const char *const names[] = {"kind", "prefix", "length", "group", "code", NULL};
    struct object codes = object_nested(object, "codes");
    int kind = COUPON_UNIQUE;

    series->pattern = (struct code_pattern){.length = CODE_RANDOM_USUAL, .group = 6};
    series->uses = 1;
    if (codes.json == NULL)
        return STATUS_OK;
    TRY(object_check(&codes, names));
    TRY(object_word(&codes, "kind", true, coupon_codes_names, &kind));
    series->codes = (enum coupon_codes)kind;
    if (json_object_get(codes.json, "code") != NULL && series->codes != COUPON_PUBLIC)
        return object_refuse(&codes, "code", "only a public series has a code of its own");
    if (series->codes == COUPON_PUBLIC)
        return read_public(&codes, series);
    if (series->codes == COUPON_IMPORTED)
        return STATUS_OK;
    TRY(read_prefix(&codes, &series->pattern.prefix));
    TRY(object_int(&codes, "length", false, (struct range){CODE_RANDOM_MIN, CODE_RANDOM_MAX}, &series->pattern.length));
    return object_int(&codes, "group", false, (struct range){0, CODE_GROUP_MAX}, &series->pattern.group);
}

static enum status read_valid(const struct object *object, struct coupon_series *series)
{
    static const char *const names[] = {"from", "until", "days", NULL};
    struct object valid = object_nested(object, "valid");

    series->from = INT64_MIN;
    series->until = INSTANT_NEVER;
    if (valid.json == NULL)
        return STATUS_OK;
    TRY(object_check(&valid, names));
    TRY(object_instant(&valid, "from", &series->from));
    TRY(object_instant(&valid, "until", &series->until));
    TRY(object_int(&valid, "days", false, (struct range){1, COUPON_DAYS_MAX}, &series->days));
    if (series->until <= series->from)
        return object_refuse(&valid, "until", "the end lies after the beginning");
    if (series->days > 0 && series->codes == COUPON_PUBLIC)
        return object_refuse(&valid, "days", "a public code is not issued: say from and until");
    return STATUS_OK;
}

static enum status read_points(const struct object *opens, struct coupon_series *series)
{
    const struct programme *programme = opens->programme;

    TRY(object_integer(opens, "points", true, (struct range){1, GIFT_POINTS_MAX}, &series->points));
    TRY(object_code(opens, "wallet", false, &series->opens));
    for (size_t i = 0; series->opens.size == 0 && i < programme->wallet_count; i++)
        if (programme->wallets[i].spendable)
            series->opens = programme->wallets[i].code;
    return STATUS_OK;
}

/* Exactly one thing, named by what it is: {"offer": "CODE"}, {"points": 100, "wallet": "points"} ... */
static enum status read_opens(const struct object *object, struct coupon_series *series)
{
    static const char *const names[] = {"offer", "points", "wallet", "reward", "entitlement", "days", "count", NULL};
    struct object opens = object_nested(object, "opens");
    int named = 0;

    if (opens.json == NULL)
        return STATUS_OK;
    TRY(object_check(&opens, names));
    for (int gift = COUPON_OFFER; gift <= COUPON_ENTITLEMENT; gift++)
        if (json_object_get(opens.json, coupon_gift_names[gift]) != NULL) {
            series->gift = (enum coupon_gift)gift;
            named++;
        }
    if (named != 1)
        return object_refuse(object, "opens", "one of offer, points, reward and entitlement is expected");
    if (json_object_get(opens.json, "wallet") != NULL && series->gift != COUPON_POINTS)
        return object_refuse(&opens, "wallet", "only points have an account");
    if (json_object_get(opens.json, "days") != NULL && series->gift != COUPON_ENTITLEMENT)
        return object_refuse(&opens, "days", "only an entitlement lasts for days");
    if (json_object_get(opens.json, "count") != NULL && series->gift != COUPON_ENTITLEMENT)
        return object_refuse(&opens, "count", "only an entitlement was ever counted");
    if (series->gift == COUPON_POINTS)
        return read_points(&opens, series);
    TRY(object_integer(&opens, "days", false, (struct range){1, COUPON_DAYS_MAX}, &series->grant_days));
    TRY(object_integer(&opens, "count", false, (struct range){1, COUPON_USES_LIMIT}, &series->points));
    return object_code(&opens, coupon_gift_names[series->gift], true, &series->opens);
}

static enum status read_limits(const struct object *object, struct coupon_series *series)
{
    const struct range range = {1, COUPON_USES_LIMIT};
    int64_t minutes = COUPON_RESERVED_SECONDS / 60;

    series->member_uses = INT64_MAX;
    TRY(object_integer(object, "uses", false, range, &series->uses));
    TRY(object_integer(object, "uses_per_member", false, range, &series->member_uses));
    TRY(object_boolean(object, "personal", &series->personal));
    TRY(object_integer(object, "reservation_minutes", false, (struct range){1, MINUTES_MAX}, &minutes));
    series->reserved_seconds = minutes * 60;
    if (series->personal && series->codes == COUPON_PUBLIC)
        return object_refuse(object, "personal", "a public code belongs to nobody");
    return STATUS_OK;
}

static enum status read_series(const struct object *object, void *out)
{
    struct coupon_series *series = out;
    static const char *const names[] = {"name", "codes", "uses",  "uses_per_member",     "personal",
                                        "when", "valid", "opens", "reservation_minutes", NULL};

    TRY(object_check(object, names));
    TRY(object_text(object, "name", true, COUPON_NAME_MAX, &series->name));
    TRY(read_codes(object, series));
    TRY(read_limits(object, series));
    TRY(read_valid(object, series));
    TRY(read_opens(object, series));
    return object_condition(object, "when", CONDITION_MEMBER, &series->when);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct coupon_series *series = arena_alloc(input->arena, sizeof *series);

    series->code = input->code;
    *out = series;
    enum status status = definition_read(input, read_series, series, err);
    /* Of what was published long ago the account may be gone: then redeeming says so. */
    if (status == STATUS_OK && input->saving && series->gift == COUPON_POINTS &&
        programme_wallet(input->programme, series->opens) == NULL)
        status = error_set(err, STATUS_INVALID, "programme.invalid", "opens.wallet", "%s",
                           programme_no_wallet(input->arena, input->programme, series->opens));
    if (status == STATUS_OK && input->saving && series->gift == COUPON_ENTITLEMENT && series->points > 0)
        status = error_set(err, STATUS_INVALID, "programme.invalid", "opens.count",
                           "how often a benefit is used stands in the benefit");
    return status;
}

/* ---- the index ---- */

struct coupon_index {
    const struct map *by_public;         /* key -> struct public_code */
    const struct code_pattern *patterns; /* each another */
    size_t pattern_count;
};

/* Several versions, and several series one after the other, may have one public code. */
struct public_code {
    const struct definition *definition;
    struct public_code *next;
};

static void add_public(struct arena *arena, struct map *by_public, const struct definition *definition)
{
    const struct coupon_series *series = definition->parsed;
    struct public_code *first = map_get(by_public, series->public_key);
    struct public_code *added = arena_alloc(arena, sizeof *added);

    added->definition = definition;
    if (first == NULL) {
        map_put(by_public, series->public_key, added);
        return;
    }
    added->next = first->next;
    first->next = added;
}

static bool pattern_known(const struct code_pattern *patterns, size_t count, const struct code_pattern *pattern)
{
    for (size_t i = 0; i < count; i++)
        if (patterns[i].length == pattern->length && text_equal(patterns[i].prefix, pattern->prefix))
            return true;
    return false;
}

static enum status make_index(struct arena *arena, const struct definition *items, size_t count, const void **out,
                              struct error *err)
{
    struct coupon_index *index = arena_alloc(arena, sizeof *index);
    struct map *by_public = map_new(arena, 16);
    struct code_pattern *patterns = NULL;
    size_t capacity = 0;

    (void)err;
    for (size_t i = 0; i < count; i++) {
        const struct coupon_series *series = items[i].parsed;
        if (series->codes == COUPON_PUBLIC)
            add_public(arena, by_public, &items[i]);
        if (series->codes != COUPON_UNIQUE || pattern_known(patterns, index->pattern_count, &series->pattern))
            continue;
        patterns = arena_grow(arena, patterns, &capacity, index->pattern_count + 1, sizeof *patterns);
        patterns[index->pattern_count++] = series->pattern;
    }
    index->by_public = by_public;
    index->patterns = patterns;
    *out = index;
    return STATUS_OK;
}

/* Two public series with one code: a till would not know which is meant. */
static bool contradict(struct arena *arena, const struct definition *a, const struct definition *b,
                       struct text *sentence)
{
    const struct coupon_series *one = a->parsed, *other = b->parsed;

    if (one->codes != COUPON_PUBLIC || other->codes != COUPON_PUBLIC || text_equal(a->code, b->code) ||
        !text_equal(one->public_key, other->public_key))
        return false;
    *sentence = text_from(
        arena_format(arena, "both have the public code '%.*s'", (int)one->public_key.size, one->public_key.bytes));
    return true;
}

static void references_of(const void *parsed, struct definition_references *out)
{
    static const char *const kinds[] = {
        [COUPON_OFFER] = "offer", [COUPON_REWARD] = "reward", [COUPON_ENTITLEMENT] = "benefit"};
    const struct coupon_series *series = parsed;

    if (series->gift < sizeof kinds / sizeof kinds[0] && kinds[series->gift] != NULL)
        reference_add(out, kinds[series->gift], series->opens,
                      arena_format(out->arena, "opens.%s", coupon_gift_names[series->gift]));
}

const struct definition_kind coupon_series_kind = {.name = "coupon_series",
                                                   .plural = "coupon-series",
                                                   .parse = parse,
                                                   .index = make_index,
                                                   .references = references_of,
                                                   .conflicts = contradict};

/* ---- finding ---- */

/* In force at `now` before the one that last was, before the one that next is. */
static int rank(const struct definition *definition, int64_t now)
{
    return definition_in_force(definition, now) ? 2 : definition->from <= now;
}

static const struct definition *better(const struct definition *a, const struct definition *b, int64_t now)
{
    if (a == NULL || rank(b, now) > rank(a, now))
        return b;
    if (rank(b, now) < rank(a, now))
        return a;
    /* Of two that are over the later one, of two that are to come the sooner one. */
    bool later = b->from > a->from;
    return later == (rank(a, now) > 0) ? b : a;
}

const struct coupon_series *coupon_series_find(const struct programme_set *set, struct text code, int64_t now,
                                               bool *current)
{
    const struct definition_list *list = definitions_of(set, &coupon_series_kind);
    const struct definition *found = NULL;
    size_t low = 0, high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (text_compare(list->items[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = low; i < list->count && text_equal(list->items[i].code, code); i++)
        found = better(found, &list->items[i], now);
    *current = found != NULL && definition_in_force(found, now);
    return found != NULL ? found->parsed : NULL;
}

const struct coupon_series *coupon_public_find(const struct programme_set *set, struct text key, int64_t now)
{
    const struct coupon_index *index = definitions_of(set, &coupon_series_kind)->index;
    const struct definition *found = NULL;

    if (index == NULL)
        return NULL;
    for (const struct public_code *one = map_get(index->by_public, key); one != NULL; one = one->next)
        found = better(found, one->definition, now);
    return found != NULL ? found->parsed : NULL;
}

bool coupon_mistyped(const struct programme_set *set, struct text key)
{
    const struct coupon_index *index = definitions_of(set, &coupon_series_kind)->index;

    if (index == NULL)
        return false;
    for (size_t i = 0; i < index->pattern_count; i++)
        if (code_is_whole(&index->patterns[i], key))
            return false;
    for (size_t i = 0; i < index->pattern_count; i++)
        if (code_looks_like(&index->patterns[i], key))
            return true;
    return false;
}
