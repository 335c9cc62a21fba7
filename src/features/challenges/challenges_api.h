/* challenges_api.h: the routes of challenges and badges of members. */
#ifndef PATRON_FEATURES_CHALLENGES_CHALLENGES_API_H
#define PATRON_FEATURES_CHALLENGES_CHALLENGES_API_H

#include "api/call.h"
#include "features/challenges/follow.h"

/* challenges_api.c */
extern const struct shape member_challenge_shape, challenge_reward_shape, challenge_figures_shape, enrolment_shape;
enum status member_challenge_list_handle(struct call *call, struct item *item, struct error *err);
enum status member_challenge_get_handle(struct call *call, struct item *item, struct error *err);
enum status challenge_enrol_handle(struct call *call, struct item *item, struct error *err);
enum status challenge_leave_handle(struct call *call, struct item *item, struct error *err);
void challenge_enrol_finish(struct item *item, struct json_writer *writer);
enum status challenge_reward_list_handle(struct call *call, struct item *item, struct error *err);
enum status challenge_reward_use_handle(struct call *call, struct item *item, struct error *err);
enum status challenge_reward_undo_handle(struct call *call, struct item *item, struct error *err);
void challenge_reward_finish(struct item *item, struct json_writer *writer);
enum status challenge_figures_handle(struct call *call, struct item *item, struct error *err);

/* badges_api.c */
extern const struct shape badge_award_shape, member_badge_shape, badge_check_shape;
enum status badge_list_handle(struct call *call, struct item *item, struct error *err);
enum status badge_award_handle(struct call *call, struct item *item, struct error *err);
enum status badge_revoke_handle(struct call *call, struct item *item, struct error *err);
void badge_award_finish(struct item *item, struct json_writer *writer);
void badge_revoke_finish(struct item *item, struct json_writer *writer);
enum status badge_certificate_handle(struct call *call, struct item *item, struct error *err);
enum status badge_check_handle(struct call *call, struct item *item, struct error *err);

/* The person of the path as of now, and what is known of it, with rows of `codes`. */
enum status challenge_view(struct call *call, const struct text *codes, size_t code_count, struct person *person,
                           struct challenge_state *state, struct error *err);

#endif
