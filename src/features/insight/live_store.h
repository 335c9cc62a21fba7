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

/* What is learned under other names, as text; `learned_at` 0: there is none. */
struct kept_text {
    int64_t learned_at;
    struct text body;
};
enum status model_text_get(struct storage_session *session, struct arena *arena, struct text name,
                           struct kept_text *out, struct error *err);
enum status model_text_put(struct storage_session *session, struct text name, const struct kept_text *text,
                           struct error *err);

/* ---- scores as they are kept: whole numbers ---- */

enum { SCORE_MILLION = 1000000 };

enum score_key { SCORE_ALIVE, SCORE_EXPECTED, SCORE_VALUE, SCORE_LIFETIME, SCORE_LOYALTY, SCORE_RISK, SCORE_KEYS };

/* alive, risk and expected in millionths, value and lifetime in minor units (-1: not known), loyalty in points. */
struct kept_score {
    int64_t member, scored_at;
    int64_t numbers[SCORE_KEYS];
    int64_t kind; /* enum customer_type */
};
/* Fills all but member and scored_at. */
void score_whole(const struct live_score *score, struct kept_score *out);

/* What goes on while scores are kept; `go_on` false stops between two transactions. May be NULL. */
struct score_watch {
    bool (*go_on)(void *context, size_t done, size_t total);
    void *context;
};

/* How many rows make a short transaction; starts as 0. */
struct score_pace {
    size_t rows;
};
/* Keeps scores in short transactions with pauses for other writers. */
enum status scores_put(struct storage_session *session, struct score_pace *pace, const struct kept_score *scores,
                       size_t count, struct error *err);
/* Drops the rows of those who were not scored at `scored_at` or since. */
enum status scores_drop_older(struct storage_session *session, int64_t scored_at, struct error *err);
/* How many there are, and when the newest was made. */
enum status scores_count(struct storage_session *session, int64_t *count, int64_t *scored_at, struct error *err);

#endif
