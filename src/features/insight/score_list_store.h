/* score_list_store.h: members in the order of a score, kept so that a page reads only itself. */
#ifndef PATRON_FEATURES_INSIGHT_SCORE_LIST_STORE_H
#define PATRON_FEATURES_INSIGHT_SCORE_LIST_STORE_H

#include "features/insight/live_store.h"

/* The scores of many members, narrow: what the lists are made from. */
struct score_lists;
struct score_lists *score_lists_new(void); /* NULL without memory */
void score_lists_free(struct score_lists *lists);
/* In the order of bucket and id. STATUS_LIMIT `insight.days` without memory. */
enum status score_lists_add(struct score_lists *lists, const struct kept_score *scores, size_t count,
                            struct error *err);

/* Writes the list of each key, each in a transaction of its own; `*stopped` as of scores_put. */
enum status score_lists_keep(struct storage_session *session, struct score_lists *lists,
                             const struct score_watch *watch, bool *stopped, struct error *err);

struct score_page {
    enum score_key key;
    bool worst;            /* ascending */
    bool given;            /* a place to go on from */
    int64_t after, member; /* the key and member there */
    int64_t limit;
};
struct kept_scores {
    struct kept_score *items;
    size_t count, capacity;
};
enum status scores_read(struct storage_session *session, struct arena *arena, const struct score_page *page,
                        struct kept_scores *out, struct error *err);

#endif
