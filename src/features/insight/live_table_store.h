/* live_table_store.h: the base as tables that analyses read like files: days, lines of purchases, persons; streamed. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_TABLE_STORE_H
#define PATRON_FEATURES_INSIGHT_LIVE_TABLE_STORE_H

#include "engine/engine.h"

/* Which part of the base: what happened from `first` to `last`, of `sample` per cent of the persons, always the same ones. */
struct live_part {
    int32_t first, last;
    double sample; /* 100: all */
};

bool live_part_has(const struct live_part *part, int64_t leader);

/* A day on which a person bought, net of returns, in minor units. */
struct live_day {
    int64_t leader, spend;
    int32_t day;
};

/* What was bought and kept: lines that came back whole are left out, others are less what came back. */
struct live_line {
    int64_t leader, purchase;
    int32_t day;
    int64_t quantity_milli, amount, discount; /* minor units */
    struct text store, channel, sku, category;
};

struct live_item {
    struct text sku, category, attributes; /* JSON */
    struct text brand;
    int64_t cost; /* of one, minor units; below 0: not known */
};

/* Somebody who bought; times are instants. */
struct live_person {
    int64_t id, purchases, purchase_days, spend, returns, visits, first_purchase_at, last_purchase_at, registered_at;
    struct text tier;
};

/* How somebody buys, of one of the members that a person may be. */
struct live_habit {
    int64_t leader, lines, discounted, categories;
};

/* Called for every row (of the type that its stream says), in constant memory but for returns; texts are borrowed. */
struct live_receiver {
    enum status (*each)(void *context, const void *row, struct error *err);
    void *context;
};

enum status live_days_stream(struct storage_session *session, const struct live_part *part,
                             const struct live_receiver *receiver, struct error *err);
enum status live_lines_stream(struct storage_session *session, const struct live_part *part,
                              const struct live_receiver *receiver, struct error *err);
/* Of the whole time, as what is known of them is. */
enum status live_persons_stream(struct storage_session *session, const struct live_part *part,
                                const struct live_receiver *receiver, struct error *err);
enum status live_habits_stream(struct storage_session *session, const struct live_part *part,
                               const struct live_receiver *receiver, struct error *err);
enum status live_items_stream(struct storage_session *session, const struct live_receiver *receiver, struct error *err);

/* How many rows there are at most, before the sample. */
enum status live_days_count(struct storage_session *session, const struct live_part *part, int64_t *out,
                            struct error *err);
enum status live_persons_count(struct storage_session *session, int64_t *out, struct error *err);

#endif
