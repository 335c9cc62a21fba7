/* feeds_store.h: all that a channel ever showed, however long ago. */
#ifndef PATRON_FEATURES_FEEDS_FEEDS_STORE_H
#define PATRON_FEATURES_FEEDS_FEEDS_STORE_H

#include "features/feeds/feed.h"
#include "storage/storage.h"

#define ADVERTISEMENTS_ARENA_BYTES ((size_t)1 << 30) /* address space: what is not needed is not taken */

/* Those of all published versions, into `arena`. */
enum status advertisements_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                                struct text channel, struct advertisements *out, struct error *err);

#endif
