#include "features/exchange/import_reason.h"

#include "features/events/events.h"
#include "features/insight/churn_record.h"

/* The cause as given, else as the words say. */
static enum status read_cause(const struct import_row *row, enum churn_cause *out, struct error *err)
{
    struct text given = row->values[IMPORT_CAUSE], reason = row->values[IMPORT_REASON];

    if (given.size > 0 && !churn_cause_from(given, out))
        return error_set(err, STATUS_INVALID, "import.cause", "cause",
                         "'%.*s' is not competition, incident, product, passive_service, ethics, price, moved or other",
                         (int)(given.size > 40 ? 40 : given.size), given.bytes);
    if (given.size == 0 && reason.size == 0)
        return error_set(err, STATUS_INVALID, "import.reason", "reason", "the row gives no reason");
    if (given.size == 0)
        *out = churn_cause_of(reason);
    return STATUS_OK;
}

static enum status check_sizes(const struct import_row *row, struct error *err)
{
    static const struct {
        enum import_field field;
        size_t maximum;
    } limits[] = {
        {IMPORT_REASON, CHURN_REASON_SIZE_MAX}, {IMPORT_NOTE, CHURN_NOTE_SIZE_MAX}, {IMPORT_SOURCE, CODE_SIZE_MAX}};

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        if (row->values[limits[i].field].size > limits[i].maximum)
            return error_set(err, STATUS_INVALID, "import.field_size", import_field_name(limits[i].field),
                             "the text is longer than %zu bytes", limits[i].maximum);
    return STATUS_OK;
}

static enum status read_moment(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                               struct churn_record *body, struct error *err)
{
    struct row_moment moment;

    body->at = rules->now;
    body->day = business_day(rules->programmes, TEXT(""), body->at);
    if (row->values[IMPORT_AT].size == 0)
        return STATUS_OK;
    enum status status = import_row_moment(rules, row, arena, &moment, err);

    if (status == STATUS_OK) {
        body->at = moment.at;
        body->day = moment.day;
    }
    return status;
}

enum status import_reason_build(const struct import_rules *rules, struct arena *arena, const struct import_row *row,
                                struct command *out, struct error *err)
{
    struct churn_record *body = arena_alloc(arena, sizeof *body);

    *body = (struct churn_record){.from_row = true};
    *out = (struct command){.type = &churn_record_type, .body = body, .day = DAY_NONE, .bucket = -1};
    out->claims = arena_array(arena, 8, sizeof *out->claims);
    enum status status = import_claims(rules, arena, row, out, err);

    if (status == STATUS_OK && out->claim_count == 0)
        status = error_set(err, STATUS_INVALID, "import.no_identifier", "external", "the row names nobody");
    if (status == STATUS_OK)
        status = check_sizes(row, err);
    if (status == STATUS_OK)
        status = read_cause(row, &body->cause, err);
    if (status == STATUS_OK)
        status = read_moment(rules, arena, row, body, err);
    if (status != STATUS_OK)
        return status;
    body->detail = churn_record_detail(arena, body->cause,
                                       &(struct churn_words){.reason = row->values[IMPORT_REASON],
                                                             .note = row->values[IMPORT_NOTE],
                                                             .source = row->values[IMPORT_SOURCE],
                                                             .author = TEXT("import")});
    out->subjects[0] = (struct subject){.by = SUBJECT_CLAIMS, .first = 0, .count = (int)out->claim_count};
    out->subject_count = 1;
    out->claims[out->claim_count++] =
        (struct claim_key){.kind = "row", .key = text_from(arena_format(arena, "reason/%s", row->key))};
    return STATUS_OK;
}
