/*
 * decide.h: what a decision sees and what it changes. Types and small accessors only; open to every pure file.
 *
 * A decision works on scratch copies: when it returns anything but STATUS_OK the engine drops them, and nothing of the
 * command is written. Everything it creates lives in the batch's arena, until the replies are sent.
 */
#ifndef PATRON_ENGINE_DECIDE_H
#define PATRON_ENGINE_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/id.h"
#include "foundation/instant.h"
#include "foundation/secret.h"
#include "foundation/text.h"

enum {
    GROUP_MEMBERS_MAX = 16,    /* members of a person and of a household that pools, together */
    COMMAND_SUBJECTS_MAX = 16, /* persons that one command may name: whose points it gives back */
    COMMAND_CLAIMS_MAX = 24,
    COMMAND_EVENTS_MAX = 4,
    COMMAND_COUNTERS_MAX = 64,
    CODE_SIZE_MAX = 64, /* a wallet, tier, store, channel, rule ... code, in bytes */
    CLAIM_KEY_SIZE_MAX = 256,
    MEMBER_LOTS_MAX = 20000, /* open lots of one member: an import past it is refused */
    DAY_NONE = INT32_MIN,
};

/* ---- a member and what hangs on it ---- */

enum member_status { MEMBER_ACTIVE = 1, MEMBER_ERASED = 2 };

/* Spend of one day among the last 180, for what depends on the last 90 days and the 90 before. */
struct day_spend {
    int32_t day;
    int64_t spend; /* minor units; returns lower the day of their purchase */
};

/* The live facts of a person (leader), or the share of one member in them (own). Money in minor units. */
struct standing {
    int64_t purchases;     /* purchases counted, those fully returned included */
    int64_t purchase_days; /* distinct programme days with a purchase */
    int64_t spend;         /* purchases less returns */
    int64_t returns;       /* amount returned */
    int64_t visits;
    int64_t first_purchase_at; /* 0: none */
    int64_t last_purchase_at;
    int64_t last_visit_at;
    int64_t last_event_at;
    int64_t won_back_at; /* the last purchase that ended a lapse; 0: none */
    int64_t tier_since;
    int64_t tier_until; /* the first instant without it; INSTANT_NEVER: no end */
    int64_t qualifying; /* in the unit of the ladder, since qualifying_from */
    int64_t qualifying_from;
    struct text tier; /* code; empty: none */
    bool tier_grace;  /* in the grace after tier_until */
    struct text held; /* further ladders, and rights given for a time, as the programme writes them; empty: none */
    const struct day_spend *recent; /* ascending by day; replaced as a whole, never changed in place */
    size_t recent_count;
    int64_t due_at; /* first instant at which time alone changes the person; INSTANT_NEVER: none */
};

/* Totals of one points account of one member. balance = active + pending + held - debt. */
struct wallet {
    struct text code;
    int64_t active;
    int64_t pending;
    int64_t held;
    int64_t debt;
    bool changed, fresh;
};

/* Points of one origin with one expiry. remaining + held + what was drawn, expired or taken = amount. */
struct lot {
    int64_t id; /* own id from decision_id */
    struct text wallet;
    int64_t source; /* journal id of the event that earned it */
    int64_t earned_at;
    int64_t active_at;  /* pending until then; <= earned_at: active at once */
    int64_t expires_at; /* first instant without the points; INSTANT_NEVER */
    int64_t amount;
    int64_t remaining; /* free to spend (or pending) */
    int64_t held;
    int64_t expired; /* fell due, less what returns have since counted as taken back */
    bool pending;
    bool changed, fresh;
};

/* Points set aside: what of which lot. A hold ends once: captured, released or timed out. */
enum hold_state { HOLD_OPEN = 1, HOLD_CAPTURED = 2, HOLD_RELEASED = 3, HOLD_EXPIRED = 4 };
struct hold_part {
    int64_t member; /* owner of the lot (a pooled household) */
    int64_t lot;
    int64_t amount;
};
struct hold {
    int64_t id; /* journal id of the hold event */
    struct text wallet;
    int64_t amount;
    int64_t captured;
    int64_t expires_at;
    enum hold_state state;
    const struct hold_part *parts; /* in drawing order; replaced as a whole */
    size_t part_count;
    bool changed, fresh;
};

/* Purchases of one programme day. */
struct member_day {
    int32_t day;
    int64_t count;
    int64_t spend;
    bool changed, fresh;
};

/* What a member used of a limit in a period (`id` names both: "rule:double-coffee:2026-11"). */
struct progress {
    struct text id;
    int64_t used;
    bool changed, fresh;
};

struct member {
    int64_t id;
    int64_t leader;    /* the member that it is merged into, or its own id */
    int64_t household; /* journal id that founded it; 0: none */
    int64_t registered_at;
    enum member_status status;
    unsigned char salt[SALT_SIZE];
    bool changed, fresh;

    struct standing standing; /* of the person, when leader == id; otherwise unused */
    struct standing own;      /* the member's share; used only while the person has more than one member */
    bool standing_changed, own_changed;
    bool own_fresh, own_dropped; /* the own row is new, or goes */
    bool standing_fresh, standing_dropped;

    struct wallet *wallets;
    size_t wallet_count, wallet_capacity;
    struct lot *lots; /* open ones (remaining + held > 0) and those a decision asked for; valid when lots_loaded */
    size_t lot_count, lot_capacity;
    struct hold *holds; /* open ones and those named; valid when lots_loaded */
    size_t hold_count, hold_capacity;
    struct member_day *days; /* those that commands named */
    size_t day_count, day_capacity;
    struct progress *progress; /* valid when progress_loaded */
    size_t progress_count, progress_capacity;
    bool lots_loaded, progress_loaded;
};

/*
 * The unit of load: the members of a person and, in a pooled household, of every person in it. The leader of the person
 * that was asked for is not special: find it by group_leader.
 */
struct group {
    struct member *members; /* ascending by id */
    size_t member_count;
    bool pooled; /* a household that spends together */
};

/* ---- the journal ---- */

/* Where points are. The first four are a member's; a movement always names two. Stored as numbers: never renumber. */
enum account {
    ACCOUNT_ACTIVE = 1,
    ACCOUNT_PENDING = 2,
    ACCOUNT_HELD = 3,
    ACCOUNT_DEBT = 4,
    ACCOUNT_ISSUED = 10,   /* earned by events */
    ACCOUNT_REDEEMED = 11, /* spent on rewards or as payment */
    ACCOUNT_EXPIRED = 12,
    ACCOUNT_CLAWED_BACK = 13, /* taken back with a return */
    ACCOUNT_WRITTEN_OFF = 14, /* debt given up under the clamp policy */
    ACCOUNT_ADJUSTED = 15,    /* by hand, with a reason */
    ACCOUNT_TRANSIT = 16,     /* on the way between members */
    ACCOUNT_PAID_IN = 17,     /* money that members paid in beforehand */
    ACCOUNT_PAID_OUT = 18,    /* and what of it was paid back */
    ACCOUNT_TAKEN_OVER = 19,  /* brought along from the system before */
};
const char *account_name(enum account account); /* "active", "issued" ... */

/* One row: `amount` > 0 leaves `debit` and enters `credit`. */
struct movement {
    int64_t member; /* whose lots or debt; same bucket as the journal row */
    struct text wallet;
    enum account debit, credit;
    int64_t amount;
    int64_t lot; /* 0: none (debt) */
};

struct line_terms; /* features/events/terms.h */

/* One line of a purchase or return. Money in minor units of the programme's currency. */
struct purchase_line {
    int32_t number; /* 1.. within the event */
    struct text sku, category;
    int64_t quantity_milli; /* thousandths */
    int64_t amount;         /* after discounts, what the line adds to the total */
    int64_t discount;       /* sum of discounts already taken from it, >= 0 */
    int32_t of_line;        /* of a return: the line of the purchase; 0: none */

    /* Not rows of their own: the facts of the journal row keep them. A past event is loaded without. */
    const struct text *above;       /* categories above its own, the nearest first, an empty one last; NULL: none */
    const struct line_terms *terms; /* discounts, modifiers, cost and tax; NULL: nothing told */
};

/* One fact. Holds ids, codes, numbers and times only: text and properties go to `detail`. */
struct journal_row {
    int64_t id;          /* decides bucket and seq */
    int64_t member;      /* 0: anonymous */
    struct text kind;    /* "purchase", "return", "redemption", ..., or a declared custom kind */
    int64_t at;          /* when it happened */
    int64_t recorded_at; /* when it was decided */
    int32_t day;         /* business day */
    int64_t cause;       /* journal id of what it follows from; 0: none */
    struct text store, channel;
    struct text receipt; /* the receipt key, when it has one */
    int64_t amount;      /* minor units; of a return what goes back */
    struct text facts;   /* compact JSON of codes and numbers; empty: none */
    struct text detail;  /* personal text and properties as JSON, erased with the member; empty: none */
    struct purchase_line *lines;
    size_t line_count, line_capacity;
    struct movement *movements;
    size_t movement_count, movement_capacity;
};

/* A past event as loaded, with everything that followed from it (rows whose cause it is), oldest first. */
struct past_event {
    struct journal_row row;
    struct past_event *followers;
    size_t follower_count, follower_capacity;
};

/* ---- rows of the features ---- */

struct storage_query; /* src/storage/storage.h */
struct storage_value;

/* A row that a feature wants written with its command: the n-th parameter list of `query`. Values live in the arena. */
struct feature_row {
    const struct storage_query *query;
    const struct storage_value *values;
};

/* ---- a command ---- */

/* A thing that is unique over all members: an identifier, a receipt, an event id. */
struct claim_key {
    const char *kind;  /* "phone", "email", "card", "openid", "external", "receipt", "event", "row" ... (static) */
    struct text key;   /* normalised; at most CLAIM_KEY_SIZE_MAX */
    int64_t reference; /* set by the engine: what holds it (member or journal id); 0: free */
    int64_t member;    /* set by the engine: the member behind it; 0: none */
};

/* The bucket of a claim: its stable hash. A new member goes to the bucket of its first claim. */
int claim_bucket(const char *kind, struct text key);

/* How a command names a person: by member id, by the first of its claims that is held, or by an event. */
enum subject_by { SUBJECT_MEMBER, SUBJECT_CLAIMS, SUBJECT_EVENT };
struct subject {
    enum subject_by by;
    int64_t id;       /* SUBJECT_MEMBER */
    int first, count; /* SUBJECT_CLAIMS: a range of command.claims; SUBJECT_EVENT: first = index into command.events */
};

/* How a command names a past event: by journal id, or by the claim (receipt, event id) that holds it. */
struct event_reference {
    int64_t id; /* 0: by claim */
    int claim;  /* index into command.claims; -1: by id */
};

enum load {
    LOAD_LOTS = 1,      /* open lots and holds of the groups */
    LOAD_PROGRESS = 2,  /* progress rows of the groups */
    LOAD_FOLLOWERS = 4, /* for the events named: what followed from them; implies LOAD_ALONE */
    LOAD_ALONE = 8, /* at most one such command a group and batch: its own rows are read by the type's load function */
    LOAD_REGROUPS = 16, /* changes who belongs together; later commands of these members wait for the next batch */
};

struct command;
struct decision;
struct load_context; /* engine/engine.h */

/* How a feature plugs a kind of command in. Const tables. */
struct command_type {
    const char *name; /* "purchase" */
    unsigned loads;   /* enum load */
    /* Reads the feature's own rows for `count` resolved commands of this type (x_store.c); may be NULL. */
    enum status (*load)(struct load_context *context, struct command **commands, size_t count, struct error *err);
    /*
     * Decides. No SQL, no clock, no I/O. May be called again for the same command when the batch has to be repeated, so
     * results in the body are set, not added to. A decision that writes anything writes at least one journal row.
     */
    enum status (*decide)(struct decision *decision, struct command *command, struct error *err);
};

struct command {
    const struct command_type *type;
    void *body; /* the type's own struct: input, what load read, and the result for the reply */
    struct claim_key *claims;
    size_t claim_count;
    struct subject subjects[COMMAND_SUBJECTS_MAX];
    size_t subject_count;
    struct event_reference events[COMMAND_EVENTS_MAX];
    size_t event_count;
    const char *counters[COMMAND_COUNTERS_MAX]; /* ids of the counters that it may change */
    size_t counter_count;
    int32_t day; /* load member_day of this programme day for subject 0; DAY_NONE: none */
    bool second_day_given;
    int32_t second_day; /* another day to load; only when second_day_given */
    int bucket;         /* where a new row goes when subject 0 is nobody yet (hash of the first claim); -1: none */

    /* Idempotency: both empty, or both given (API only). */
    struct text request_scope, request_key;
    unsigned char request_digest[DIGEST_SIZE]; /* of the body */
    /* Renders the reply of a success for the request row and for the answer; needed with request_key. */
    struct text (*render)(const struct command *command, struct arena *arena, int *http_status);

    /* Who did it, for the audit; copied into the row. Empty: the system. */
    struct text actor;

    /* Set by the engine before the completion is called. */
    enum status status;
    struct error error;
    int64_t id;               /* first journal row written; 0: none */
    bool replayed;            /* the stored reply of the same request: use stored_* */
    struct text stored_reply; /* lives in the submitter's arena */
    int stored_status;
    struct arena *arena; /* the submitter's arena; results that outlive the batch are copied into it by decide */
};

/* ---- a decision ---- */

struct programme_set; /* features/programme/programme.h: an immutable snapshot of the configuration */

struct person {            /* a resolved subject */
    struct group *group;   /* NULL: nobody yet */
    struct member *member; /* the member that was named */
    struct member *leader; /* the person's; the same for an unmerged member */
};

/* A limit over all members, as loaded, changed in place. */
struct counter {
    struct text id;
    int64_t used;
    int64_t maximum; /* INT64_MAX: none */
    bool changed, fresh;
};

struct decision {
    struct arena *arena; /* the batch's */
    int64_t now;
    const struct programme_set *programmes;
    struct person subjects[COMMAND_SUBJECTS_MAX];
    struct past_event *events[COMMAND_EVENTS_MAX];  /* NULL: does not exist */
    struct counter *counters[COMMAND_COUNTERS_MAX]; /* never NULL: an unknown one has used 0 and is fresh */
    struct effects *effects;                        /* what will be written; through the functions below */
};

/* A decision with every bucket taken and nobody loaded, whose effects nobody writes: for projections and tests. */
void decision_start(struct decision *decision, struct arena *arena, int64_t now,
                    const struct programme_set *programmes);

/* A new id in `bucket` (one of the batch's heads); ids of a bucket rise. */
int64_t decision_id(struct decision *decision, int bucket);

/*
 * A new journal row in the bucket of `member` (or in `bucket` when NULL), with id, member, kind, at and recorded_at set;
 * the caller fills the rest. Rows are written, and sealed, in the order of their ids.
 */
struct journal_row *journal_add(struct decision *decision, const struct member *member, int bucket, const char *kind,
                                int64_t at);

/* Adds a movement to `row` and to the day's ledger totals. Asserts amount > 0 and row's bucket == member's. */
void movement_add(struct decision *decision, struct journal_row *row, struct movement movement);

/* Takes (kind, key) for `reference` of `member`; the engine's batch sees it at once. The key must be one of the command's
 * claims and free. */
void claim_take(struct decision *decision, const char *kind, struct text key, int64_t reference, int64_t member);
/* Gives a claim up, or hands it to another reference. */
void claim_drop(struct decision *decision, const char *kind, struct text key);

/* A new member in `bucket`, its group of one as subject `index` from now on. Registered at `at`. */
struct member *member_new(struct decision *decision, int index, int bucket, int64_t at);

/*
 * Queues a feature's own row. Within a batch an upsert must not meet the same key twice: types that upsert rows of a member
 * load alone (LOAD_ALONE).
 */
void row_add(struct decision *decision, const struct storage_query *query, const struct storage_value *values);

/* Adds to the day's measures: (bucket, day, measure, store) += amount. `measure` is static: "sales", "purchases" ... */
void measure_add(struct decision *decision, int bucket, int32_t day, const char *measure, struct text store,
                 int64_t amount);

/* Audit of a change, with before and after as JSON (NULL bytes: none). `what` is static: "member.updated". */
void audit_add(struct decision *decision, const struct command *command, const char *what, int64_t subject,
               struct text before, struct text after);

/* ---- groups ---- */

struct member *group_find(struct group *group, int64_t id); /* NULL: not in it */
struct member *group_leader(struct group *group, const struct member *member);
size_t group_person_size(const struct group *group, const struct member *leader); /* members of the person */

struct wallet *member_wallet(struct decision *decision, struct member *member,
                             struct text code); /* made when missing */
const struct wallet *member_wallet_find(const struct member *member, struct text code);
struct lot *member_lot(struct member *member, int64_t id);
struct lot *member_lot_add(struct decision *decision, struct member *member); /* fresh, zeroed */
struct hold *member_hold(struct member *member, int64_t id);
struct hold *member_hold_add(struct decision *decision, struct member *member);
struct member_day *member_day_at(struct decision *decision, struct member *member, int32_t day); /* made when missing */
struct progress *member_progress(struct decision *decision, struct member *member, struct text id);

/* Lowers leader's due_at to `at` when that is sooner. */
void standing_due(struct member *leader, int64_t at);

#endif
