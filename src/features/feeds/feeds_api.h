/* feeds_api.h: what is advertised, over HTTP; also for the command line. */
#ifndef PATRON_FEATURES_FEEDS_FEEDS_API_H
#define PATRON_FEATURES_FEEDS_FEEDS_API_H

#include "api/call.h"
#include "features/feeds/feed.h"

enum { FEED_AGE_SECONDS_MAX = 60 }; /* a copy is kept no longer, and never past the next change */

extern const struct shape feed_query_shape, feed_shape, feed_versions_query_shape, feed_version_shape,
    feed_proof_query_shape, feed_proof_shape, widget_query_shape;

enum status feed_handle(struct call *call, struct item *item, struct error *err);
enum status feed_versions_handle(struct call *call, struct item *item, struct error *err);
enum status feed_proof_handle(struct call *call, struct item *item, struct error *err);
/* widget_api.c */
enum status widget_page_handle(struct call *call, struct item *item, struct error *err);
enum status widget_script_handle(struct call *call, struct item *item, struct error *err);

/* Without a key only what the programme declares public: STATUS_UNAUTHORISED `auth.required`. `*open`: it is. */
enum status feed_enter(const struct call *call, bool *open, struct error *err);

/* How many whole seconds a copy of the feed may be kept at `now`. */
int64_t feed_age(const struct feed *feed, int64_t now);

/* ---- what is written: the members of an open object ---- */

struct feed_asked {
    struct arena *arena;
    const struct programme_set *set;
    struct text channel;
    int language; /* index into advertised_languages */
};
void feed_write(struct json_writer *writer, const struct feed_asked *asked, const struct feed *feed);
void feed_version_write(struct json_writer *writer, const struct feed_asked *asked, const struct feed *feed);
void feed_proof_write(struct json_writer *writer, const struct feed_asked *asked, struct text code, int64_t at,
                      const struct feed_proof *proof);

/* The widget as a page of its own. */
struct text widget_page(const struct feed_asked *asked, const struct feed *feed, int64_t now);
extern const char widget_style_digest[]; /* of its style, for the header Content-Security-Policy */

#endif
