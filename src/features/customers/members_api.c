/* members_api.c: register, find, change, export and erase members. */
#include "features/customers/members_api.h"

#include "api/page.h"
#include "features/customers/customers_store.h"
#include "features/customers/member_body_api.h"
#include "features/customers/member_reference_api.h"
#include "features/customers/member_view_api.h"
#include "features/customers/members_store.h"
#include "features/customers/name_key.h"
#include "features/customers/personal_api.h"
#include "features/customers/policy.h"
#include "features/customers/standing.h"

enum { REGISTER_IDENTIFIERS_MAX = 10, REGISTER_CONSENTS_MAX = 20 };

/* ---- register ---- */

static const char *const if_exists_choices[] = {"refuse", "return", NULL};

struct identifier_body {
    struct text kind, value;
};
static const struct field identifier_fields[] = {
    {.name = "kind",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct identifier_body, kind),
     .minimum = 1,
     .maximum = 20,
     .about = "phone, email, card, openid or external."},
    {.name = "value",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct identifier_body, value),
     .minimum = 1,
     .maximum = 400},
};
const struct shape identifier_body_shape = {
    .name = "Identifier", .size = sizeof(struct identifier_body), SHAPE_FIELDS(identifier_fields)};

struct register_body {
    struct profile_body profile; /* first: PROFILE_BODY_FIELDS counts on it */
    struct json_list identifiers, tags, consents;
    struct text store, channel;
    int64_t registered_at;
    int if_exists;
};
static const struct field register_fields[] = {
    PROFILE_BODY_FIELDS,
    {.name = "identifiers",
     .type = FIELD_LIST,
     .offset = offsetof(struct register_body, identifiers),
     .maximum = REGISTER_IDENTIFIERS_MAX,
     .element = FIELD_OBJECT,
     .shape = &identifier_body_shape},
    {.name = "tags",
     .type = FIELD_LIST,
     .offset = offsetof(struct register_body, tags),
     .maximum = 50,
     .element = FIELD_TEXT},
    {.name = "consents",
     .type = FIELD_LIST,
     .offset = offsetof(struct register_body, consents),
     .maximum = REGISTER_CONSENTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &consent_body_shape},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct register_body, store),
     .maximum = CODE_SIZE_MAX},
    {.name = "channel",
     .type = FIELD_TEXT,
     .offset = offsetof(struct register_body, channel),
     .maximum = CODE_SIZE_MAX},
    {.name = "registered_at", .type = FIELD_INSTANT, .offset = offsetof(struct register_body, registered_at)},
    {.name = "if_exists",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct register_body, if_exists),
     .choices = if_exists_choices,
     .about = "What to do when an identifier is known: answer 409, or 200 with its member."},
};
const struct shape register_body_shape = {
    .name = "Registration", .size = sizeof(struct register_body), SHAPE_FIELDS(register_fields)};

static const struct field registered_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "existed", .type = FIELD_BOOLEAN, .about = "The member was known already; nothing was changed."},
};
const struct shape registered_shape = {.name = "Registered", SHAPE_FIELDS(registered_fields)};

static enum status add_identifiers(struct call *call, struct command *command, struct json_list list, struct error *err)
{
    struct text region = customers_policy_at(call->programmes, call->now).region;
    struct identifier *identifiers = arena_array(call->arena, list.count + 1, sizeof *identifiers);
    size_t count = 0;
    int first = 0;

    for (size_t i = 0; i < list.count; i++) {
        const struct identifier_body *given = &((const struct identifier_body *)list.items)[i];
        enum status status =
            identifier_normalise(call->arena, given->kind, given->value, region, &identifiers[count], err);
        if (status != STATUS_OK) {
            error_prefix_field(err, "identifiers[%zu].", i);
            return status;
        }
        bool twice = false;
        for (size_t before = 0; before < count; before++)
            twice |= identifiers[before].kind == identifiers[count].kind &&
                     text_equal(identifiers[before].value, identifiers[count].value);
        if (twice)
            continue;
        int index = command_claim(command, call->arena, identifiers[count].kind, identifiers[count].value);
        first = count == 0 ? index : first;
        count++;
    }
    if (count > 0) {
        command->bucket = claim_bucket(identifiers[0].kind, identifiers[0].value);
    } else {
        unsigned char random;
        secret_random(&random, 1);
        command->bucket = random % BUCKET_COUNT;
    }
    command_subject_claims(command, first, (int)count);
    return STATUS_OK;
}

static enum status check_tags(struct json_list tags, struct error *err)
{
    for (size_t i = 0; i < tags.count; i++) {
        struct text tag = ((const struct text *)tags.items)[i];
        if (tag.size == 0 || tag.size > CODE_SIZE_MAX)
            return error_set(err, STATUS_INVALID, "tag.size", "tags", "a tag has 1 to %d bytes", CODE_SIZE_MAX);
    }
    return STATUS_OK;
}

enum status register_member_handle(struct call *call, struct item *item, struct error *err)
{
    const struct register_body *given = item->body;
    struct command *command = item_command(item, &register_member_type, sizeof(struct register_member));
    struct register_member *body = command->body;
    enum status status = add_identifiers(call, command, given->identifiers, err);

    if (status == STATUS_OK)
        status = check_tags(given->tags, err);
    if (status == STATUS_OK)
        status = profile_body_patch(call, &given->profile, true, &body->patch, err);
    if (status == STATUS_OK && given->registered_at > call->now + 5 * INSTANT_MINUTE)
        status = error_set(err, STATUS_INVALID, "event.in_future", "registered_at", "this is in the future");
    if (status != STATUS_OK)
        return status;
    body->tags = given->tags.items;
    body->tag_count = given->tags.count;
    body->consents = consent_bodies(call, given->consents);
    body->consent_count = given->consents.count;
    body->at =
        (struct customer_registration){.at = given->registered_at, .store = given->store, .channel = given->channel};
    body->accept_existing = given->if_exists == 1;
    return STATUS_OK;
}

void register_member_finish(struct item *item, struct json_writer *writer)
{
    const struct register_member *body = item->command->body;

    if (body->existed)
        item->status = 200;
    writer_id(writer, "id", "mbr", body->member);
    writer_boolean(writer, "existed", body->existed);
}

/* ---- find ---- */

static const char *const stage_choices[] = {"none",   "new",  "growing",  "loyal", "at_risk",
                                            "lapsed", "lost", "won_back", NULL};

struct members_query {
    struct page page;
    struct member_reference reference;
    struct text q, tag, tier;
    int stage;
};
static const struct field members_query_fields[] = {
    PAGE_FIELDS(struct members_query),
    {.name = "phone", .type = FIELD_TEXT, .offset = offsetof(struct members_query, reference.phone), .maximum = 64},
    {.name = "email", .type = FIELD_TEXT, .offset = offsetof(struct members_query, reference.email), .maximum = 200},
    {.name = "card", .type = FIELD_TEXT, .offset = offsetof(struct members_query, reference.card), .maximum = 200},
    {.name = "openid", .type = FIELD_TEXT, .offset = offsetof(struct members_query, reference.openid), .maximum = 200},
    {.name = "external",
     .type = FIELD_TEXT,
     .offset = offsetof(struct members_query, reference.external),
     .maximum = 200},
    {.name = "q",
     .type = FIELD_TEXT,
     .offset = offsetof(struct members_query, q),
     .maximum = NAME_SIZE_MAX,
     .about = "The beginning of a name, of its pinyin or initials, or the last four digits of a phone or card."},
    {.name = "tag", .type = FIELD_TEXT, .offset = offsetof(struct members_query, tag), .maximum = CODE_SIZE_MAX},
    {.name = "tier",
     .type = FIELD_TEXT,
     .offset = offsetof(struct members_query, tier),
     .maximum = CODE_SIZE_MAX,
     .about = "Looks at some thousands of members a request: a page may hold fewer than limit, even none, and still "
              "have a next."},
    {.name = "stage",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct members_query, stage),
     .choices = stage_choices,
     .about = "As with tier a page may hold fewer than limit, even none, and still have a next."},
};
const struct shape members_query_shape = {
    .name = "MembersQuery", .size = sizeof(struct members_query), SHAPE_FIELDS(members_query_fields)};

static bool has_identifier(const struct member_reference *reference)
{
    return reference->phone.size + reference->email.size + reference->card.size + reference->openid.size +
               reference->external.size >
           0;
}

/* Of a list; a member who is named exactly is checked by the policy of the caller. */
static enum status find_inside(struct call *call, struct storage_session *session, const struct list_place *places,
                               size_t count, bool **out, struct error *err)
{
    int64_t *members = arena_array(call->arena, count + 1, sizeof *members);
    bool *inside = arena_array(call->arena, count + 1, sizeof *inside);

    for (size_t i = 0; i < count; i++)
        members[i] = places[i].member;
    *out = inside;
    return call_members_inside(call, session, &(struct scope_people){members, count, inside}, err);
}

static enum status write_found(struct call *call, struct storage_session *session, struct json_writer *writer,
                               const struct list_place *places, size_t count, struct error *err)
{
    const struct members_query *query = call->query;
    bool exact = query != NULL && has_identifier(&query->reference) && !call->scope->home_members;
    int64_t version;
    bool *inside;
    enum status status = find_inside(call, session, places, count, &inside, err);

    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (!exact && !inside[i])
            continue;
        struct json_writer saved = *writer;
        writer_object(writer, NULL);
        status = member_view_write(call, session, places[i].member, writer, &version, err);
        if (status == STATUS_MISSING) { /* erased since the list was made */
            *writer = saved;
            continue;
        }
        if (status != STATUS_OK)
            return status;
        writer_end(writer);
    }
    return STATUS_OK;
}

/* Zero or one member. */
static enum status list_by_reference(struct call *call, struct storage_session *session, struct json_writer *writer,
                                     const struct member_reference *reference, struct error *err)
{
    struct list_place place = {.bucket = 0};
    enum status status = member_reference_find(call, session, reference, &place.member, err);

    writer_list(writer, "items");
    if (status == STATUS_OK)
        status = write_found(call, session, writer, &place, 1, err);
    else if (status == STATUS_MISSING)
        status = STATUS_OK;
    writer_end(writer);
    page_end(writer, call->arena, &(struct cursor){0}, false);
    return status;
}

enum status list_members_handle(struct call *call, struct item *item, struct error *err)
{
    const struct members_query *query = call->query;
    struct list_filter filter = {.tag = query->tag, .tier = query->tier, .stage = query->stage, .now = call->now};
    struct cursor cursor = {.integer_count = 2, .text_count = 1};
    struct storage_session *session;
    struct member_list list;
    bool given;

    filter.from.bucket = -1;
    filter.limit = (size_t)query->page.limit;
    filter.key = name_fold(call->arena, query->q);
    const struct customers_policy policy = customers_policy_at(call->programmes, call->now);
    filter.today = zone_day(policy.zone, call->now);
    filter.median_interval = policy.median_interval;
    filter.lifecycle = policy.lifecycle;
    int filters = has_identifier(&query->reference) + (query->q.size > 0) + (query->tag.size > 0) +
                  (query->tier.size > 0 || query->stage >= 0);
    if (filters > 1)
        return error_set(err, STATUS_INVALID, "members.filters", "q", "ask for one filter at a time");
    if (query->q.size > 0 && filter.key.size == 0)
        return error_set(err, STATUS_INVALID, "members.search", "q", "search for letters or digits");
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);
    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (has_identifier(&query->reference)) {
        status = list_by_reference(call, session, &item->writer, &query->reference, err);
        call_read_end(call, session);
        return status;
    }
    if (given)
        filter.from = (struct list_place){cursor.texts[0], cursor.integers[0], cursor.integers[1]};
    status = members_list(session, call->arena, &filter, &list, err);
    if (status == STATUS_OK) {
        writer_list(&item->writer, "items");
        status = write_found(call, session, &item->writer, list.places, list.count, err);
        writer_end(&item->writer);
        struct cursor end = {.integers = {list.end.bucket, list.end.member}, .integer_count = 2, .text_count = 1};
        end.texts[0] = list.end.key;
        page_end(&item->writer, call->arena, &end, list.more);
    }
    call_read_end(call, session);
    return status;
}

enum status get_member_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    int64_t member, version = 0;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = member_view_write(call, session, member, &item->writer, &version, err);
    call_read_end(call, session);
    item->etag = version;
    return status;
}

/* ---- change ---- */

struct update_body {
    struct profile_body profile;
};
static const struct field update_fields[] = {PROFILE_BODY_FIELDS};
const struct shape update_body_shape = {.name = "MemberUpdate",
                                        .about = "Absent fields stay; null empties.",
                                        .size = sizeof(struct update_body),
                                        SHAPE_FIELDS(update_fields)};

static const struct field updated_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "version", .type = FIELD_INTEGER},
};
const struct shape updated_shape = {.name = "MemberUpdated", SHAPE_FIELDS(updated_fields)};

enum status update_member_handle(struct call *call, struct item *item, struct error *err)
{
    const struct update_body *given = item->body;
    struct command *command = item_command(item, &update_member_type, sizeof(struct update_member));
    struct update_member *body = command->body;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_if_match(call, &body->version, err);
    if (status == STATUS_OK)
        status = profile_body_patch(call, &given->profile, false, &body->patch, err);
    if (status != STATUS_OK)
        return status;
    body->load.parts[0] = PART_PROFILE | PART_FIELDS | PART_IDENTIFIERS;
    command_subject_member(command, member);
    return STATUS_OK;
}

void update_member_finish(struct item *item, struct json_writer *writer)
{
    const struct update_member *body = item->command->body;

    item->etag = body->version_now;
    writer_id(writer, "id", "mbr", item->command->subjects[0].id);
    writer_integer(writer, "version", body->version_now);
}

/* ---- export and erase ---- */

static const struct field export_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "mbr"},
    {.name = "exported_at", .type = FIELD_INSTANT},
    {.name = "members",
     .type = FIELD_LIST,
     .element = FIELD_JSON,
     .about = "For each member of the person an object with a list of rows for each table."},
};
const struct shape member_export_shape = {.name = "MemberExport", SHAPE_FIELDS(export_fields)};

static enum status export_one(struct storage_session *session, int64_t member, struct json_writer *writer,
                              struct error *err)
{
    const struct personal_reader reader = {personal_write, writer};
    enum status status = STATUS_OK;

    writer_object(writer, NULL);
    writer_id(writer, "id", "mbr", member);
    for (size_t i = 0; i < personal_table_count && status == STATUS_OK; i++) {
        if (personal_tables[i].export_query == NULL)
            continue;
        writer_list(writer, personal_tables[i].table);
        status = personal_read(session, &personal_tables[i], member, &reader, err);
        writer_end(writer);
    }
    writer_end(writer);
    return status;
}

enum status export_member_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct person person;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_OK) {
        writer_id(&item->writer, "id", "mbr", person.leader->id);
        writer_instant(&item->writer, "exported_at", call->now);
        writer_list(&item->writer, "members");
        for (size_t i = 0; i < person.group->member_count && status == STATUS_OK; i++)
            if (person.group->members[i].leader == person.leader->id)
                status = export_one(session, person.group->members[i].id, &item->writer, err);
        writer_end(&item->writer);
    }
    call_read_end(call, session);
    return status;
}

enum status erase_member_handle(struct call *call, struct item *item, struct error *err)
{
    struct command *command = item_command(item, &erase_member_type, sizeof(struct erase_member));
    struct erase_member *body = command->body;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status != STATUS_OK)
        return status;
    body->load.parts[0] = PART_IDENTIFIERS | PART_HOUSEHOLD;
    command_subject_member(command, member);
    return STATUS_OK;
}
