/* challenges_store.h: what is counted, given and worn, read from the database; the reaction that counts. */
#ifndef PATRON_FEATURES_CHALLENGES_CHALLENGES_STORE_H
#define PATRON_FEATURES_CHALLENGES_CHALLENGES_STORE_H

#include "engine/engine.h"
#include "features/challenges/follow.h"
#include "features/reactions/reactions_store.h"

extern const struct reaction challenges_reaction;

/* Of a person as engine_view gives it; with rows of the challenges of load->codes, into load->state. */
enum status challenge_state_read(struct storage_session *session, struct arena *arena, const struct person *person,
                                 struct challenge_load *load, struct error *err);

struct challenge_figures {
    int64_t members, events, rounds, points, taken_back, handed_over;
};
enum status challenge_figures_read(struct storage_session *session, struct text code, struct challenge_figures *out,
                                   struct error *err);

/* reward_coupon_store.c: what follows from rewards that are coupons, and from taking them back. */
struct reaction_call;
enum status reward_coupon_react(struct reaction_call *call, const struct journal_row *row, struct error *err);

#endif
