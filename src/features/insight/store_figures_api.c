#include "features/insight/store_figures_api.h"

#include <stddef.h>

#include "features/events/events.h"
#include "features/insight/store_figures_store.h"
#include "features/measures/measures_api.h"
#include "foundation/checked.h"

enum { FIGURES_DAYS_MAX = 3700, FIGURES_DAYS_USUAL = 30 };

struct figures_query {
    int32_t from, to;
    struct text store;
};
static const struct field query_fields[] = {
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct figures_query, from),
     .about = "29 days before `to` when absent."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct figures_query, to), .about = "Today when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct figures_query, store),
     .maximum = CODE_SIZE_MAX,
     .about = "One store alone."},
};
const struct shape store_figures_query_shape = {
    .name = "StoreFiguresQuery", .size = sizeof(struct figures_query), SHAPE_FIELDS(query_fields)};

#define FIGURE_FIELDS                                                                                           \
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                      \
        {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                       \
        {.name = "returned", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                    \
        {.name = "visits", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                     \
        {.name = "new_members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                \
        {.name = "anonymous_purchases",                                                                         \
         .type = FIELD_INTEGER,                                                                                 \
         .flags = FIELD_REQUIRED,                                                                               \
         .about = "Without a member, and not claimed since."},                                                  \
        {.name = "anonymous_sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                             \
        {.name = "stays", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "By the day of departure."}, \
        {.name = "nights",                                                                                      \
         .type = FIELD_INTEGER,                                                                                 \
         .flags = FIELD_REQUIRED,                                                                               \
         .about = "Of stays that ended, each on its own day."},                                                 \
    {                                                                                                           \
        .name = "member_share", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .scale = 4,    \
        .about = "Sales to members over all sales, before returns; null without sales."                         \
    }

static const struct field figures_fields[] = {
    {.name = "store", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    FIGURE_FIELDS,
};
static const struct shape figures_shape = {.name = "StoreFigures", .size = 0, SHAPE_FIELDS(figures_fields)};
static const struct field total_fields[] = {FIGURE_FIELDS};
static const struct shape total_shape = {.name = "StoreFiguresTotal", .size = 0, SHAPE_FIELDS(total_fields)};

static const struct field reply_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "stores",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &figures_shape,
     .about = "Those with any figure, by code."},
    {.name = "total",
     .type = FIELD_OBJECT,
     .flags = FIELD_REQUIRED,
     .shape = &total_shape,
     .about = "Over the stores above."},
    MEASURES_FIELD,
};
const struct shape store_figures_shape = {.name = "StoreFiguresReply", .size = 0, SHAPE_FIELDS(reply_fields)};

static void write_figures(struct json_writer *writer, const struct store_figures *figures, const char *currency)
{
    int64_t share;

    writer_integer(writer, "purchases", figures->purchases);
    writer_amount(writer, "sales", figures->sales, currency);
    writer_amount(writer, "returned", figures->returned, currency);
    writer_integer(writer, "visits", figures->visits);
    writer_integer(writer, "new_members", figures->members_registered);
    writer_integer(writer, "anonymous_purchases", figures->anonymous_purchases);
    writer_amount(writer, "anonymous_sales", figures->anonymous_sales, currency);
    writer_integer(writer, "stays", figures->stays);
    writer_integer(writer, "nights", figures->nights);
    if (figures->sales > 0 &&
        checked_scale(figures->sales - figures->anonymous_sales, 10000, figures->sales, ROUNDING_HALF_UP, &share))
        writer_decimal(writer, "member_share", share, 4);
    else
        writer_null(writer, "member_share");
}

static void add_figures(struct store_figures *total, const struct store_figures *figures)
{
    total->purchases += figures->purchases;
    total->sales += figures->sales;
    total->returned += figures->returned;
    total->visits += figures->visits;
    total->members_registered += figures->members_registered;
    total->anonymous_purchases += figures->anonymous_purchases;
    total->anonymous_sales += figures->anonymous_sales;
    total->stays += figures->stays;
    total->nights += figures->nights;
}

static void write_stores(struct call *call, struct json_writer *writer, const struct store_figures *figures,
                         size_t count)
{
    const struct figures_query *query = call->query;
    const char *currency = programme_at(call->programmes, call->now)->currency;
    struct store_figures total = {.store = TEXT("")};

    writer_list(writer, "stores");
    for (size_t i = 0; i < count; i++) {
        bool wanted = query->store.size == 0 || text_equal(figures[i].store, query->store);
        if (!wanted || !call_sees_store(call, figures[i].store))
            continue;
        add_figures(&total, &figures[i]);
        writer_object(writer, NULL);
        writer_text(writer, "store", figures[i].store);
        write_figures(writer, &figures[i], currency);
        writer_end(writer);
    }
    writer_end(writer);
    writer_object(writer, "total");
    write_figures(writer, &total, currency);
    writer_end(writer);
}

enum status store_figures_get(struct call *call, struct item *item, struct error *err)
{
    static const struct figures_query nothing = {FIELD_DAY_ABSENT, FIELD_DAY_ABSENT, {NULL, 0}};
    if (call->query == NULL)
        call->query = &nothing;
    const struct figures_query *query = call->query;
    struct storage_session *session;
    int32_t today = zone_day(programme_at(call->programmes, call->now)->zone, call->now);
    struct store_figures_list list = {.last = query->to != FIELD_DAY_ABSENT ? query->to : today};
    list.first = query->from != FIELD_DAY_ABSENT ? query->from : list.last - (FIGURES_DAYS_USUAL - 1);

    if (list.last < list.first || list.last - list.first >= FIGURES_DAYS_MAX)
        return error_set(err, STATUS_INVALID, "insight.range", "from", "the period has 1 to %d days", FIGURES_DAYS_MAX);
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = store_figures_read(session, call->arena, &list, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_day(&item->writer, "from", list.first);
    writer_day(&item->writer, "to", list.last);
    write_stores(call, &item->writer, list.items, list.count);
    measures_write_shown(&item->writer, call, "store_figures");
    return STATUS_OK;
}
