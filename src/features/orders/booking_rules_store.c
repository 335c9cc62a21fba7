/* Policies and rate codes in the database. */
#include "features/orders/bookings_store.h"
#include "queries.h"
#include "storage/storage.h"

struct rules_read {
    struct arena *arena;
    struct booking_rules *rules;
    struct rate_code *rates;
    size_t count, capacity;
};

static enum status receive_policy(void *context, const struct storage_row *row, struct error *err)
{
    struct rules_read *read = context;
    struct booking_policy *policy = text_equals(row_text(row, 0), "stay") ? &read->rules->stays : &read->rules->orders;

    (void)err;
    *policy = (struct booking_policy){.version = row_integer(row, 1),
                                      .credit = (enum booking_credit)row_integer(row, 2),
                                      .activation = (enum booking_activation)row_integer(row, 3),
                                      .return_days = (int)row_integer(row, 4)};
    return STATUS_OK;
}

static enum status receive_rate(void *context, const struct storage_row *row, struct error *err)
{
    struct rules_read *read = context;

    (void)err;
    read->rates = arena_grow(read->arena, read->rates, &read->capacity, read->count + 1, sizeof *read->rates);
    read->rates[read->count++] = (struct rate_code){.code = row_text_copy(row, 0, read->arena),
                                                    .version = row_integer(row, 1),
                                                    .name = row_text_copy(row, 2, read->arena),
                                                    .earns = row_integer(row, 3) != 0,
                                                    .credit = (enum rate_credit)row_integer(row, 4)};
    return STATUS_OK;
}

enum status booking_rules_read(struct storage_session *session, struct arena *arena, struct booking_rules *out,
                               struct error *err)
{
    struct rules_read read = {.arena = arena, .rules = out};
    const struct storage_receiver policies = {.row = receive_policy, .context = &read};
    const struct storage_receiver rates = {.row = receive_rate, .context = &read};

    *out = (struct booking_rules){.rates = NULL};
    enum status status = storage_run(session, &query_orders_policies, NULL, 1, &policies, err);
    if (status == STATUS_OK)
        status = storage_run(session, &query_orders_rates, NULL, 1, &rates, err);
    out->rates = read.rates;
    out->rate_count = read.count;
    return status;
}

enum status bookings_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                               struct error *err)
{
    struct booking_rules *rules = arena_alloc(arena, sizeof *rules);
    enum status status = booking_rules_read(session, arena, rules, err);

    set->bookings = rules;
    return status;
}

/* ---- changes ---- */

static enum status renew(struct storage_session *session, enum status status, struct error *err)
{
    const struct storage_value first = value_integer(1);

    return status == STATUS_OK ? storage_run(session, &query_orders_epoch_bump, &first, 1, NULL, err) : status;
}

enum status booking_policy_put(struct storage_session *session, struct text kind, const struct booking_policy *policy,
                               struct error *err)
{
    const struct storage_value values[] = {value_text(kind), value_integer(policy->version),
                                           value_integer(policy->credit), value_integer(policy->activation),
                                           value_integer(policy->return_days)};

    return renew(session, storage_run(session, &query_orders_policy_put, values, 1, NULL, err), err);
}

enum status rate_code_put(struct storage_session *session, const struct rate_code *rate, struct error *err)
{
    const struct storage_value values[] = {value_text(rate->code), value_integer(rate->version), value_text(rate->name),
                                           value_integer(rate->earns), value_integer(rate->credit)};

    return renew(session, storage_run(session, &query_orders_rate_put, values, 1, NULL, err), err);
}

enum status rate_code_delete(struct storage_session *session, struct text code, struct error *err)
{
    const struct storage_value value = value_text(code);

    return renew(session, storage_run(session, &query_orders_rate_delete, &value, 1, NULL, err), err);
}
