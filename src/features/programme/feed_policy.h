/*
 * feed_policy.h: "feeds" and "promise_grace_minutes" of the programme document: which channels show their feed to everybody, and how
 * long an offer that is over is honoured for who was shown it. Pure.
 */
#ifndef PATRON_FEATURES_PROGRAMME_FEED_POLICY_H
#define PATRON_FEATURES_PROGRAMME_FEED_POLICY_H

#include "features/programme/programme.h"

enum { FEEDS_MAX = 50, FEED_FRAMES_MAX = 20, FEED_FRAME_SIZE_MAX = 200, PROMISE_GRACE_MINUTES_MAX = 7 * 24 * 60 };

struct feed_policy {
    struct text channel;
    bool open;                 /* read without a key */
    const struct text *frames; /* addresses whose pages may show the widget in a frame: "https://shop.example" */
    size_t frame_count;
};

/* NULL: nothing is said of the channel. */
const struct feed_policy *feed_policy_of(const struct programme *programme, struct text channel);

struct object; /* programme_read.h */
enum status feed_policies_read(const struct object *document, struct programme *programme);

#endif
