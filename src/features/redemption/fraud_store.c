/* Alerts of unusual earning: listed, read with their evidence, decided. */
#include "features/redemption/fraud_store.h"

#include "features/redemption/fraud_facts.h"
#include "queries.h"
#include "storage/storage.h"

const char *const fraud_kinds[] = {"employee", "till", "member", NULL};
const char *const fraud_metrics[] = {"purchases", "points", NULL};
const char *const fraud_states[] = {"open", "confirmed", "dismissed", NULL};

struct alerts_read {
    struct arena *arena;
    struct fraud_alert *alerts;
    size_t count, capacity;
};

static enum status receive_alert(void *context, const struct storage_row *row, struct error *err)
{
    struct alerts_read *read = context;

    (void)err;
    read->alerts = arena_grow(read->arena, read->alerts, &read->capacity, read->count + 1, sizeof *read->alerts);
    read->alerts[read->count++] = (struct fraud_alert){.id = row_integer(row, 0),
                                                       .kind = (enum fraud_kind)row_integer(row, 1),
                                                       .subject = row_text_copy(row, 2, read->arena),
                                                       .member = row_integer(row, 3),
                                                       .store = row_text_copy(row, 4, read->arena),
                                                       .day = (int32_t)row_integer(row, 5),
                                                       .metric = (enum fraud_metric)row_integer(row, 6),
                                                       .value = row_integer(row, 7),
                                                       .usual = row_integer(row, 8),
                                                       .probability = row_integer(row, 9),
                                                       .tests = row_integer(row, 10),
                                                       .history = row_integer(row, 11),
                                                       .state = (enum fraud_state)row_integer(row, 12),
                                                       .raised_at = row_integer(row, 13),
                                                       .decided_at = row_integer(row, 14),
                                                       .decided_by = row_text_copy(row, 15, read->arena),
                                                       .reason = row_text_copy(row, 16, read->arena)};
    return STATUS_OK;
}

static enum status unknown(struct error *err)
{
    return error_set(err, STATUS_MISSING, "fraud.unknown", "", "there is no such alert");
}

enum status fraud_list(struct storage_session *session, struct arena *arena, const struct fraud_page *page,
                       struct fraud_alert **out, size_t *count, struct error *err)
{
    struct alerts_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_alert, .context = &read};
    const struct storage_value values[] = {value_integer(page->state != 0 ? page->state : FRAUD_OPEN),
                                           value_integer(page->state != 0 ? page->state : FRAUD_DISMISSED),
                                           value_integer(page->given ? page->before_day : INT32_MAX),
                                           value_integer(page->given ? id_bucket(page->before_id) : BUCKET_COUNT),
                                           value_integer(page->before_id),
                                           value_integer((int64_t)page->limit)};
    enum status status = storage_run(session, &query_redemption_fraud_list, values, 1, &receiver, err);

    *out = read.alerts;
    *count = read.count;
    return status;
}

enum status fraud_read(struct storage_session *session, struct arena *arena, int64_t id, struct fraud_alert *out,
                       struct error *err)
{
    struct alerts_read read = {.arena = arena};
    const struct storage_receiver receiver = {.row = receive_alert, .context = &read};
    const struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};
    enum status status = storage_run(session, &query_redemption_fraud_read, values, 1, &receiver, err);

    if (status == STATUS_OK && read.count == 0)
        return unknown(err);
    if (status == STATUS_OK)
        *out = read.alerts[0];
    return status;
}

/* ---- evidence ---- */

struct evidence_read {
    struct arena *arena;
    const struct fraud_alert *alert;
    struct fraud_evidence *out;
    int bucket;
};

static void add_event(struct evidence_read *read, int64_t seq)
{
    if (read->out->count < FRAUD_EVENTS_MAX)
        read->out->events[read->out->count++] = id_make(seq, read->bucket);
}

static enum status receive_day_row(void *context, const struct storage_row *row, struct error *err)
{
    struct evidence_read *read = context;
    const struct fraud_alert *alert = read->alert;
    struct text store = row_text(row, 1), facts = row_text(row, 2), subject = alert->subject;

    (void)err;
    if (!text_equal(store, alert->store))
        return STATUS_OK;
    if (alert->kind == FRAUD_TILL && subject.size > store.size)
        subject = (struct text){subject.bytes + store.size + 1, subject.size - store.size - 1};
    struct text who = fact_find(read->arena, facts, alert->kind == FRAUD_TILL ? "till" : "employee");
    if (text_equal(who, subject))
        add_event(read, row_integer(row, 0));
    return STATUS_OK;
}

static enum status receive_seq(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    add_event(context, row_integer(row, 0));
    return STATUS_OK;
}

enum status fraud_events(struct storage_session *session, struct arena *arena, const struct fraud_alert *alert,
                         struct fraud_evidence *out, struct error *err)
{
    struct evidence_read read = {.arena = arena, .alert = alert, .out = out};
    const struct storage_receiver receiver = {.row = alert->kind == FRAUD_MEMBER ? receive_seq : receive_day_row,
                                              .context = &read};
    enum status status = STATUS_OK;

    out->count = 0;
    if (alert->kind == FRAUD_MEMBER) {
        read.bucket = id_bucket(alert->member);
        const struct storage_value values[] = {value_integer(read.bucket), value_integer(alert->member),
                                               value_integer(zone_day_start(out->zone, alert->day)),
                                               value_integer(zone_day_start(out->zone, alert->day + 1)),
                                               value_integer(FRAUD_EVENTS_MAX)};
        return storage_run(session, &query_redemption_fraud_member_events, values, 1, &receiver, err);
    }
    for (; read.bucket < BUCKET_COUNT && status == STATUS_OK; read.bucket++) {
        const struct storage_value values[] = {value_integer(read.bucket), value_integer(alert->day)};
        status = storage_stream(session, &query_redemption_fraud_day_rows, values, &receiver, err);
    }
    return status;
}

/* ---- deciding ---- */

static enum status receive_id(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status fraud_decide(struct storage_session *session, const struct fraud_alert *alert, struct error *err)
{
    int64_t known = 0;
    const struct storage_receiver receiver = {.row = receive_id, .context = &known};
    const struct storage_value values[] = {value_integer(id_bucket(alert->id)), value_integer(alert->id),
                                           value_integer(alert->state),         value_integer(alert->decided_at),
                                           value_text(alert->decided_by),       value_text(alert->reason)};
    enum status status = storage_run(session, &query_redemption_fraud_decide, values, 1, &receiver, err);

    return status == STATUS_OK && known == 0 ? unknown(err) : status;
}
