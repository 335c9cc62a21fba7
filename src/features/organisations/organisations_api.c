#include "features/organisations/organisations_api.h"

#include <stddef.h>

#include "api/page.h"
#include "features/customers/policy.h"
#include "features/organisations/organisations_store.h"
#include "foundation/secret.h"

/* ---- bodies ---- */

struct organisation_input {
    struct text name, registration, vat, address, terms, credit_limit, store;
    int64_t payment_days, person_share;
    int points;
};

#define TERM_FIELDS                                                                                                  \
    {.name = "name",                                                                                                 \
     .type = FIELD_TEXT,                                                                                             \
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,                                                                      \
     .offset = offsetof(struct organisation_input, name),                                                            \
     .minimum = 1,                                                                                                   \
     .maximum = ORGANISATION_NAME_MAX},                                                                              \
        {.name = "address",                                                                                          \
         .type = FIELD_TEXT,                                                                                         \
         .offset = offsetof(struct organisation_input, address),                                                     \
         .maximum = ORGANISATION_ADDRESS_MAX},                                                                       \
        {.name = "terms",                                                                                            \
         .type = FIELD_TEXT,                                                                                         \
         .offset = offsetof(struct organisation_input, terms),                                                       \
         .maximum = CODE_SIZE_MAX,                                                                                   \
         .about = "A code for conditions that were agreed."},                                                        \
        {.name = "credit_limit",                                                                                     \
         .type = FIELD_TEXT,                                                                                         \
         .offset = offsetof(struct organisation_input, credit_limit),                                                \
         .maximum = 100,                                                                                             \
         .about = "As agreed; Patron does not reckon with it."},                                                     \
        {.name = "payment_days",                                                                                     \
         .type = FIELD_INTEGER,                                                                                      \
         .flags = FIELD_DEFAULT,                                                                                     \
         .offset = offsetof(struct organisation_input, payment_days),                                                \
         .minimum = 0,                                                                                               \
         .maximum = ORGANISATION_PAYMENT_DAYS_MAX},                                                                  \
        {.name = "points",                                                                                           \
         .type = FIELD_CHOICE,                                                                                       \
         .flags = FIELD_DEFAULT,                                                                                     \
         .offset = offsetof(struct organisation_input, points),                                                      \
         .choices = organisation_points_names,                                                                       \
         .about =                                                                                                    \
             "Whose purchases for it are, with their points: the company's, when absent, the person's, or shared."}, \
    {                                                                                                                \
        .name = "person_share", .type = FIELD_DECIMAL, .offset = offsetof(struct organisation_input, person_share),  \
        .scale = 4, .minimum = 0, .maximum = ORGANISATION_SHARE_SCALE,                                               \
        .about =                                                                                                     \
            "With shared points: the part of the person, such as 0.25; the company has the purchase and the rest."   \
    }

static const struct field input_fields[] = {
    TERM_FIELDS,
    {.name = "registration",
     .type = FIELD_TEXT,
     .offset = offsetof(struct organisation_input, registration),
     .maximum = ORGANISATION_NUMBER_MAX,
     .about = "The number in the register of companies; an identifier, so unique."},
    {.name = "vat",
     .type = FIELD_TEXT,
     .offset = offsetof(struct organisation_input, vat),
     .maximum = ORGANISATION_NUMBER_MAX,
     .about = "The VAT id; an identifier, so unique."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct organisation_input, store),
     .maximum = CODE_SIZE_MAX},
};
const struct shape organisation_input_shape = {
    .name = "OrganisationInput", .size = sizeof(struct organisation_input), SHAPE_FIELDS(input_fields)};

static const struct field change_fields[] = {TERM_FIELDS};
const struct shape organisation_change_shape = {
    .name = "OrganisationChange", .size = sizeof(struct organisation_input), SHAPE_FIELDS(change_fields)};

struct contact_input {
    struct text role;
    int32_t from, until;
};
static const struct field contact_input_fields[] = {
    {.name = "role",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct contact_input, role),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX,
     .about = "buyer, owner, accountant ..."},
    {.name = "from", .type = FIELD_DAY, .offset = offsetof(struct contact_input, from), .about = "The first day."},
    {.name = "until",
     .type = FIELD_DAY,
     .offset = offsetof(struct contact_input, until),
     .about = "The first day on which it is no contact any more."},
};
const struct shape contact_input_shape = {
    .name = "ContactInput", .size = sizeof(struct contact_input), SHAPE_FIELDS(contact_input_fields)};

/* ---- replies ---- */

static const struct field contact_fields[] = {
    {.name = "member",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "mbr",
     .about = "Null: somebody of whom the caller, who sees a part, may not know."},
    {.name = "organisation",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "mbr",
     .about = "Null as `member`."},
    {.name = "role", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "until", .type = FIELD_DAY, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "acts", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "Today."},
};
const struct shape contact_shape = {.name = "OrganisationContact", SHAPE_FIELDS(contact_fields)};

static const struct field organisation_fields[] = {
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "registration", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "vat", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "address", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "terms", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "credit_limit", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "payment_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = organisation_points_names},
    {.name = "person_share", .type = FIELD_DECIMAL, .scale = 4, .about = "Of shared points."},
};
const struct shape organisation_shape = {.name = "Organisation", SHAPE_FIELDS(organisation_fields)};

static void write_organisation(struct json_writer *writer, const struct organisation *organisation)
{
    writer_id(writer, "member", "mbr", organisation->member);
    writer_integer(writer, "version", organisation->version);
    writer_text(writer, "name", organisation->name);
    writer_text(writer, "registration", organisation->registration);
    writer_text(writer, "vat", organisation->vat);
    writer_text(writer, "address", organisation->address);
    writer_text(writer, "terms", organisation->terms);
    writer_text(writer, "credit_limit", organisation->credit_limit);
    writer_integer(writer, "payment_days", organisation->payment_days);
    writer_string(writer, "points", organisation_points_names[organisation->points]);
    if (organisation->person_share > 0)
        writer_decimal(writer, "person_share", organisation->person_share, 4);
}

static int32_t today(const struct call *call)
{
    return zone_day(customers_policy_at(call->programmes, call->now).zone, call->now);
}

static void write_contact(const struct call *call, struct json_writer *writer,
                          const struct organisation_contact *contact)
{
    writer_id(writer, "member", "mbr", contact->member);
    writer_id(writer, "organisation", "mbr", contact->organisation);
    writer_text(writer, "role", contact->role);
    writer_day(writer, "from", (int32_t)contact->from_on);
    writer_day(writer, "until",
               contact->until_on == CONTACT_UNTIL_NEVER ? FIELD_DAY_ABSENT : (int32_t)contact->until_on);
    writer_boolean(writer, "acts", contact_acts(contact, today(call)));
}

/* ---- registering ---- */

static struct organisation terms_of(const struct organisation_input *input)
{
    return (struct organisation){.name = input->name,
                                 .address = input->address,
                                 .terms = input->terms,
                                 .credit_limit = input->credit_limit,
                                 .payment_days = input->payment_days,
                                 .points = input->points,
                                 .person_share = input->person_share};
}

/* The numbers as claims, so that one company is registered once. */
static enum status claim_numbers(struct call *call, struct command *command, const struct organisation_input *input,
                                 struct organisation *out, struct error *err)
{
    const struct {
        const char *kind;
        struct text given;
        struct text *kept;
    } numbers[] = {{"registration", input->registration, &out->registration}, {"vat", input->vat, &out->vat}};
    struct identifier identifier;
    unsigned char random;
    int count = 0;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].given.size == 0)
            continue;
        enum status status =
            identifier_normalise(call->arena, text_from(numbers[i].kind), numbers[i].given, TEXT(""), &identifier, err);
        if (status != STATUS_OK)
            return status;
        command_claim(command, call->arena, identifier.kind, identifier.value);
        *numbers[i].kept = identifier.value;
        if (count++ == 0)
            command->bucket = claim_bucket(identifier.kind, identifier.value);
    }
    if (count == 0) {
        secret_random(&random, 1);
        command->bucket = random % BUCKET_COUNT;
    }
    command_subject_claims(command, 0, count);
    return STATUS_OK;
}

enum status organisation_register_handle(struct call *call, struct item *item, struct error *err)
{
    const struct organisation_input *input = item->body;
    struct command *command = item_command(item, &register_organisation_type, sizeof(struct register_organisation));
    struct register_organisation *body = command->body;

    body->organisation = terms_of(input);
    body->member.patch.fields[PROFILE_DISPLAY_NAME] = input->name;
    body->member.patch.given[PROFILE_DISPLAY_NAME] = true;
    body->member.at = (struct customer_registration){.store = input->store};
    return claim_numbers(call, command, input, &body->organisation, err);
}

void organisation_register_finish(struct item *item, struct json_writer *writer)
{
    const struct register_organisation *body = item->command->body;

    write_organisation(writer, &body->organisation);
    item->etag = body->organisation.version;
}

/* ---- showing ---- */

static enum status read_path(struct call *call, struct organisation *out, struct error *err)
{
    struct storage_session *session;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = organisation_read(session, call->arena, member, out, err);
    call_read_end(call, session);
    return status;
}

enum status organisation_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct organisation organisation;
    enum status status = read_path(call, &organisation, err);

    if (status != STATUS_OK)
        return status;
    write_organisation(&item->writer, &organisation);
    item->etag = organisation.version;
    return STATUS_OK;
}

/* Which of a page the caller sees: those who were at a store of its part. */
static enum status find_inside(struct call *call, struct storage_session *session, const struct organisation_list *list,
                               bool *inside, struct error *err)
{
    int64_t *members = arena_array(call->arena, list->count + 1, sizeof *members);

    for (size_t i = 0; i < list->count; i++)
        members[i] = list->items[i].member;
    return call_members_inside(call, session, &(struct scope_people){members, list->count, inside}, err);
}

enum status organisation_list_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct organisation_list list = {.limit = (size_t)query->page.limit + 1};
    struct storage_session *session;
    bool given, *inside = NULL;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    list.after = given ? cursor.integers[0] : 0;
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = organisations_read(session, call->arena, &list, err);
    if (status == STATUS_OK) {
        inside = arena_array(call->arena, list.count + 1, sizeof *inside);
        status = find_inside(call, session, &list, inside, err);
    }
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    bool more = list.count == list.limit;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list.count - (more ? 1 : 0); i++) {
        cursor.integers[0] = list.items[i].member;
        if (!inside[i])
            continue;
        writer_object(&item->writer, NULL);
        write_organisation(&item->writer, &list.items[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, more);
    return STATUS_OK;
}

/* ---- changing ---- */

enum status organisation_change_handle(struct call *call, struct item *item, struct error *err)
{
    const struct organisation_input *input = item->body;
    struct command *command = item_command(item, &change_organisation_type, sizeof(struct change_organisation));
    struct change_organisation *body = command->body;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_if_match(call, &body->version, err);
    if (status != STATUS_OK)
        return status;
    body->organisation = terms_of(input);
    body->member.load.parts[0] = PART_PROFILE | PART_FIELDS | PART_IDENTIFIERS;
    body->member.patch.fields[PROFILE_DISPLAY_NAME] = input->name;
    body->member.patch.given[PROFILE_DISPLAY_NAME] = true;
    command_subject_member(command, member);
    return STATUS_OK;
}

void organisation_change_finish(struct item *item, struct json_writer *writer)
{
    const struct change_organisation *body = item->command->body;

    write_organisation(writer, &body->organisation);
    item->etag = body->organisation.version;
}

/* ---- contacts ---- */

/* Whoever the caller may not see is there without a name: under the policy home_store, persons of other parts. */
static enum status mask(struct call *call, int64_t *member, struct error *err)
{
    enum status status = call_check_member(call, *member, "", err);

    if (status == STATUS_FORBIDDEN)
        *member = 0;
    return status == STATUS_FORBIDDEN ? STATUS_OK : status;
}

static enum status write_contacts(struct call *call, struct item *item, const struct contact_list *list,
                                  struct error *err)
{
    enum status status = STATUS_OK;

    writer_list(&item->writer, "items");
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++) {
        struct organisation_contact shown = list->items[i];
        status = mask(call, &shown.member, err);
        if (status == STATUS_OK)
            status = mask(call, &shown.organisation, err);
        writer_object(&item->writer, NULL);
        write_contact(call, &item->writer, &shown);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return status;
}

enum status contact_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct organisation organisation;
    struct storage_session *session;
    struct contact_list list;
    enum status status = read_path(call, &organisation, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = contacts_read(session, call->arena, organisation.member, &list, err);
    call_read_end(call, session);
    return status == STATUS_OK ? write_contacts(call, item, &list, err) : status;
}

enum status contact_for_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct contact_list list;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = contact_for_read(session, call->arena, member, &list, err);
    call_read_end(call, session);
    return status == STATUS_OK ? write_contacts(call, item, &list, err) : status;
}

enum status contact_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct contact_input *input = item->body;
    struct command *command = item_command(item, &change_contact_type, sizeof(struct change_contact));
    struct change_contact *body = command->body;
    int64_t organisation, member;
    enum status status = call_path_id(call, 0, "mbr", &organisation, err);

    if (status == STATUS_OK)
        status = call_path_id(call, 1, "mbr", &member, err);
    if (status == STATUS_OK)
        status = call_check_member(call, member, "contact", err);
    if (status != STATUS_OK)
        return status;
    body->contact = (struct organisation_contact){
        .member = member,
        .organisation = organisation,
        .role = input->role,
        .from_on = input->from != FIELD_DAY_ABSENT ? input->from : CONTACT_FROM_EVER,
        .until_on = input->until != FIELD_DAY_ABSENT ? input->until : CONTACT_UNTIL_NEVER};
    command_subject_member(command, member);
    command_subject_member(command, organisation);
    return STATUS_OK;
}

void contact_put_finish(struct item *item, struct json_writer *writer)
{
    const struct change_contact *body = item->command->body;

    write_contact(item->call, writer, &body->contact);
}
