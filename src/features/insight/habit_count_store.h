/* habit_count_store.h: what persons did, counted: for the files that keep habits and those that judge them. */
#ifndef PATRON_FEATURES_INSIGHT_HABIT_COUNT_STORE_H
#define PATRON_FEATURES_INSIGHT_HABIT_COUNT_STORE_H

#include "features/insight/habit_store.h"

struct persons {
    const int64_t *ids;
    size_t count;
};

/* Counts what persons did, from their lines and looks; `out` has as many places, their texts are in the arena. */
enum status habits_count(struct storage_session *session, struct arena *arena, const struct persons *persons,
                         const struct habit_window *window, struct habit *out, struct error *err);

#endif
