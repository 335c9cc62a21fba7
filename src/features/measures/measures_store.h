/* measures_store.h: the rules of figures in the database. */
#ifndef PATRON_FEATURES_MEASURES_MEASURES_STORE_H
#define PATRON_FEATURES_MEASURES_MEASURES_STORE_H

#include "engine/engine.h"
#include "features/measures/measures.h"
#include "features/programme/programme.h"

/* The rules in force; version 0: the usual ones. */
enum status lifecycle_read(struct storage_session *session, struct lifecycle *out, struct error *err);
/* In the caller's write transaction; every process follows within a second. */
enum status lifecycle_write(struct storage_session *session, const struct lifecycle *rules, int64_t now,
                            struct error *err);

/* Part of the engine's configure hook. */
enum status measures_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                               struct error *err);

#endif
