#include "features/events/sales_store.h"

#include <string.h>

#include "features/events/facts.h"
#include "features/events/item_attributes.h"
#include "queries.h"

static const size_t SCRATCH_SIZE = (size_t)64 << 20;

struct item_names {
    struct text name, brand;
};

struct reading {
    struct sales_sum *sum;
    struct arena *scratch; /* of one event */
    struct map *items;     /* sku -> struct item_names; NULL: not wanted */
    int bucket;
    int64_t seq;                    /* of the event in hand */
    const struct line_terms *terms; /* its terms */
    size_t term_count;
};

static enum status receive_item(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    struct item_names *names = arena_alloc(reading->sum->arena, sizeof *names);

    (void)err;
    *names =
        (struct item_names){row_text_copy(row, 1, reading->sum->arena), row_text_copy(row, 2, reading->sum->arena)};
    if (names->brand.size == 0)
        names->brand = item_attributes_read(reading->sum->arena, row_text(row, 3)).brand;
    map_put(reading->items, row_text_copy(row, 0, reading->sum->arena), names);
    return STATUS_OK;
}

/* Facts come with the first line of an event. Most say nothing of lines, and are not read. */
static enum status next_event(struct reading *reading, int64_t seq, struct text facts, struct error *err)
{
    static const char label[] = "\"lines\":";

    reading->seq = seq;
    reading->terms = NULL;
    reading->term_count = 0;
    if (facts.size == 0 || memmem(facts.bytes, facts.size, label, sizeof label - 1) == NULL)
        return STATUS_OK;
    arena_reset(reading->scratch);
    return terms_facts_read(reading->scratch, facts, &reading->terms, &reading->term_count, err);
}

static enum status receive_line(void *context, const struct storage_row *row, struct error *err)
{
    struct reading *reading = context;
    int64_t seq = row_integer(row, 0);
    enum status status = seq != reading->seq ? next_event(reading, seq, row_text(row, 4), err) : STATUS_OK;

    if (status != STATUS_OK)
        return status;
    struct purchase_line sold = {.number = (int32_t)row_integer(row, 5),
                                 .sku = row_text(row, 6),
                                 .category = row_text(row, 7),
                                 .quantity_milli = row_integer(row, 8),
                                 .amount = row_integer(row, 9)};
    terms_attach(&sold, 1, reading->terms, reading->term_count);
    struct text kind = row_text(row, 1);
    const struct item_names *names = reading->items != NULL ? map_get(reading->items, sold.sku) : NULL;
    const struct sales_line line = {.event = id_make(seq, reading->bucket),
                                    .kind = text_equals(kind, "return") ? SALES_RETURNED
                                            : text_equals(kind, "void") ? SALES_VOIDED
                                                                        : SALES_SOLD,
                                    .day = (int32_t)row_integer(row, 2),
                                    .store = row_text(row, 3),
                                    .line = &sold,
                                    .name = names != NULL ? names->name : (struct text){NULL, 0},
                                    .brand = names != NULL ? names->brand : (struct text){NULL, 0}};
    return sales_add(reading->sum, &line, err);
}

static enum status read_lines(struct storage_session *session, struct reading *reading, struct error *err)
{
    const struct sales_question *question = reading->sum->question;
    const struct storage_receiver items = {.row = receive_item, .context = reading};
    const struct storage_receiver lines = {.row = receive_line, .context = reading};
    enum status status = STATUS_OK;

    if (question->by == SALES_BY_ITEM || question->by == SALES_BY_BRAND) {
        reading->items = map_new(reading->sum->arena, 1024);
        status = storage_run(session, &query_events_sales_items, NULL, 1, &items, err);
    }
    for (reading->bucket = 0; reading->bucket < BUCKET_COUNT && status == STATUS_OK; reading->bucket++) {
        const struct storage_value values[] = {value_integer(reading->bucket), value_integer(question->first),
                                               value_integer(question->last)};
        reading->seq = -1;
        status = storage_run(session, &query_events_sales_lines, values, 1, &lines, err);
    }
    return status;
}

enum status sales_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                       const struct sales_question *question, struct sales_sum *sum, struct error *err)
{
    struct reading reading = {.sum = sum};

    if (question->last < question->first || question->last - question->first >= SALES_DAYS_MAX)
        return error_set(err, STATUS_INVALID, "sales.range", "from", "the period has 1 to %d days", SALES_DAYS_MAX);
    reading.scratch = arena_new(SCRATCH_SIZE);
    if (reading.scratch == NULL)
        return error_set(err, STATUS_LIMIT, "sales.groups", "by", "there is no memory for the figures");
    sales_start(sum, arena, question, set);
    enum status status = read_lines(session, &reading, err);
    if (status == STATUS_OK)
        sales_finish(sum);
    arena_free(reading.scratch);
    return status;
}
