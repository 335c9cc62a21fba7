#include "features/entitlements/entitled_store.h"

#include "features/conditions/conditions_store.h"
#include "features/entitlements/grant.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_benefit_use(struct decision *decision, const struct benefit_use *use)
{
    const struct storage_value values[] = {value_integer(id_bucket(use->id)),
                                           value_integer(use->id),
                                           value_integer(use->member),
                                           value_text(use->code),
                                           value_text(use->store),
                                           value_integer(use->units),
                                           value_integer(use->at),
                                           value_integer(use->value),
                                           value_integer(use->right),
                                           value_integer(use->reversed)};

    row_add(decision, &query_entitlements_benefit_use_put, arena_copy(decision->arena, values, sizeof values));
}

void store_membership(struct decision *decision, const struct membership *membership)
{
    const struct storage_value values[] = {
        value_integer(id_bucket(membership->id)), value_integer(membership->id),
        value_integer(membership->member),        value_text(membership->code),
        value_integer(membership->bought_at),     value_integer(membership->term_from),
        value_integer(membership->paid_until),    value_integer(membership->grace_until),
        value_integer(membership->fee),           value_integer(membership->earlier_from),
        value_integer(membership->earlier_fee),   value_integer(membership->terms),
        value_integer(membership->paid),          value_integer(membership->refunded),
        value_integer(membership->cancelled_at),  value_integer(membership->ended_at),
        value_text(membership->reference)};

    row_add(decision, &query_entitlements_membership_put, arena_copy(decision->arena, values, sizeof values));
}

void store_membership_saving(struct decision *decision, const struct member *member,
                             const struct membership_saving *saving)
{
    const struct storage_value values[] = {value_integer(id_bucket(saving->row)),
                                           value_integer(saving->row),
                                           value_integer(saving->line),
                                           value_integer(member->id),
                                           value_integer(saving->membership),
                                           value_integer(saving->minor),
                                           value_integer(saving->at),
                                           value_text(saving->what)};

    row_add(decision, &query_entitlements_saving_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- read ---- */

/* Persons, one a slot. */
struct people {
    struct arena *arena;
    struct entitled **entitled;
};

static enum status receive_use(void *context, const struct storage_row *row, struct error *err)
{
    const struct people *people = context;
    struct entitled *out = people->entitled[row_integer(row, 0)];

    (void)err;
    out->uses = arena_grow(people->arena, out->uses, &out->use_capacity, out->use_count + 1, sizeof *out->uses);
    out->uses[out->use_count++] = (struct benefit_use){.id = row_integer(row, 1),
                                                       .member = row_integer(row, 2),
                                                       .code = row_text_copy(row, 3, people->arena),
                                                       .store = row_text_copy(row, 4, people->arena),
                                                       .units = row_integer(row, 5),
                                                       .at = row_integer(row, 6),
                                                       .value = row_integer(row, 7),
                                                       .right = row_integer(row, 8),
                                                       .reversed = row_integer(row, 9)};
    return STATUS_OK;
}

static enum status receive_membership(void *context, const struct storage_row *row, struct error *err)
{
    const struct people *people = context;
    struct entitled *out = people->entitled[row_integer(row, 0)];

    (void)err;
    out->memberships = arena_grow(people->arena, out->memberships, &out->membership_capacity, out->membership_count + 1,
                                  sizeof *out->memberships);
    out->memberships[out->membership_count++] = (struct membership){.id = row_integer(row, 1),
                                                                    .member = row_integer(row, 2),
                                                                    .code = row_text_copy(row, 3, people->arena),
                                                                    .bought_at = row_integer(row, 4),
                                                                    .term_from = row_integer(row, 5),
                                                                    .paid_until = row_integer(row, 6),
                                                                    .grace_until = row_integer(row, 7),
                                                                    .fee = row_integer(row, 8),
                                                                    .earlier_from = row_integer(row, 9),
                                                                    .earlier_fee = row_integer(row, 10),
                                                                    .terms = row_integer(row, 11),
                                                                    .paid = row_integer(row, 12),
                                                                    .refunded = row_integer(row, 13),
                                                                    .cancelled_at = row_integer(row, 14),
                                                                    .ended_at = row_integer(row, 15),
                                                                    .reference = row_text_copy(row, 16, people->arena)};
    return STATUS_OK;
}

static enum status receive_saving(void *context, const struct storage_row *row, struct error *err)
{
    const struct people *people = context;
    struct entitled *out = people->entitled[row_integer(row, 0)];

    (void)err;
    out->savings =
        arena_grow(people->arena, out->savings, &out->saving_capacity, out->saving_count + 1, sizeof *out->savings);
    out->savings[out->saving_count++] = (struct membership_saving){.membership = row_integer(row, 1),
                                                                   .row = row_integer(row, 2),
                                                                   .line = row_integer(row, 3),
                                                                   .minor = row_integer(row, 4),
                                                                   .at = row_integer(row, 5),
                                                                   .what = row_text_copy(row, 6, people->arena)};
    return STATUS_OK;
}

/* A member whose rows are wanted, in the slot of its person. */
struct wanted {
    size_t slot;
    int64_t member;
};

/* The people live in the arena: receivers are called at the flush. */
static enum status send_uses(struct storage_session *session, struct people *people, const struct wanted *wanted,
                             size_t count, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_use, .context = people};
    struct storage_value *values = arena_array(people->arena, 4 * count + 1, sizeof *values);

    for (size_t i = 0; i < count; i++) {
        struct text code = people->entitled[wanted[i].slot]->code;
        values[4 * i] = value_integer((int64_t)wanted[i].slot);
        values[4 * i + 1] = value_integer(id_bucket(wanted[i].member));
        values[4 * i + 2] = value_integer(wanted[i].member);
        values[4 * i + 3] = value_text(code.size > 0 ? code : TEXT(""));
    }
    return storage_send(session, &query_entitlements_benefit_uses_load, values, count, &receiver, err);
}

static enum status send(struct storage_session *session, struct people *people, const struct wanted *wanted,
                        size_t count, struct error *err)
{
    const struct storage_receiver memberships = {.row = receive_membership, .context = people};
    const struct storage_receiver savings = {.row = receive_saving, .context = people};
    struct storage_value *of_members = arena_array(people->arena, 3 * count + 1, sizeof *of_members);

    for (size_t i = 0; i < count; i++) {
        of_members[3 * i] = value_integer((int64_t)wanted[i].slot);
        of_members[3 * i + 1] = value_integer(id_bucket(wanted[i].member));
        of_members[3 * i + 2] = value_integer(wanted[i].member);
    }
    enum status status = send_uses(session, people, wanted, count, err);
    if (status == STATUS_OK)
        status = storage_send(session, &query_entitlements_memberships_load, of_members, count, &memberships, err);
    return status == STATUS_OK
               ? storage_send(session, &query_entitlements_savings_load, of_members, count, &savings, err)
               : status;
}

static void want(const struct group *group, int64_t member, size_t slot, struct wanted *wanted, size_t *count)
{
    const struct member *named = group_find((struct group *)(uintptr_t)group, member);

    for (size_t i = 0; named != NULL && i < group->member_count; i++)
        if (group->members[i].leader == named->leader)
            wanted[(*count)++] = (struct wanted){slot, group->members[i].id};
}

static void forget(struct entitled *entitled)
{
    const unsigned parts = entitled->parts;
    const struct text code = entitled->code;

    *entitled = (struct entitled){.parts = parts, .code = code};
}

enum status entitled_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct people *people = arena_alloc(context->arena, sizeof *people);
    struct condition_load *loads = arena_array(context->arena, count + 1, sizeof *loads);
    struct wanted *wanted = arena_array(context->arena, count * GROUP_MEMBERS_MAX + 1, sizeof *wanted);
    size_t wanted_count = 0;

    *people = (struct people){context->arena, arena_array(context->arena, count + 1, sizeof *people->entitled)};
    for (size_t i = 0; i < count; i++) {
        const struct group *group = context->group_of(context, commands[i], 0);
        struct entitled *entitled = commands[i]->body; /* each body begins with it */
        forget(entitled);
        people->entitled[i] = entitled;
        loads[i] = (struct condition_load){commands[i], 0, entitled->parts, &entitled->known};
        if (group != NULL)
            want(group, context->member_of(context, commands[i], 0), i, wanted, &wanted_count);
    }
    enum status status = send(context->session, people, wanted, wanted_count, err);
    return status == STATUS_OK ? conditions_load(context, loads, count, err) : status;
}

enum status benefit_uses_load(struct load_context *context, struct command **commands, struct entitled **outs,
                              size_t count, struct error *err)
{
    struct people *people = arena_alloc(context->arena, sizeof *people);
    struct wanted *wanted = arena_array(context->arena, count * GROUP_MEMBERS_MAX + 1, sizeof *wanted);
    size_t wanted_count = 0;

    *people = (struct people){context->arena, outs};
    for (size_t i = 0; i < count; i++) {
        const struct group *group = commands[i]->subject_count > 0 ? context->group_of(context, commands[i], 0) : NULL;
        forget(outs[i]);
        if (group != NULL)
            want(group, context->member_of(context, commands[i], 0), i, wanted, &wanted_count);
    }
    return send_uses(context->session, people, wanted, wanted_count, err);
}

enum status entitled_read(struct storage_session *session, struct arena *arena, const struct person *person,
                          struct entitled *entitled, struct error *err)
{
    struct people people = {arena, &entitled};
    struct wanted wanted[GROUP_MEMBERS_MAX];
    size_t count = 0;

    forget(entitled);
    want(person->group, person->leader->id, 0, wanted, &count);
    enum status status = send(session, &people, wanted, count, err);
    if (status == STATUS_OK)
        status = storage_flush(session, err);
    return status == STATUS_OK ? conditions_read(session, arena, person, entitled->parts, &entitled->known, err)
                               : status;
}
