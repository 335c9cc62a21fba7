/* groups_api.c: households, merges and unmerges. */
#include <stddef.h>

#include "features/customers/commands.h"
#include "features/customers/customers_store.h"
#include "features/customers/member_reference_api.h"
#include "features/customers/member_view_api.h"
#include "features/customers/members_api.h"
#include "features/customers/members_store.h"

/* ---- households ---- */

struct household_body {
    int64_t member;
    bool pooled;
};
static const struct field household_body_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct household_body, member),
     .prefix = "mbr",
     .about = "Who founds it."},
    {.name = "pooled",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct household_body, pooled),
     .about = "Its members may spend each other's points."},
};
const struct shape household_body_shape = {
    .name = "HouseholdBody", .size = sizeof(struct household_body), SHAPE_FIELDS(household_body_fields)};

static const struct field household_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "hhd"},
    {.name = "pooled", .type = FIELD_BOOLEAN},
    {.name = "members", .type = FIELD_LIST, .element = FIELD_TEXT},
};
const struct shape household_shape = {.name = "Household", SHAPE_FIELDS(household_fields)};

struct pool_body {
    bool pooled;
};
static const struct field pool_fields[] = {
    {.name = "pooled", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .offset = offsetof(struct pool_body, pooled)},
};
const struct shape household_pool_shape = {
    .name = "HouseholdPool", .size = sizeof(struct pool_body), SHAPE_FIELDS(pool_fields)};

struct join_body {
    int64_t member;
};
static const struct field join_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct join_body, member),
     .prefix = "mbr"},
};
const struct shape household_join_shape = {
    .name = "HouseholdJoin", .size = sizeof(struct join_body), SHAPE_FIELDS(join_fields)};

static void write_members(struct json_writer *writer, const int64_t *members, size_t count)
{
    writer_list(writer, "members");
    for (size_t i = 0; i < count; i++)
        writer_id(writer, NULL, "mbr", members[i]);
    writer_end(writer);
}

static void write_household(struct json_writer *writer, int64_t id, bool pooled, const int64_t *members, size_t count)
{
    writer_id(writer, "id", "hhd", id);
    writer_boolean(writer, "pooled", pooled);
    write_members(writer, members, count);
}

enum status found_household_handle(struct call *call, struct item *item, struct error *err)
{
    const struct household_body *given = item->body;
    struct command *command = item_command(item, &change_household_type, sizeof(struct change_household));
    struct change_household *body = command->body;

    (void)call;
    (void)err;
    body->action = HOUSEHOLD_FOUND;
    body->pooled = given->pooled;
    command_subject_member(command, given->member);
    return STATUS_OK;
}

void found_household_finish(struct item *item, struct json_writer *writer)
{
    const struct change_household *body = item->command->body;

    write_household(writer, body->household, body->pooled, &item->command->subjects[0].id, 1);
}

static enum status read_household(struct call *call, struct household_view *view, struct error *err)
{
    struct storage_session *session;
    int64_t id;
    enum status status = call_path_id(call, 0, "hhd", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = household_read(session, id, view, err);
    call_read_end(call, session);
    return status;
}

enum status get_household_handle(struct call *call, struct item *item, struct error *err)
{
    struct household_view view;
    enum status status = read_household(call, &view, err);

    if (status == STATUS_OK)
        write_household(&item->writer, view.id, view.pooled, view.leaders, view.count);
    return status;
}

/* A command on the household of the path. Its first member is subject 0, so that changes of one household queue up. */
static enum status household_command(struct call *call, struct item *item, enum household_action action,
                                     int64_t subject, struct error *err)
{
    struct household_view view;
    enum status status = read_household(call, &view, err);

    if (status != STATUS_OK)
        return status;
    struct command *command = item_command(item, &change_household_type, sizeof(struct change_household));
    struct change_household *body = command->body;
    body->action = action;
    body->household = view.id;
    body->load.parts[0] = PART_HOUSEHOLD;
    command_subject_member(command, subject != 0 ? subject : view.leaders[0]);
    return STATUS_OK;
}

enum status pool_household_handle(struct call *call, struct item *item, struct error *err)
{
    const struct pool_body *given = item->body;
    enum status status = household_command(call, item, HOUSEHOLD_POOL, 0, err);

    if (status == STATUS_OK)
        ((struct change_household *)item->command->body)->pooled = given->pooled;
    return status;
}

enum status join_household_handle(struct call *call, struct item *item, struct error *err)
{
    const struct join_body *given = item->body;
    enum status status = household_command(call, item, HOUSEHOLD_JOIN, 0, err);

    if (status == STATUS_OK)
        command_subject_member(item->command, given->member);
    return status;
}

enum status leave_household_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t member;
    enum status status = call_path_id(call, 1, "mbr", &member, err);

    return status == STATUS_OK ? household_command(call, item, HOUSEHOLD_LEAVE, member, err) : status;
}

/* ---- merges ---- */

static const struct field merge_body_fields[] = {
    {.name = "into",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct merge_body, into),
     .shape = &member_reference_shape,
     .about = "Who stays."},
    {.name = "from",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct merge_body, from),
     .shape = &member_reference_shape,
     .about = "Who becomes part of it."},
    {.name = "accept_conflicts",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct merge_body, accept_conflicts),
     .about = "Merge although birthday or gender differ."},
};
const struct shape merge_body_shape = {
    .name = "MergeBody", .size = sizeof(struct merge_body), SHAPE_FIELDS(merge_body_fields)};

static const struct field merge_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "evt"},
    {.name = "into", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "from", .type = FIELD_ID, .prefix = "mbr"},
};
const struct shape merge_shape = {.name = "Merge", SHAPE_FIELDS(merge_fields)};

static const struct field merge_side_fields[] = {
    {.name = "member", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "members", .type = FIELD_LIST, .element = FIELD_TEXT},
    {.name = "tier", .type = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &member_tier_shape},
    {.name = "wallets", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &member_wallet_shape},
};
static const struct shape merge_side_shape = {.name = "MergeSide", SHAPE_FIELDS(merge_side_fields)};

static const struct field merge_view_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "evt"},
    {.name = "into", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "from", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "members", .type = FIELD_LIST, .element = FIELD_TEXT, .about = "Who would leave again by an unmerge."},
    {.name = "leaving",
     .type = FIELD_OBJECT,
     .shape = &merge_side_shape,
     .about = "The person that an unmerge would put on its own."},
    {.name = "staying", .type = FIELD_OBJECT, .shape = &merge_side_shape, .about = "The person that would remain."},
};
const struct shape merge_view_shape = {.name = "MergeView", SHAPE_FIELDS(merge_view_fields)};

enum status merge_handle(struct call *call, struct item *item, struct error *err)
{
    const struct merge_body *given = item->body;
    struct command *command = item_command(item, &merge_members_type, sizeof(struct merge_members));
    struct merge_members *body = command->body;
    enum status status = member_reference_apply(call, command, given->into, "into", err);

    if (status == STATUS_OK)
        status = member_reference_apply(call, command, given->from, "from", err);
    body->accept_conflicts = given->accept_conflicts;
    body->load.parts[0] = body->load.parts[1] = PART_PROFILE | PART_DAYS;
    return status;
}

void merge_finish(struct item *item, struct json_writer *writer)
{
    const struct merge_members *body = item->command->body;

    writer_id(writer, "id", "evt", body->merge);
    writer_id(writer, "into", "mbr", body->into);
    writer_id(writer, "from", "mbr", body->from);
}

static void write_side(struct json_writer *writer, const char *name, const struct group *group,
                       const struct unmerge_side *side)
{
    writer_object(writer, name);
    writer_id(writer, "member", "mbr", side->leader);
    write_members(writer, side->members, side->count);
    member_tier_write(writer, &side->standing);
    member_wallets_write(writer, group, side->members, side->count);
    writer_end(writer);
}

/* What undoing the merge would make of the person, from the state as it is now. */
static enum status write_plan(struct call *call, struct storage_session *session, struct json_writer *writer,
                              int64_t merge, int64_t member, struct error *err)
{
    struct decision decision = {.arena = call->arena, .now = call->now, .programmes = call->programmes};
    struct customer_state state = {.member = member};
    struct unmerge_plan plan;
    struct person person;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status == STATUS_OK)
        status = customers_read(session, call->arena, PART_LINKS | PART_DAYS, &state, 1, err);
    if (status == STATUS_OK)
        status = unmerge_plan_make(&decision, &person, &state, merge, &plan, err);
    if (status != STATUS_OK)
        return status;
    write_side(writer, "leaving", person.group, &plan.going);
    write_side(writer, "staying", person.group, &plan.staying);
    return STATUS_OK;
}

enum status get_merge_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;
    struct storage_session *session;
    struct merge_view view;
    int64_t id;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = merge_read(session, id, &view, err);
    if (status == STATUS_OK) {
        writer_id(writer, "id", "evt", id);
        writer_id(writer, "into", "mbr", view.leader);
        writer_id(writer, "from", "mbr", view.from);
        write_members(writer, view.moved, view.count);
        status = write_plan(call, session, writer, id, view.moved[0], err);
    }
    call_read_end(call, session);
    return status;
}

static void fill_unmerge(struct item *item, int64_t member, int64_t merge)
{
    struct command *command = item_command(item, &unmerge_members_type, sizeof(struct unmerge_members));
    struct unmerge_members *body = command->body;

    body->merge = merge;
    body->load.parts[0] = PART_LINKS | PART_DAYS | PART_HOUSEHOLD;
    if (member != 0)
        command_subject_member(command, member);
}

enum status undo_merge_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct merge_view view;
    int64_t id;
    enum status status = call_path_id(call, 0, "evt", &id, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = merge_read(session, id, &view, err);
    call_read_end(call, session);
    if (status == STATUS_OK)
        fill_unmerge(item, view.moved[0], id);
    return status;
}

static const struct field unmerge_body_fields[] = {
    {.name = "member",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct unmerge_body, member),
     .shape = &member_reference_shape,
     .about = "A member whose last merge is undone."},
};
const struct shape unmerge_body_shape = {
    .name = "UnmergeBody", .size = sizeof(struct unmerge_body), SHAPE_FIELDS(unmerge_body_fields)};

static const struct field unmerge_fields[] = {
    {.name = "merge", .type = FIELD_ID, .prefix = "evt"},
    {.name = "from", .type = FIELD_ID, .prefix = "mbr", .about = "The person that was left."},
    {.name = "member", .type = FIELD_ID, .prefix = "mbr", .about = "The person that is on its own again."},
};
const struct shape unmerge_shape = {.name = "Unmerge", SHAPE_FIELDS(unmerge_fields)};

enum status unmerge_handle(struct call *call, struct item *item, struct error *err)
{
    const struct unmerge_body *given = item->body;

    fill_unmerge(item, 0, 0);
    return member_reference_apply(call, item->command, given->member, "member", err);
}

void unmerge_finish(struct item *item, struct json_writer *writer)
{
    const struct unmerge_members *body = item->command->body;

    writer_id(writer, "merge", "evt", body->merge);
    writer_id(writer, "from", "mbr", body->from);
    writer_id(writer, "member", "mbr", body->member);
}
