/* programme_store.h: published versions of the programme and currency rates in the database. */
#ifndef PATRON_FEATURES_PROGRAMME_PROGRAMME_STORE_H
#define PATRON_FEATURES_PROGRAMME_PROGRAMME_STORE_H

#include "features/programme/programme.h"
#include "storage/storage.h"

#define PUBLICATION_AHEAD (5 * INSTANT_SECOND) /* so that every process has the version before it is in force */

enum { RATE_SCALE = 8 }; /* a rate is kept with so many decimals */

/*
 * The first step of the engine's configure hook: versions, rates and epoch into a new set in `arena`; the hook lets other
 * features add theirs (events_configure) before it hands the set out.
 */
enum status programme_configure(struct storage_session *session, struct arena *arena, struct programme_set **out,
                                struct error *err);

struct programme_version {
    int64_t version;
    int64_t published_at, effective_at;
    struct text author, note;
    struct text source; /* the document */
};

/*
 * Publishes in the session's write transaction: sets `version->version` and raises the epoch. The document must have been
 * parsed. STATUS_INVALID `programme.too_soon` when effective_at is less than PUBLICATION_AHEAD after published_at.
 */
enum status programme_publish(struct storage_session *session, struct programme_version *version, struct error *err);

struct version_page {
    int64_t before; /* versions below it; INT64_MAX: all */
    size_t limit;
};
/* At most `limit` versions below `before` (INT64_MAX: all), newest first. */
enum status programme_versions(struct storage_session *session, struct arena *arena, struct version_page page,
                               struct programme_version **out, size_t *count, struct error *err);

/* `rate` units of the programme's currency for one unit of `currency`, times 10^RATE_SCALE. */
struct rate_entry {
    char currency[CURRENCY_SIZE];
    int32_t day;
    int64_t rate;
};

/* Writes rates in the session's write transaction and raises the epoch. STATUS_INVALID `rate.range`, `json.currency`. */
enum status rates_put(struct storage_session *session, struct arena *arena, const struct programme *programme,
                      const struct rate_entry *rates, size_t count, struct error *err);

struct rate_page {
    const struct rate_entry *after;
    size_t limit;
};
enum status rates_list(struct storage_session *session, struct arena *arena, struct rate_page page,
                       struct rate_entry **out, size_t *count, struct error *err);

#endif
