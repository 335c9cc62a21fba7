/* events_store.h: what events read and write in the database beside the engine. */
#ifndef PATRON_FEATURES_EVENTS_EVENTS_STORE_H
#define PATRON_FEATURES_EVENTS_EVENTS_STORE_H

#include "engine/engine.h"
#include "features/events/custom.h"
#include "features/events/events.h"
#include "features/events/exchange.h"
#include "features/events/purchase.h"
#include "features/events/return.h"
#include "features/programme/earned_rules.h"

/* Reads stores and declared kinds into `set`; part of the engine's configure hook. */
enum status events_configure(struct storage_session *session, struct arena *arena, struct programme_set *set,
                             struct error *err);

/* Gives lines that name an article and no category that of the catalogue. */
enum status line_categories(struct storage_session *session, struct arena *arena, struct purchase_line *lines,
                            size_t count, struct error *err);

/*
 * Prepares `command`, whose body is a struct purchase_return, for a return of the purchase `id`: the event, its
 * person, those whose points paid for it, day, bucket and counters.
 * STATUS_MISSING `purchase.unknown`. What lives in `arena` must live as long as the command.
 */
enum status return_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                           int64_t id, struct arena *arena, struct error *err);

/*
 * The same for an exchange (body struct exchange): its day becomes the second day of the command, and the purchase is named
 * as the person is known.
 */
enum status exchange_prepare(struct storage_session *session, const struct programme_set *set, struct command *command,
                             int64_t id, struct arena *arena, struct error *err);

/* The claim of an anonymous purchase, 0 when there is none. */
enum status attribution_find(struct storage_session *session, struct arena *arena, int64_t purchase, int64_t *claim,
                             int64_t *member, struct error *err);
/* The claim's key for a purchase. */
struct text attribution_key(struct arena *arena, int64_t purchase);

/* The employee as a customer; zeroed for one who is none. */
enum status seller_find(struct storage_session *session, const struct programme_set *set, struct text employee,
                        struct seller *out, struct error *err);

/* ---- events kept for days ---- */

/* Writes one in its own statement; the same id again has no effect. */
enum status trace_put(struct storage_session *session, const struct custom_event *event, int64_t member, int64_t id,
                      struct error *err);
/* Deletes what is over its days. */
enum status traces_purge(struct storage_session *session, const struct programme_set *set, int64_t now,
                         struct error *err);

/* ---- the timeline ---- */

enum { TIMELINE_WALLETS_MAX = 4, TIMELINE_KINDS_MAX = 8 };

struct timeline_entry {
    int64_t id;
    int64_t member;
    struct text kind;
    int64_t at, recorded_at;
    int32_t day;
    int64_t cause;
    struct text store, channel, receipt;
    int64_t amount;
    bool traced;
    struct text detail;
    struct wallet_points points[TIMELINE_WALLETS_MAX]; /* net change of the member's balance */
    size_t point_count;
    const struct earned_rule *earned; /* by which rules; of a return: what is left of them */
    size_t earned_count;
};

struct timeline_query {
    const int64_t *members;
    size_t member_count;
    struct text kinds[TIMELINE_KINDS_MAX]; /* none: all */
    size_t kind_count;
    int64_t before_at, before_id; /* strictly before (at, id) */
    size_t limit;
};
/* Newest first over all members; at most limit + 1 entries. */
enum status timeline_read(struct storage_session *session, struct arena *arena, const struct timeline_query *query,
                          struct timeline_entry **out, size_t *count, struct error *err);

/* ---- the catalogues: stores, channels, items and kinds, as rows of (key, version, columns ...) ---- */

/* Stores are the places of that kind, as they were before there was a tree. */
enum catalogue {
    CATALOGUE_STORES,
    CATALOGUE_CHANNELS,
    CATALOGUE_ITEMS,
    CATALOGUE_KINDS,
    CATALOGUE_PLACES,
    CATALOGUE_EMPLOYEES,
    CATALOGUE_CATEGORIES,
    CATALOGUE_SHELVES,
};
enum { CATALOGUE_COLUMNS_MAX = 9 };

/* The columns of a place and of an employee. */
enum place_column {
    PLACE_KIND,
    PLACE_NAME,
    PLACE_PARENT,
    PLACE_ZONE,
    PLACE_CUT_MINUTES,
    PLACE_CURRENCY,
    PLACE_HOURS,
    PLACE_OPENED_ON,
    PLACE_CLOSED_ON,
    PLACE_COLUMN_COUNT,
};
enum item_column {
    ITEM_NAME,
    ITEM_CATEGORY,
    ITEM_PRICE,
    ITEM_ATTRIBUTES,
    ITEM_BRAND,
    ITEM_COST, /* of one, minor units; -1: not known */
    ITEM_TAX,  /* of TAX_SCALE; -1: not said */
    ITEM_COLUMN_COUNT,
};
enum category_column { CATEGORY_NAME, CATEGORY_PARENT, CATEGORY_COLUMN_COUNT };
enum shelf_column { SHELF_STORE, SHELF_SKU, SHELF_AISLE, SHELF_SHELF, SHELF_COLUMN_COUNT };
enum employee_column { EMPLOYEE_NAME, EMPLOYEE_STORE, EMPLOYEE_ACTIVE, EMPLOYEE_MEMBER, EMPLOYEE_COLUMN_COUNT };

struct catalogue_row {
    struct text key;
    int64_t version;
    struct storage_value columns[CATALOGUE_COLUMNS_MAX];
};
/* Rows after `after`, at most `limit`, ascending by key. */
struct catalogue_page {
    struct text after;
    size_t limit;
    struct catalogue_row *rows;
    size_t count;
};
enum status catalogue_list(struct storage_session *session, struct arena *arena, enum catalogue catalogue,
                           struct catalogue_page *page, struct error *err);
/* `*out` is NULL when there is none. */
enum status catalogue_get(struct storage_session *session, struct arena *arena, enum catalogue catalogue,
                          struct text key, struct catalogue_row **out, struct error *err);
/* Writes the row as it is, its version included; a change of what decisions see renews the configuration. */
enum status catalogue_put(struct storage_session *session, enum catalogue catalogue, const struct catalogue_row *row,
                          struct error *err);
enum status catalogue_delete(struct storage_session *session, enum catalogue catalogue, struct text key,
                             struct error *err);

/* Lets every process read the configuration again; in the transaction of the change. */
enum status catalogue_renew(struct storage_session *session, struct error *err);

/*
 * Whether the place may be written as `row`: its parent is there and may hold it, no ring arises, and the kinds of what
 * lies below still fit. STATUS_INVALID `place.parent`, `place.ring`, `place.till_code`; STATUS_CONFLICT `place.kind`.
 */
enum status place_check(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                        struct error *err);
/* STATUS_CONFLICT `place.not_empty` while something lies below. */
enum status place_check_leaf(struct storage_session *session, struct text code, struct error *err);

/*
 * Whether the category may be written as `row`: its parent is there, no ring arises, and the tree stays at most
 * CATEGORY_DEPTH_MAX deep. STATUS_INVALID `category.parent`, `category.ring`, `category.depth`.
 */
enum status category_check(struct storage_session *session, struct arena *arena, const struct catalogue_row *row,
                           struct error *err);
/* STATUS_CONFLICT `category.not_empty` while a category lies in it. */
enum status category_check_leaf(struct storage_session *session, struct text code, struct error *err);

/* All places, ascending by code. */
enum status places_read(struct storage_session *session, struct arena *arena, struct catalogue_page *page,
                        struct error *err);

#endif
