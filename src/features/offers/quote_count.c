/* The limits of offers: what is left of them, counting a use, and giving it back. */
#include <string.h>

#include "features/offers/quote.h"

static const struct offer_left no_limits = {INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX};

/* ---- naming ---- */

static bool is_named(const struct command *command, const char *id)
{
    for (size_t i = 0; i < command->counter_count; i++)
        if (strcmp(command->counters[i], id) == 0)
            return true;
    return false;
}

static void name_counter(struct command *command, const char *id)
{
    if (!is_named(command, id) && command->counter_count < QUOTE_COUNTERS_MAX)
        command->counters[command->counter_count++] = id;
}

static void name_counters(struct command *command, struct arena *arena, struct text code, bool uses, bool budget)
{
    const struct offer offer = {.code = code};

    if (uses)
        name_counter(command, offer_counter_uses(arena, &offer));
    if (budget)
        name_counter(command, offer_counter_budget(arena, &offer));
}

void quote_counters(const struct offer_index *index, const struct offer_query *query, struct command *command,
                    struct arena *arena)
{
    size_t count;
    const struct definition **offers = offer_index_find(index, arena, query, &count);

    for (size_t i = 0; i < count; i++) {
        const struct offer *offer = offers[i]->parsed;
        name_counters(command, arena, offer->code, offer->limits.uses != INT64_MAX, offer->limits.budget != INT64_MAX);
    }
}

void shown_offer_counters(const struct shown_offer *honours, size_t count, struct command *command, struct arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        const struct offer *offer = honours[i].definition != NULL ? honours[i].definition->parsed : NULL;
        if (offer != NULL)
            name_counters(command, arena, offer->code, offer->limits.uses != INT64_MAX,
                          offer->limits.budget != INT64_MAX);
    }
}

void quoted_counters(const struct quoted *quoted, struct command *command, struct arena *arena)
{
    for (size_t i = 0; i < quoted->offer_count; i++)
        name_counters(command, arena, quoted->offers[i].code, quoted->offers[i].limits.uses != INT64_MAX,
                      quoted->offers[i].limits.budget != INT64_MAX);
}

struct coupon_use *quoted_coupons(const struct quoted *quoted, struct command *command, struct arena *arena,
                                  size_t *count)
{
    struct coupon_use *uses = arena_array(arena, quoted->offer_count + 1, sizeof *uses);

    *count = 0;
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct quoted_offer *offer = &quoted->offers[i];
        size_t known = 0;
        while (known < *count && !text_equal(uses[known].key, offer->key))
            known++;
        if (offer->key.size > 0 && known == *count)
            uses[(*count)++] =
                (struct coupon_use){.given = offer->shown, .key = offer->key, .series = offer->series, .counter = -1};
    }
    coupons_name(command, arena, uses, *count); /* there is room: they come before other counters */
    return uses;
}

/* ---- what is left ---- */

static struct counter *counter_of(const struct decision *decision, const struct command *command, const char *id)
{
    for (size_t i = 0; i < command->counter_count; i++)
        if (strcmp(command->counters[i], id) == 0)
            return decision->counters[i];
    return NULL;
}

/* What the whole person used: limits do not grow by merging. */
static int64_t progress_used(const struct person *person, struct text id)
{
    int64_t used = 0;

    for (size_t i = 0; person != NULL && person->group != NULL && i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        for (size_t p = 0; member->leader == person->leader->id && p < member->progress_count; p++)
            if (text_equal(member->progress[p].id, id))
                used += member->progress[p].used;
    }
    return used;
}

static int64_t left_of(int64_t limit, int64_t used)
{
    return limit == INT64_MAX ? INT64_MAX : limit > used ? limit - used : 0;
}

struct offer_left quote_left(const struct decision *decision, const struct command *command,
                             const struct person *person, const struct offer *offer, int32_t day)
{
    const struct offer_limits *limits = &offer->limits;
    struct offer_left left = no_limits;

    if (limits->uses != INT64_MAX) {
        const struct counter *counter = counter_of(decision, command, offer_counter_uses(decision->arena, offer));
        left.uses = counter != NULL ? left_of(limits->uses, counter->used) : 0;
    }
    if (limits->budget != INT64_MAX) {
        const struct counter *counter = counter_of(decision, command, offer_counter_budget(decision->arena, offer));
        left.budget = counter != NULL ? left_of(limits->budget, counter->used) : 0;
    }
    if (limits->per_member != INT64_MAX)
        left.member = left_of(limits->per_member, progress_used(person, offer_progress(decision->arena, offer)));
    if (limits->per_member_day != INT64_MAX)
        left.member_day =
            left_of(limits->per_member_day, progress_used(person, offer_progress_day(decision->arena, offer, day)));
    return left;
}

/* ---- counting ---- */

struct counting {
    struct decision *decision;
    const struct command *command;
    const struct person *person;
    const struct quoted_offer *quoted;
    struct offer offer; /* as published: its code and limits */
};

static enum status refuse(const struct counting *counting, const char *why, struct error *err)
{
    return error_set(err, STATUS_CONFLICT, why, "quote", "the offer '%.*s' no longer applies: %s",
                     (int)counting->quoted->code.size, counting->quoted->code.bytes, pricing_reason_text(why));
}

static enum status check(const struct counting *counting, struct error *err)
{
    const struct quoted_offer *quoted = counting->quoted;
    struct offer_left left =
        quote_left(counting->decision, counting->command, counting->person, &counting->offer, quoted->day);

    if (left.uses <= 0)
        return refuse(counting, "offer.exhausted", err);
    if (left.budget < quoted->amount)
        return refuse(counting, "offer.budget", err);
    if (left.member <= 0)
        return refuse(counting, "offer.member_limit", err);
    return left.member_day <= 0 ? refuse(counting, "offer.member_day_limit", err) : STATUS_OK;
}

static void add_counter(const struct counting *counting, const char *id, int64_t amount)
{
    struct counter *counter = counter_of(counting->decision, counting->command, id);

    counter->used += amount;
    counter->changed = true;
}

static void add_progress(const struct counting *counting, struct text id)
{
    struct progress *progress = member_progress(counting->decision, counting->person->member, id);

    progress->used++;
    progress->changed = true;
}

static void add_use(const struct counting *counting)
{
    struct arena *arena = counting->decision->arena;
    const struct offer *offer = &counting->offer;

    if (offer->limits.uses != INT64_MAX)
        add_counter(counting, offer_counter_uses(arena, offer), 1);
    if (offer->limits.budget != INT64_MAX)
        add_counter(counting, offer_counter_budget(arena, offer), counting->quoted->amount);
    if (counting->person == NULL || counting->person->member == NULL)
        return;
    if (offer->limits.per_member != INT64_MAX)
        add_progress(counting, offer_progress(arena, offer));
    if (offer->limits.per_member_day != INT64_MAX)
        add_progress(counting, offer_progress_day(arena, offer, counting->quoted->day));
}

static struct counting counting_of(struct decision *decision, const struct command *command,
                                   const struct person *person, const struct quoted_offer *quoted)
{
    return (struct counting){decision,
                             command,
                             person,
                             quoted,
                             {.code = quoted->code,
                              .limits = {.uses = quoted->limits.uses,
                                         .budget = quoted->limits.budget,
                                         .per_member = quoted->limits.member,
                                         .per_member_day = quoted->limits.member_day}}};
}

enum status quote_count(struct decision *decision, const struct command *command, const struct person *person,
                        const struct quoted *quoted, struct error *err)
{
    for (size_t i = 0; i < quoted->offer_count; i++) {
        const struct counting counting = counting_of(decision, command, person, &quoted->offers[i]);
        enum status status = check(&counting, err);
        if (status != STATUS_OK)
            return status;
        add_use(&counting);
    }
    return STATUS_OK;
}

/* ---- giving back ---- */

static void take_off(int64_t *used, bool *changed, int64_t amount)
{
    *used = *used > amount ? *used - amount : 0;
    *changed = true;
}

static bool free_of_member(struct member *member, struct text id)
{
    for (size_t p = 0; p < member->progress_count; p++) {
        if (!text_equal(member->progress[p].id, id) || member->progress[p].used == 0)
            continue;
        take_off(&member->progress[p].used, &member->progress[p].changed, 1);
        return true;
    }
    return false;
}

/* The member's own use before that of others of the person: after an unmerge each has what it used itself. */
static void free_progress(const struct person *person, struct text id)
{
    bool done = person->member != NULL && free_of_member(person->member, id);

    for (size_t i = 0; !done && i < person->group->member_count; i++) {
        struct member *member = &person->group->members[i];
        done = member->leader == person->leader->id && free_of_member(member, id);
    }
}

void quote_uncount(struct decision *decision, const struct command *command, const struct quote_back *back)
{
    const struct offer offer = {.code = back->offer};
    struct counter *uses = counter_of(decision, command, offer_counter_uses(decision->arena, &offer));
    struct counter *budget = counter_of(decision, command, offer_counter_budget(decision->arena, &offer));

    if (back->uses && back->use && uses != NULL)
        take_off(&uses->used, &uses->changed, 1);
    if (back->budget && back->amount > 0 && budget != NULL)
        take_off(&budget->used, &budget->changed, back->amount);
    if (!back->use || back->person == NULL || back->person->group == NULL || back->person->leader == NULL)
        return;
    if (back->member)
        free_progress(back->person, offer_progress(decision->arena, &offer));
    if (back->member_day)
        free_progress(back->person, offer_progress_day(decision->arena, &offer, back->day));
}
