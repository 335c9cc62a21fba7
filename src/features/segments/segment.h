/* segment.h: a segment: those members for whom an expression holds. A kind of definition. Pure. */
#ifndef PATRON_FEATURES_SEGMENTS_SEGMENT_H
#define PATRON_FEATURES_SEGMENTS_SEGMENT_H

#include "features/conditions/condition.h"
#include "features/definitions/definition.h"
#include "rules/to_sql.h"

enum {
    SEGMENT_NAME_MAX = 200,
    SEGMENT_ABOUT_MAX = 2000,
    SEGMENTS_LIVE_MAX = 1000, /* in force at once */
};

/* The parsed document: {"name", "about"?, "when"}. */
struct segment_rule {
    struct text name, about;
    struct condition when; /* over a member, scores included, other segments not */
};
extern const struct definition_kind segment_kind;

/* STATUS_INVALID as condition_compile, `segment.recursion` when it names segments. The caller adds the field. */
enum status segment_compile(struct arena *arena, struct text when, struct condition *out, struct error *err);

/* Whether a person is in, and until when that stays so by itself. */
struct segment_answer {
    bool inside;
    int64_t until;
};
/* `slots` are those of facts_fill for `sources`. */
struct segment_answer segment_evaluate(struct arena *arena, const struct condition *when,
                                       const struct fact_sources *sources, const struct rule_value *slots);

/* Of which of the person's rows the facts of a condition are made. */
bool segment_reads_points(const struct condition *when);

/*
 * What rows of standing AS s must meet for `when` to hold; `lasting`: also at any later time, as long as nothing happens. The
 * arguments follow the buckets, the first and the last.
 */
struct segment_narrowing {
    const struct programme *programme;
    int64_t now;
    bool lasting;
};
void segment_filter(struct arena *arena, const struct condition *when, const struct segment_narrowing *narrowing,
                    struct rule_filter *out);

#endif
