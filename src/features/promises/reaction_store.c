/* Which purchases are checked, and which missed benefits follow what happened since: the reaction. */
#include <string.h>

#include "features/conditions/conditions_store.h"
#include "features/coupons/coupons_store.h"
#include "features/events/facts.h"
#include "features/points/context.h"
#include "features/promises/honours_store.h"
#include "features/promises/promises_store.h"
#include "features/reactions/happened.h"
#include "features/tasks/tasks_store.h"

static const struct missed_policy *policy_of(const struct reaction_call *call, const struct journal_row *row)
{
    return programme_at(call->programmes, row->recorded_at)->missed;
}

/* No version of the programme promises anything that could have been missed. */
static bool idle(const struct programme_set *programmes)
{
    for (size_t i = 0; i < programmes->version_count; i++)
        if (programmes->versions[i].missed != NULL || programmes->versions[i].honours != NULL)
            return false;
    return true;
}

/* ---- a purchase ---- */

/* Coupons that the member was given, open an offer, and have not been used. */
static enum status find_coupons(struct reaction_call *call, int64_t at, struct person *person,
                                struct check_benefits *body, struct error *err)
{
    struct coupon_use *owned;
    size_t count;
    enum status status = coupon_owned_read(call->session, call->arena, person, &owned, &count, err);

    for (size_t i = 0; status == STATUS_OK && i < count && body->coupon_count < COUPONS_MAX; i++) {
        bool current;
        const struct coupon_series *series = coupon_series_find(call->programmes, owned[i].series, at, &current);
        if (series != NULL && series->gift == COUPON_OFFER && owned[i].used == 0 && !owned[i].voided)
            body->coupons[body->coupon_count++] =
                (struct coupon_use){.key = owned[i].key, .series = owned[i].series, .counter = -1};
    }
    return status;
}

/* The counters of limited offers that may apply, and of the day. */
static void name_counters(const struct reaction_call *call, const struct journal_row *purchase,
                          const struct person *person, struct command *command)
{
    struct check_benefits *body = command->body;
    const struct condition_person *known = &body->entitled.known;
    const struct programme *programme = programme_at(call->programmes, purchase->recorded_at);
    struct text *series = arena_array(call->arena, COUPONS_MAX + 1, sizeof *series);
    const struct offer_query query = {.at = purchase->at,
                                      .lines = purchase->lines,
                                      .line_count = purchase->line_count,
                                      .store = purchase->store,
                                      .channel = purchase->channel,
                                      .tier = person->leader->standing.tier,
                                      .series = series,
                                      .series_count = body->coupon_count,
                                      .segments = known->segments,
                                      .segment_count = known->segment_count};

    body->counter_day = zone_day(programme->zone, purchase->recorded_at);
    body->day_counter = (int)command->counter_count;
    command->counters[command->counter_count++] = missed_counter(call->arena, body->counter_day);
    if (programme->missed->action == MISSED_VOUCHER) {
        good_keys_make(call->arena, call->programmes, &programme->missed->means, purchase->recorded_at, &body->keys);
        (void)good_keys_name(&body->keys, command, call->arena);
    }
    (void)coupons_name(command, call->arena, body->coupons, body->coupon_count);
    for (size_t i = 0; i < body->coupon_count; i++)
        series[i] = body->coupons[i].series;
    quote_counters(offer_index_of(call->programmes), &query, command, call->arena);
}

static enum status read_purchase(struct reaction_call *call, const struct journal_row *row, struct past_event **out,
                                 struct error *err)
{
    enum status status = engine_event(call->session, row->id, 0, call->arena, out, err);

    for (size_t i = 0; status == STATUS_OK && i < (*out)->row.line_count; i++) {
        struct purchase_line *line = &(*out)->row.lines[i];
        const struct item_category *category = category_find(call->programmes, line->category);
        if (line->above == NULL && category != NULL)
            line->above = category->above;
    }
    return status;
}

static enum status react_purchase(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    unsigned parts = offer_index_parts(offer_index_of(call->programmes)) | benefit_parts(call->programmes, row->at);
    struct past_event *purchase;
    struct person person;
    struct condition_person known = {.parts = 0};

    if (!missed_is_checked(call->programmes, row))
        return STATUS_OK;
    enum status status = engine_view(call->engine, call->session, row->member, call->arena, &person, err);
    if (status == STATUS_MISSING)
        return STATUS_OK; /* erased meanwhile */
    if (status == STATUS_OK)
        status = conditions_read(call->session, call->arena, &person, parts & CONDITION_SEGMENTS, &known, err);
    if (status == STATUS_OK)
        status = read_purchase(call, row, &purchase, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = reaction_command(call, row, NULL, &check_benefits_type, sizeof(struct check_benefits));
    struct check_benefits *body = command->body;
    body->entitled.known = known;
    body->entitled.parts = parts;
    if (policy_of(call, row)->coupons)
        status = find_coupons(call, row->at, &person, body, err);
    if (body->coupon_count > 0)
        body->entitled.parts |= CONDITION_PROFILE | CONDITION_SEGMENTS;
    name_counters(call, &purchase->row, &person, command);
    command->events[command->event_count++] = (struct event_reference){.id = row->id, .claim = -1};
    return status;
}

/* ---- what came back ---- */

static void follow(struct reaction_call *call, const struct journal_row *row, const struct missed *missed, bool given)
{
    char id[ID_TEXT_SIZE];
    const char *part = text_string(call->arena, text_from(id_format("mbf", missed->id, id)));
    struct command *command = reaction_command(call, row, part, &follow_missed_type, sizeof(struct follow_missed));
    struct follow_missed *body = command->body;

    body->id = missed->id;
    body->given = given;
    body->voucher = (struct coupon_use){.key = missed->good.key, .counter = -1};
    if (missed->good.key.size > 0)
        (void)coupons_name(command, call->arena, &body->voucher, 1);
    missed_limits_name(missed, command, call->arena);
    command->events[command->event_count++] = (struct event_reference){.id = missed->purchase, .claim = -1};
    if (missed->good.row != 0)
        command->events[command->event_count++] = (struct event_reference){.id = missed->good.row, .claim = -1};
}

static enum status react_return(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct missed *missed;
    size_t count;
    enum status status = missed_of_purchase(call->session, call->arena, row->cause, &missed, &count, err);

    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (missed[i].state != MISSED_WITHDRAWN)
            follow(call, row, &missed[i], false);
    return status;
}

/* ---- a benefit or coupon that was used after all ---- */

/* Whether the facts of the row begin with this member. */
static bool begins_with(struct arena *arena, const struct journal_row *row, const char *name, struct text code)
{
    struct builder wanted = {.arena = arena};

    fact_code(&wanted, name, code);
    return text_starts_with(row->facts, builder_done(&wanted));
}

static bool is_use_of(struct arena *arena, const struct journal_row *row, const struct missed *missed)
{
    struct purchase_facts facts;

    if (missed->kind == MISSED_BENEFIT)
        return text_equals(row->kind, "benefit_use") && begins_with(arena, row, "benefit", missed->code);
    if (missed->kind != MISSED_COUPON || text_equals(row->kind, "benefit_use"))
        return false;
    if (text_equals(row->kind, "coupon_redemption"))
        return begins_with(arena, row, "code", missed->good.key);
    if (purchase_facts_read(arena, row->facts, &facts, NULL) != STATUS_OK)
        return false;
    for (size_t i = 0; i < facts.offer_count; i++)
        if (text_equal(facts.offers[i].coupon, missed->good.key))
            return true;
    return false;
}

static enum status react_use(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct missed_page page = {
        .state = MISSED_LISTED, .first = INT32_MIN, .last = INT32_MAX, .before_day = INT32_MAX, .limit = 100};
    struct person person;
    struct missed *missed;
    size_t count;
    enum status status = engine_view(call->engine, call->session, row->member, call->arena, &person, err);

    page.person = &person;
    page.before_id = INT64_MAX;
    if (status == STATUS_OK)
        status = missed_list(call->session, call->arena, &page, &missed, &count, err);
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (is_use_of(call->arena, row, &missed[i]))
            follow(call, row, &missed[i], true);
    return status == STATUS_MISSING ? STATUS_OK : status;
}

/* ---- what was decided: its task is done ---- */

static void close_task(struct reaction_call *call, const struct journal_row *row, int64_t task, struct text by,
                       bool refused)
{
    struct command *command = reaction_command(call, row, "task", &change_task_type, sizeof(struct change_task));
    struct change_task *body = command->body;

    body->action = TASK_FINISH;
    body->priority = -1;
    body->by = by;
    body->outcome = refused ? TEXT("refused") : TEXT("approved");
    change_task_name(command, task);
}

static enum status react_honoured(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct traceless honour;
    enum status status = honour_read(call->session, call->arena, row->cause, &honour, err);

    if (status == STATUS_OK && honour.approval != 0)
        close_task(call, row, honour.approval, honour.decided_by, honour.state == HONOUR_REFUSED);
    return status == STATUS_MISSING ? STATUS_OK : status;
}

static enum status react_decided(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct missed missed;
    enum status status = missed_read(call->session, call->arena, row->cause, &missed, err);

    if (status == STATUS_MISSING || (status == STATUS_OK && missed.task == 0))
        return STATUS_OK;
    if (status == STATUS_OK)
        close_task(call, row, missed.task, missed.decided_by, missed.state == MISSED_REFUSED);
    return status;
}

/* ---- a task of the owner of a channel: what came of it is told to the member ---- */

static enum status react_task(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    struct traceless honour;
    struct task task;
    enum status status = honour_of_task(call->session, call->arena, row->cause, &honour, err);

    if (status != STATUS_OK || honour.id == 0 || honour.told_at != 0)
        return status;
    status = task_read(call->session, call->arena, row->cause, &task, err);
    if (status != STATUS_OK)
        return status == STATUS_MISSING ? STATUS_OK : status;
    struct command *command = reaction_command(call, row, NULL, &tell_honour_type, sizeof(struct tell_honour));
    struct tell_honour *body = command->body;
    body->id = honour.id;
    body->outcome = task.state == TASK_DROPPED && task.outcome.size == 0 ? TEXT("dropped") : task.outcome;
    body->outcome_text = task.outcome_text;
    return STATUS_OK;
}

/* ---- the reaction ---- */

static enum status react(struct reaction_call *call, const struct journal_row *row, struct error *err)
{
    if (row->member == 0)
        return STATUS_OK;
    if (happened_is_purchase(row->kind)) {
        static const char label[] = "\"coupon\":";
        enum status status = react_purchase(call, row, err);
        bool coupons =
            row->facts.size > 0 && memmem(row->facts.bytes, row->facts.size, label, sizeof label - 1) != NULL;
        return status == STATUS_OK && coupons ? react_use(call, row, err) : status;
    }
    if (text_equals(row->kind, "benefit_use") || text_equals(row->kind, "coupon_redemption"))
        return react_use(call, row, err);
    if (text_equals(row->kind, "missed_benefit_decided"))
        return react_decided(call, row, err);
    if (text_equals(row->kind, "honour_decided"))
        return react_honoured(call, row, err);
    if (text_equals(row->kind, "task_done") || text_equals(row->kind, "task_dropped"))
        return react_task(call, row, err);
    return row->cause != 0 ? react_return(call, row, err) : STATUS_OK;
}

static const char *const kinds[] = {
    "purchase",       "claim",     "return",       "void", "benefit_use", "coupon_redemption", "missed_benefit_decided",
    "honour_decided", "task_done", "task_dropped", NULL};

const struct reaction promises_reaction = {.name = "promises", .kinds = kinds, .idle = idle, .react = react};
