#include "features/coupons/granted_store.h"

#include <string.h>

#include "features/definitions/definition_read.h"
#include "foundation/id.h"
#include "queries.h"

void granted_add(struct arena *arena, struct granted_list *list, const struct granted *granted)
{
    list->items = arena_grow(arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = *granted;
}

/* What stands behind `name`, given with its quotes and colon: codes and numbers, in which nothing is escaped. */
static struct text fact_of(struct arena *arena, struct text facts, const char *name)
{
    const char *found = facts.size > 0 ? memmem(facts.bytes, facts.size, name, strlen(name)) : NULL;
    const char *end = facts.bytes + facts.size;
    struct text out = {NULL, 0};

    if (found == NULL)
        return out;
    out.bytes = found + strlen(name);
    while (out.bytes + out.size < end && strchr("\",}", out.bytes[out.size]) == NULL)
        out.size++;
    return text_copy(arena, out);
}

static struct text event_text(struct arena *arena, int64_t id)
{
    char text[ID_TEXT_SIZE];

    return text_copy(arena, text_from(id_format("evt", id, text)));
}

struct reading {
    struct arena *arena;
    const int64_t *ids;
    struct granted_list *outs;
};

static enum status receive(void *context, const struct storage_row *row, struct error *err)
{
    const struct reading *reading = context;
    struct arena *arena = reading->arena;
    size_t slot = (size_t)row_integer(row, 0);
    struct text kind = row_text(row, 2), facts = row_text(row, 4);
    struct granted granted = {.kind = "benefit"};

    (void)err;
    if (text_equals(kind, "benefit_given")) {
        granted.code = fact_of(arena, facts, "\"benefit\":\"");
        granted.holding = event_text(arena, reading->ids[slot]);
        text_to_integer(fact_of(arena, facts, "\"until\":"), &granted.until);
    } else if (text_equals(kind, "coupon_issue")) {
        granted.kind = "coupon_series";
        granted.code = fact_of(arena, facts, "\"series\":\"");
        granted.holding = fact_of(arena, facts, "\"code\":\"");
    } else if (text_equals(kind, "reward_points")) {
        granted.kind = "points";
        granted.code = fact_of(arena, facts, "\"wallet\":\"");
        granted.holding = event_text(arena, id_make(row_integer(row, 1), (int)row_integer(row, 5)));
        text_to_integer(fact_of(arena, facts, "\"points\":"), &granted.points);
    } else {
        granted.kind = "gift_card";
        granted.holding = event_text(arena, id_make(row_integer(row, 1), (int)row_integer(row, 5)));
        granted.minor = row_integer(row, 3);
    }
    granted_add(arena, &reading->outs[slot], &granted);
    return STATUS_OK;
}

enum status granted_read(struct storage_session *session, struct arena *arena, const int64_t *ids, size_t count,
                         struct granted_list *outs, struct error *err)
{
    struct reading reading = {arena, ids, outs};
    const struct storage_receiver receiver = {.row = receive, .context = &reading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        outs[i] = (struct granted_list){.count = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(ids[i]));
        values[3 * i + 2] = value_integer(ids[i]);
    }
    return storage_run(session, &query_coupons_granted, values, count, &receiver, err);
}

struct text granted_name(struct arena *arena, const struct programme_set *set, const struct granted *granted,
                         int64_t at)
{
    const struct definition_set *all = set->definitions;
    const struct definition *found = NULL;
    const struct wallet_policy *policy =
        granted->points > 0 ? programme_wallet(programme_at(set, at), granted->code) : NULL;

    if (policy != NULL)
        return policy->name.size > 0 ? policy->name : policy->code;
    for (size_t k = 0; all != NULL && granted->code.size > 0 && k < all->count; k++) {
        const struct definition_list *list = &all->lists[k];
        if (strcmp(list->kind->name, granted->kind) != 0)
            continue;
        found = definition_at(set, list->kind, granted->code, at);
        for (size_t i = 0; found == NULL && i < list->count; i++)
            if (text_equal(list->items[i].code, granted->code))
                found = &list->items[i];
    }
    return found != NULL ? definition_name(arena, found->document) : (struct text){NULL, 0};
}

struct text granted_words(struct arena *arena, const struct granted_list *list)
{
    struct builder words = {.arena = arena};

    for (size_t i = 0; i < list->count; i++) {
        const struct granted *one = &list->items[i];
        const struct text name = one->code.size > 0 ? one->code : one->holding;
        builder_format(&words, "%s%s %.*s", i > 0 ? ", " : "", one->kind, (int)name.size, name.bytes);
    }
    return builder_done(&words);
}
