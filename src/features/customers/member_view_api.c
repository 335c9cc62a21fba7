#include "features/customers/member_view_api.h"

#include <stddef.h>

#include "features/customers/customers_store.h"
#include "features/customers/policy.h"
#include "features/customers/profile.h"
#include "features/customers/standing.h"

struct member_view {
    const struct person *person;
    struct customer_state *states; /* of each member of the person, the leader first */
    size_t count;
    struct customer_state *whole; /* identifiers and links of the person */
    struct profile profile;
    int64_t merged_at;
};

/* ---- shapes ---- */

static const struct field identifier_fields[] = {
    {.name = "kind", .type = FIELD_TEXT},
    {.name = "value", .type = FIELD_TEXT},
    {.name = "member", .type = FIELD_ID, .prefix = "mbr", .about = "The member of a merged person that has it."},
    {.name = "added_at", .type = FIELD_INSTANT},
};
static const struct shape identifier_shape = {.name = "MemberIdentifier", SHAPE_FIELDS(identifier_fields)};

static const struct field wallet_fields[] = {
    {.name = "code", .type = FIELD_TEXT},       {.name = "active", .type = FIELD_INTEGER},
    {.name = "pending", .type = FIELD_INTEGER}, {.name = "held", .type = FIELD_INTEGER},
    {.name = "debt", .type = FIELD_INTEGER},    {.name = "balance", .type = FIELD_INTEGER},
};
const struct shape member_wallet_shape = {.name = "MemberWallet", SHAPE_FIELDS(wallet_fields)};

static const struct field tier_fields[] = {
    {.name = "code", .type = FIELD_TEXT},
    {.name = "since", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "until", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "grace", .type = FIELD_BOOLEAN},
    {.name = "qualifying", .type = FIELD_INTEGER},
};
const struct shape member_tier_shape = {.name = "MemberTier", SHAPE_FIELDS(tier_fields)};

static const struct field standing_fields[] = {
    {.name = "stage", .type = FIELD_TEXT},
    {.name = "active", .type = FIELD_BOOLEAN},
    {.name = "purchases", .type = FIELD_INTEGER},
    {.name = "purchase_days", .type = FIELD_INTEGER},
    {.name = "spend", .type = FIELD_AMOUNT},
    {.name = "returns", .type = FIELD_AMOUNT},
    {.name = "visits", .type = FIELD_INTEGER},
    {.name = "first_purchase_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "last_purchase_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
    {.name = "last_visit_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
static const struct shape standing_shape = {.name = "MemberStanding", SHAPE_FIELDS(standing_fields)};

const struct field consent_reply_fields[CONSENT_REPLY_FIELDS] = {
    {.name = "channel", .type = FIELD_TEXT}, {.name = "purpose", .type = FIELD_TEXT},
    {.name = "state", .type = FIELD_TEXT},   {.name = "at", .type = FIELD_INSTANT},
    {.name = "source", .type = FIELD_TEXT},  {.name = "wording", .type = FIELD_TEXT},
    {.name = "author", .type = FIELD_TEXT},
};
static const struct shape consent_shape = {.name = "MemberConsent", SHAPE_FIELDS(consent_reply_fields)};

static const struct field preference_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "prf"},
    {.name = "topic", .type = FIELD_TEXT},
    {.name = "value", .type = FIELD_TEXT},
    {.name = "liking", .type = FIELD_TEXT},
    {.name = "known", .type = FIELD_TEXT},
    {.name = "confirmed_at", .type = FIELD_INSTANT},
    {.name = "author", .type = FIELD_TEXT},
};
static const struct shape preference_shape = {.name = "MemberPreference", SHAPE_FIELDS(preference_fields)};

static const struct field member_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "merged_into",
     .type = FIELD_ID,
     .prefix = "mbr",
     .flags = FIELD_NULLABLE,
     .about = "The person it is part of."},
    {.name = "members", .type = FIELD_LIST, .element = FIELD_TEXT, .about = "All ids of the person."},
    {.name = "registered_at", .type = FIELD_INSTANT},
    {.name = "household", .type = FIELD_ID, .prefix = "hhd", .flags = FIELD_NULLABLE},
    {.name = "family_name", .type = FIELD_TEXT},
    {.name = "given_name", .type = FIELD_TEXT},
    {.name = "display_name", .type = FIELD_TEXT},
    {.name = "gender", .type = FIELD_TEXT},
    {.name = "birthday", .type = FIELD_TEXT},
    {.name = "birthday_calendar", .type = FIELD_TEXT},
    {.name = "language", .type = FIELD_TEXT},
    {.name = "time_zone", .type = FIELD_TEXT},
    {.name = "country", .type = FIELD_TEXT},
    {.name = "region", .type = FIELD_TEXT},
    {.name = "city", .type = FIELD_TEXT},
    {.name = "address", .type = FIELD_TEXT},
    {.name = "postal_code", .type = FIELD_TEXT},
    {.name = "custom", .type = FIELD_JSON_MAP},
    {.name = "identifiers", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &identifier_shape},
    {.name = "tags", .type = FIELD_LIST, .element = FIELD_TEXT},
    {.name = "preferences", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &preference_shape},
    {.name = "consents", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &consent_shape},
    {.name = "tier", .type = FIELD_OBJECT, .flags = FIELD_NULLABLE, .shape = &member_tier_shape},
    {.name = "wallets", .type = FIELD_LIST, .element = FIELD_OBJECT, .shape = &member_wallet_shape},
    {.name = "standing", .type = FIELD_OBJECT, .shape = &standing_shape},
    {.name = "version", .type = FIELD_INTEGER},
};
const struct shape member_shape = {
    .name = "Member", .about = "A person known to the business.", SHAPE_FIELDS(member_fields)};

/* ---- reading ---- */

static enum status read_view(struct call *call, struct storage_session *session, struct member_view *view,
                             struct error *err)
{
    const struct person *person = view->person;
    unsigned parts = PART_PROFILE | PART_FIELDS | PART_TAGS | PART_PREFERENCES | PART_CONSENTS;

    view->states = arena_array(call->arena, person->group->member_count, sizeof *view->states);
    view->states[view->count++].member = person->leader->id;
    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader == person->leader->id && member != person->leader)
            view->states[view->count++].member = member->id;
    }
    view->whole = arena_alloc(call->arena, sizeof *view->whole);
    view->whole->member = person->leader->id;
    enum status status = customers_read(session, call->arena, PART_IDENTIFIERS | PART_LINKS, view->whole, 1, err);
    if (status == STATUS_OK)
        status = customers_read(session, call->arena, parts, view->states, view->count, err);
    if (status != STATUS_OK)
        return status;
    view->profile = view->states[0].profile;
    for (size_t i = 1; i < view->count; i++)
        profile_fill(&view->profile, &view->states[i].profile);
    for (size_t i = 0; i < view->whole->link_count; i++)
        if (view->whole->links[i].at > view->merged_at)
            view->merged_at = view->whole->links[i].at;
    return STATUS_OK;
}

/* ---- writing ---- */

void consent_write(struct json_writer *writer, const struct consent *consent)
{
    writer_text(writer, "channel", consent->channel);
    writer_text(writer, "purpose", consent->purpose);
    writer_text(writer, "state", consent->state);
    writer_instant(writer, "at", consent->at);
    writer_text(writer, "source", consent->source);
    writer_text(writer, "wording", consent->wording);
    writer_text(writer, "author", consent->author);
}

static void write_profile(struct json_writer *writer, const struct member_view *view)
{
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        writer_text(writer, profile_field_names[i], view->profile.fields[i]);
    writer_object(writer, "custom");
    for (size_t m = 0; m < view->count; m++)
        for (size_t i = 0; i < view->states[m].field_count; i++) {
            const struct field_value *field = &view->states[m].fields[i];
            bool known = false;
            for (size_t before = 0; before < m; before++)
                for (size_t f = 0; f < view->states[before].field_count; f++)
                    known |= text_equal(view->states[before].fields[f].field, field->field);
            if (!known)
                writer_raw(writer, text_string(writer->out.arena, field->field), field->value);
        }
    writer_end(writer);
}

static void write_identifiers(const struct call *call, struct json_writer *writer, const struct member_view *view)
{
    writer_list(writer, "identifiers");
    for (size_t i = 0; i < view->whole->identifier_count; i++) {
        const struct identifier_row *row = &view->whole->identifiers[i];
        writer_object(writer, NULL);
        writer_string(writer, "kind", row->identifier.kind);
        writer_text(writer, "value", call_contact(call, row->identifier.value));
        writer_id(writer, "member", "mbr", row->member);
        writer_instant(writer, "added_at", row->added_at);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_preference(struct json_writer *writer, const struct preference *preference)
{
    writer_object(writer, NULL);
    writer_id(writer, "id", "prf", preference->id);
    writer_text(writer, "topic", preference->topic);
    writer_text(writer, "value", preference->value);
    writer_text(writer, "liking", preference->liking);
    writer_text(writer, "known", preference->known);
    writer_instant(writer, "confirmed_at", preference->confirmed_at);
    writer_text(writer, "author", preference->author);
    writer_end(writer);
}

static bool tag_known(const struct member_view *view, size_t member, struct text tag)
{
    for (size_t m = 0; m < member; m++)
        for (size_t i = 0; i < view->states[m].tag_count; i++)
            if (text_equal(view->states[m].tags[i], tag))
                return true;
    return false;
}

static void write_lists(struct json_writer *writer, const struct member_view *view)
{
    writer_list(writer, "tags");
    for (size_t m = 0; m < view->count; m++)
        for (size_t i = 0; i < view->states[m].tag_count; i++)
            if (!tag_known(view, m, view->states[m].tags[i]))
                writer_text(writer, NULL, view->states[m].tags[i]);
    writer_end(writer);
    writer_list(writer, "preferences");
    for (size_t m = 0; m < view->count; m++)
        for (size_t i = 0; i < view->states[m].preference_count; i++)
            write_preference(writer, &view->states[m].preferences[i]);
    writer_end(writer);
}

/* One entry a channel and purpose: what holds for the person. */
static void write_consents(struct json_writer *writer, const struct member_view *view)
{
    struct consent_view *all = NULL;
    size_t count = 0, capacity = 0;

    for (size_t m = 0; m < view->count; m++)
        for (size_t i = 0; i < view->states[m].consent_count; i++) {
            all = arena_grow(writer->out.arena, all, &capacity, count + 1, sizeof *all);
            all[count++] = (struct consent_view){view->states[m].consents[i], view->states[m].member};
        }
    writer_list(writer, "consents");
    for (size_t i = 0; i < count; i++) {
        bool known = false;
        for (size_t before = 0; before < i; before++)
            known |= text_equal(all[before].consent.channel, all[i].consent.channel) &&
                     text_equal(all[before].consent.purpose, all[i].consent.purpose);
        if (known)
            continue;
        struct consent folded =
            *consent_fold(all, count, all[i].consent.channel, all[i].consent.purpose, view->merged_at);
        folded.channel = all[i].consent.channel;
        folded.purpose = all[i].consent.purpose;
        writer_object(writer, NULL);
        consent_write(writer, &folded);
        writer_end(writer);
    }
    writer_end(writer);
}

void member_wallets_write(struct json_writer *writer, const struct group *group, const int64_t *members, size_t count)
{
    struct wallet *sums = NULL;
    size_t size = 0, capacity = 0;

    for (size_t m = 0; m < count; m++) {
        const struct member *member = group_find((struct group *)(uintptr_t)group, members[m]);
        for (size_t w = 0; w < member->wallet_count; w++) {
            const struct wallet *wallet = &member->wallets[w];
            size_t at = 0;
            while (at < size && !text_equal(sums[at].code, wallet->code))
                at++;
            if (at == size) {
                sums = arena_grow(writer->out.arena, sums, &capacity, size + 1, sizeof *sums);
                sums[size++] = (struct wallet){.code = wallet->code};
            }
            sums[at].active += wallet->active;
            sums[at].pending += wallet->pending;
            sums[at].held += wallet->held;
            sums[at].debt += wallet->debt;
        }
    }
    writer_list(writer, "wallets");
    for (size_t i = 0; i < size; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "code", sums[i].code);
        writer_integer(writer, "active", sums[i].active);
        writer_integer(writer, "pending", sums[i].pending);
        writer_integer(writer, "held", sums[i].held);
        writer_integer(writer, "debt", sums[i].debt);
        writer_integer(writer, "balance", sums[i].active + sums[i].pending + sums[i].held - sums[i].debt);
        writer_end(writer);
    }
    writer_end(writer);
}

void member_tier_write(struct json_writer *writer, const struct standing *standing)
{
    if (standing->tier.size == 0) {
        writer_null(writer, "tier");
        return;
    }
    writer_object(writer, "tier");
    writer_text(writer, "code", standing->tier);
    writer_instant(writer, "since", standing->tier_since);
    writer_instant(writer, "until", standing->tier_until);
    writer_boolean(writer, "grace", standing->tier_grace);
    writer_integer(writer, "qualifying", standing->qualifying);
    writer_end(writer);
}

static void write_standing(struct call *call, struct json_writer *writer, const struct standing *standing)
{
    const struct customers_policy policy = customers_policy_at(call->programmes, call->now);

    member_tier_write(writer, standing);
    writer_object(writer, "standing");
    writer_string(writer, "stage",
                  stage_name(standing_stage(standing, call->now, zone_day(policy.zone, call->now),
                                            policy.median_interval, policy.lifecycle)));
    writer_boolean(writer, "active", standing_active(standing, call->now, policy.lifecycle));
    writer_integer(writer, "purchases", standing->purchases);
    writer_integer(writer, "purchase_days", standing->purchase_days);
    writer_amount(writer, "spend", standing->spend, policy.currency);
    writer_amount(writer, "returns", standing->returns, policy.currency);
    writer_integer(writer, "visits", standing->visits);
    writer_instant(writer, "first_purchase_at", standing->first_purchase_at);
    writer_instant(writer, "last_purchase_at", standing->last_purchase_at);
    writer_instant(writer, "last_visit_at", standing->last_visit_at);
    writer_end(writer);
}

enum status member_view_write(struct call *call, struct storage_session *session, int64_t member,
                              struct json_writer *writer, int64_t *version, struct error *err)
{
    struct person person;
    struct member_view view = {.person = &person};
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);

    if (status == STATUS_OK && person.member->status == MEMBER_ERASED)
        status = error_set(err, STATUS_MISSING, "member.erased", "member", "this member was erased");
    if (status == STATUS_OK)
        status = read_view(call, session, &view, err);
    if (status != STATUS_OK)
        return status;
    bool merged = person.leader != person.member;
    writer_id(writer, "id", "mbr", person.member->id);
    writer_id(writer, "merged_into", "mbr", merged ? person.leader->id : 0);
    int64_t *members = arena_array(call->arena, view.count, sizeof *members);
    writer_list(writer, "members");
    for (size_t i = 0; i < view.count; i++) {
        members[i] = view.states[i].member;
        writer_id(writer, NULL, "mbr", members[i]);
    }
    writer_end(writer);
    writer_instant(writer, "registered_at", person.leader->registered_at);
    writer_id(writer, "household", "hhd", person.leader->household);
    write_profile(writer, &view);
    write_identifiers(call, writer, &view);
    write_lists(writer, &view);
    write_consents(writer, &view);
    member_wallets_write(writer, person.group, members, view.count);
    write_standing(call, writer, &person.leader->standing);
    writer_integer(writer, "version", view.states[0].profile.version);
    *version = view.states[0].profile.version;
    return STATUS_OK;
}
