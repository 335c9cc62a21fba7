#include "features/customers/profile.h"

#include <stdlib.h>
#include <string.h>

#include "features/customers/name_key.h"
#include "features/customers/rows.h"

const char *const profile_field_names[PROFILE_FIELD_COUNT] = {
    [PROFILE_FAMILY_NAME] = "family_name",
    [PROFILE_GIVEN_NAME] = "given_name",
    [PROFILE_DISPLAY_NAME] = "display_name",
    [PROFILE_GENDER] = "gender",
    [PROFILE_BIRTHDAY] = "birthday",
    [PROFILE_BIRTHDAY_CALENDAR] = "birthday_calendar",
    [PROFILE_LANGUAGE] = "language",
    [PROFILE_TIME_ZONE] = "time_zone",
    [PROFILE_COUNTRY] = "country",
    [PROFILE_REGION] = "region",
    [PROFILE_CITY] = "city",
    [PROFILE_ADDRESS] = "address",
    [PROFILE_POSTAL_CODE] = "postal_code",
};

/* ---- checks ---- */

static bool digits_at(struct text text, size_t first, size_t count, int *out)
{
    *out = 0;
    for (size_t i = first; i < first + count; i++) {
        if (i >= text.size || text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        *out = *out * 10 + (text.bytes[i] - '0');
    }
    return true;
}

static bool birthday_is_valid(struct text birthday, bool lunar)
{
    int year = 2000, month, day;
    bool yearless = birthday.size == 7 && birthday.bytes[0] == '-' && birthday.bytes[1] == '-';
    size_t first = yearless ? 2 : 5;

    if (!yearless && (birthday.size != 10 || !digits_at(birthday, 0, 4, &year) || birthday.bytes[4] != '-'))
        return false;
    if (!digits_at(birthday, first, 2, &month) || birthday.bytes[first + 2] != '-' ||
        !digits_at(birthday, first + 3, 2, &day))
        return false;
    if (year < 1850 || year > 9999 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= (lunar ? 30 : days_in_month(year, month));
}

static bool is_one_of(struct text value, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        if (text_equals(value, words[i]))
            return true;
    return value.size == 0;
}

static enum status check_profile(const struct profile *profile, struct error *err)
{
    struct text birthday = profile->fields[PROFILE_BIRTHDAY];
    bool lunar = text_equals(profile->fields[PROFILE_BIRTHDAY_CALENDAR], "lunar");
    static const char *const genders[] = {"female", "male", "other", NULL};
    static const char *const calendars[] = {"gregorian", "lunar", NULL};

    if (!is_one_of(profile->fields[PROFILE_GENDER], genders))
        return error_set(err, STATUS_INVALID, "profile.gender", "gender", "gender is female, male or other");
    if (!is_one_of(profile->fields[PROFILE_BIRTHDAY_CALENDAR], calendars))
        return error_set(err, STATUS_INVALID, "profile.calendar", "birthday_calendar",
                         "a calendar is gregorian or lunar");
    if (birthday.size > 0 && !birthday_is_valid(birthday, lunar))
        return error_set(err, STATUS_INVALID, "profile.birthday", "birthday",
                         "'%.*s' is not a birthday such as 1990-05-01 or --05-01", (int)birthday.size, birthday.bytes);
    return STATUS_OK;
}

enum status profile_apply(struct arena *arena, struct profile *profile, const struct profile_patch *patch,
                          struct error *err)
{
    struct profile changed = *profile;

    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        if (patch->given[i])
            changed.fields[i] = text_copy(arena, text_trim(patch->fields[i]));
    enum status status = check_profile(&changed, err);
    if (status == STATUS_OK)
        *profile = changed;
    return status;
}

void profile_fill(struct profile *profile, const struct profile *other)
{
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        if (profile->fields[i].size == 0)
            profile->fields[i] = other->fields[i];
}

/* ---- the audit's JSON ---- */

static void quote(struct builder *out, struct text value)
{
    builder_char(out, '"');
    for (size_t i = 0; i < value.size; i++) {
        char c = value.bytes[i];
        if (c == '"' || c == '\\')
            builder_char(out, '\\');
        if ((unsigned char)c < 0x20)
            builder_format(out, "\\u%04x", c);
        else
            builder_char(out, c);
    }
    builder_char(out, '"');
}

static void audit_member(struct builder *out, const char *name, struct text value)
{
    builder_string(out, out->size == 0 ? "{" : ",");
    quote(out, text_from(name));
    builder_char(out, ':');
    quote(out, value);
}

struct text audit_field(struct arena *arena, const char *name, struct text value)
{
    struct builder out = {.arena = arena};

    audit_member(&out, name, value);
    builder_char(&out, '}');
    return builder_done(&out);
}

struct text profile_audit(struct arena *arena, const struct profile *profile, const struct profile_patch *patch)
{
    struct builder out = {.arena = arena};

    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        if (patch->given[i])
            audit_member(&out, profile_field_names[i], profile->fields[i]);
    builder_string(&out, out.size == 0 ? "{}" : "}");
    return builder_done(&out);
}

/* ---- search keys ---- */

enum { SEARCH_KEYS_MAX = 4 * NAME_KEYS_MAX + 128 };

static void add_keys(struct text *keys, size_t *count, const struct text *more, size_t more_count)
{
    for (size_t m = 0; m < more_count && *count < SEARCH_KEYS_MAX; m++) {
        bool known = more[m].size == 0;
        for (size_t k = 0; !known && k < *count; k++)
            known = text_equal(keys[k], more[m]);
        if (!known)
            keys[(*count)++] = more[m];
    }
}

static struct text joined(struct arena *arena, struct text first, struct text second)
{
    return text_from(arena_format(arena, "%.*s %.*s", (int)first.size, first.bytes, (int)second.size, second.bytes));
}

struct text *customers_search_keys(struct arena *arena, const struct profile *profile,
                                   const struct customer_state *state, int64_t member, size_t *count)
{
    struct text *keys = arena_array(arena, SEARCH_KEYS_MAX, sizeof *keys);
    struct text family = profile->fields[PROFILE_FAMILY_NAME], given = profile->fields[PROFILE_GIVEN_NAME];
    /* The family name first, as Chinese is read; the other order is among the keys of a name of several words. */
    struct text names[] = {joined(arena, family, given), profile->fields[PROFILE_DISPLAY_NAME]};

    *count = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct text found[NAME_KEYS_MAX];
        if (text_trim(names[i]).size > 0)
            add_keys(keys, count, found, name_keys(arena, names[i], found));
    }
    for (size_t i = 0; i < state->identifier_count; i++)
        if (state->identifiers[i].member == member) {
            struct text digits = identifier_last_digits(state->identifiers[i].identifier);
            add_keys(keys, count, &digits, 1);
        }
    return keys;
}

static bool holds_key(const struct text *keys, size_t count, struct text key)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(keys[i], key))
            return true;
    return false;
}

void customers_search_change(struct decision *decision, int64_t member, struct text *before, size_t before_count,
                             struct text *after, size_t after_count)
{
    for (size_t i = 0; i < before_count; i++)
        if (!holds_key(after, after_count, before[i]))
            store_search_key_delete(decision, member, before[i]);
    for (size_t i = 0; i < after_count; i++)
        if (!holds_key(before, before_count, after[i]))
            store_search_key(decision, member, after[i]);
}

/* ---- the command ---- */

static enum status check_fields(const struct customer_state *state, const struct profile_patch *patch,
                                struct error *err)
{
    size_t count = state->field_count;

    for (size_t i = 0; i < patch->custom_count; i++) {
        bool known = patch->custom[i].value.size == 0;
        for (size_t f = 0; !known && f < state->field_count; f++)
            known = text_equal(state->fields[f].field, patch->custom[i].field);
        count += !known;
    }
    if (count > MEMBER_FIELDS_MAX)
        return error_set(err, STATUS_LIMIT, "member.fields", "custom", "a member has at most %d custom fields",
                         MEMBER_FIELDS_MAX);
    return STATUS_OK;
}

static enum status update_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct update_member *body = command->body;
    struct customer_state *state;
    enum status status = customer_require(decision, command, 0, err);

    if (status == STATUS_OK)
        status = customers_state(decision, &body->load, 0, &state, err);
    if (status != STATUS_OK)
        return status;
    const struct member *member = decision->subjects[0].member;
    if (member->leader != member->id) {
        char id[ID_TEXT_SIZE];
        return error_set(err, STATUS_CONFLICT, "member.merged", "member",
                         "this member is now part of %s: change that one", id_format("mbr", member->leader, id));
    }
    if (body->version != 0 && body->version != state->profile.version)
        return error_set(err, STATUS_STALE, "member.version", "If-Match", "the member was changed meanwhile");
    struct profile profile = state->profile;
    status = profile_apply(decision->arena, &profile, &body->patch, err);
    if (status == STATUS_OK)
        status = check_fields(state, &body->patch, err);
    if (status != STATUS_OK)
        return status;

    size_t before_count, after_count;
    struct text *before = customers_search_keys(decision->arena, &state->profile, state, member->id, &before_count);
    struct text *after = customers_search_keys(decision->arena, &profile, state, member->id, &after_count);
    customers_journal(decision, member, "profile");
    profile.version++;
    store_profile(decision, member->id, &profile);
    customers_search_change(decision, member->id, before, before_count, after, after_count);
    for (size_t i = 0; i < body->patch.custom_count; i++)
        store_field(decision, member->id, body->patch.custom[i]);
    audit_add(decision, command, "member.updated", member->id,
              profile_audit(decision->arena, &state->profile, &body->patch),
              profile_audit(decision->arena, &profile, &body->patch));
    body->version_now = profile.version;
    return STATUS_OK;
}

const struct command_type update_member_type = {
    .name = "update_member", .loads = LOAD_ALONE, .load = customers_load, .decide = update_decide};
