/* segment_live_store.h: segments of the live base: found again when they are due, kept with who is in them. */
#ifndef PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_STORE_H
#define PATRON_FEATURES_INSIGHT_SEGMENT_LIVE_STORE_H

#include "features/insight/live_members_store.h"
#include "features/insight/segments.h"
#include "foundation/map.h"

enum { SEGMENT_DAYS_USUAL = 7, SEGMENT_DAYS_MAX = 365, SEGMENT_MILLION = 1000000 };

struct segment_plan {
    int64_t every_days; /* 0: only when asked */
    enum segment_method method;
    int64_t wanted; /* so many; 0: the largest stable number */
    /* The last time; run_at 0: never. */
    int64_t run_at, members;
    int64_t explained, stability; /* in millionths */
};
enum status segment_plan_read(struct storage_session *session, struct segment_plan *out, struct error *err);
/* In a write transaction; what came out last stays. */
enum status segment_plan_keep(struct storage_session *session, const struct segment_plan *plan, struct error *err);

struct found_segment {
    int64_t number, members, found_at, seen_at, left_at; /* left_at 0: it is there */
    struct text name;
    struct segment_mean means[LIVE_FEATURES];
};
struct found_segments {
    struct found_segment *items; /* the largest first */
    size_t count, capacity;
};
/* Sets `members` of each to how many of those that are keys of `members` are in it. */
enum status found_segments_count(struct storage_session *session, const struct map *members,
                                 struct found_segments *found, struct error *err);
enum status found_segments_read(struct storage_session *session, struct arena *arena, struct found_segments *out,
                                struct error *err);

struct segment_member {
    int64_t member, segment, since;
    struct text name; /* of the segment, where one member is asked for */
};
struct segment_members {
    struct segment_member *items;
    size_t count, capacity;
};
/* The segment of a member, or of who it was merged into; `*found` false when in none. */
enum status member_segment_read(struct storage_session *session, struct arena *arena, int64_t member, bool *found,
                                struct segment_member *out, struct error *err);
struct segment_page {
    int64_t number, after; /* of the segment; the member before the page, 0: it is the first */
    int64_t limit;
};
enum status segment_members_read(struct storage_session *session, struct arena *arena, const struct segment_page *page,
                                 struct segment_members *out, struct error *err);

/*
 * Finds the segments of everybody who bought by the plan and keeps them in short transactions, those that are known again
 * under their numbers; `only_due`: unless the plan says that it is too early. `*ran` says whether it did. STATUS_INVALID
 * `segments.members` for too few members, STATUS_LIMIT `insight.days` for too many.
 */
struct segment_refresh {
    bool only_due;
    bool (*go_on)(void *context, size_t done, size_t total); /* false stops; may be NULL */
    void *context;
};
enum status segments_refresh(struct engine *engine, const struct segment_refresh *what, bool *ran,
                             struct segment_plan *out, struct error *err);

#endif
