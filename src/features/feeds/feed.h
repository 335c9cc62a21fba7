/*
 * feed.h: what a channel shows at a time, its versions, and whether something was shown. Pure.
 *
 * A feed is never written down: it follows from the published versions of all definitions and their times, which are kept for ever.
 * A version of it lasts from one instant at which something appears or disappears until the next.
 */
#ifndef PATRON_FEATURES_FEEDS_FEED_H
#define PATRON_FEATURES_FEEDS_FEED_H

#include "features/definitions/advertised.h"

/* All that a channel ever shows, in the order of the kinds, then ascending by (code, from). */
struct advertisements {
    struct advertisement *items;
    size_t count, capacity;
};

/* Adds the version when the channel shows it. */
void advertisements_add(struct arena *arena, const struct definition_kind *kind, const struct definition *definition,
                        struct text channel, struct advertisements *out);
/* Those of the configuration: what ended more than DEFINITION_KEPT_DAYS ago is not among them. */
void advertisements_gather(struct arena *arena, const struct programme_set *set, struct text channel,
                           struct advertisements *out);

struct feed {
    const struct advertisement **items;
    size_t count;
    int64_t from, until; /* of this version; INT64_MIN: nothing was shown before; INSTANT_NEVER: nothing changes */
};
struct feed feed_at(struct arena *arena, const struct advertisements *all, int64_t at);

/*
 * The instants before `before` at which versions begin, the latest first; at most `max`. Returns how many.
 */
size_t feed_changes(struct arena *arena, const struct advertisements *all, int64_t before, size_t max,
                    const int64_t **out);

struct feed_proof {
    const struct advertisement *shown;  /* at that time; NULL: it was not */
    const struct advertisement *before; /* not shown: the last one that ended by then; NULL: none */
    const struct advertisement *after;  /* not shown: the next one to begin; NULL: none */
};
/* Whether `code` was shown; `kind` NULL: of any kind. */
struct feed_proof feed_prove(const struct advertisements *all, const struct definition_kind *kind, struct text code,
                             int64_t at);

#endif
