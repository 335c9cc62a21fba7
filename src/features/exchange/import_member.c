#include "features/exchange/import_member.h"

#include "features/customers/commands.h"
#include "features/exchange/value.h"

enum { IMPORT_TAG_SIZE_MAX = 64 };

static enum status too_long(enum import_field field, struct error *err)
{
    return error_set(err, STATUS_INVALID, "import.field_size", import_field_name(field), "the text is too long");
}

/* Words that files use for what the profile calls female, male and other. */
static enum status read_gender(struct text text, struct text *out, struct error *err)
{
    static const struct {
        const char *word, *gender;
    } words[] = {{"f", "female"}, {"female", "female"}, {"w", "female"},  {"woman", "female"}, {"女", "female"},
                 {"m", "male"},   {"male", "male"},     {"man", "male"},  {"男", "male"},      {"other", "other"},
                 {"x", "other"},  {"d", "other"},       {"其他", "other"}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text.size == text_from(words[i].word).size) {
            bool equal = true;
            for (size_t k = 0; k < text.size; k++) {
                char byte = text.bytes[k];
                equal &= (byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : byte) == words[i].word[k];
            }
            if (equal) {
                *out = text_from(words[i].gender);
                return STATUS_OK;
            }
        }
    return error_set(err, STATUS_INVALID, "import.gender", "gender", "'%.*s' is not female, male or other",
                     (int)(text.size > 20 ? 20 : text.size), text.bytes);
}

static enum status read_birthday(const struct import_rules *rules, struct arena *arena, struct text text,
                                 struct text *out, struct error *err)
{
    struct moment moment;
    const char *format = rules->mapping->date_format.size == 0 ? NULL : text_string(arena, rules->mapping->date_format);
    enum status status = moment_parse(text, format, &moment, err);
    if (status != STATUS_OK)
        return error_set(err, STATUS_INVALID, "import.date", "birthday", "'%.*s' is not a day", (int)text.size,
                         text.bytes);
    char *day = arena_alloc(arena, DAY_TEXT_SIZE);
    *out = text_from(day_format(moment.absolute ? zone_day(rules->zone, moment.instant) : moment.day, day));
    return STATUS_OK;
}

static enum status read_profile(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct profile_patch *patch, struct error *err)
{
    static const struct {
        enum import_field from;
        enum profile_field to;
    } pairs[] = {{IMPORT_NAME, PROFILE_DISPLAY_NAME},       {IMPORT_GIVEN_NAME, PROFILE_GIVEN_NAME},
                 {IMPORT_FAMILY_NAME, PROFILE_FAMILY_NAME}, {IMPORT_GENDER, PROFILE_GENDER},
                 {IMPORT_BIRTHDAY, PROFILE_BIRTHDAY},       {IMPORT_LANGUAGE, PROFILE_LANGUAGE}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct text text = row->values[pairs[i].from];
        enum status status = STATUS_OK;
        if (text.size == 0)
            continue;
        if (text.size > PROFILE_TEXT_MAX)
            return too_long(pairs[i].from, err);
        if (pairs[i].from == IMPORT_GENDER)
            status = read_gender(text, &patch->fields[pairs[i].to], err);
        else if (pairs[i].from == IMPORT_BIRTHDAY)
            status = read_birthday(rules, arena, text, &patch->fields[pairs[i].to], err);
        else
            patch->fields[pairs[i].to] = text_copy(arena, text);
        if (status != STATUS_OK)
            return status;
        patch->given[pairs[i].to] = true;
    }
    return STATUS_OK;
}

static enum status read_tags(struct arena *arena, struct text text, struct register_member *body, struct error *err)
{
    struct text *tags = arena_array(arena, MEMBER_TAGS_MAX, sizeof *tags);
    size_t start = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.bytes[i] != ';' && text.bytes[i] != '|')
            continue;
        struct text tag = text_trim((struct text){text.bytes + start, i - start});
        start = i + 1;
        if (tag.size == 0)
            continue;
        if (tag.size > IMPORT_TAG_SIZE_MAX || body->tag_count == MEMBER_TAGS_MAX)
            return too_long(IMPORT_TAGS, err);
        tags[body->tag_count++] = text_copy(arena, tag);
    }
    body->tags = tags;
    return STATUS_OK;
}

enum status import_member_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err)
{
    struct register_member *body = arena_alloc(arena, sizeof *body);
    *out = (struct command){.type = &register_member_type, .body = body, .day = DAY_NONE, .bucket = -1};
    out->claims = arena_array(arena, 8, sizeof *out->claims);
    enum status status = import_claims(rules, arena, row, out, err);
    if (status == STATUS_OK && out->claim_count == 0)
        status = error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
    if (status == STATUS_OK)
        status = read_profile(rules, arena, row, &body->patch, err);
    if (status == STATUS_OK)
        status = read_tags(arena, row->values[IMPORT_TAGS], body, err);
    if (status == STATUS_OK && row->values[IMPORT_STORE].size > CODE_SIZE_MAX)
        status = too_long(IMPORT_STORE, err);
    body->at.at = rules->now;
    body->at.store = text_copy(arena, row->values[IMPORT_STORE]);
    if (status == STATUS_OK && row->values[IMPORT_REGISTERED].size > 0) {
        struct moment moment;
        const char *format =
            rules->mapping->date_format.size == 0 ? NULL : text_string(arena, rules->mapping->date_format);
        status = moment_parse(row->values[IMPORT_REGISTERED], format, &moment, err);
        if (status == STATUS_OK)
            body->at.at = moment_instant(&moment, rules->zone);
    }
    if (status != STATUS_OK)
        return status;

    body->accept_existing = true;
    out->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = (int)out->claim_count};
    out->subject_count = 1;
    out->bucket = claim_bucket(out->claims[0].kind, out->claims[0].key);
    return STATUS_OK;
}
