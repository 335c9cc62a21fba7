/* live_chunk_store.h: the days with purchases of some buckets at a time, so that no work needs all of a base at once. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_CHUNK_STORE_H
#define PATRON_FEATURES_INSIGHT_LIVE_CHUNK_STORE_H

#include "engine/engine.h"
#include "features/insight/live_model.h"

/* Which buckets: from `first` on, as many as it takes to have `persons` or to come to the end. */
struct live_chunk {
    int first;      /* in and out: the next one to read; BUCKET_COUNT: none is left */
    size_t persons; /* enough */
};

/*
 * The persons whose leader is in one of the buckets, by bucket and id, with the days of all their members; a bucket as of one
 * moment. Members fall into buckets by a hash: some buckets stand for all. STATUS_LIMIT `insight.days`.
 */
enum status live_chunk_read(struct storage_session *session, struct arena *arena, struct live_chunk *chunk,
                            int32_t today, struct live_base *out, struct error *err);

#endif
