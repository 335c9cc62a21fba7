#include "features/customers/customers.h"

#include <assert.h>
#include <string.h>

#include "features/customers/commands.h"
#include "features/customers/policy.h"
#include "features/customers/profile.h"
#include "features/customers/rows.h"

struct journal_row *customers_journal(struct decision *decision, const struct member *member, const char *kind)
{
    struct journal_row *row = journal_add(decision, member, -1, kind, decision->now);

    row->day = zone_day(customers_policy_at(decision->programmes, decision->now).zone, decision->now);
    return row;
}

enum status customers_state(const struct decision *decision, struct customer_load *load, int index,
                            struct customer_state **out, struct error *err)
{
    struct customer_state *state = &load->states[index];

    if (decision->subjects[index].member == NULL || state->member != decision->subjects[index].member->id)
        return error_set(err, STATUS_BUSY, "engine.again", "", "the member is just being registered: try again");
    *out = state;
    return STATUS_OK;
}

/* ---- finding ---- */

enum status customer_check(struct decision *decision, const struct command *command, int subject, struct error *err)
{
    struct person *person = &decision->subjects[subject];
    const struct subject *named = &command->subjects[subject];

    assert((size_t)subject < command->subject_count);
    if (person->member == NULL)
        return STATUS_OK;
    if (person->member->status == MEMBER_ERASED)
        return error_set(err, STATUS_MISSING, "member.erased", "member", "this member was erased");
    if (named->by != SUBJECT_CLAIMS)
        return STATUS_OK;
    for (int i = named->first; i < named->first + named->count; i++) {
        const struct claim_key *claim = &command->claims[i];
        if (claim->member == 0)
            continue;
        const struct member *holder = group_find(person->group, claim->member);
        if (holder == NULL || holder->leader != person->leader->id)
            return error_set(err, STATUS_CONFLICT, "identifier.conflict", claim->kind,
                             "the identifiers belong to different members; merge them first if they are one person");
    }
    return STATUS_OK;
}

enum status customer_require(struct decision *decision, const struct command *command, int subject, struct error *err)
{
    enum status status = customer_check(decision, command, subject, err);

    if (status == STATUS_OK && decision->subjects[subject].member == NULL)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "nobody is known by this");
    return status;
}

/* ---- registering ---- */

static enum status check_identifier_counts(const struct command *command, const struct subject *named, int maximum,
                                           struct error *err)
{
    for (int i = named->first; i < named->first + named->count; i++) {
        int same = 0;
        for (int j = named->first; j <= i; j++)
            same += strcmp(command->claims[j].kind, command->claims[i].kind) == 0;
        if (same > maximum)
            return error_set(err, STATUS_INVALID, "identifier.count", command->claims[i].kind,
                             "a member has at most %d identifiers of a kind", maximum);
    }
    return STATUS_OK;
}

void refuse_all(struct decision *decision, int64_t member, int64_t id)
{
    store_consent(decision, member, id,
                  &(struct consent){.channel = TEXT("*"),
                                    .purpose = TEXT("*"),
                                    .state = TEXT("withdrawn"),
                                    .at = decision->now,
                                    .source = TEXT("erasure")});
}

enum status customer_register_in(struct decision *decision, const struct command *command, int subject,
                                 struct customer_registration registration, struct error *err)
{
    const struct customers_policy policy = customers_policy_at(decision->programmes, decision->now);
    const struct subject *named = &command->subjects[subject];
    enum status status = customer_check(decision, command, subject, err);

    if (status != STATUS_OK || decision->subjects[subject].member != NULL)
        return status;
    if (named->by != SUBJECT_CLAIMS)
        return customer_require(decision, command, subject, err);
    status = check_identifier_counts(command, named, policy.max_identifiers, err);
    if (status != STATUS_OK)
        return status;

    assert(named->count > 0 || command->bucket >= 0);
    const struct claim_key *claims = named->count > 0 ? command->claims + named->first : NULL;
    int bucket = named->count > 0 ? claim_bucket(claims[0].kind, claims[0].key) : command->bucket;
    struct member *member = member_new(decision, subject, bucket, registration.at);
    customers_tier_start(decision->programmes, &member->standing, registration.at);
    standing_due(member, member->standing.tier_until);
    struct journal_row *row = customers_journal(decision, member, "registration");
    row->store = registration.store;
    row->channel = registration.channel;
    row->at = registration.at;
    measure_add(decision, bucket, zone_day(policy.zone, registration.at), "members_registered", registration.store, 1);
    if (registration.erased_before)
        refuse_all(decision, member->id, row->id);
    for (int i = 0; i < named->count; i++) {
        struct identifier identifier = {claims[i].kind, claims[i].key};
        struct text digits = identifier_last_digits(identifier);
        claim_take(decision, identifier.kind, identifier.value, member->id, member->id);
        store_identifier(decision, member->id, identifier, registration.at);
        if (digits.size > 0 &&
            !text_equal(digits, i > 0
                                    ? identifier_last_digits((struct identifier){claims[i - 1].kind, claims[i - 1].key})
                                    : (struct text){NULL, 0}))
            store_search_key(decision, member->id, digits);
    }
    return STATUS_OK;
}

/* What a registration brings beside identifiers. */
static void register_consents(struct decision *decision, const struct register_member *body, int64_t member, int64_t id)
{
    /* Somebody erased comes back without consent, until they say so themselves. */
    bool refused = body->load.states[0].erased_before;

    for (size_t i = 0; i < body->consent_count; i++) {
        struct consent consent = body->consents[i];
        if (refused && text_equals(consent.state, "granted"))
            continue;
        if (consent.at == 0)
            consent.at = decision->now;
        store_consent(decision, member, id, &consent);
    }
}

static void register_keys(struct decision *decision, const struct profile *profile, int64_t member)
{
    struct customer_state state = {0};
    size_t count;
    struct text *keys = customers_search_keys(decision->arena, profile, &state, member, &count);

    /* The last digits of the identifiers are written by customer_register_in. */
    for (size_t i = 0; i < count; i++)
        store_search_key(decision, member, keys[i]);
}

static enum status register_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct register_member *body = command->body;
    struct customer_registration registration = body->at;
    enum status status = customer_check(decision, command, 0, err);

    body->existed = decision->subjects[0].member != NULL;
    if (status != STATUS_OK)
        return status;
    if (body->existed) {
        char id[ID_TEXT_SIZE];
        body->member = decision->subjects[0].member->id;
        if (body->accept_existing)
            return STATUS_OK;
        return error_set(err, STATUS_CONFLICT, "member.exists", "identifiers", "this is member %s already",
                         id_format("mbr", body->member, id));
    }
    if (registration.at == 0)
        registration.at = decision->now;
    registration.erased_before = body->load.states[0].erased_before;
    status = customer_register_in(decision, command, 0, registration, err);
    if (status != STATUS_OK)
        return status;

    struct profile profile = {.version = 1};
    struct member *member = decision->subjects[0].member;
    status = profile_apply(decision->arena, &profile, &body->patch, err);
    if (status != STATUS_OK)
        return status;
    body->member = member->id;
    store_profile(decision, member->id, &profile);
    register_keys(decision, &profile, member->id);
    for (size_t i = 0; i < body->patch.custom_count; i++)
        if (body->patch.custom[i].value.size > 0)
            store_field(decision, member->id, body->patch.custom[i]);
    for (size_t i = 0; i < body->tag_count; i++)
        store_tag(decision, member->id, body->tags[i], decision->now);
    register_consents(decision, body, member->id, decision_id(decision, id_bucket(member->id)));
    audit_add(decision, command, "member.registered", member->id, (struct text){NULL, 0},
              profile_audit(decision->arena, &profile, &body->patch));
    return STATUS_OK;
}

const struct command_type register_member_type = {
    .name = "register_member", .load = customers_load, .decide = register_decide};
