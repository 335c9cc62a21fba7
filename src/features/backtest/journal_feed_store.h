/*
 * journal_feed_store.h: the journal in the order in which it was written, read by a thread of its own while what was read before is
 * decided.
 */
#ifndef PATRON_FEATURES_BACKTEST_JOURNAL_FEED_STORE_H
#define PATRON_FEATURES_BACKTEST_JOURNAL_FEED_STORE_H

#include "features/backtest/replay.h"
#include "storage/storage.h"

struct journal_feed_options {
    struct storage_session *session; /* the feed's alone until it is stopped */
    int64_t from;                    /* rows that happened earlier come without lines, unless they are wanted */
    int64_t last_at;                 /* nothing that was recorded later */
    const struct map *members;       /* of the replay: they, and what purchases keep of them, are found here */
    const struct map *wanted;        /* events by id, with lines in any case */
    const struct map *kinds;         /* declared kinds, by name, that come with their detail */
    bool triggers;                   /* tell what became a purchase */
};

struct journal_feed;

/* Buckets are merged by recorded_at. */
enum status journal_feed_start(const struct journal_feed_options *options, struct journal_feed **out,
                               struct error *err);

/* The next rows, which stay until the next call; none: that was all. */
enum status journal_feed_next(struct journal_feed *feed, const struct replay_input **rows, size_t *count,
                              struct error *err);

void journal_feed_stop(struct journal_feed *feed); /* accepts NULL */

#endif
