/* entitlements_store.h: what is given to members, in the database. */
#ifndef PATRON_FEATURES_ENTITLEMENTS_ENTITLEMENTS_STORE_H
#define PATRON_FEATURES_ENTITLEMENTS_ENTITLEMENTS_STORE_H

#include "engine/engine.h"
#include "features/entitlements/tier_given.h"

/* STATUS_MISSING `tier.unknown_request`. */
enum status tier_request_read(struct storage_session *session, struct arena *arena, int64_t id,
                              struct tier_request *out, struct error *err);

/* By (time, bucket, id); state -1: any. */
struct tier_request_page {
    int state;
    bool given; /* after: the last one before */
    int64_t after_at, after_id;
    size_t limit;
};
enum status tier_request_page_read(struct storage_session *session, struct arena *arena,
                                   const struct tier_request_page *page, struct tier_request **out, size_t *count,
                                   struct error *err);

#endif
