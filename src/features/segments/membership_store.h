/*
 * membership_store.h: what is known of segments, and how it changes. Whoever evaluates reads the positions and everything else in
 * one snapshot and writes what follows in one transaction; when somebody else has written meanwhile, nothing is.
 */
#ifndef PATRON_FEATURES_SEGMENTS_MEMBERSHIP_STORE_H
#define PATRON_FEATURES_SEGMENTS_MEMBERSHIP_STORE_H

#include "engine/engine.h"
#include "foundation/id.h"

/* Where each bucket was in the snapshot. */
struct segment_positions {
    int64_t head[BUCKET_COUNT];
    int64_t read[BUCKET_COUNT]; /* rows of the journal that were followed; -1: none yet */
    int64_t turn[BUCKET_COUNT];
};
enum status segment_positions_read(struct storage_session *session, struct segment_positions *out, struct error *err);
/* Before the first reading of positions. */
enum status segment_turns_create(struct storage_session *session, struct error *err);

/* ---- what changes ---- */

struct membership_move {
    int64_t member;
    struct text segment; /* borrowed */
    bool joins;
};
struct membership_due {
    int64_t member, due_at; /* INSTANT_NEVER: no more */
};
struct membership_changes {
    struct arena *arena;
    const struct segment_positions *positions;
    int64_t now;
    int32_t today;
    struct membership_move *moves;
    size_t move_count, move_capacity;
    struct membership_due *dues;
    size_t due_count, due_capacity;
    int64_t read[BUCKET_COUNT]; /* followed up to; only where `follows` */
    bool follows[BUCKET_COUNT], touches[BUCKET_COUNT];
};
/* Only `arena`, `positions`, `now` and `today` need be set. */
void membership_move(struct membership_changes *changes, int64_t member, struct text segment, bool joins);
void membership_set_due(struct membership_changes *changes, int64_t member, int64_t due_at);
void membership_follow(struct membership_changes *changes, int bucket, int64_t seq);

/*
 * Writes the changes in a transaction of its own. STATUS_BUSY `segments.moved` when the positions are no longer those of the
 * snapshot. Then `positions->turn` is as after the transaction, so that the next part of the same evaluation can follow.
 */
enum status membership_commit(struct storage_session *session, struct membership_changes *changes,
                              struct segment_positions *positions, struct error *err);

/* ---- reading ---- */

struct membership { /* ascending by member within a bucket, then by segment */
    int64_t member;
    struct text segment;
};
struct memberships {
    struct membership *items;
    size_t count, capacity;
};
enum status memberships_of(struct storage_session *session, struct arena *arena, const int64_t *members, size_t count,
                           struct memberships *out, struct error *err);

struct membership_dues {
    struct membership_due *items;
    size_t count, capacity;
};
enum status membership_dues_of(struct storage_session *session, struct arena *arena, const int64_t *members,
                               size_t count, struct membership_dues *out, struct error *err);

/* Of one bucket, ascending. */
struct member_ids {
    int64_t *ids;
    size_t count, capacity;
};
enum status membership_bucket(struct storage_session *session, struct arena *arena, int bucket, struct text segment,
                              struct member_ids *out, struct error *err);
enum status membership_bucket_dues(struct storage_session *session, struct arena *arena, int bucket,
                                   struct membership_dues *out, struct error *err);

/* ---- how far the segments are ---- */

struct segment_state {
    struct text segment, basis;
    int64_t evaluated_at;
};
struct segment_states {
    struct segment_state *items;
    size_t count, capacity;
};
enum status segment_states_read(struct storage_session *session, struct arena *arena, struct segment_states *out,
                                struct error *err);
enum status segment_state_put(struct storage_session *session, const struct segment_state *state, struct error *err);
/* With all of its cursors when no segment is left. */
enum status segment_state_drop(struct storage_session *session, struct text segment, bool last, struct error *err);

enum status segment_scored_at(struct storage_session *session, int64_t *out, struct error *err); /* 0: never */

/* ---- for lists ---- */

struct membership_row {
    int64_t member, since;
    struct text segment; /* empty in a page */
};
struct membership_rows {
    struct membership_row *items;
    size_t count, capacity;
};
struct membership_page {
    struct text segment;
    int64_t after; /* 0: from the first */
    int64_t limit;
};
enum status membership_page_read(struct storage_session *session, struct arena *arena,
                                 const struct membership_page *page, struct membership_rows *out, struct error *err);
enum status membership_of_person(struct storage_session *session, struct arena *arena, int64_t leader,
                                 struct membership_rows *out, struct error *err);
enum status membership_count(struct storage_session *session, struct text segment, int64_t *out, struct error *err);

struct segment_size { /* of a day on which somebody came or went */
    int32_t day;
    int64_t joined, gone, size; /* at its end */
};
struct segment_sizes {
    struct segment_size *items;
    size_t count, capacity;
};
enum status segment_sizes_read(struct storage_session *session, struct arena *arena, struct text segment,
                               struct segment_sizes *out, struct error *err);
enum status segment_person_count(struct storage_session *session, int64_t *out, struct error *err);

#endif
