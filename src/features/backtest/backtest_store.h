/* backtest_store.h: a back-test: a past period of the journal under a planned programme. */
#ifndef PATRON_FEATURES_BACKTEST_BACKTEST_STORE_H
#define PATRON_FEATURES_BACKTEST_BACKTEST_STORE_H

#include "engine/engine.h"
#include "features/backtest/plan.h"
#include "features/backtest/replay.h"

/* Address space for the persons; what is not needed is not taken. So many fit into it, and into no more than BACKTEST_PERSONS_MAX. */
#define BACKTEST_MEMORY_BYTES ((size_t)32 << 30)
enum { BACKTEST_PERSONS_MAX = 1500000 };

struct backtest_request {
    int64_t until;    /* events that happened from plan.from until before */
    struct plan plan; /* in force since then */
};

struct backtest_watch {
    bool (*cancelled)(void *context);
    void (*progress)(void *context, int64_t done, int64_t total);
    void *context;
};

/* STATUS_INVALID `backtest.period`. */
enum status backtest_check(const struct backtest_request *request, struct error *err);

/* Runs it; cancelled: STATUS_OK and NULL. `memory` keeps the report. STATUS_LIMIT `backtest.memory`. */
enum status backtest_run(struct engine *engine, struct arena *memory, const struct backtest_request *request,
                         const struct backtest_watch *watch, const struct replay_report **out, struct error *err);

#endif
