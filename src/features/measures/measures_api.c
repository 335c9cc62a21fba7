#include "features/measures/measures_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/measures/measures_store.h"
#include "features/programme/programme.h"

/* ---- the dictionary ---- */

#define MEASURE_TEXT(title, sentence)                                                 \
    {                                                                                 \
        .name = title, .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = sentence \
    }

static const struct field measure_fields[] = {
    MEASURE_TEXT("code", "Stable."),
    MEASURE_TEXT("name", NULL),
    MEASURE_TEXT("formula", "In words, with the values in force."),
    MEASURE_TEXT("unit", "money, points, count, share, days, score or category."),
    MEASURE_TEXT("period", "What time it is of."),
    MEASURE_TEXT("returns", "What goods that came back do to it."),
    MEASURE_TEXT("filters", "What it may be narrowed to, and what it is of a part of the company."),
    {.name = "shown",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "Fields of replies and columns of exports that hold it: overview.sales, export.members.spend."},
    MEASURE_TEXT("test", "The test that counts it by hand."),
};
const struct shape measure_shape = {.name = "Measure", .about = "What a figure is.", SHAPE_FIELDS(measure_fields)};

static const struct field shown_fields[] = {
    MEASURE_TEXT("field", "Of this reply; wallets.issued: in each of wallets."),
    MEASURE_TEXT("code", "At /v1/measures/{measure}."),
    MEASURE_TEXT("formula", "With the values in force."),
};
const struct shape measure_shown_shape = {.name = "MeasureShown", SHAPE_FIELDS(shown_fields)};

static const struct lifecycle *rules_of(const struct call *call)
{
    return lifecycle_or_usual(call->programmes->lifecycle);
}

static void write_words(struct json_writer *writer, const char *name, const char *words)
{
    writer_list(writer, name);
    for (const char *word = words; *word != '\0';) {
        size_t length = strcspn(word, " ");
        writer_text(writer, NULL, (struct text){word, length});
        word += length + (word[length] == ' ');
    }
    writer_end(writer);
}

static void write_measure(const struct call *call, struct json_writer *writer, const struct measure *measure)
{
    writer_string(writer, "code", measure->code);
    writer_string(writer, "name", measure->name);
    writer_text(writer, "formula", measure_formula(call->arena, measure, rules_of(call)));
    writer_string(writer, "unit", measure->unit);
    writer_text(writer, "period", measure_words(call->arena, measure->period, rules_of(call)));
    writer_string(writer, "returns", measure->returns);
    writer_string(writer, "filters", measure->filters);
    write_words(writer, "shown", measure->shown);
    writer_string(writer, "test", measure->test);
}

enum status measures_list_handle(struct call *call, struct item *item, struct error *err)
{
    (void)err;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < measure_count; i++) {
        writer_object(&item->writer, NULL);
        write_measure(call, &item->writer, &measures[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

enum status measure_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct measure *measure = measure_find(call->parameters[0]);

    if (measure == NULL)
        return error_set(err, STATUS_MISSING, "measures.unknown", "", "there is no measure of this code");
    write_measure(call, &item->writer, measure);
    return STATUS_OK;
}

/* One entry a field: a word of `shown` that begins with "where.". */
static void write_shown(struct json_writer *writer, const struct call *call, const struct measure *measure,
                        const char *where)
{
    size_t size = strlen(where);

    for (const char *word = measure->shown; *word != '\0';) {
        size_t length = strcspn(word, " ");
        if (length > size + 1 && memcmp(word, where, size) == 0 && word[size] == '.') {
            writer_object(writer, NULL);
            writer_text(writer, "field", (struct text){word + size + 1, length - size - 1});
            writer_string(writer, "code", measure->code);
            writer_text(writer, "formula", measure_formula(call->arena, measure, rules_of(call)));
            writer_end(writer);
        }
        word += length + (word[length] == ' ');
    }
}

void measures_write_shown(struct json_writer *writer, const struct call *call, const char *where)
{
    writer_list(writer, "measures");
    for (size_t i = 0; i < measure_count; i++)
        write_shown(writer, call, &measures[i], where);
    writer_end(writer);
}

void measures_write_analysis(struct json_writer *writer, const struct call *call, struct text model)
{
    const char *code = arena_format(call->arena, "analysis.%.*s", (int)model.size, model.bytes);
    const struct measure *measure = measure_find(text_from(code));

    writer_list(writer, "measures");
    if (measure != NULL) {
        writer_object(writer, NULL);
        writer_string(writer, "field", "rows");
        writer_string(writer, "code", measure->code);
        writer_text(writer, "formula", measure_formula(call->arena, measure, rules_of(call)));
        writer_end(writer);
    }
    writer_end(writer);
}

/* ---- the rules ---- */

#define DAYS_VALUE(title, member, low, high, usual, sentence)                                            \
    {                                                                                                    \
        .name = title, .type = FIELD_INTEGER, .flags = FIELD_DEFAULT, .fallback = usual,                 \
        .offset = offsetof(struct lifecycle, member), .minimum = low, .maximum = high, .about = sentence \
    }
#define INTERVALS_VALUE(title, member, usual, sentence)                                                 \
    {                                                                                                   \
        .name = title, .type = FIELD_DECIMAL, .flags = FIELD_DEFAULT, .fallback = usual, .scale = 1,    \
        .offset = offsetof(struct lifecycle, member), .minimum = 10, .maximum = 1000, .about = sentence \
    }
#define RULE_FIELDS                                                                                                   \
    DAYS_VALUE("active_days", active_days, 1, 3660, 365, "Who bought or visited within so many is active."),          \
        DAYS_VALUE("own_interval_days", own_interval_days, 2, 100, 3,                                                 \
                   "From so many purchase days on a member has an interval of their own."),                           \
        INTERVALS_VALUE("at_risk_intervals", at_risk_tenths, 20, "Silence over so many usual intervals is at risk."), \
        INTERVALS_VALUE("lapsed_intervals", lapsed_tenths, 30, "Above at_risk_intervals."),                           \
        INTERVALS_VALUE("lost_intervals", lost_tenths, 50, "Above lapsed_intervals."),                                \
        DAYS_VALUE("won_back_days", won_back_days, 1, 3660, 90,                                                       \
                   "So long after buying when lapsed a member is won back."),                                         \
        DAYS_VALUE("new_purchases", new_purchases, 1, 100, 3, "Below so many purchases a member is new."),            \
        DAYS_VALUE("growth_days", growth_days, 1, STANDING_RECENT_DAYS / 2, 90,                                       \
                   "Spend of the last so many days against so many before."),                                         \
        DAYS_VALUE("repeat_purchases", repeat_purchases, 2, 100, 2, "Who bought so often is a repeat buyer.")

static enum status check_rules(const void *value, struct error *err)
{
    return lifecycle_check(value, err);
}

static const struct field rules_input_fields[] = {RULE_FIELDS};
const struct shape measure_rules_input_shape = {.name = "MeasureRulesInput",
                                                .about = "What is absent is as usual.",
                                                .size = sizeof(struct lifecycle),
                                                SHAPE_FIELDS(rules_input_fields),
                                                .check = check_rules};
static const struct field rules_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0: as usual; also the ETag."},
    RULE_FIELDS,
};
const struct shape measure_rules_shape = {.name = "MeasureRules", SHAPE_FIELDS(rules_fields)};

static void write_rules(struct json_writer *writer, const struct lifecycle *rules)
{
    writer_integer(writer, "version", rules->version);
    for (size_t i = 0; i < lifecycle_value_count; i++) {
        if (lifecycle_values[i].tenths)
            writer_decimal(writer, lifecycle_values[i].name, lifecycle_value_of(rules, i), 1);
        else
            writer_integer(writer, lifecycle_values[i].name, lifecycle_value_of(rules, i));
    }
}

static struct text rules_json(struct arena *arena, const struct lifecycle *rules)
{
    struct json_writer writer;

    writer_start(&writer, arena);
    writer_object(&writer, NULL);
    write_rules(&writer, rules);
    writer_end(&writer);
    return writer_done(&writer);
}

enum status measure_rules_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct lifecycle rules;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = lifecycle_read(session, &rules, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    write_rules(&item->writer, &rules);
    item->etag = rules.version;
    return STATUS_OK;
}

static enum status change_rules(struct call *call, struct storage_session *session, struct lifecycle *rules,
                                struct error *err)
{
    struct lifecycle before;
    int64_t version = 0;
    enum status status = call_if_match(call, &version, err);

    if (status == STATUS_OK)
        status = lifecycle_read(session, &before, err);
    if (status == STATUS_OK && version != 0 && version != before.version)
        return error_set(err, STATUS_STALE, "measures.stale", "If-Match", "the rules were changed meanwhile");
    if (status != STATUS_OK)
        return status;
    rules->version = before.version + 1;
    status = lifecycle_write(session, rules, call->now, err);
    return status == STATUS_OK ? call_audit(call, "measure_rules.updated", 0, rules_json(call->arena, &before),
                                            rules_json(call->arena, rules), err)
                               : status;
}

enum status measure_rules_put_handle(struct call *call, struct item *item, struct error *err)
{
    struct lifecycle *rules = item->body;
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = change_rules(call, session, rules, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    write_rules(&item->writer, rules);
    item->etag = rules->version;
    return call_write_commit(call, session, err);
}
