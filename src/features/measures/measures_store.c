#include "features/measures/measures_store.h"

#include "queries.h"
#include "storage/storage.h"

static enum status receive_rules(void *context, const struct storage_row *row, struct error *err)
{
    struct lifecycle *rules = context;

    (void)err;
    *rules = (struct lifecycle){.version = row_integer(row, 0),
                                .active_days = row_integer(row, 1),
                                .own_interval_days = row_integer(row, 2),
                                .at_risk_tenths = row_integer(row, 3),
                                .lapsed_tenths = row_integer(row, 4),
                                .lost_tenths = row_integer(row, 5),
                                .won_back_days = row_integer(row, 6),
                                .new_purchases = row_integer(row, 7),
                                .growth_days = row_integer(row, 8),
                                .repeat_purchases = row_integer(row, 9)};
    return STATUS_OK;
}

enum status lifecycle_read(struct storage_session *session, struct lifecycle *out, struct error *err)
{
    const struct storage_receiver receiver = {.row = receive_rules, .context = out};

    *out = lifecycle_usual;
    return storage_run(session, &query_measures_lifecycle_get, NULL, 1, &receiver, err);
}

enum status lifecycle_write(struct storage_session *session, const struct lifecycle *rules, int64_t now,
                            struct error *err)
{
    const struct storage_value first = value_integer(1);
    const struct storage_value values[] = {
        value_integer(rules->version),         value_integer(now),
        value_integer(rules->active_days),     value_integer(rules->own_interval_days),
        value_integer(rules->at_risk_tenths),  value_integer(rules->lapsed_tenths),
        value_integer(rules->lost_tenths),     value_integer(rules->won_back_days),
        value_integer(rules->new_purchases),   value_integer(rules->growth_days),
        value_integer(rules->repeat_purchases)};
    enum status status = storage_run(session, &query_measures_lifecycle_put, values, 1, NULL, err);

    return status == STATUS_OK ? storage_run(session, &query_measures_epoch_bump, &first, 1, NULL, err) : status;
}

enum status measures_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                               struct error *err)
{
    struct lifecycle *rules = arena_alloc(arena, sizeof *rules);

    set->lifecycle = rules;
    return lifecycle_read(session, rules, err);
}
