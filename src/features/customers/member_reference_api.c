#include "features/customers/member_reference_api.h"

#include <stddef.h>

#include "features/customers/identifier.h"
#include "features/customers/policy.h"

static const struct field reference_fields[] = {
    {.name = "id", .type = FIELD_ID, .offset = offsetof(struct member_reference, id), .prefix = "mbr"},
    {.name = "phone",
     .type = FIELD_TEXT,
     .offset = offsetof(struct member_reference, phone),
     .minimum = 1,
     .maximum = 64},
    {.name = "email",
     .type = FIELD_TEXT,
     .offset = offsetof(struct member_reference, email),
     .minimum = 1,
     .maximum = 200},
    {.name = "card",
     .type = FIELD_TEXT,
     .offset = offsetof(struct member_reference, card),
     .minimum = 1,
     .maximum = 200},
    {.name = "openid",
     .type = FIELD_TEXT,
     .offset = offsetof(struct member_reference, openid),
     .minimum = 1,
     .maximum = 200},
    {.name = "external",
     .type = FIELD_TEXT,
     .offset = offsetof(struct member_reference, external),
     .minimum = 1,
     .maximum = 200},
};

const struct shape member_reference_shape = {.name = "MemberReference",
                                             .about = "A person, by id or by one or more identifiers.",
                                             .size = sizeof(struct member_reference),
                                             SHAPE_FIELDS(reference_fields)};

enum { REFERENCE_KINDS = 5 };

/* The identifiers of a reference, normalised. */
static enum status normalise(const struct call *call, const struct member_reference *reference,
                             struct identifier identifiers[REFERENCE_KINDS], size_t *count, struct error *err)
{
    const struct text values[REFERENCE_KINDS] = {reference->phone, reference->email, reference->card, reference->openid,
                                                 reference->external};
    struct text region = customers_policy_at(call->programmes, call->now).region;

    *count = 0;
    for (size_t i = 0; i < REFERENCE_KINDS; i++) {
        if (values[i].size == 0)
            continue;
        enum status status = identifier_normalise(call->arena, text_from(identifier_kinds[i]), values[i], region,
                                                  &identifiers[*count], err);
        if (status != STATUS_OK)
            return status;
        (*count)++;
    }
    return STATUS_OK;
}

static enum status check_one_way(const struct member_reference *reference, size_t identifier_count, const char *field,
                                 struct error *err)
{
    if ((reference->id != 0) != (identifier_count > 0))
        return STATUS_OK;
    return error_set(err, STATUS_INVALID, "member.reference", field,
                     "name the member by its id or by identifiers, not both");
}

/* Who serves members of their own stores only may register new ones, but not reach for others by their phone. */
static enum status check_scope(struct call *call, const struct member_reference *reference, struct error *err)
{
    struct storage_session *session;
    int64_t member = 0;

    bool any = call->scope->whole || (!call->scope->home_members && call->route->scope != SCOPE_INSIDER);
    if (any || reference->id != 0)
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_reference_find(call, session, reference, &member, err);
    call_read_end(call, session);
    if (status == STATUS_MISSING)
        return STATUS_OK;
    return status == STATUS_OK ? call_check_member(call, member, "member", err) : status;
}

enum status member_reference_apply(struct call *call, struct command *command, const struct member_reference *reference,
                                   const char *field, struct error *err)
{
    struct identifier identifiers[REFERENCE_KINDS];
    size_t count;
    enum status status = normalise(call, reference, identifiers, &count, err);

    if (status != STATUS_OK) {
        error_prefix_field(err, "%s.", field);
        return status;
    }
    status = check_one_way(reference, count, field, err);
    if (status != STATUS_OK)
        return status;
    if (reference->id != 0) {
        command_subject_member(command, reference->id);
        return STATUS_OK;
    }
    status = check_scope(call, reference, err);
    if (status != STATUS_OK)
        return status;
    int first = 0;
    for (size_t i = 0; i < count; i++) {
        int index = command_claim(command, call->arena, identifiers[i].kind, identifiers[i].value);
        if (i == 0)
            first = index;
    }
    if (command->subject_count == 0)
        command->bucket = claim_bucket(identifiers[0].kind, identifiers[0].value);
    command_subject_claims(command, first, (int)count);
    return STATUS_OK;
}

enum status member_reference_find(const struct call *call, struct storage_session *session,
                                  const struct member_reference *reference, int64_t *member, struct error *err)
{
    struct identifier identifiers[REFERENCE_KINDS];
    int64_t found = 0;
    size_t count;
    enum status status = normalise(call, reference, identifiers, &count, err);

    if (status == STATUS_OK)
        status = check_one_way(reference, count, "member", err);
    if (status == STATUS_OK && reference->id != 0) {
        *member = reference->id;
        return STATUS_OK;
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        int64_t holder, holding;
        status = engine_claim_find(session, identifiers[i].kind, identifiers[i].value, &holder, &holding, err);
        if (status == STATUS_OK && found != 0 && holding != 0 && holding != found)
            return error_set(err, STATUS_CONFLICT, "identifier.conflict", identifiers[i].kind,
                             "the identifiers belong to different members");
        if (status == STATUS_OK && holding != 0)
            found = holding;
    }
    if (status != STATUS_OK)
        return status;
    if (found == 0)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "nobody is known by this");
    *member = found;
    return STATUS_OK;
}
