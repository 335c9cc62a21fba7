#include "features/promises/report_store.h"

#include <string.h>

#include "features/events/terms.h"
#include "queries.h"

enum { SCRATCH_BYTES = 64 << 20 };

struct report_reading {
    struct promise_report *report;
    const struct report_question *question;
    struct arena *scratch; /* of one purchase */
    void (*take)(struct promise_report *report, const struct report_sum *sum);
};

static bool sees(const struct report_reading *reading, struct text store)
{
    return reading->question->sees == NULL || reading->question->sees(reading->question->context, store);
}

static enum status receive_purchase(void *context, const struct storage_row *row, struct error *err)
{
    static const char label[] = "\"lines\":", honour[] = "\"honour\":";
    const struct report_reading *reading = context;
    struct text facts = row_text(row, 1);
    const struct line_terms *terms;
    size_t count;

    if (!sees(reading, row_text(row, 0)) || facts.size == 0 ||
        memmem(facts.bytes, facts.size, label, sizeof label - 1) == NULL)
        return STATUS_OK;
    arena_reset(reading->scratch);
    if (memmem(facts.bytes, facts.size, honour, sizeof honour - 1) != NULL) {
        struct purchase_facts all;
        enum status found = purchase_facts_read(reading->scratch, facts, &all, err);
        for (size_t i = 0; found == STATUS_OK && i < all.honour_count; i++)
            report_proved(reading->report, row_text(row, 0), all.honours[i].value);
        if (found != STATUS_OK)
            return found;
    }
    enum status status = terms_facts_read(reading->scratch, facts, &terms, &count, err);
    if (status == STATUS_OK)
        report_purchase(reading->report, row_text(row, 0), terms, count);
    return status;
}

static enum status receive_sum(void *context, const struct storage_row *row, struct error *err)
{
    const struct report_reading *reading = context;
    const struct report_sum sum = {.store = row_text(row, 0),
                                   .reason = row_text(row, 1),
                                   .state = row_integer(row, 2),
                                   .count = row_integer(row, 3),
                                   .value = row_integer(row, 4),
                                   .cost = row_integer(row, 5)};

    (void)err;
    if (sees(reading, sum.store))
        reading->take(reading->report, &sum);
    return STATUS_OK;
}

static enum status read_sums(struct storage_session *session, const struct storage_query *query,
                             struct report_reading *reading, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_sum, .context = reading};
    const struct report_question *question = reading->question;
    const struct storage_value values[] = {value_integer(question->first), value_integer(question->last),
                                           value_text(question->store)};

    return storage_run(session, query, values, 1, &receiver, err);
}

static enum status read_purchases(struct storage_session *session, struct report_reading *reading, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_purchase, .context = reading};
    const struct report_question *question = reading->question;
    enum status status = STATUS_OK;

    for (int bucket = 0; bucket < BUCKET_COUNT && status == STATUS_OK; bucket++) {
        const struct storage_value values[] = {value_integer(bucket), value_integer(question->first),
                                               value_integer(question->last), value_text(question->store)};
        status = storage_run(session, &query_promises_report_purchases, values, 1, &receiver, err);
    }
    return status;
}

enum status report_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                        const struct report_question *question, struct promise_report *out, struct error *err)
{
    struct report_reading reading = {.report = out, .question = question};

    if (question->last < question->first || question->last - question->first >= REPORT_DAYS_MAX)
        return error_set(err, STATUS_INVALID, "promise.period", "from", "the period has 1 to %d days", REPORT_DAYS_MAX);
    reading.scratch = arena_new(SCRATCH_BYTES);
    if (reading.scratch == NULL)
        return error_set(err, STATUS_LIMIT, "internal.defect", "", "there is no memory for the report");
    report_start(out, arena, set, question->first, question->last);
    enum status status = read_purchases(session, &reading, err);
    arena_free(reading.scratch);
    reading.take = report_missed;
    if (status == STATUS_OK)
        status = read_sums(session, &query_promises_report_missed, &reading, err);
    reading.take = report_honours;
    if (status == STATUS_OK)
        status = read_sums(session, &query_promises_report_honours, &reading, err);
    if (status != STATUS_OK)
        return status;
    report_advertised(out, set, set->versions[set->version_count - 1].zone);
    report_finish(out);
    return STATUS_OK;
}
