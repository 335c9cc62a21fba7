/* rescore_store.h: learns from the whole base and scores every person: nightly, and when asked for. */
#ifndef PATRON_FEATURES_INSIGHT_RESCORE_STORE_H
#define PATRON_FEATURES_INSIGHT_RESCORE_STORE_H

#include "features/insight/live_store.h"

enum {
    MODEL_CHOSEN_DAYS = 30, /* so old a choice is made anew */
};

struct rescore {
    bool choose;      /* the model anew; else only when there is no choice, or an old one */
    int unless_hours; /* nothing is done when it was done in so many hours; 0: in any case */
    bool keep_only;   /* the model is kept, members are not scored */
    const struct score_watch *watch;
};
struct rescore_result {
    struct kept_model model;
    size_t persons;
    int64_t alerts; /* raised: members whose risk passed the threshold */
    bool stopped;
};

/* Errors as of live_base_read and live_learn: then nothing is changed. */
enum status rescore_run(struct engine *engine, const struct rescore *what, struct rescore_result *out,
                        struct error *err);

#endif
