/* commands.h: the commands on codes alone: giving one to a member, reserving, redeeming, releasing, making void. Pure. */
#ifndef PATRON_FEATURES_COUPONS_COMMANDS_H
#define PATRON_FEATURES_COUPONS_COMMANDS_H

#include "features/coupons/coupons_rows.h"
#include "features/entitlements/grant.h"
#include "features/points/points.h"

/*
 * Gives a code to subject 0. With `fresh` the key was made for it; otherwise it is one of a list that was read in: STATUS_BUSY
 * `engine.again` when somebody else got it meanwhile. One counter: the code's.
 */
struct issue_code {
    struct points_context context;
    struct coupon_use use;
    struct text series;
    bool fresh;
    int64_t cause;                   /* journal id; 0: none */
    int64_t id, member, valid_until; /* result */
};
extern const struct command_type coupon_issue_type;

/* Subject 0: who brings it, if anybody is known; otherwise the command's bucket is the code's. One counter: the code's. */
struct use_code {
    struct points_context context;
    struct coupon_use use;
    bool reserve;
    int64_t seconds; /* of a reservation; 0: as the series says */
    struct text receipt;
    struct use_code_result {
        int64_t id, member;
        struct text series, opens;
        enum coupon_gift gift;
        int64_t points, until;
        int64_t uses_left; /* INT64_MAX: any number */
    } result;
};
extern const struct command_type coupon_use_type;

/*
 * Ends the use that events[0] is: a reservation becomes a redemption, or a use is given back, with the points that it gave.
 * Subject 0: by that event. One counter: the code's. A reservation that is over is given back only.
 */
struct end_code {
    struct points_context context;
    struct coupon_use use;
    bool release;
    bool lapsed; /* by itself: nothing happens unless it is still a reservation that is over */
    struct text receipt;
    struct coupon_row row;    /* loaded; state 0: there is no such use */
    struct entitled entitled; /* loaded: uses of benefits */
    struct use_code_result result;
};
extern const struct command_type coupon_end_type;

/* Makes a code void. The command's bucket is the code's. One counter: the code's. */
struct void_code {
    struct points_context context;
    struct coupon_use use;
    struct text reason;
    int64_t id; /* result */
};
extern const struct command_type coupon_void_type;

/* The bucket of a code. */
int coupon_bucket(struct text key);

/* coupons_store.c */
enum status coupon_issue_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
enum status coupon_use_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
enum status coupon_end_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
enum status coupon_void_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

#endif
