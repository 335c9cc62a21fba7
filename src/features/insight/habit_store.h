/* habit_store.h: what kind of buyer each person is: counts kept of their lines, renewed for whoever did something new. */
#ifndef PATRON_FEATURES_INSIGHT_HABIT_STORE_H
#define PATRON_FEATURES_INSIGHT_HABIT_STORE_H

#include "engine/engine.h"
#include "features/insight/types.h"

enum {
    HABIT_WINDOW_DAYS = 90, /* looks count so long, or as long as events of their kinds are kept */
    HABIT_BRAND_PERSONS = 20000,
};

/* The counts of one person. */
struct habit {
    int64_t person;
    int64_t counted_at;
    struct type_member member; /* evidence; judged by habits_judge */
    struct text brand;         /* bought most at full price; empty: none */
};

/* What all do: against it each is judged. */
struct habit_base {
    bool known; /* it was learned */
    struct type_base types;
    double brand_lines; /* lines at full price of all brands, by members that stand for all */
};

/* When a look began to count, as of now. */
struct habit_window {
    int64_t since;
    int32_t since_day;
};
struct habit_window habit_window_at(const struct programme_set *set, int64_t now);

/* Counts anew whoever did something since the last time, in short transactions. */
enum status habits_renew(struct engine *engine, struct storage_session *writes, int64_t now, struct error *err);

/* Sums up all, and keeps the shares of brands. */
enum status habits_learn(struct storage_session *writes, size_t persons, int64_t now, struct habit_base *out,
                         struct error *err);

enum status habit_base_put(struct storage_session *writes, struct arena *arena, const struct habit_base *base,
                           int64_t now, struct error *err);
enum status habit_base_get(struct storage_session *session, struct arena *arena, struct habit_base *out,
                           struct error *err);

/* Shares of brands in memory, for judging many. */
struct habit_brands;
enum status habit_brands_read(struct storage_session *session, struct arena *arena, struct habit_brands **out,
                              struct error *err);

struct habits {
    struct habit *items; /* by person */
    size_t count, capacity;
};
struct habit_judge {
    const struct habit_base *base;
    const struct habit_brands *brands;
};
/* The persons of a bucket, judged; their texts in the arena. */
enum status habits_of_bucket(struct storage_session *session, struct arena *arena, int bucket,
                             const struct habit_judge *judge, struct habits *out, struct error *err);

struct habit_standard {
    struct habit_window window;
    struct habit_base base;
};
/* One person as of now, from the lines themselves, judged when the base is known. */
enum status habit_of_person(struct storage_session *session, struct arena *arena, int64_t leader,
                            const struct habit_standard *standard, struct habit *out, struct error *err);

#endif
