/* segment_people_store.h: the facts of many persons at once, as they are stored. */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENT_PEOPLE_STORE_H
#define PATRON_FEATURES_SEGMENTS_SEGMENT_PEOPLE_STORE_H

#include "engine/engine.h"
#include "engine/loader.h"
#include "features/conditions/conditions_store.h"

/* What segments look at, beside the standing. */
struct segment_needs {
    unsigned parts; /* enum condition_part */
    bool points, scores;
};

struct segment_person {
    int64_t leader;
    struct person person;
    struct condition_person known;
    struct fact_scores scores;
    bool scored;
};

struct segment_people {
    struct segment_person *items;
    size_t count;
    int64_t *gone; /* of the ids asked for: those that are no person (any more): merged into another, or erased */
    size_t gone_count;
};

/* The persons to whom the members `ids` belong, each once. Scores are those of the last scoring. */
enum status segment_people_read(struct storage_session *session, struct arena *arena, const struct id_list *ids,
                                struct segment_needs needs, struct segment_people *out, struct error *err);

/* The sources of the facts of one of them. */
struct segment_time {
    const struct programme_set *programmes;
    const struct programme *programme; /* in force at `now` */
    int64_t now;
    int64_t median_interval;
};
void segment_sources(struct arena *arena, const struct segment_time *time, const struct segment_person *person,
                     struct fact_sources *out);

#endif
