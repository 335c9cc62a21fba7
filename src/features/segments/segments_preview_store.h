/* segments_preview_store.h: how many members an expression would take in, before it is saved. */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENTS_PREVIEW_STORE_H
#define PATRON_FEATURES_SEGMENTS_SEGMENTS_PREVIEW_STORE_H

#include "engine/engine.h"
#include "features/conditions/condition.h"

enum { SEGMENT_SAMPLE = 10 };

struct segment_preview {
    const struct condition *when;
    const struct programme_set *programmes;
    int64_t now;
    /* Asked now and then with the buckets done; false stops. NULL: always true. */
    bool (*go_on)(void *context, int done);
    void *context;
};
struct segment_preview_result {
    bool complete;                  /* false: it was stopped */
    int64_t count, base;            /* of all persons; base: how many there are */
    int64_t sample[SEGMENT_SAMPLE]; /* some of them, always the same ones */
    size_t sample_count;
};
enum status segments_preview(struct engine *engine, const struct segment_preview *what,
                             struct segment_preview_result *out, struct error *err);

#endif
