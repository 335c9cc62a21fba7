/* coupons_store.h: codes in the database: looked up, listed, made and read in by the thousand; who guesses. */
#ifndef PATRON_FEATURES_COUPONS_COUPONS_STORE_H
#define PATRON_FEATURES_COUPONS_COUPONS_STORE_H

#include "engine/engine.h"
#include "features/coupons/commands.h"

/* On a read session: fills the uses, `used`, owner and void included; texts in `arena`. A public code is found by its counter only. */
enum status coupons_read(struct storage_session *session, struct arena *arena, struct coupon_use *uses, size_t count,
                         struct error *err);

/* The last uses of a code, the newest first. */
enum status coupon_uses_read(struct storage_session *session, struct arena *arena, struct text key,
                             struct coupon_row **out, size_t *count, struct error *err);

/* One use; `state` 0: there is none. */
enum status coupon_use_read(struct storage_session *session, struct arena *arena, struct text key, int64_t id,
                            struct coupon_row *out, struct error *err);

/* Codes of a series by (bucket, key). */
struct coupon_page {
    struct text series;
    int bucket;        /* after: where the page before ended */
    struct text after; /* empty: the first page */
    size_t limit;
};
enum status coupon_page_read(struct storage_session *session, struct arena *arena, const struct coupon_page *page,
                             struct coupon_code **out, size_t *count, struct error *err);

/*
 * On a read session, for a person as engine_view gives it: what it used of series, so that coupon_member_used knows, and what
 * conditions need (`known` may be NULL).
 */
enum status coupon_person_read(struct storage_session *session, struct arena *arena, struct person *person,
                               struct condition_person *known, struct error *err);

/* What the person was given, by (issued_at, key), each with its uses and whatever conditions need. */
enum status coupon_owned_read(struct storage_session *session, struct arena *arena, struct person *person,
                              struct coupon_use **out, size_t *count, struct error *err);

/* Some code of a list that was read in and that nobody has. Empty: there is none. */
enum status coupon_free_find(struct storage_session *session, struct arena *arena, struct text series, int64_t now,
                             struct text *key, struct error *err);

/* Gives reservations back that are over: of one code (`key`), or of all. */
enum status coupons_lapse_code(struct engine *engine, struct arena *arena, struct text key, struct error *err);
enum status coupons_lapse(struct engine *engine, struct error *err);

/* ---- guesses ---- */

enum { COUPON_GUESSES_MAX = 30 }; /* codes that do not exist, of one key or member in a period */
#define COUPON_GUESS_PERIOD (10 * INSTANT_MINUTE)

/* STATUS_LIMIT `coupon.guesses` when `who` has tried too many. Reads only. */
enum status coupon_guess_check(struct storage_session *session, struct text who, int64_t now, struct error *err);
enum status coupon_guess_add(struct storage_session *session, struct text who, int64_t now, struct error *err);

#endif
