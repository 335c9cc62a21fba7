/* offer_index.h: the published offers by what a basket must have for them, so that only those that can match are tried. Pure. */
#ifndef PATRON_FEATURES_OFFERS_OFFER_INDEX_H
#define PATRON_FEATURES_OFFERS_OFFER_INDEX_H

#include "features/offers/offer.h"
#include "foundation/map.h"

/* Reads the document of an offer: the kind's parse function (offer_parse.c). */
enum status offer_parse(const struct definition_input *input, const void **out, struct error *err);

/* The kind's index function: `*out` is a struct offer_index. */
enum status offer_index_build(struct arena *arena, const struct definition *items, size_t count, const void **out,
                              struct error *err);

/* The kind's check of two offers in force together: one group with two rules, two prices for one thing ... */
bool offer_conflicts(struct arena *arena, const struct definition *first, const struct definition *second,
                     struct text *sentence);

struct offer_index;
const struct offer_index *offer_index_of(const struct programme_set *set); /* NULL: there is no offer */

/* What a basket has. */
struct offer_query {
    int64_t at;
    const struct purchase_line *lines;
    size_t line_count;
    const struct text *codes; /* shown, folded */
    size_t code_count;
    const struct text *series; /* of the coupons shown */
    size_t series_count;
    struct text store, channel, tier;
    const struct text *segments;
    size_t segment_count;
};

/* The offers in force at `at` that can match, ascending by (order, code), each once. */
const struct definition **offer_index_find(const struct offer_index *index, struct arena *arena,
                                           const struct offer_query *query, size_t *count);

/* Whether some offer has the public code, in force or not. */
bool offer_index_has_code(const struct offer_index *index, struct text folded);

/* The offers in force that a known member's parts, or limits a member, are asked for. */
unsigned offer_index_parts(const struct offer_index *index);
bool offer_index_limits_members(const struct offer_index *index);
/* Whether some offer is for holders of a benefit. */
bool offer_index_asks_benefits(const struct offer_index *index);

/* Ascending by (order, code), as offers are tried. */
void offers_sort(const struct definition **offers, size_t count);

/* Codes are shown as people type them: without spaces around, letters A to Z in capitals. */
struct text offer_code_fold(struct arena *arena, struct text code);

#endif
