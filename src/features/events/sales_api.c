#include "features/events/sales_api.h"

#include <stddef.h>

#include "api/call.h"
#include "features/events/sales_store.h"

enum { SALES_DAYS_USUAL = 30, SALES_ROWS_USUAL = 1000, SALES_ROWS_MAX = 10000 };

struct sales_input {
    int by;
    int32_t from, to;
    struct text store;
    int64_t level, limit;
};
static const struct field query_fields[] = {
    {.name = "by",
     .type = FIELD_CHOICE,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct sales_input, by),
     .choices = sales_by_names},
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct sales_input, from),
     .about = "29 days before `to` when absent."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct sales_input, to), .about = "Today when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct sales_input, store),
     .maximum = CODE_SIZE_MAX,
     .about = "One store alone."},
    {.name = "level",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct sales_input, level),
     .minimum = 0,
     .maximum = CATEGORY_DEPTH_MAX,
     .about = "Of the tree of categories: 1 for the top ones; absent: each line's own."},
    {.name = "limit",
     .type = FIELD_INTEGER,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct sales_input, limit),
     .minimum = 1,
     .maximum = SALES_ROWS_MAX,
     .fallback = SALES_ROWS_USUAL,
     .about = "At most so many groups; the total is over all."},
};
const struct shape sales_query_shape = {
    .name = "SalesQuery", .size = sizeof(struct sales_input), SHAPE_FIELDS(query_fields)};

#define SALES_FIELDS                                                                                                 \
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                                           \
        {.name = "quantity", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .scale = 3},                            \
        {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                            \
        {.name = "returned", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                         \
        {.name = "net_sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},                                        \
        {.name = "cost", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED, .about = "Of the lines with a known cost."}, \
        {.name = "known_cost_share", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED | FIELD_NULLABLE, .scale = 4},   \
        {.name = "basis",                                                                                            \
         .type = FIELD_CHOICE,                                                                                       \
         .flags = FIELD_REQUIRED,                                                                                    \
         .choices = basis_names,                                                                                     \
         .about = "Whether there is a profit, or sales only because costs are missing."},                            \
    {                                                                                                                \
        .name = "profit", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED | FIELD_NULLABLE                             \
    }

static const char *const basis_names[] = {"sales, not profit", "profit", NULL};
static const struct field group_fields[] = {
    {.name = "key", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "The day, or a code; empty: none was told."},
    {.name = "name", .type = FIELD_TEXT},
    SALES_FIELDS,
};
static const struct shape group_shape = {.name = "SalesGroup", .size = 0, SHAPE_FIELDS(group_fields)};
static const struct field total_fields[] = {SALES_FIELDS};
static const struct shape total_shape = {.name = "SalesTotal", .size = 0, SHAPE_FIELDS(total_fields)};
static const struct field definition_fields[] = {
    {.name = "figure", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "definition", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct shape definition_shape = {.name = "SalesDefinition", .size = 0, SHAPE_FIELDS(definition_fields)};

static const struct field reply_fields[] = {
    {.name = "by", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = sales_by_names},
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "groups",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &group_shape,
     .about = "By day; otherwise the greatest net sales first."},
    {.name = "group_count", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Those beyond the limit too."},
    {.name = "total", .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .shape = &total_shape},
    {.name = "definitions",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &definition_shape},
};
const struct shape sales_shape = {.name = "Sales", .size = 0, SHAPE_FIELDS(reply_fields)};

static void write_figures(struct json_writer *writer, const struct sales_figures *figures, const char *currency)
{
    int64_t share = sales_known_share(figures);
    bool known = sales_profit_known(figures);

    writer_integer(writer, "purchases", figures->purchases);
    writer_decimal(writer, "quantity", figures->quantity_milli, 3);
    writer_amount(writer, "sales", figures->sales, currency);
    writer_amount(writer, "returned", figures->returned, currency);
    writer_amount(writer, "net_sales", figures->net_sales, currency);
    writer_amount(writer, "cost", figures->cost, currency);
    if (share >= 0)
        writer_decimal(writer, "known_cost_share", share, 4);
    else
        writer_null(writer, "known_cost_share");
    writer_string(writer, "basis", basis_names[known]);
    if (known)
        writer_amount(writer, "profit", figures->net_sales - figures->cost, currency);
    else
        writer_null(writer, "profit");
}

static void write_sum(struct json_writer *writer, const struct sales_sum *sum, size_t limit, const char *currency)
{
    writer_list(writer, "groups");
    for (size_t i = 0; i < sum->group_count && i < limit; i++) {
        writer_object(writer, NULL);
        writer_text(writer, "key", sum->groups[i]->key);
        if (sum->groups[i]->name.size > 0)
            writer_text(writer, "name", sum->groups[i]->name);
        write_figures(writer, sum->groups[i], currency);
        writer_end(writer);
    }
    writer_end(writer);
    writer_integer(writer, "group_count", (int64_t)sum->group_count);
    writer_object(writer, "total");
    write_figures(writer, &sum->total, currency);
    writer_end(writer);
    writer_list(writer, "definitions");
    for (size_t i = 0; i < sales_definition_count; i++) {
        writer_object(writer, NULL);
        writer_string(writer, "figure", sales_definitions[i].name);
        writer_string(writer, "definition", sales_definitions[i].text);
        writer_end(writer);
    }
    writer_end(writer);
}

static bool sees(const void *context, struct text store)
{
    return call_sees_store(context, store);
}

enum status sales_get(struct call *call, struct item *item, struct error *err)
{
    const struct sales_input *input = call->query;
    const struct programme *programme = programme_at(call->programmes, call->now);
    struct storage_session *session;
    struct sales_sum sum;
    struct sales_question question = {.by = (enum sales_by)input->by,
                                      .store = input->store,
                                      .level = (int)input->level,
                                      .sees = sees,
                                      .context = call};

    question.last = input->to != FIELD_DAY_ABSENT ? input->to : zone_day(programme->zone, call->now);
    question.first = input->from != FIELD_DAY_ABSENT ? input->from : question.last - (SALES_DAYS_USUAL - 1);
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = sales_read(session, call->arena, call->programmes, &question, &sum, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_string(&item->writer, "by", sales_by_names[question.by]);
    writer_day(&item->writer, "from", question.first);
    writer_day(&item->writer, "to", question.last);
    write_sum(&item->writer, &sum, (size_t)input->limit, programme->currency);
    return STATUS_OK;
}
