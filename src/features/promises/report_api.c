/* The report of promises over HTTP. */
#include <stddef.h>

#include "features/promises/promises_api.h"
#include "features/promises/report_store.h"

enum { DAYS_USUAL = 30 };

struct report_query {
    int32_t from, to;
    struct text store;
};
static const struct field query_fields[] = {
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct report_query, from),
     .about = "29 days before `to` when absent."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct report_query, to), .about = "Today when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct report_query, store),
     .maximum = CODE_SIZE_MAX},
};
const struct shape promise_report_query_shape = {
    .name = "PromiseReportQuery", .size = sizeof(struct report_query), SHAPE_FIELDS(query_fields)};

/* ---- replies ---- */

static const struct field figure_fields[] = {
    {.name = "count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "value", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape figure_shape = {.name = "PromiseFigure", SHAPE_FIELDS(figure_fields)};

#define FIGURE(title, help)                                                                                     \
    {                                                                                                           \
        .name = (title), .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &figure_shape, .about = (help) \
    }
#define FIGURES                                                                                                \
    FIGURE("kept", "Uses of offers in purchases, and what they took off."),                                    \
        FIGURE("honoured_with_proof",                                                                          \
               "Offers that were over, honoured because they had been shown; and what they took off."),        \
        FIGURE("honoured_without_trace", "And what that cost."), FIGURE("honours_waiting", "For a decision."), \
        FIGURE("missed", "Benefits that were due and not given, of goods that have not come back."),           \
        FIGURE("made_good", "Of these, and what that cost."), FIGURE("open", "Of these, listed or waiting.")

static const struct field store_fields[] = {
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    FIGURES,
};
static const struct shape store_shape = {.name = "PromiseStore", SHAPE_FIELDS(store_fields)};
static const struct field total_fields[] = {FIGURES};
static const struct shape total_shape = {.name = "PromiseTotal", SHAPE_FIELDS(total_fields)};
static const struct field reason_fields[] = {
    {.name = "reason", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "cost", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
};
static const struct shape reason_shape = {.name = "PromiseReason", SHAPE_FIELDS(reason_fields)};
static const struct field channel_fields[] = {
    {.name = "channel", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "items", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape channel_shape = {.name = "PromiseChannel", SHAPE_FIELDS(channel_fields)};
static const struct field report_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "made",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &channel_shape,
     .about = "What was advertised at some time of the period, by channel."},
    {.name = "stores", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_OBJECT, .shape = &store_shape},
    {.name = "total", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &total_shape},
    {.name = "reasons",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &reason_shape,
     .about = "Of what was honoured without a trace."},
};
const struct shape promise_report_shape = {.name = "PromiseReport",
                                           .about = "Promises made, kept, missed and made good in a period.",
                                           SHAPE_FIELDS(report_fields)};

static void write_figure(struct json_writer *writer, const char *name, const struct report_figure *figure,
                         const char *currency)
{
    writer_object(writer, name);
    writer_integer(writer, "count", figure->count);
    writer_amount(writer, "value", figure->value, currency);
    writer_end(writer);
}

static void write_figures(struct json_writer *writer, const struct report_store *store, const char *currency)
{
    write_figure(writer, "kept", &store->kept, currency);
    write_figure(writer, "honoured_with_proof", &store->proved, currency);
    write_figure(writer, "honoured_without_trace", &store->traceless, currency);
    write_figure(writer, "honours_waiting", &store->waiting, currency);
    write_figure(writer, "missed", &store->missed, currency);
    write_figure(writer, "made_good", &store->good, currency);
    write_figure(writer, "open", &store->open, currency);
}

static void write_report(struct json_writer *writer, const struct promise_report *report, const char *currency)
{
    writer_day(writer, "from", report->first);
    writer_day(writer, "to", report->last);
    writer_list(writer, "made");
    for (size_t i = 0; i < report->channel_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "channel", report->channels[i].channel);
        writer_integer(writer, "items", report->channels[i].items);
        writer_end(writer);
    }
    writer_end(writer);
    writer_list(writer, "stores");
    for (size_t i = 0; i < report->store_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "store", report->stores[i].store);
        write_figures(writer, &report->stores[i], currency);
        writer_end(writer);
    }
    writer_end(writer);
    writer_object(writer, "total");
    write_figures(writer, &report->total, currency);
    writer_end(writer);
    writer_list(writer, "reasons");
    for (size_t i = 0; i < report->reason_count; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "reason", report->reasons[i].reason);
        writer_integer(writer, "count", report->reasons[i].figure.count);
        writer_amount(writer, "cost", report->reasons[i].figure.value, currency);
        writer_end(writer);
    }
    writer_end(writer);
}

/* ---- asking ---- */

static bool sees(const void *context, struct text store)
{
    return call_sees_store(context, store);
}

static enum status read_report(struct call *call, struct promise_report *report, struct error *err)
{
    const struct report_query *query = call->query;
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct report_question question = {.store = query->store, .sees = sees, .context = call};
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    question.last = query->to != FIELD_DAY_ABSENT ? query->to : zone_day(programme->zone, call->now);
    question.first = query->from != FIELD_DAY_ABSENT ? query->from : question.last - (DAYS_USUAL - 1);
    status = report_read(session, call->arena, call->programmes, &question, report, err);
    call_read_end(call, session);
    return status;
}

enum status promise_report_handle(struct call *call, struct item *item, struct error *err)
{
    struct promise_report report;
    enum status status = read_report(call, &report, err);

    if (status == STATUS_OK)
        write_report(&item->writer, &report, programme_at(call->programmes, call->now)->currency);
    return status;
}

enum status promise_report_file_handle(struct call *call, struct item *item, struct error *err)
{
    struct promise_report report;
    enum status status = read_report(call, &report, err);

    (void)item;
    if (status == STATUS_OK)
        call_reply_content(call, "text/csv; charset=utf-8",
                           report_csv(call->arena, &report, programme_at(call->programmes, call->now)), "promises.csv");
    return status;
}
