/* badges_api.c: badges of members, and their certificates. */
#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/challenges/challenges_api.h"
#include "features/challenges/challenges_store.h"
#include "features/coupons/granted_api.h"
#include "features/customers/customers_store.h"
#include "features/customers/profile.h"

/* ---- shapes ---- */

struct award_input {
    struct text badge, reason;
};
static const struct field award_fields[] = {
    {.name = "badge",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct award_input, badge),
     .minimum = 1,
     .maximum = CODE_SIZE_MAX},
    {.name = "reason",
     .type = FIELD_TEXT,
     .offset = offsetof(struct award_input, reason),
     .maximum = 500,
     .about = "For the audit."},
};
const struct shape badge_award_shape = {
    .name = "BadgeAward", .size = sizeof(struct award_input), SHAPE_FIELDS(award_fields)};

static const struct field badge_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "bdg"},
    {.name = "member", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "mbr"},
    {.name = "badge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "awarded_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
    {.name = "reward",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .prefix = "evt",
     .about = "Of a challenge, that it came with."},
    {.name = "revoked_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    GRANTED_FIELD,
};
const struct shape member_badge_shape = {.name = "MemberBadge", SHAPE_FIELDS(badge_fields)};

static const struct field check_fields[] = {
    {.name = "genuine", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "Patron printed it."},
    {.name = "held", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED, .about = "The badge was not revoked since."},
    {.name = "badge", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "awarded_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape badge_check_shape = {.name = "BadgeCheck", SHAPE_FIELDS(check_fields)};

/* ---- lists ---- */

/* The version in force at the award, or another that is still known. */
static const struct badge *terms_of(const struct call *call, const struct member_badge *badge)
{
    const struct definition_list *list = definitions_of(call->programmes, &badge_kind);
    const struct definition *found = definition_at(call->programmes, &badge_kind, badge->badge, badge->awarded_at);

    for (size_t i = 0; found == NULL && i < list->count; i++)
        if (text_equal(list->items[i].code, badge->badge))
            found = &list->items[i];
    return found != NULL ? found->parsed : NULL;
}

static struct text name_of(const struct call *call, const struct member_badge *badge)
{
    const struct badge *terms = terms_of(call, badge);

    return terms != NULL ? terms->name : badge->badge;
}

static void write_badge(struct call *call, struct json_writer *writer, const struct member_badge *badge,
                        const struct granted_list *granted)
{
    writer_id(writer, "id", "bdg", badge->id);
    writer_id(writer, "member", "mbr", badge->member);
    writer_text(writer, "badge", badge->badge);
    writer_text(writer, "name", name_of(call, badge));
    writer_instant(writer, "awarded_at", badge->awarded_at);
    writer_id(writer, "reward", "evt", badge->source);
    if (badge->revoked_at != 0)
        writer_instant(writer, "revoked_at", badge->revoked_at);
    else
        writer_null(writer, "revoked_at");
    granted_write(call, writer, granted, badge->awarded_at);
}

enum status badge_list_handle(struct call *call, struct item *item, struct error *err)
{
    struct challenge_state state;
    struct person person;
    enum status status = challenge_view(call, NULL, 0, &person, &state, err);

    if (status != STATUS_OK)
        return status;
    int64_t *ids = arena_array(call->arena, state.badge_count + 1, sizeof *ids);
    struct granted_list *granted = arena_array(call->arena, state.badge_count + 1, sizeof *granted);
    for (size_t i = 0; i < state.badge_count; i++)
        ids[i] = state.badges[i].id;
    status = granted_call_read(call, ids, state.badge_count, granted, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = state.badge_count; i-- > 0;) {
        writer_object(&item->writer, NULL);
        write_badge(call, &item->writer, &state.badges[i], &granted[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- awarding ---- */

static struct award_badge *award_command(struct item *item, int64_t member)
{
    struct command *command = item_command(item, &award_badge_type, sizeof(struct award_badge));

    command_subject_member(command, member);
    return command->body;
}

enum status badge_award_handle(struct call *call, struct item *item, struct error *err)
{
    const struct award_input *input = item->body;
    int64_t member;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status != STATUS_OK)
        return status;
    struct award_badge *body = award_command(item, member);
    body->code = input->badge;
    body->reason = input->reason;
    return STATUS_OK;
}

void badge_award_finish(struct item *item, struct json_writer *writer)
{
    const struct member_badge *badge = &((const struct award_badge *)item->command->body)->result;
    const struct granted_list granted = granted_call_find(item->call, badge->id);

    write_badge(item->call, writer, badge, &granted);
}

enum status badge_revoke_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t member, badge;
    enum status status = call_path_id(call, 0, "mbr", &member, err);

    if (status == STATUS_OK)
        status = call_path_id(call, 1, "bdg", &badge, err);
    if (status == STATUS_OK)
        award_command(item, member)->revoke = badge;
    return status;
}

void badge_revoke_finish(struct item *item, struct json_writer *writer)
{
    (void)item;
    (void)writer;
}

/* ---- certificates ---- */

static void escape(struct builder *out, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        switch (text.bytes[i]) {
        case '<':
            builder_string(out, "&lt;");
            break;
        case '>':
            builder_string(out, "&gt;");
            break;
        case '&':
            builder_string(out, "&amp;");
            break;
        case '"':
            builder_string(out, "&quot;");
            break;
        default:
            if ((unsigned char)text.bytes[i] >= ' ')
                builder_char(out, text.bytes[i]);
        }
    }
}

static void line(struct builder *out, int y, int size, struct text text)
{
    builder_format(out, "<text x=\"421\" y=\"%d\" font-size=\"%d\">", y, size);
    escape(out, text);
    builder_string(out, "</text>\n");
}

/* A4, across. */
static struct text draw(const struct call *call, const struct member_badge *badge, struct text person,
                        const char *certificate)
{
    struct builder out = {.arena = call->arena};
    const struct badge *terms = terms_of(call, badge);
    char day[DAY_TEXT_SIZE];
    const struct zone *zone = programme_at(call->programmes, badge->awarded_at)->zone;

    builder_string(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"297mm\" height=\"210mm\" "
                         "viewBox=\"0 0 842 595\" font-family=\"serif\" text-anchor=\"middle\">\n"
                         "<rect width=\"842\" height=\"595\" fill=\"white\"/>\n"
                         "<rect x=\"24\" y=\"24\" width=\"794\" height=\"547\" fill=\"none\" stroke=\"#333\" "
                         "stroke-width=\"3\"/>\n<g fill=\"#222\">\n");
    line(&out, 190, 48, name_of(call, badge));
    line(&out, 290, 36, person);
    if (terms != NULL)
        line(&out, 350, 18, terms->about);
    line(&out, 420, 22, text_from(day_format(zone_day(zone, badge->awarded_at), day)));
    line(&out, 530, 14, text_from(certificate));
    builder_string(&out, "</g>\n</svg>\n");
    return builder_done(&out);
}

static enum status read_name(struct call *call, const struct person *person, struct text *out, struct error *err)
{
    struct customer_state states[GROUP_MEMBERS_MAX] = {{.member = person->leader->id}};
    struct storage_session *session;
    size_t count = 1;

    for (size_t i = 0; i < person->group->member_count; i++) {
        const struct member *member = &person->group->members[i];
        if (member->leader == person->leader->id && member->id != person->leader->id)
            states[count++].member = member->id;
    }
    enum status status = call_read_begin(call, &session, err);
    if (status == STATUS_OK)
        status = customers_read(session, call->arena, PART_PROFILE, states, count, err);
    if (status != STATUS_OK)
        return status;
    call_read_end(call, session);
    struct profile profile = states[0].profile;
    for (size_t i = 1; i < count; i++)
        profile_fill(&profile, &states[i].profile);
    struct text given = profile.fields[PROFILE_GIVEN_NAME], family = profile.fields[PROFILE_FAMILY_NAME];
    *out = profile.fields[PROFILE_DISPLAY_NAME];
    if (out->size == 0)
        *out = text_trim(text_from(
            arena_format(call->arena, "%.*s %.*s", (int)given.size, given.bytes, (int)family.size, family.bytes)));
    return STATUS_OK;
}

enum status badge_certificate_handle(struct call *call, struct item *item, struct error *err)
{
    struct challenge_state state;
    struct person person;
    struct text name;
    char certificate[CERTIFICATE_SIZE];
    int64_t id;
    enum status status = call_path_id(call, 1, "bdg", &id, err);

    (void)item;
    if (status == STATUS_OK)
        status = challenge_view(call, NULL, 0, &person, &state, err);
    if (status == STATUS_OK)
        status = read_name(call, &person, &name, err);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < state.badge_count; i++) {
        const struct member_badge *badge = &state.badges[i];
        if (badge->id != id || badge->revoked_at != 0)
            continue;
        badge_certificate(engine_seal_key(call->engine), badge, certificate);
        call_reply_content(call, "image/svg+xml", draw(call, badge, name, certificate), NULL);
        return STATUS_OK;
    }
    return error_set(err, STATUS_MISSING, "badge.unknown", "badge", "the member does not hold this badge");
}

/* The badge with that id: its journal row tells whose it is. */
static enum status find_badge(struct call *call, int64_t id, struct member_badge *out, struct error *err)
{
    struct storage_session *session;
    struct challenge_load load = {.codes = NULL};
    struct past_event *row;
    struct person person;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, call->arena, &row, err);
    if (status == STATUS_OK)
        status = engine_view(call->engine, session, row->row.member, call->arena, &person, err);
    if (status == STATUS_OK)
        status = challenge_state_read(session, call->arena, &person, &load, err);
    call_read_end(call, session);
    for (size_t i = 0; i < load.state.badge_count; i++)
        if (load.state.badges[i].id == id)
            *out = load.state.badges[i];
    return status == STATUS_MISSING ? STATUS_OK : status;
}

enum status badge_check_handle(struct call *call, struct item *item, struct error *err)
{
    struct member_badge badge = {0};
    char expected[CERTIFICATE_SIZE];
    int64_t id;
    enum status status = STATUS_OK;

    if (badge_certificate_read(call->parameters[0], &id))
        status = find_badge(call, id, &badge, err);
    if (status != STATUS_OK)
        return status;
    bool genuine =
        badge.id != 0 &&
        strlen(badge_certificate(engine_seal_key(call->engine), &badge, expected)) == call->parameters[0].size &&
        secret_equal(expected, call->parameters[0].bytes, call->parameters[0].size);
    writer_boolean(&item->writer, "genuine", genuine);
    writer_boolean(&item->writer, "held", genuine && badge.revoked_at == 0);
    if (!genuine) {
        writer_null(&item->writer, "badge");
        writer_null(&item->writer, "awarded_at");
        return STATUS_OK;
    }
    writer_text(&item->writer, "badge", name_of(call, &badge));
    writer_instant(&item->writer, "awarded_at", badge.awarded_at);
    return STATUS_OK;
}
