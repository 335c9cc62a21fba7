/* live_store.h: what live scores read and keep: days with purchases, the model of the base, scores of every person. */
#ifndef PATRON_FEATURES_INSIGHT_LIVE_STORE_H
#define PATRON_FEATURES_INSIGHT_LIVE_STORE_H

#include "engine/engine.h"
#include "features/insight/live_model.h"

/* Days of all persons who are not erased; `today` is that of the programme. STATUS_LIMIT `insight.days` when there are too many. */
enum status live_base_read(struct storage_session *session, struct arena *arena, int32_t today, struct live_base *out,
                           struct error *err);

/* Those of one person, by the leader's id; person_count 0 without a purchase. */
enum status live_person_read(struct storage_session *session, struct arena *arena, int64_t leader, int32_t today,
                             struct live_base *out, struct error *err);

struct kept_model {
    int64_t learned_at, chosen_at; /* 0: there is none; never chosen */
    struct live_model model;
};
enum status live_model_get(struct storage_session *session, struct arena *arena, struct kept_model *out,
                           struct error *err);
enum status live_model_put(struct storage_session *session, struct arena *arena, const struct kept_model *model,
                           struct error *err);

/* ---- scores as they are kept: whole numbers ---- */

enum { SCORE_MILLION = 1000000 };

enum score_key { SCORE_ALIVE, SCORE_EXPECTED, SCORE_VALUE, SCORE_LIFETIME, SCORE_LOYALTY, SCORE_KEYS };

/* alive and expected in millionths, value and lifetime in minor units (-1: not known), loyalty in points. */
struct kept_score {
    int64_t member, scored_at;
    int64_t numbers[SCORE_KEYS];
};

/* What goes on while scores are kept; `go_on` false stops between two transactions. May be NULL. */
struct score_watch {
    bool (*go_on)(void *context, size_t done, size_t total);
    void *context;
};

/*
 * Keeps the scores of all persons of `base`, in short transactions with pauses for other writers, then drops the rows of
 * those who are no longer scored. `*stopped` when go_on said so: the rows kept until then stay.
 */
struct score_rows {
    const struct live_base *base;
    const struct live_score *scores;
    int64_t scored_at;
};
enum status scores_keep(struct storage_session *session, const struct score_rows *rows, const struct score_watch *watch,
                        bool *stopped, struct error *err);

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
/* How many there are, and when the newest was made. */
enum status scores_count(struct storage_session *session, int64_t *count, int64_t *scored_at, struct error *err);

#endif
