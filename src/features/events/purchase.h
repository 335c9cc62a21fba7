/*
 * purchase.h: a purchase: recorded once, partly paid with points perhaps, earning by the programme in force at its time.
 * Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_PURCHASE_H
#define PATRON_FEATURES_EVENTS_PURCHASE_H

#include "features/events/events.h"
#include "features/events/facts.h"
#include "features/events/own_sale.h"
#include "features/events/rules_of_event.h"
#include "features/gift_cards/gift_payment.h"
#include "features/offers/quote.h"
#include "features/redemption/spending.h"
#include "foundation/money.h"

/* With points at most PURCHASE_POINTS_MAX, and one stored value. */
enum { PURCHASE_LINES_MAX = 1000, PURCHASE_POINTS_MAX = 2, PURCHASE_PAYMENTS_MAX = PURCHASE_POINTS_MAX + 1 };

/* The part paid with points: of a wallet, or by capturing a hold; or with a stored value. */
struct payment {
    struct text wallet;
    int64_t points;
    int64_t hold;             /* 0: none; `points` 0 captures all of it */
    struct text stored_value; /* a code, and nothing of the above; empty: none */
    int64_t minor;            /* of the stored value */
};

/* What was paid with points and stored value. */
struct purchase_paid {
    int64_t minor;   /* worth of all */
    int64_t prepaid; /* of it principal: money, which earns */
    int64_t rows;    /* of the journal */
};

/*
 * The body of a purchase command; zeroed but for what is named here. The texts live as long as the command, and
 * command.arena must be set: the result is made in it.
 */
struct purchase {
    /* Input. Without `named` it is anonymous: subject 0 is absent, command.bucket the hash of the receipt. */
    bool named;            /* subject 0 is the member */
    bool register_unknown; /* an unknown member is registered; otherwise `member.unknown` */
    int64_t at;
    int32_t day; /* business day */
    struct text store, channel;
    struct text till, employee; /* codes; empty: not told */
    struct seller seller;       /* the employee as a customer */
    struct text receipt;        /* the receipt key; empty: none */
    struct text event_id;       /* as given, for the record */
    struct event_identity identity;
    char currency[CURRENCY_SIZE]; /* empty: the programme's; otherwise converted by the business day's rate */
    struct purchase_line *lines;  /* minor units of `currency`; number 0 is numbered here */
    size_t line_count;
    struct purchase_line *loaded_lines; /* set by purchase_load: a copy with what the catalogue knows; NULL: none */
    bool priced;        /* lines get cost and tax of the catalogue, where they say none: programme_set.items_priced */
    bool erased_before; /* set by purchase_load: whom it registers was erased */
    int64_t total;
    bool total_given;           /* the lines must sum to it; without lines it becomes one */
    struct purchase_line whole; /* that one */
    int64_t cause;              /* journal id of what it follows from; 0: nothing */
    int64_t pending_until;      /* its points are active no sooner; 0: as their account says */
    bool earns_nothing;         /* it counts, and neither earns nor qualifies */
    struct payment payments[PURCHASE_PAYMENTS_MAX];
    size_t payment_count;
    struct gift_payment cards[GIFT_PAYMENTS_MAX]; /* of an anonymous purchase, too; command.counters name them */
    size_t card_count;
    struct proof proof;             /* what the member showed, for the payments */
    bool load_progress;             /* a limit of the programme in force asks for it */
    bool limited;                   /* the limits of the programme count it, and command.counters name them */
    int64_t organisation, contact;  /* bought for an organisation: it, and who did; 0: not */
    struct text terms;              /* of the organisation; empty: none */
    int64_t contact_share;          /* of FACTOR_SCALE: what of the points is the contact's, who is subject 1 then */
    struct text detail;             /* personal text and properties as JSON; empty: none */
    struct quote_settlement *quote; /* that it settles; NULL: none */
    struct shown_offer *honours;    /* offers that the customer was shown, without a quote */
    size_t honour_count;
    int64_t exchanged;        /* the purchase whose goods are exchanged for these; 0: none */
    struct text trigger;      /* of earning rules, beside "purchase": "order", "stay"; empty: none */
    struct rules_known known; /* what earning rules ask of the person */

    /* Result; texts in command.arena. */
    struct purchase_result {
        int64_t id;
        bool known;     /* the same event again: nothing happened */
        int64_t member; /* 0: anonymous */
        bool registered;
        int64_t amount; /* in `currency`, the programme's */
        char currency[CURRENCY_SIZE];
        int64_t paid_minor, prepaid;
        const struct gift_paid *cards;
        size_t card_count;
        const struct earned_facts *earned;
        size_t earned_count;
        const struct honour_facts *honoured;
        size_t honoured_count;
        bool own_sale; /* it earned nothing because the employee is the member, or of the household */
        struct text tier_before, tier_after;
        const struct wallet_balance *balances;
        size_t balance_count;
    } result;
};

struct wallet_balance {
    struct text wallet;
    int64_t available, pending, balance;
};

/*
 * The command type for a purchase: with lots only when points pay, with progress only when a multiplier of `programme`
 * (in force at the purchase's time) limits members.
 */
const struct command_type *purchase_type(const struct programme *programme, const struct purchase *purchase);
bool programme_limits_members(const struct programme *programme);

/* Whether the programme in force makes a purchase load the progress of its member, beside what it earns by. */
bool purchase_limits_members(const struct programme *programme, const struct purchase *purchase);

/* Lists the counters of limits that the purchase may change in `command`. */
void purchase_limits(const struct programme *programme, const struct purchase *purchase, struct command *command,
                     struct arena *arena);

/* Lists the counters (budgets) that a purchase at its time may change in `command`. */
void purchase_counters(const struct programme *programme, struct command *command, struct arena *arena);

/*
 * What earning rules need for the purchase: sets body->known.parts and body->load_progress, before the command's type is chosen;
 * and lists the counters of their budgets in `command`.
 */
void purchase_rules(const struct programme_set *set, struct purchase *body);
void purchase_rule_counters(const struct programme_set *set, const struct purchase *body, struct command *command,
                            struct arena *arena);

/* The load function of purchases (events_store.c): gives lines without a category, cost or tax that of the catalogue. */
enum status purchase_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

enum status purchase_decide(struct decision *decision, struct command *command, struct error *err);

/* Numbers the lines and checks that they agree and sum to the total; without lines the total is one. */
enum status purchase_check_lines(struct purchase *body, struct error *err);

/* The decision without the identity: for what holds a purchase, as the first member of its body. */
enum status purchase_record(struct decision *decision, struct command *command, struct journal_row **out,
                            struct error *err);

/* The same for `body`, which is a part of a command. Subject 0 is the member. */
enum status purchase_record_part(struct decision *decision, struct command *command, struct purchase *body,
                                 struct journal_row **out, struct error *err);

/* What a purchase that is recorded earns; shared with the late claim of an anonymous one. */
struct purchase_earning {
    struct person *person;
    struct journal_row *row; /* gets movements and the lots' source */
    const struct purchase_line *lines;
    size_t line_count;
    int64_t total;
    struct purchase_paid paid;
    int64_t at;
    int64_t pending_until; /* 0: as the accounts say */
    struct text store, channel;
    bool limited; /* the limits of the programme count it */
    const struct seller *seller;
    struct text terms;          /* of the organisation that it is bought for */
    struct person *contact;     /* who gets `contact_share` of the points; NULL: nobody */
    int64_t contact_share;      /* of FACTOR_SCALE */
    struct posting *posting;    /* made by purchase_earn: of `row` */
    struct text till, employee; /* who rang it up, and where */
    struct text trigger;        /* as purchase.trigger */
    struct shown_codes shown;   /* codes and coupons that it uses */
    const struct rules_known *known;
};
enum status purchase_earn(struct decision *decision, const struct command *command,
                          const struct purchase_earning *earning, struct purchase_facts *facts, struct error *err);

/* Points by account, each account once. */
struct points_expected {
    struct {
        struct text wallet;
        int64_t points;
    } items[PROGRAMME_WALLETS_MAX];
    size_t count;
};

/* What it would earn: posts nothing and uses up no budget, limit or tier. */
enum status purchase_expect(struct decision *decision, const struct command *command,
                            const struct purchase_earning *earning, struct points_expected *out, struct error *err);

/* The same rule by rule, those that give nothing as well, in the order in which they are asked. */
struct purchase_explained {
    const struct earned *base; /* of the programme */
    size_t base_count;
    const struct accrual_outcome *outcomes; /* of the rules that are published by themselves */
    size_t outcome_count;
};
enum status purchase_foretell(struct decision *decision, const struct command *command,
                              const struct purchase_earning *earning, struct purchase_explained *out,
                              struct error *err);

/* What `body` of subject 0 would earn if it were recorded now; nothing when its currency has no rate of its day. */
enum status purchase_foresee(struct decision *decision, const struct command *command, struct purchase *body,
                             struct points_expected *out, struct error *err);

/* Counts the purchase in the standing and the programme day of the person. */
void purchase_count(struct decision *decision, struct person *person, int64_t at, int64_t amount);

/* Copies what the purchase earned, the tier and the balances into the result, which outlives the batch. */
void purchase_report(const struct command *command, const struct person *person, const struct purchase_facts *facts,
                     struct purchase_result *result);

/* What a redemption that paid for a purchase drew, from its facts. False for another row. */
bool payment_read(const struct journal_row *row, struct arena *arena, struct text *wallet, int64_t *points);

/* Draws or captures the payments of `body`, of subject 0, to journal rows of their own, whose cause is `purchase`. */
enum status purchase_pay(struct decision *decision, const struct command *command, const struct purchase *body,
                         const struct journal_row *purchase, struct purchase_paid *paid, struct error *err);

/*
 * Charges the gift cards of `body` for `purchase`, of subject 0 or of nobody known; points have paid `result.paid_minor`. Sets
 * the cards of the result and of `facts`.
 */
enum status purchase_pay_cards(struct decision *decision, const struct command *command, struct purchase *body,
                               const struct journal_row *purchase, struct purchase_facts *facts, struct error *err);

/* The counter of the command with that id; NULL: the submitter did not list it. */
struct counter *command_counter(const struct decision *decision, const struct command *command, struct text multiplier);

/* The balances of every wallet of the person, copied into `arena`. */
const struct wallet_balance *wallet_balances(struct arena *arena, const struct person *person, size_t *count);

/* The limit's progress id: "multiplier:CODE" and its calendar period ("2026-11", "2026-Q4", "2026"). */
struct text multiplier_progress_id(struct arena *arena, const struct multiplier *multiplier, const struct zone *zone,
                                   int64_t at);

#endif
