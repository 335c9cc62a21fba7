/* bookings_store.h: bookings, policies and rate codes in the database. */
#ifndef PATRON_FEATURES_ORDERS_BOOKINGS_STORE_H
#define PATRON_FEATURES_ORDERS_BOOKINGS_STORE_H

#include "engine/engine.h"
#include "features/orders/booking_command.h"

/* Reads policies and rate codes into `set`; part of the engine's configure hook. */
enum status bookings_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                               struct error *err);
enum status booking_rules_read(struct storage_session *session, struct arena *arena, struct booking_rules *out,
                               struct error *err);

struct booking_list {
    struct arena *arena;
    struct booking *items;
    size_t count, capacity;
};
struct booking_query {
    enum booking_kind kind;
    struct text store; /* empty: any */
    const int64_t *members;
    size_t member_count; /* 0: of anybody */
    int32_t from_day, until_day;
    int32_t before_day; /* strictly before (day, id) in the order of the list: newest day first */
    int64_t before_id;
    int state; /* 0: any */
    size_t limit;
};
/* At most `limit` + 1, newest day first. */
enum status bookings_list(struct storage_session *session, struct arena *arena, const struct booking_query *query,
                          struct booking_list *out, struct error *err);
/* STATUS_MISSING `order.unknown`, also when it is of another kind. */
enum status booking_read(struct storage_session *session, struct arena *arena, enum booking_kind kind, int64_t id,
                         struct booking *out, struct error *err);
/* By its number within its channel; 0: none has it. */
struct booking_number {
    enum booking_kind kind;
    struct text channel, number;
};
enum status booking_find(struct storage_session *session, struct arena *arena, const struct booking_number *number,
                         int64_t *id, struct error *err);

/* The latest texts of bookings as JSON, out[i] of items[i]; empty: none, or erased. */
enum status booking_details(struct storage_session *session, struct arena *arena, const struct booking *items,
                            size_t count, struct text *out, struct error *err);

/* Gives the lines of the sale that `work` makes cost and tax of the catalogue. `booking` 0: the command begins it. */
enum status booking_price(struct storage_session *session, struct arena *arena, int64_t booking,
                          struct booking_work *work, struct error *err);

/* Names the counters of the limits that the sale of the command, of which work->asked_at is set, may change. */
void booking_limits(const struct programme_set *set, struct command *command, struct arena *arena);

/*
 * Prepares a change of `booking` in `command`, whose body is a struct booking_work: events, persons, the sale there is,
 * bucket, day and counters. Event, times, place, payments and proof are set.
 */
enum status booking_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                            const struct booking *booking, struct arena *arena, struct error *err);

/* ---- configuration; every change renews the configuration of every process ---- */

enum status booking_policy_put(struct storage_session *session, struct text kind, const struct booking_policy *policy,
                               struct error *err);
enum status rate_code_put(struct storage_session *session, const struct rate_code *rate, struct error *err);
enum status rate_code_delete(struct storage_session *session, struct text code, struct error *err);

#endif
