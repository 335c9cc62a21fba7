/* preview_api.c: what a merge or an unmerge would do, by the same decision on a copy. */
#include <stddef.h>

#include "features/customers/customers_store.h"
#include "features/customers/member_reference_api.h"
#include "features/customers/member_view_api.h"
#include "features/customers/members_api.h"
#include "features/customers/preview.h"

/* ---- shapes ---- */

static const struct field lot_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "lot"},
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "wallet", .type = FIELD_TEXT},
    {.name = "remaining", .type = FIELD_INTEGER},
    {.name = "held", .type = FIELD_INTEGER},
    {.name = "pending", .type = FIELD_BOOLEAN},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
static const struct shape lot_shape = {.name = "PreviewLot", SHAPE_FIELDS(lot_fields)};
static const struct field identifier_fields[] = {
    {.name = "kind", .type = FIELD_TEXT},
    {.name = "value", .type = FIELD_TEXT},
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
};
static const struct shape identifier_shape = {.name = "PreviewIdentifier", SHAPE_FIELDS(identifier_fields)};
static const struct field figure_fields[] = {
    {.name = "figure", .type = FIELD_TEXT},
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .about = "Of points: their account."},
    {.name = "today", .type = FIELD_TEXT, .about = "Money in minor units."},
    {.name = "then", .type = FIELD_TEXT},
};
static const struct shape figure_shape = {.name = "PreviewDifference", SHAPE_FIELDS(figure_fields)};
static const struct field side_fields[] = {
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "members", .type = FIELD_LIST, .element = FIELD_TEXT},
    {.name = "tier", .type = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &member_tier_shape},
    {.name = "wallets", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &member_wallet_shape},
    {.name = "lots",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &lot_shape,
     .about = "Open ones, of each member."},
    {.name = "identifiers", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &identifier_shape},
    {.name = "purchases", .type = FIELD_INTEGER},
    {.name = "purchase_days", .type = FIELD_INTEGER},
    {.name = "visits", .type = FIELD_INTEGER},
    {.name = "differences",
     .type = FIELD_LIST,
     .element = FIELD_OBJECT,
     .shape = &figure_shape,
     .about = "What is not as today, of the person that this side is part of today."},
};
static const struct shape side_shape = {.name = "PreviewPerson", SHAPE_FIELDS(side_fields)};

static const struct field merge_fields[] = {
    {.name = "into", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "from", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "person", .type = FIELD_OBJECT, .shape = &side_shape, .about = "The one person that there would be."},
};
const struct shape merge_preview_shape = {
    .name = "MergePreview", .about = "Nothing is changed.", SHAPE_FIELDS(merge_fields)};
static const struct field unmerge_fields[] = {
    {.name = "merge", .type = FIELD_ID, .prefix = "evt"},
    {.name = "leaving", .type = FIELD_OBJECT, .shape = &side_shape, .about = "The person that would be on its own."},
    {.name = "staying", .type = FIELD_OBJECT, .shape = &side_shape, .about = "The person that would remain."},
};
const struct shape unmerge_preview_shape = {
    .name = "UnmergePreview", .about = "Nothing is changed.", SHAPE_FIELDS(unmerge_fields)};

/* ---- writing ---- */

static void write_lots(struct json_writer *writer, const struct person_side *side)
{
    writer_list(writer, "lots");
    for (size_t i = 0; i < side->count; i++) {
        const struct member *member = group_find(side->group, side->members[i]);
        for (size_t l = 0; l < member->lot_count; l++) {
            const struct lot *lot = &member->lots[l];
            if (lot->remaining + lot->held == 0)
                continue;
            writer_object(writer, NULL);
            writer_id(writer, "id", "lot", lot->id);
            writer_id(writer, "member", "mbr", member->id);
            writer_text(writer, "wallet", lot->wallet);
            writer_integer(writer, "remaining", lot->remaining);
            writer_integer(writer, "held", lot->held);
            writer_boolean(writer, "pending", lot->pending);
            writer_instant(writer, "expires_at", lot->expires_at);
            writer_end(writer);
        }
    }
    writer_end(writer);
}

static bool has_member(const struct person_side *side, int64_t member)
{
    for (size_t i = 0; i < side->count; i++)
        if (side->members[i] == member)
            return true;
    return false;
}

static void write_identifiers(struct json_writer *writer, const struct person_side *side,
                              const struct customer_state *states, size_t state_count)
{
    writer_list(writer, "identifiers");
    for (size_t s = 0; s < state_count; s++)
        for (size_t i = 0; i < states[s].identifier_count; i++) {
            const struct identifier_row *row = &states[s].identifiers[i];
            if (!has_member(side, row->member))
                continue;
            writer_object(writer, NULL);
            writer_string(writer, "kind", row->identifier.kind);
            writer_text(writer, "value", row->identifier.value);
            writer_id(writer, "member", "mbr", row->member);
            writer_end(writer);
        }
    writer_end(writer);
}

static void write_value(struct json_writer *writer, const char *name, const struct side_figure *figure, bool is_text)
{
    if (figure != NULL && is_text)
        writer_text(writer, name, figure->text);
    else
        writer_string(writer, name,
                      arena_format(writer->out.arena, "%lld", figure == NULL ? 0LL : (long long)figure->number));
}

static void write_differences(struct json_writer *writer, const struct person_side *today,
                              const struct person_side *then)
{
    struct side_figure *before, *after;
    size_t before_count = person_side_figures(writer->out.arena, today, &before);
    size_t after_count = person_side_figures(writer->out.arena, then, &after);
    const struct person_side *wider = today->wallet_count >= then->wallet_count ? today : then;
    const struct side_figure *all = wider == today ? before : after;
    size_t count = wider == today ? before_count : after_count;

    writer_list(writer, "differences");
    for (size_t i = 0; i < count; i++) {
        const struct side_figure *a = side_figure_find(before, before_count, &all[i]);
        const struct side_figure *b = side_figure_find(after, after_count, &all[i]);
        int64_t numbers[] = {a == NULL ? 0 : a->number, b == NULL ? 0 : b->number};
        bool is_text = (a != NULL && a->text.size > 0) || (b != NULL && b->text.size > 0);
        if (numbers[0] == numbers[1] && (!is_text || (a != NULL && b != NULL && text_equal(a->text, b->text))))
            continue;
        writer_object(writer, NULL);
        writer_string(writer, "figure", all[i].name);
        if (all[i].wallet.size > 0)
            writer_text(writer, "wallet", all[i].wallet);
        else
            writer_null(writer, "wallet");
        write_value(writer, "today", a, is_text);
        write_value(writer, "then", b, is_text);
        writer_end(writer);
    }
    writer_end(writer);
}

/* What is written of each side: the person of today that it comes from, and the identifiers of all. */
struct side_context {
    const struct person_side *today;
    const struct customer_state *states;
    size_t state_count;
};

static void write_side(struct json_writer *writer, const char *name, const struct person_side *side,
                       const struct side_context *context)
{
    writer_object(writer, name);
    writer_id(writer, "member", "mbr", side->leader);
    writer_list(writer, "members");
    for (size_t i = 0; i < side->count; i++)
        writer_id(writer, NULL, "mbr", side->members[i]);
    writer_end(writer);
    member_tier_write(writer, &side->standing);
    member_wallets_write(writer, side->group, side->members, side->count);
    write_lots(writer, side);
    write_identifiers(writer, side, context->states, context->state_count);
    writer_integer(writer, "purchases", side->standing.purchases);
    writer_integer(writer, "purchase_days", side->standing.purchase_days);
    writer_integer(writer, "visits", side->standing.visits);
    write_differences(writer, context->today, side);
    writer_end(writer);
}

/* ---- the routes ---- */

static struct command *new_command(struct call *call, const struct command_type *type, void *body)
{
    struct command *command = arena_alloc(call->arena, sizeof *command);

    *command = (struct command){
        .type = type, .body = body, .day = DAY_NONE, .bucket = -1, .actor = call->actor, .arena = call->arena};
    return command;
}

static void add_subject(struct command *command, int64_t member)
{
    command->subjects[command->subject_count++] = (struct subject){.by = SUBJECT_MEMBER, .id = member};
}

static enum status preview_merge(struct call *call, struct storage_session *session, struct command *command,
                                 struct json_writer *writer, struct error *err)
{
    const struct merge_members *body = command->body;
    struct customer_state states[2] = {{.member = command->subjects[0].id}, {.member = command->subjects[1].id}};
    struct decision decision;
    struct person_side today, then;
    enum status status = engine_preview_load(call->engine, session, command, call->programmes, &decision, err);

    if (status == STATUS_OK)
        status = customers_read(session, call->arena, PART_IDENTIFIERS, states, 2, err);
    if (status != STATUS_OK)
        return status;
    person_side_read(call->arena, decision.subjects[0].group, decision.subjects[0].leader->id, &today);
    status = engine_preview_decide(call->engine, &decision, command, err);
    if (status != STATUS_OK)
        return status;
    person_side_read(call->arena, decision.subjects[0].group, body->into, &then);
    writer_id(writer, "into", "mbr", body->into);
    writer_id(writer, "from", "mbr", body->from);
    write_side(writer, "person", &then, &(struct side_context){&today, states, 2});
    return STATUS_OK;
}

static enum status preview_unmerge(struct call *call, struct storage_session *session, struct command *command,
                                   struct json_writer *writer, struct error *err)
{
    const struct unmerge_members *body = command->body;
    struct customer_state state = {.member = command->subjects[0].id};
    const struct side_context context = {.states = &state, .state_count = 1};
    struct side_context with_today = context;
    struct decision decision;
    struct person_side today, leaving, staying;
    enum status status = engine_preview_load(call->engine, session, command, call->programmes, &decision, err);

    if (status == STATUS_OK)
        status = customers_read(session, call->arena, PART_IDENTIFIERS, &state, 1, err);
    if (status != STATUS_OK)
        return status;
    person_side_read(call->arena, decision.subjects[0].group, decision.subjects[0].leader->id, &today);
    status = engine_preview_decide(call->engine, &decision, command, err);
    if (status != STATUS_OK)
        return status;
    person_side_read(call->arena, decision.subjects[0].group, body->member, &leaving);
    person_side_read(call->arena, decision.subjects[0].group, body->from, &staying);
    with_today.today = &today;
    writer_id(writer, "merge", "evt", body->merge);
    write_side(writer, "leaving", &leaving, &with_today);
    write_side(writer, "staying", &staying, &with_today);
    return STATUS_OK;
}

enum status merge_preview_handle(struct call *call, struct item *item, struct error *err)
{
    const struct merge_body *given = item->body;
    struct merge_members *body = arena_alloc(call->arena, sizeof *body);
    struct command *command = new_command(call, &merge_members_type, body);
    struct storage_session *session;
    int64_t into = 0, from = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    body->accept_conflicts = given->accept_conflicts;
    body->load.parts[0] = body->load.parts[1] = PART_PROFILE | PART_DAYS;
    status = member_reference_find(call, session, given->into, &into, err);
    if (status == STATUS_OK)
        status = member_reference_find(call, session, given->from, &from, err);
    if (status == STATUS_OK) {
        add_subject(command, into);
        add_subject(command, from);
        status = preview_merge(call, session, command, &item->writer, err);
    }
    call_read_end(call, session);
    return status;
}

enum status unmerge_preview_handle(struct call *call, struct item *item, struct error *err)
{
    const struct unmerge_body *given = item->body;
    struct unmerge_members *body = arena_alloc(call->arena, sizeof *body);
    struct command *command = new_command(call, &unmerge_members_type, body);
    struct storage_session *session;
    int64_t member = 0;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    body->load.parts[0] = PART_LINKS | PART_DAYS | PART_HOUSEHOLD;
    status = member_reference_find(call, session, given->member, &member, err);
    if (status == STATUS_OK) {
        add_subject(command, member);
        status = preview_unmerge(call, session, command, &item->writer, err);
    }
    call_read_end(call, session);
    return status;
}
