/*
 * facts.h: what a purchase, a claim or a return keeps in the facts of its journal row, so that a later return can compute
 * again what is left. Compact JSON of codes and numbers. Pure.
 */
#ifndef PATRON_FEATURES_EVENTS_FACTS_H
#define PATRON_FEATURES_EVENTS_FACTS_H

#include "engine/decide.h"
#include "features/conditions/condition.h"
#include "features/events/terms.h"
#include "features/gift_cards/gift_payment.h"
#include "features/programme/programme.h"

struct bonus_facts {
    struct text multiplier;
    int64_t bonus;
    struct text progress; /* progress id whose limit it used; empty: none */
    bool budget;          /* it used the counter "multiplier:CODE" */
};

struct earned_facts {
    struct text rule, wallet;
    int64_t points; /* bonuses included */
    const struct bonus_facts *bonuses;
    size_t bonus_count;
    int64_t active_at, expires_at; /* not kept in the facts; for the reply */
    int64_t version;               /* of an earning rule that was published by itself; 0: a rule of the programme */
    const struct text *uses;       /* of an earning rule: progress ids of its caps */
    size_t use_count;
    bool budget; /* of an earning rule: it used its counters */
};

/* An offer of the quote that a purchase settled, and which of its limits counted the use. */
struct offer_facts {
    struct text code;
    int64_t amount; /* discount */
    bool uses, budget, member, member_day;
    int32_t day;                /* of the limit of a day */
    struct text coupon, series; /* key of the coupon that opened it; empty: none */
    bool benefit;               /* it is a benefit that applied by itself */
    int64_t membership;         /* by which it was held: what it took off was saved by it; 0: by none */
};

/* An offer that was over and was honoured, because the customer was shown it. */
struct honour_facts {
    struct text offer, channel;
    int64_t shown_at;
    int64_t value; /* minor units */
};

struct purchase_facts {
    int64_t version;                   /* programme version that it earned by; 0: earned nothing, no member */
    struct text tier;                  /* held then */
    int64_t qualifying;                /* before it */
    struct text boosts;                /* multipliers of benefits, as earning_input has them */
    int64_t paid_minor;                /* paid with points and stored value */
    int64_t prepaid;                   /* of it principal */
    int64_t payment_count;             /* rows that paid, also what was worth nothing */
    const struct earned_facts *earned; /* of a return: what is left earned after it */
    size_t earned_count;
    struct text currency; /* of the original amount; empty: the programme's */
    int64_t original;     /* amount in that currency */
    struct text event_id;
    struct text till, employee;    /* codes of where and through whom; empty: not told */
    bool plain;                    /* a purchase that by its nature earned nothing and qualified for nothing */
    int64_t organisation, contact; /* a purchase for an organisation: it, and who bought; 0: not */
    struct text contract;          /* its terms; empty: none */
    int64_t contact_share;         /* of FACTOR_SCALE: the part of the points that is the contact's */
    bool digest_given;
    unsigned char digest[SEAL_SIZE];
    int64_t money;                  /* of a return: what goes back as money */
    int64_t written_off;            /* of a return: debt given up */
    const struct line_terms *terms; /* of its lines, ascending by line */
    size_t term_count;
    int64_t
        exchange; /* of the goods that were taken: the purchase exchanged; of those that came back: the new purchase */
    bool unreceipted;      /* a return without a receipt */
    int64_t quote;         /* that it settled; 0: none */
    bool settled_reserved; /* and which had reserved its coupons */
    const struct offer_facts *offers;
    size_t offer_count;
    const struct honour_facts *honours;
    size_t honour_count;
    struct shown_codes shown;      /* codes and coupons that it uses: earning rules ask for them again */
    const struct gift_paid *cards; /* gift cards that paid; of a return: what can still go back to them */
    size_t card_count;
    bool own_sale; /* it earned nothing, and qualified for nothing: see own_sale.h */
};

/* What of `points` that a purchase earns is the contact's. */
int64_t contact_part(int64_t points, int64_t contact_share);

struct text purchase_facts_write(struct arena *arena, const struct purchase_facts *facts);
/* STATUS_DEFECT `event.facts` when the text is none of ours. */
enum status purchase_facts_read(struct arena *arena, struct text json, struct purchase_facts *out, struct error *err);

/* Only the terms of the lines: for those who read many rows. Empty facts have none. */
enum status terms_facts_read(struct arena *arena, struct text json, const struct line_terms **terms, size_t *count,
                             struct error *err);

/* The words of modifiers, for the detail: [{"line":1,"modifier":1,"text":"less ice"}]; empty without any. */
struct text modifier_texts_write(struct arena *arena, const struct purchase_line *lines, size_t line_count);
/* Gives the modifiers of `facts` back their words, out of a detail; what is not there stays empty. */
void modifier_texts_read(struct arena *arena, struct text detail, struct purchase_facts *facts);

/* Lines of a past event are loaded without what its facts, and its detail, keep of them: hangs that on them. */
void row_attach_terms(struct arena *arena, struct journal_row *row);

/* Appends `text` as a JSON string. */
void facts_string(struct builder *builder, struct text text);

#endif
