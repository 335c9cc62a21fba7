/* Versions of the programme, its accounts, and currency rates over HTTP. */
#include "features/programme/programme_api.h"

#include <stddef.h>
#include <string.h>

#include "api/page.h"
#include "features/programme/programme_store.h"

enum { DOCUMENT_BYTES_MAX = 262144, NOTE_BYTES_MAX = 1000 };

/* ---- versions ---- */

static const struct field version_fields[] = {
    {.name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "0 is the built-in default."},
    {.name = "published_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "effective_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "author", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "note", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "in_force", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "document", .type = FIELD_JSON_MAP, .flags = FIELD_REQUIRED, .maximum = DOCUMENT_BYTES_MAX},
    {.name = "warnings",
     .type = FIELD_LIST,
     .element = FIELD_TEXT,
     .about = "What the document leaves open and should not; of a publication or check."},
};
const struct shape programme_version_shape = {
    .name = "ProgrammeVersion", .about = "A published version of the programme.", SHAPE_FIELDS(version_fields)};

struct publication {
    struct text document, note;
    int64_t effective_at;
    bool validate;
};
static const struct field publication_fields[] = {
    {.name = "document",
     .type = FIELD_JSON_MAP,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct publication, document),
     .maximum = DOCUMENT_BYTES_MAX,
     .about = "The programme, as docs/programme.md describes it."},
    {.name = "note", .type = FIELD_TEXT, .offset = offsetof(struct publication, note), .maximum = NOTE_BYTES_MAX},
    {.name = "effective_at",
     .type = FIELD_INSTANT,
     .offset = offsetof(struct publication, effective_at),
     .about = "At least 5 seconds ahead, which is the default."},
    {.name = "validate",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct publication, validate),
     .about = "Only check the document; nothing is published (200)."},
};
const struct shape publication_shape = {
    .name = "ProgrammePublication", .size = sizeof(struct publication), SHAPE_FIELDS(publication_fields)};

static void write_version(const struct call *call, struct json_writer *writer, const struct programme_version *version)
{
    const struct programme *current = programme_at(call->programmes, call->now);

    writer_integer(writer, "version", version->version);
    writer_instant(writer, "published_at", version->published_at);
    writer_instant(writer, "effective_at", version->effective_at);
    writer_text(writer, "author", version->author);
    writer_text(writer, "note", version->note);
    writer_boolean(writer, "in_force", version->version == current->version);
    writer_raw(writer, "document", version->source);
}

static enum status load_versions(struct call *call, int64_t before, size_t limit, struct programme_version **out,
                                 size_t *count, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = programme_versions(session, call->arena, (struct version_page){before, limit}, out, count, err);
    call_read_end(call, session);
    return status;
}

/* Version 0, which is in no table. */
static struct programme_version default_version(void)
{
    return (struct programme_version){.source = programme_default_source()};
}

static enum status find_version(struct call *call, int64_t number, struct programme_version *out, struct error *err)
{
    struct programme_version *found;
    size_t count;

    *out = default_version();
    if (number == 0)
        return STATUS_OK;
    enum status status = load_versions(call, number < INT64_MAX ? number + 1 : number, 1, &found, &count, err);
    if (status != STATUS_OK)
        return status;
    if (count == 0 || found[0].version != number)
        return error_set(err, STATUS_MISSING, "programme.unknown", "", "there is no such version");
    *out = found[0];
    return STATUS_OK;
}

enum status programme_get_handle(struct call *call, struct item *item, struct error *err)
{
    struct programme_version version;
    enum status status = find_version(call, programme_at(call->programmes, call->now)->version, &version, err);

    if (status == STATUS_OK)
        write_version(call, &item->writer, &version);
    return status;
}

enum status programme_version_handle(struct call *call, struct item *item, struct error *err)
{
    struct programme_version version;
    int64_t number;

    if (!text_to_integer(call->parameters[0], &number) || number < 0)
        return error_set(err, STATUS_MISSING, "programme.unknown", "", "there is no such version");
    enum status status = find_version(call, number, &version, err);
    if (status == STATUS_OK)
        write_version(call, &item->writer, &version);
    return status;
}

enum status programme_versions_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1};
    struct programme_version *versions;
    size_t count, limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = load_versions(call, given ? cursor.integers[0] : INT64_MAX, limit + 1, &versions, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        writer_object(&item->writer, NULL);
        write_version(call, &item->writer, &versions[i]);
        writer_end(&item->writer);
        cursor.integers[0] = versions[i].version;
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count > limit);
    return STATUS_OK;
}

/* A version as it was published, with what should be said in it and is not. */
static void write_published(const struct call *call, struct json_writer *writer,
                            const struct programme_version *version, const struct programme *parsed)
{
    struct text *warnings;
    size_t count = programme_warnings(call->arena, parsed, &warnings);

    write_version(call, writer, version);
    writer_list(writer, "warnings");
    for (size_t i = 0; i < count; i++)
        writer_text(writer, NULL, warnings[i]);
    writer_end(writer);
}

static enum status publish(struct call *call, struct item *item, struct programme_version *version,
                           const struct programme *parsed, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = programme_publish(session, version, err);
    if (status == STATUS_OK)
        status = call_audit(call, "programme.published", 0, (struct text){NULL, 0}, version->source, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    write_published(call, &item->writer, version, parsed);
    return call_write_commit(call, session, err);
}

enum status programme_publish_handle(struct call *call, struct item *item, struct error *err)
{
    const struct publication *body = item->body;
    struct programme parsed;
    struct programme_version version = {.published_at = call->now,
                                        .effective_at = body->effective_at != 0 ? body->effective_at
                                                                                : call->now + PUBLICATION_AHEAD,
                                        .author = call->actor,
                                        .note = body->note,
                                        .source = body->document};
    enum status status = programme_parse(call->arena, body->document, &parsed, err);

    if (status != STATUS_OK) {
        error_prefix_field(err, "document.");
        return status;
    }
    if (body->validate) {
        item->status = 200;
        write_published(call, &item->writer, &version, &parsed);
        return STATUS_OK;
    }
    if (programme_at(call->programmes, call->now)->review == REVIEW_SECOND_PERSON)
        return error_set(err, STATUS_CONFLICT, "definition.review", "",
                         "a second person has to approve it: save it with PUT /v1/programme/draft, and hand it in");
    status = publish(call, item, &version, &parsed, err);
    return status == STATUS_OK ? engine_configuration_reload(call->engine, err) : status;
}

/* ---- accounts in force ---- */

static const char *const expiry_kinds[] = {"never", "after", "end_of", "fixed_day", "activity", NULL};
static const char *const debts[] = {"clamp", "allow", NULL};
static const struct field wallet_fields[] = {
    {.name = "code", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "spendable", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "transferable", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "expiry", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = expiry_kinds},
    {.name = "debt", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = debts},
    {.name = "pending_days", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "value_points",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "So many points are worth value."},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
const struct shape wallet_policy_shape = {.name = "WalletPolicy", SHAPE_FIELDS(wallet_fields)};

enum status wallets_handle(struct call *call, struct item *item, struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct json_writer *writer = &item->writer;

    (void)err;
    writer_list(writer, "items");
    for (size_t i = 0; i < programme->wallet_count; i++) {
        const struct wallet_policy *policy = &programme->wallets[i];
        writer_object(writer, NULL);
        writer_text(writer, "code", policy->code);
        writer_text(writer, "name", policy->name);
        writer_boolean(writer, "spendable", policy->spendable);
        writer_boolean(writer, "transferable", policy->transferable);
        writer_string(writer, "expiry", expiry_kinds[policy->expiry]);
        writer_string(writer, "debt", debts[policy->debt]);
        writer_integer(writer, "pending_days", policy->pending_days);
        if (policy->value_points > 0) {
            writer_integer(writer, "value_points", policy->value_points);
            writer_amount(writer, "value", policy->value_minor, programme->currency);
        } else {
            writer_null(writer, "value_points");
            writer_null(writer, "value");
        }
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    return STATUS_OK;
}

/* ---- rates ---- */

struct rate_input {
    struct text currency;
    int32_t day;
    int64_t rate;
};
static const struct field rate_input_fields[] = {
    {.name = "currency",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, currency),
     .minimum = 3,
     .maximum = 3},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED, .offset = offsetof(struct rate_input, day)},
    {.name = "rate",
     .type = FIELD_DECIMAL,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct rate_input, rate),
     .scale = RATE_SCALE,
     .minimum = 1,
     .maximum = INT64_C(100000000000000),
     .about = "Units of the programme's currency for one unit of this one."},
};
const struct shape rate_input_shape = {
    .name = "RateInput", .size = sizeof(struct rate_input), SHAPE_FIELDS(rate_input_fields)};
static const struct field rate_fields[] = {
    {.name = "currency", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "rate", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = RATE_SCALE},
};
const struct shape rate_shape = {
    .name = "Rate", .about = "The rate of a currency on a day.", SHAPE_FIELDS(rate_fields)};

static void write_rate(struct json_writer *writer, const struct rate_entry *rate)
{
    writer_string(writer, "currency", rate->currency);
    writer_day(writer, "day", rate->day);
    writer_decimal(writer, "rate", rate->rate, RATE_SCALE);
}

enum status rates_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct rate_input *body = item->body;
    struct rate_entry rate = {.day = body->day, .rate = body->rate};
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    memcpy(rate.currency, body->currency.bytes, CURRENCY_SIZE - 1);
    status = rates_put(session, call->arena, programme_at(call->programmes, call->now), &rate, 1, err);
    struct json_writer change;
    writer_start(&change, call->arena);
    writer_object(&change, NULL);
    write_rate(&change, &rate);
    writer_end(&change);
    if (status == STATUS_OK)
        status = call_audit(call, "rate.updated", 0, (struct text){NULL, 0}, writer_done(&change), err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    write_rate(&item->writer, &rate);
    return call_write_commit(call, session, err);
}

enum status rates_get_handle(struct call *call, struct item *item, struct error *err)
{
    const struct page_query *query = call->query;
    struct cursor cursor = {.integer_count = 1, .text_count = 1};
    struct rate_entry after = {.day = INT32_MIN}, *rates;
    struct storage_session *session;
    size_t count, limit = (size_t)query->page.limit;
    bool given;
    enum status status = cursor_read(call->arena, query->page.after, &cursor, &given, err);

    if (status == STATUS_OK)
        status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    if (given) {
        after.day = (int32_t)cursor.integers[0];
        memcpy(after.currency, cursor.texts[0].bytes, cursor.texts[0].size < 3 ? cursor.texts[0].size : 3);
    }
    status = rates_list(session, call->arena, (struct rate_page){&after, limit + 1}, &rates, &count, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count && i < limit; i++) {
        writer_object(&item->writer, NULL);
        write_rate(&item->writer, &rates[i]);
        writer_end(&item->writer);
        cursor.integers[0] = rates[i].day;
        cursor.texts[0] = text_from(rates[i].currency);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, &cursor, count > limit);
    return STATUS_OK;
}
