#include "features/exchange/import_taken.h"

#include <assert.h>
#include <string.h>

#include "features/exchange/value.h"

enum { YEAR_NEVER = 2100, SHOWN = 40 };

static enum status in_field(enum status status, enum import_field field, struct error *err)
{
    if (status != STATUS_OK && err != NULL)
        strcpy(err->field, import_field_name(field));
    return status;
}

enum status taken_text(struct arena *arena, const struct import_row *row, enum import_field field, size_t maximum,
                       struct text *out, struct error *err)
{
    struct text value = row->values[field];

    if (value.size > maximum)
        return error_set(err, STATUS_INVALID, "import.field_size", import_field_name(field),
                         "'%.*s...' is longer than %zu bytes", 20, value.bytes, maximum);
    *out = text_copy(arena, value);
    return STATUS_OK;
}

/* ---- moments ---- */

static enum status read_moment(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                               enum import_field field, struct moment *out, struct error *err)
{
    struct text format = rules->mapping->date_format;

    return in_field(moment_parse(row->values[field], format.size == 0 ? NULL : text_string(arena, format), out, err),
                    field, err);
}

enum status taken_instant(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                          struct taken_moment which, int64_t *out, struct error *err)
{
    struct moment moment;

    if (row->values[which.field].size == 0) {
        *out = which.absent;
        return STATUS_OK;
    }
    enum status status = read_moment(rules, arena, row, which.field, &moment, err);
    if (status == STATUS_OK)
        *out = moment_instant(&moment, rules->zone);
    return status;
}

static bool is_never(struct text value)
{
    static const char *const words[] = {"never", "none", "unlimited", "永久", "永不过期", "永不過期", "无", "無"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (text_equals(value, words[i]))
            return true;
    return false;
}

enum status taken_end(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                      struct taken_moment which, int64_t *out, struct error *err)
{
    const int64_t last_second = INSTANT_DAY - INSTANT_SECOND;
    struct moment moment;

    if (row->values[which.field].size == 0 || is_never(row->values[which.field])) {
        *out = row->values[which.field].size == 0 ? which.absent : INSTANT_NEVER;
        return STATUS_OK;
    }
    enum status status = read_moment(rules, arena, row, which.field, &moment, err);
    if (status != STATUS_OK)
        return status;
    int32_t day = moment.absolute ? zone_day(rules->zone, moment.instant) : moment.day;
    if (date_from_day(day).year >= YEAR_NEVER)
        *out = INSTANT_NEVER;
    else if (!moment.absolute && (!moment.time_given || moment.micros >= last_second))
        *out = zone_day_start(rules->zone, moment.day + 1);
    else
        *out = moment_instant(&moment, rules->zone);
    return STATUS_OK;
}

enum status taken_fact(const struct import_row *row, enum import_field field, bool *out, struct error *err)
{
    static const struct {
        const char *word;
        bool fact;
    } words[] = {{"yes", true}, {"y", true},  {"true", true},   {"1", true},  {"是", true},
                 {"no", false}, {"n", false}, {"false", false}, {"0", false}, {"否", false}};
    struct text value = row->values[field];

    *out = false;
    if (value.size == 0)
        return STATUS_OK;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        bool equal = strlen(words[i].word) == value.size;
        for (size_t k = 0; equal && k < value.size; k++) {
            char byte = value.bytes[k];
            equal = (byte >= 'A' && byte <= 'Z' ? (char)(byte + 'a' - 'A') : byte) == words[i].word[k];
        }
        if (equal) {
            *out = words[i].fact;
            return STATUS_OK;
        }
    }
    return error_set(err, STATUS_INVALID, "import.choice", import_field_name(field), "'%.*s' is neither yes nor no",
                     (int)(value.size > SHOWN ? SHOWN : value.size), value.bytes);
}

/* ---- the command ---- */

enum status taken_id(struct arena *arena, const struct import_row *row, struct text *out, struct error *err)
{
    enum status status = taken_text(arena, row, IMPORT_ID, TAKEOVER_ID_SIZE_MAX, out, err);

    if (status == STATUS_OK && out->size == 0)
        *out = text_copy(arena, text_from(row->key));
    return status;
}

enum status taken_start(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                        const struct taken_start *start, struct command *out, struct error *err)
{
    struct takeover *takeover = start->takeover;

    *out = (struct command){.type = start->type, .body = takeover, .day = DAY_NONE, .bucket = -1};
    out->claims = arena_array(arena, start->row_count + 8, sizeof *out->claims);
    enum status status = import_claims(rules, arena, row, out, err);
    if (status != STATUS_OK)
        return status;
    if (start->needed && out->claim_count == 0)
        return error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
    takeover->rows = arena_array(arena, start->row_count, sizeof *takeover->rows);
    takeover->register_unknown = rules->register_unknown;
    takeover->registered_at = rules->now;
    if (out->claim_count == 0)
        return STATUS_OK;
    out->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = (int)out->claim_count};
    out->subject_count = 1;
    out->bucket = claim_bucket(out->claims[0].kind, out->claims[0].key);
    return STATUS_OK;
}

void taken_row(struct arena *arena, struct command *command, const char *kind, struct text id,
               const struct takeover_row *row)
{
    struct takeover *takeover = command->body;

    takeover->rows[takeover->row_count] = *row;
    takeover->rows[takeover->row_count++].claim = (int)command->claim_count;
    command->claims[command->claim_count++] = takeover_claim(arena, kind, id);
}
