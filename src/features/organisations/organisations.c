#include "features/organisations/organisations.h"

#include "features/customers/rows.h"

const char *const organisation_points_names[] = {"company", "person", "shared", NULL};

static const struct text none = {NULL, 0};

bool contact_acts(const struct organisation_contact *contact, int32_t day)
{
    return contact->from_on <= day && day < contact->until_on;
}

enum status organisation_check_share(const struct organisation *organisation, struct error *err)
{
    bool shared = organisation->points == ORGANISATION_POINTS_SHARED;

    if (shared && (organisation->person_share <= 0 || organisation->person_share >= ORGANISATION_SHARE_SCALE))
        return error_set(err, STATUS_INVALID, "organisation.share", "person_share",
                         "shared points need the part of the person: more than 0 and less than 1");
    if (!shared && organisation->person_share != 0)
        return error_set(err, STATUS_INVALID, "organisation.share", "person_share", "only shared points have a share");
    return STATUS_OK;
}

/* Codes and numbers for the journal and the audit. */
static struct text facts_of(struct arena *arena, const struct organisation *organisation)
{
    return text_from(arena_format(arena, "{\"version\":%lld,\"points\":\"%s\",\"payment_days\":%lld,\"share\":%lld}",
                                  (long long)organisation->version, organisation_points_names[organisation->points],
                                  (long long)organisation->payment_days, (long long)organisation->person_share));
}

/* ---- registering ---- */

static enum status register_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct register_organisation *body = command->body;
    enum status status = organisation_check_share(&body->organisation, err);

    if (status == STATUS_OK)
        status = register_member_type.decide(decision, command, err);
    if (status != STATUS_OK)
        return status;
    struct organisation organisation = body->organisation;
    organisation.member = body->member.member;
    organisation.version = 1;
    customers_journal(decision, decision->subjects[0].member, "organisation")->facts =
        facts_of(decision->arena, &organisation);
    store_organisation(decision, &organisation);
    audit_add(decision, command, "organisation.registered", organisation.member, none,
              facts_of(decision->arena, &organisation));
    body->organisation.member = organisation.member;
    body->organisation.version = 1;
    return STATUS_OK;
}

const struct command_type register_organisation_type = {
    .name = "register_organisation", .load = customers_load, .decide = register_decide};

/* ---- changing ---- */

static enum status change_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_organisation *body = command->body;
    struct organisation organisation = body->organisation;

    if (body->before.member == 0)
        return error_set(err, STATUS_MISSING, "organisation.unknown", "", "this member is no organisation");
    if (body->version != 0 && body->version != body->before.version)
        return error_set(err, STATUS_STALE, "organisation.version", "If-Match", "it was changed meanwhile");
    enum status status = organisation_check_share(&organisation, err);
    if (status == STATUS_OK)
        status = update_member_type.decide(decision, command, err);
    if (status != STATUS_OK)
        return status;
    organisation.member = body->before.member;
    organisation.version = body->before.version + 1;
    organisation.registration = body->before.registration;
    organisation.vat = body->before.vat;
    customers_journal(decision, decision->subjects[0].member, "organisation")->facts =
        facts_of(decision->arena, &organisation);
    store_organisation(decision, &organisation);
    audit_add(decision, command, "organisation.changed", organisation.member, facts_of(decision->arena, &body->before),
              facts_of(decision->arena, &organisation));
    body->organisation.member = organisation.member;
    body->organisation.version = organisation.version;
    body->organisation.registration = text_copy(command->arena, organisation.registration);
    body->organisation.vat = text_copy(command->arena, organisation.vat);
    return STATUS_OK;
}

const struct command_type change_organisation_type = {
    .name = "change_organisation", .loads = LOAD_ALONE, .load = change_organisation_load, .decide = change_decide};

/* ---- contacts ---- */

static enum status contact_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_contact *body = command->body;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customer_require(decision, command, 1, err);
    if (status != STATUS_OK)
        return status;
    if (body->organisation.member == 0)
        return error_set(err, STATUS_MISSING, "organisation.unknown", "", "this member is no organisation");
    if (body->contact.until_on <= body->contact.from_on)
        return error_set(err, STATUS_INVALID, "organisation.days", "until", "it ends before it begins");
    if (decision->subjects[0].leader == decision->subjects[1].leader)
        return error_set(err, STATUS_INVALID, "organisation.itself", "contact",
                         "an organisation is no contact of itself");
    struct organisation_contact contact = body->contact;
    contact.member = decision->subjects[0].member->id;
    contact.organisation = body->organisation.member;
    struct text facts = text_from(arena_format(decision->arena, "{\"organisation\":%lld,\"from\":%lld,\"until\":%lld}",
                                               (long long)contact.organisation, (long long)contact.from_on,
                                               (long long)contact.until_on));
    customers_journal(decision, decision->subjects[0].member, "contact")->facts = facts;
    store_contact(decision, &contact);
    audit_add(decision, command, "organisation.contact", contact.member, none, facts);
    return STATUS_OK;
}

const struct command_type change_contact_type = {
    .name = "change_contact", .loads = LOAD_ALONE, .load = change_contact_load, .decide = contact_decide};
