/* referrals_store.h: codes and referrals read from the database; the reaction that rewards. */
#ifndef PATRON_FEATURES_REFERRALS_REFERRALS_STORE_H
#define PATRON_FEATURES_REFERRALS_REFERRALS_STORE_H

#include "engine/engine.h"
#include "features/reactions/reactions_store.h"
#include "features/referrals/referral.h"

extern const struct reaction referrals_reaction;

/* Of a person as engine_view gives it. */
enum status referrals_read(struct storage_session *session, struct arena *arena, const struct person *person,
                           struct referral_state_of *out, struct error *err);

/* STATUS_MISSING `referral.unknown`. */
enum status referral_read(struct storage_session *session, struct arena *arena, int64_t id, struct referral *out,
                          struct error *err);

struct referral_page {
    int64_t after_at, after_id; /* the last one before; 0: the first page */
    size_t limit;
};
enum status referrals_held(struct storage_session *session, struct arena *arena, const struct referral_page *page,
                           struct referral **out, size_t *count, struct error *err);

/* Who referred `member`, who referred that one, and so on: at most REFERRAL_CHAIN_MAX members. */
enum status referral_chain(struct storage_session *session, struct arena *arena, int64_t member, int64_t **out,
                           size_t *count, struct error *err);

/* A new code, and the key of a mark: a hash under the key of the seals. */
struct text referral_code_make(struct arena *arena);
struct text referral_mark(struct engine *engine, struct arena *arena, struct text mark);
/* As people type it: without spaces and dashes, in upper case, O as 0, I and L as 1. */
struct text referral_code_read(struct arena *arena, struct text typed);

#endif
