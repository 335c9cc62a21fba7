/* coupons_api.h: routes of codes and of their series; codes in the bodies of other features' requests. */
#ifndef PATRON_FEATURES_COUPONS_COUPONS_API_H
#define PATRON_FEATURES_COUPONS_COUPONS_API_H

#include "api/call.h"
#include "features/coupons/coupons_store.h"
#include "json/shape.h"

/*
 * For requests that bring codes: `codes` is a list of texts (CODES_FIELD). Reads them (a code twice counts once), and counts those
 * that do not exist as guesses of the caller and of `member` (0: nobody). What does not apply is for the decision to say.
 * STATUS_INVALID `coupon.code`, STATUS_LIMIT `coupon.guesses`. `out` has room for COUPONS_MAX.
 */
enum status coupons_take(struct call *call, const struct json_list *codes, int64_t member, struct coupon_use *out,
                         size_t *count, struct error *err);
#define CODES_FIELD(owner, member)                                                                      \
    {                                                                                                   \
        .name = "codes", .type = FIELD_LIST, .offset = offsetof(owner, member), .maximum = COUPONS_MAX, \
        .element = FIELD_TEXT, .about = "Codes of coupons that were shown."                             \
    }

/* codes_api.c, code_changes_api.c */

/* The code in the path, as it is: read, and a guess when there is none. */
enum status coupon_path_take(struct call *call, struct coupon_use *use, struct error *err);

/* What a code opens, and how often it may still be used. */
#define COUPON_OPENS_FIELDS                                                                               \
    {.name = "opens", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = coupon_gift_names},       \
        {.name = "opens_code",                                                                            \
         .type = FIELD_TEXT,                                                                              \
         .flags = FIELD_REQUIRED | FIELD_NULLABLE,                                                        \
         .about = "Of the offer, reward or entitlement, or the points account."},                         \
    {                                                                                                     \
        .name = "points", .type = FIELD_INTEGER, .about = "Of points: how many; of an entitlement: uses." \
    }
void coupon_opens_write(struct json_writer *writer, enum coupon_gift gift, struct text code, int64_t points);
void coupon_left_write(struct json_writer *writer, int64_t left);

extern const struct shape coupon_code_query_shape, coupon_code_shape, coupon_code_issue_shape, coupon_code_issued_shape,
    coupon_code_reserve_shape, coupon_code_redeem_shape, coupon_code_release_shape, coupon_code_void_shape,
    coupon_code_used_shape, coupon_code_voided_shape, coupon_code_use_shape, coupon_code_owned_shape,
    coupon_code_picture_query_shape;
enum status coupon_code_get_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_code_issue_handle(struct call *call, struct item *item, struct error *err);
void coupon_code_issue_finish(struct item *item, struct json_writer *writer);
enum status coupon_code_reserve_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_code_redeem_handle(struct call *call, struct item *item, struct error *err);
void coupon_code_use_finish(struct item *item, struct json_writer *writer);
enum status coupon_code_release_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_code_void_handle(struct call *call, struct item *item, struct error *err);
void coupon_code_void_finish(struct item *item, struct json_writer *writer);
enum status coupon_code_uses_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_code_owned_handle(struct call *call, struct item *item, struct error *err);
enum status coupon_code_picture_handle(struct call *call, struct item *item, struct error *err);

/* series_api.c */
extern const struct shape batch_input_shape, batch_import_query_shape, batch_shape, series_code_shape;
extern const struct job_kind coupon_job;
enum status batch_make_handle(struct call *call, struct item *item, struct error *err);
enum status batch_import_handle(struct call *call, struct item *item, struct error *err);
enum status batch_list_handle(struct call *call, struct item *item, struct error *err);
enum status series_codes_handle(struct call *call, struct item *item, struct error *err);
enum status series_file_handle(struct call *call, struct item *item, struct error *err);

#endif
