#include "features/entitlements/tiers_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/entitlements/entitlements_store.h"
#include "features/entitlements/tier_preview.h"
#include "features/programme/programme_api.h"

enum { DAYS_MAX = 3660, MINIMUM_MAX = 1000000000 };

static const struct programme *programme_now(const struct call *call)
{
    return programme_at(call->programmes, call->now);
}

/* ---- the tiers of a member ---- */

static const struct field alternative_fields[] = {
    {.name = "needs", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &tier_minimums_shape},
    {.name = "missing",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .shape = &tier_minimums_shape,
     .about = "What is still to be done; empty: nothing."},
    {.name = "met", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
};
static const struct shape alternative_shape = {.name = "TierAlternative", SHAPE_FIELDS(alternative_fields)};
static const struct field goal_fields[] = {
    {.name = "tier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "by",
     .type = FIELD_INSTANT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "Before this instant; null: whenever."},
    {.name = "met", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "alternatives",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &alternative_shape,
     .about = "One of these suffices; empty: nothing is asked."},
};
static const struct shape goal_shape = {.name = "TierGoal", SHAPE_FIELDS(goal_fields)};
static const struct field right_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "tier, membership or benefit."},
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Of a tier: how it was given."},
    {.name = "from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "ladder", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "tier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "kept_by",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &alternative_shape,
     .about = "A trial: one of these makes the tier an earned one."},
};
static const struct shape right_shape = {.name = "Right", SHAPE_FIELDS(right_fields)};
static const struct field member_ladder_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "tier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "tier_name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "grace", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "earned",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "The tier without what was given: it counts again when that ends."},
    {.name = "given", .type = FIELD_ID, .prefix = "evt", .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "counted_from", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "counted", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &tier_minimums_shape},
    {.name = "next",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .shape = &goal_shape,
     .about = "The next tier that can be earned, and what it lacks."},
    {.name = "keep",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .shape = &goal_shape,
     .about = "What keeps the earned tier; null: it is the lowest."},
};
static const struct shape member_ladder_shape = {.name = "MemberLadder", SHAPE_FIELDS(member_ladder_fields)};
static const struct field member_tiers_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "ladders",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &member_ladder_shape},
    {.name = "rights",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &right_shape,
     .about = "What was given for a time: tiers, memberships, benefits."},
};
const struct shape member_tiers_shape = {.name = "MemberTiers", SHAPE_FIELDS(member_tiers_fields)};

static void write_alternatives(struct json_writer *writer, const char *name, const struct programme *programme,
                               const struct tier_goal *goal)
{
    writer_list(writer, name);
    for (size_t i = 0; i < goal->count; i++) {
        writer_object(writer, NULL);
        tier_minimums_write(writer, "needs", programme, goal->alternatives[i].needs.at_least);
        tier_minimums_write(writer, "missing", programme, goal->alternatives[i].missing.at_least);
        writer_boolean(writer, "met", goal->alternatives[i].met);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_goal(struct json_writer *writer, const char *name, const struct programme *programme,
                       const struct tier_goal *goal)
{
    if (goal->level == NULL) {
        writer_null(writer, name);
        return;
    }
    writer_object(writer, name);
    writer_text(writer, "tier", goal->level->code);
    writer_text(writer, "name", goal->level->name);
    writer_instant(writer, "by", goal->by);
    writer_boolean(writer, "met", goal->met);
    write_alternatives(writer, "alternatives", programme, goal);
    writer_end(writer);
}

static void write_ladder(struct json_writer *writer, const struct programme *programme,
                         const struct tier_preview *preview)
{
    writer_object(writer, NULL);
    writer_text(writer, "code", preview->ladder->code);
    writer_text(writer, "name", preview->ladder->name);
    writer_text(writer, "tier", preview->level->code);
    writer_text(writer, "tier_name", preview->level->name);
    writer_instant(writer, "since", preview->since);
    writer_instant(writer, "until", preview->until);
    writer_boolean(writer, "grace", preview->given == NULL && preview->state.grace);
    writer_text(writer, "earned", preview->earned->code);
    writer_id(writer, "given", "evt", preview->given != NULL ? preview->given->id : 0);
    writer_instant(writer, "counted_from", preview->state.from);
    tier_minimums_write(writer, "counted", programme, preview->state.sums);
    write_goal(writer, "next", programme, &preview->next);
    write_goal(writer, "keep", programme, &preview->keep);
    writer_end(writer);
}

static void write_optional(struct json_writer *writer, const char *name, struct text value)
{
    if (value.size > 0)
        writer_text(writer, name, value);
    else
        writer_null(writer, name);
}

static void write_right(struct json_writer *writer, const struct programme *programme, const struct right *right)
{
    struct tier_goal goal;

    writer_object(writer, NULL);
    writer_id(writer, "id", "evt", right->id);
    writer_string(writer, "kind",
                  right->kind == RIGHT_TIER         ? "tier"
                  : right->kind == RIGHT_MEMBERSHIP ? "membership"
                  : right->kind == RIGHT_CONTRACT   ? "contract"
                                                    : "benefit");
    writer_text(writer, "code", right->code);
    writer_instant(writer, "from", right->from);
    writer_instant(writer, "until", right->until);
    write_optional(writer, "ladder",
                   right->tier.size > 0 && right->ladder.size == 0 ? programme->ladder.code : right->ladder);
    write_optional(writer, "tier", right->tier);
    trial_preview(right, &goal);
    write_alternatives(writer, "kept_by", programme, &goal);
    writer_end(writer);
}

enum status member_tiers_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_now(call);
    struct json_writer *writer = &item->writer;
    struct tier_preview *preview = arena_alloc(call->arena, sizeof *preview);
    struct storage_session *session;
    struct person person;
    struct held held;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    held_read(&person.leader->standing, programme->ladder.metric, &held);
    writer_id(writer, "member", "mbr", person.leader->id);
    writer_list(writer, "ladders");
    for (size_t i = 0; i < programme_ladder_count(programme); i++) {
        tier_preview_make(programme, programme_ladder(programme, i), &held, person.leader, call->now, preview);
        write_ladder(writer, programme, preview);
    }
    writer_end(writer);
    writer_list(writer, "rights");
    for (size_t i = 0; i < held.right_count; i++)
        write_right(writer, programme, &held.rights[i]);
    writer_end(writer);
    return STATUS_OK;
}

/* ---- giving a tier ---- */

struct minimums_input {
    int64_t points, visits, nights, stays, purchases, loyalty;
    struct json_amount spend;
};
#define MINIMUM_FIELD(field_name)                                                                          \
    {                                                                                                      \
        .name = #field_name, .type = FIELD_INTEGER, .offset = offsetof(struct minimums_input, field_name), \
        .minimum = 0, .maximum = MINIMUM_MAX                                                               \
    }
static const struct field minimums_input_fields[] = {
    MINIMUM_FIELD(points), {.name = "spend", .type = FIELD_AMOUNT, .offset = offsetof(struct minimums_input, spend)},
    MINIMUM_FIELD(visits), MINIMUM_FIELD(nights),
    MINIMUM_FIELD(stays),  MINIMUM_FIELD(purchases),
    MINIMUM_FIELD(loyalty)};
static const struct shape minimums_input_shape = {
    .name = "TierMinimumsInput", .size = sizeof(struct minimums_input), SHAPE_FIELDS(minimums_input_fields)};

struct given_input {
    struct text ladder, tier, reason;
    int as;
    int64_t until, days;
    struct json_list kept_by;
};
static const struct field given_fields[] = {
    {.name = "ladder",
     .type = FIELD_TEXT,
     .offset = offsetof(struct given_input, ladder),
     .maximum = CODE_SIZE_MAX,
     .about = "The first one when absent."},
    {.name = "tier",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct given_input, tier),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "as",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct given_input, as),
     .choices = given_as_names},
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct given_input, reason),
     .minimum = 1,
     .maximum = RIGHT_REASON_MAX,
     .about = "Text for people; erased with the member."},
    {.name = "until",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct given_input, until),
     .about = "The first instant without it; no end when neither this nor days is given."},
    {.name = "days",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct given_input, days),
     .minimum = 1,
     .maximum = DAYS_MAX,
     .about = "Until the start of the day after so many days, instead of until."},
    {.name = "kept_by",
     .type = FIELD_LIST,
     .offset = offsetof(struct given_input, kept_by),
     .element = FIELD_OBJECT,
     .shape = &minimums_input_shape,
     .minimum = 1,
     .maximum = TRIAL_ALTERNATIVES_MAX,
     .about = "Of a trial: one of these, done in it, makes the tier an earned one. What keeps the tier when absent."},
};
const struct shape tier_given_input_shape = {
    .name = "TierGivenInput", .size = sizeof(struct given_input), SHAPE_FIELDS(given_fields)};

static enum status read_minimums(const struct call *call, const struct minimums_input *input, struct tier_minimums *out,
                                 struct error *err)
{
    const char *currency = programme_now(call)->currency;
    bool any = false;

    *out = (struct tier_minimums){{[TIER_POINTS] = input->points,
                                   [TIER_SPEND] = input->spend.minor,
                                   [TIER_VISITS] = input->visits,
                                   [TIER_NIGHTS] = input->nights,
                                   [TIER_STAYS] = input->stays,
                                   [TIER_PURCHASES] = input->purchases,
                                   [TIER_LOYALTY] = input->loyalty}};
    for (size_t i = 0; i < TIER_METRICS; i++)
        any = any || out->at_least[i] > 0;
    if (input->spend.currency[0] != '\0' && strcmp(input->spend.currency, currency) != 0)
        return error_set(err, STATUS_INVALID, "tier.currency", "kept_by", "the programme's currency is %s", currency);
    if (!any)
        return error_set(err, STATUS_INVALID, "tier.trial", "kept_by", "one of the alternatives asks for nothing");
    return STATUS_OK;
}

enum status tier_give_handle(struct call *call, struct item *item, struct error *err)
{
    const struct given_input *input = item->body;
    const struct minimums_input *minimums = input->kept_by.items;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK && input->until != 0 && input->days != 0)
        status = error_set(err, STATUS_INVALID, "tier.until", "days", "say until or days");
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &give_tier_type, sizeof(struct give_tier));
    struct give_tier *body = command->body;
    command_subject_member(command, member);
    body->days = input->days;
    body->may_approve = call_may(call, PERMISSION_POINTS_APPROVE);
    body->wanted.ladder = input->ladder;
    body->wanted.tier = input->tier;
    body->wanted.as = input->as;
    body->wanted.reason = input->reason;
    body->wanted.until = input->until != 0 ? input->until : INSTANT_NEVER;
    body->wanted.kept_by_count = input->kept_by.count;
    for (size_t i = 0; i < input->kept_by.count && status == STATUS_OK; i++)
        status = read_minimums(call, &minimums[i], &body->wanted.kept_by[i], err);
    return status;
}

/* ---- what waits for a second person ---- */

static const struct field request_fields[] = {
    {.name = "id",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "evt",
     .about = "Of what waits; null: it was given at once."},
    {.name = "state", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = tier_request_state_names},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "ladder", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "tier", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "as", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = given_as_names},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "asked_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "asked_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "decided_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "decided_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape tier_request_shape = {.name = "TierRequest", SHAPE_FIELDS(request_fields)};

static void write_request(struct json_writer *writer, const struct tier_request *request)
{
    writer_id(writer, "id", "evt", request->id);
    writer_string(writer, "state", tier_request_state_names[request->state]);
    writer_id(writer, "member", "mbr", request->member);
    writer_text(writer, "ladder", request->ladder);
    writer_text(writer, "tier", request->tier);
    writer_string(writer, "as", given_as_names[request->as]);
    writer_instant(writer, "until", request->until);
    writer_text(writer, "reason", request->reason);
    writer_text(writer, "asked_by", request->asked_by);
    writer_instant(writer, "asked_at", request->asked_at);
    writer_text(writer, "decided_by", request->decided_by);
    writer_instant(writer, "decided_at", request->decided_at);
}

void tier_give_finish(struct item *item, struct json_writer *writer)
{
    const struct give_tier *body = item->command->body;

    if (body->result.state == TIER_REQUEST_WAITING)
        item->status = 202;
    write_request(writer, &body->result);
}

struct decision_input {
    bool approve;
};
static const struct field decision_fields[] = {
    {.name = "approve",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct decision_input, approve)},
};
const struct shape tier_decision_shape = {
    .name = "TierDecision", .size = sizeof(struct decision_input), SHAPE_FIELDS(decision_fields)};

enum status tier_decision_handle(struct call *call, struct item *item, struct error *err)
{
    const struct decision_input *input = item->body;
    struct storage_session *session;
    struct tier_request request;
    int64_t id;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = tier_request_read(session, call->arena, id, &request, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        status = call_check_member(call, request.member, "request", err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &decide_tier_request_type, sizeof(struct decide_tier_request));
    struct decide_tier_request *body = command->body;
    command_subject_member(command, request.member);
    body->id = id;
    body->approve = input->approve;
    return STATUS_OK;
}

void tier_decision_finish(struct item *item, struct json_writer *writer)
{
    write_request(writer, &((const struct decide_tier_request *)item->command->body)->result);
}

struct request_query {
    struct page page;
    int state;
};
static const struct field request_query_fields[] = {
    PAGE_FIELDS(struct request_query),
    {.name = "state",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct request_query, state),
     .choices = tier_request_state_names,
     .about = "All when absent."},
};
const struct shape tier_request_query_shape = {
    .name = "TierRequestQuery", .size = sizeof(struct request_query), SHAPE_FIELDS(request_query_fields)};

enum status tier_requests_handle(struct call *call, struct item *item, struct error *err)
{
    const struct request_query *query = call->query;
    struct tier_request_page page = {.state = query->state, .limit = (size_t)query->page.limit + 1};
    struct cursor cursor = {.integer_count = 2};
    struct storage_session *session;
    struct tier_request *requests = NULL;
    size_t count = 0;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &page.given, err);

    page.after_at = cursor.integers[0];
    page.after_id = cursor.integers[1];
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = tier_request_page_read(session, call->arena, &page, &requests, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i + 1 < page.limit; i++) {
        cursor.integers[0] = requests[i].asked_at;
        cursor.integers[1] = requests[i].id;
        writer_object(&item->writer, NULL);
        write_request(&item->writer, &requests[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count == page.limit);
    return STATUS_OK;
}

/* ---- ending a right ---- */

struct end_input {
    struct text reason;
    int64_t at;
};
static const struct field end_fields[] = {
    {.name = "reason",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct end_input, reason),
     .minimum = 1,
     .maximum = RIGHT_REASON_MAX},
    {.name = "at", .type = FIELD_INSTANT, .offset = offsetof(struct end_input, at), .about = "Now when absent."},
};
const struct shape right_end_input_shape = {
    .name = "RightEndInput", .size = sizeof(struct end_input), SHAPE_FIELDS(end_fields)};
static const struct field ended_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "right", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "evt"},
    {.name = "ended_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
const struct shape right_ended_shape = {.name = "RightEnded", SHAPE_FIELDS(ended_fields)};

enum status right_end_handle(struct call *call, struct item *item, struct error *err)
{
    const struct end_input *input = item->body;
    int64_t member, right;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_path_id(call, 1, "evt", &right, err);
    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &end_right_type, sizeof(struct end_right));
    struct end_right *body = command->body;
    command_subject_member(command, member);
    body->right = right;
    body->reason = input->reason;
    body->at = input->at;
    return STATUS_OK;
}

void right_end_finish(struct item *item, struct json_writer *writer)
{
    const struct end_right *body = item->command->body;

    writer_id(writer, "id", "evt", body->id);
    writer_id(writer, "right", "evt", body->right);
    writer_instant(writer, "ended_at", body->ended_at);
}
