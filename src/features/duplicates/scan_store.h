/* scan_store.h: searches all members for duplicates and keeps the pairs found in the queue. */
#ifndef PATRON_FEATURES_DUPLICATES_SCAN_STORE_H
#define PATRON_FEATURES_DUPLICATES_SCAN_STORE_H

#include "engine/engine.h"
#include "features/duplicates/find.h"

struct scan {
    double threshold; /* 0: the usual one */
    size_t threads;   /* 0: as many as there are processors */
    /* Between steps; false ends the scan, which changes nothing. May be NULL. */
    bool (*go_on)(void *context, size_t done, size_t total);
    void *context;
};
struct scan_result {
    size_t members, pairs; /* in the base; in the queue, those that were decided before not counted */
    size_t cut;            /* pairs beyond QUEUE_PAIRS_MAX: the least probable are left out */
    bool stopped;
};

enum status duplicates_scan(struct engine *engine, const struct scan *scan, struct scan_result *out, struct error *err);

#endif
