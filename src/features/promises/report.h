/*
 * report.h: promises of a period: what was advertised, what was kept, honoured, missed, made good, and what is still open. Pure.
 */
#ifndef PATRON_FEATURES_PROMISES_REPORT_H
#define PATRON_FEATURES_PROMISES_REPORT_H

#include "features/events/facts.h"
#include "features/promises/honour.h"
#include "features/promises/missed.h"

enum { REPORT_DAYS_MAX = 400, REPORT_CHANNELS_MAX = 1000 };

struct report_figure {
    int64_t count, value; /* minor units */
};

struct report_store {
    struct text store;              /* empty: none was told */
    struct report_figure kept;      /* uses of offers in purchases, and what they took off */
    struct report_figure proved;    /* offers that were over and were honoured: they had been shown */
    struct report_figure traceless; /* honoured without a trace, and what that cost */
    struct report_figure waiting;   /* of these, those that wait for a decision */
    struct report_figure missed;    /* benefits that were due and not given, withdrawn ones left out */
    struct report_figure good;      /* of these, made good, and what that cost */
    struct report_figure open;      /* listed, or waiting */
};

struct report_reason {
    struct text reason;
    struct report_figure figure;
};

struct report_channel {
    struct text channel;
    int64_t items; /* offers, rewards ... that were shown in the period */
};

struct promise_report {
    struct arena *arena;
    int32_t first, last;
    struct report_store *stores;
    size_t store_count, store_capacity;
    struct report_store total;
    struct report_reason *reasons; /* of what was honoured without a trace */
    size_t reason_count, reason_capacity;
    struct report_channel *channels;
    size_t channel_count, channel_capacity;
    const struct map *codes; /* of offers */
};

/* `codes`: the offers whose uses count. */
void report_start(struct promise_report *report, struct arena *arena, const struct programme_set *set, int32_t first,
                  int32_t last);
/* A purchase: each offer that took something off is a use. */
void report_purchase(struct promise_report *report, struct text store, const struct line_terms *terms, size_t count);
/* An offer that was over and was honoured with the purchase. */
void report_proved(struct promise_report *report, struct text store, int64_t value);
/* So many missed benefits of a store and state. */
struct report_sum {
    struct text store, reason;
    int64_t state, count, value, cost;
};
void report_missed(struct promise_report *report, const struct report_sum *sum);
void report_honours(struct promise_report *report, const struct report_sum *sum);
/* What was advertised from the first day on until the last. */
void report_advertised(struct promise_report *report, const struct programme_set *set, const struct zone *zone);
/* Sorts, and sums up. */
void report_finish(struct promise_report *report);

/* As CSV, a line for each store, the last one for all. */
struct text report_csv(struct arena *arena, const struct promise_report *report, const struct programme *programme);

#endif
