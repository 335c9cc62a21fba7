/*
 * facts.h: what expressions may name: `member.spend`, `member.tier`, `event.store`, `purchase.total`, `line.sku` and their
 * kind; the facts of a member filled. Pure.
 */
#ifndef PATRON_FEATURES_CONDITIONS_FACTS_H
#define PATRON_FEATURES_CONDITIONS_FACTS_H

#include "features/customers/model.h"
#include "features/programme/programme.h"
#include "rules/rules.h"

/* In the order of the declared environment: the number is the slot. */
enum fact {
    FACT_ID,
    FACT_REGISTERED_AT,
    FACT_STAGE,
    FACT_ACTIVE,
    FACT_PURCHASES,
    FACT_PURCHASE_DAYS,
    FACT_SPEND,
    FACT_RETURNS,
    FACT_AVERAGE_PURCHASE,
    FACT_SPEND_90_DAYS,
    FACT_VISITS,
    FACT_FIRST_PURCHASE_AT,
    FACT_LAST_PURCHASE_AT,
    FACT_LAST_VISIT_AT,
    FACT_LAST_EVENT_AT,
    FACT_TIER,
    FACT_TIER_SINCE,
    FACT_TIER_UNTIL,
    FACT_TIERS,
    FACT_MEMBERSHIPS,
    FACT_CONTRACT,
    FACT_CONTRACT_DISCOUNT,
    FACT_CONTRACT_FACTOR,
    FACT_QUALIFYING,
    FACT_POINTS,
    FACT_PENDING_POINTS,
    FACT_WALLETS,
    FACT_ALIVE,
    FACT_CHURN_RISK,
    FACT_EXPECTED_PURCHASES,
    FACT_EXPECTED_VALUE,
    FACT_CLV,
    FACT_LOYALTY,
    FACT_GENDER,
    FACT_BIRTHDAY,
    FACT_BIRTHDAY_TODAY,
    FACT_BIRTHDAY_MONTH,
    FACT_LANGUAGE,
    FACT_TIME_ZONE,
    FACT_COUNTRY,
    FACT_REGION,
    FACT_CITY,
    FACT_POSTAL_CODE,
    FACT_TAGS,
    FACT_CONSENTS,
    FACT_CUSTOM,
    FACT_SEGMENTS,
    FACT_DAYS,
    FACT_KNOWN,
    FACT_COUNT, /* of a member */

    /* Of the event that a condition is about (condition.h). */
    FACT_EVENT_KIND = FACT_COUNT,
    FACT_EVENT_AT,
    FACT_EVENT_DAY,
    FACT_EVENT_WEEKDAY,
    FACT_EVENT_TIME,
    FACT_EVENT_MONTH,
    FACT_EVENT_STORE,
    FACT_EVENT_CHANNEL,
    FACT_EVENT_TILL,
    FACT_EVENT_EMPLOYEE,
    FACT_EVENT_PROPERTIES,
    FACT_EVENT_END,

    FACT_PURCHASE_TOTAL = FACT_EVENT_END,
    FACT_PURCHASE_PAID_WITH_POINTS,
    FACT_PURCHASE_QUANTITY,
    FACT_PURCHASE_LINES,
    FACT_PURCHASE_SKUS,
    FACT_PURCHASE_CATEGORIES,
    FACT_PURCHASE_CODES,
    FACT_PURCHASE_TERMS,
    FACT_PURCHASE_COUPONS,
    FACT_PURCHASE_END,

    FACT_LINE_SKU = FACT_PURCHASE_END,
    FACT_LINE_CATEGORY,
    FACT_LINE_CATEGORIES,
    FACT_LINE_QUANTITY,
    FACT_LINE_AMOUNT,
    FACT_LINE_PRICE,
    FACT_LINE_DISCOUNT,
    FACT_LINE_END,
};

/* Names, types and a sentence each: of the facts of a member; and with those of an event, of a purchase, of its lines. */
extern const struct rule_environment facts_environment, facts_of_event, facts_of_purchase, facts_of_line;

/* What has to be read for the facts that a program names, besides the person. */
enum facts_part { FACTS_PROFILE = 1, FACTS_SCORES = 2, FACTS_SEGMENTS = 4, FACTS_DAYS = 8 };
unsigned facts_needed(const struct rule_program *program);

/* What the models say of a person: NaN where they say nothing. Money in minor units. */
struct fact_scores {
    double alive;    /* probability of still being a customer */
    double expected; /* purchases in the next 52 weeks */
    double value;    /* of these */
    double lifetime; /* of all purchases to come, discounted */
    double loyalty;  /* 0 .. 100 */
};

/* What the facts are made of. */
struct fact_sources {
    const struct person *person;
    int64_t now;
    const struct programme *programme;    /* in force */
    int64_t median_interval;              /* of the whole base, for the stage */
    const struct lifecycle *lifecycle;    /* the rules of stages; NULL: the usual ones */
    const struct profile *profile;        /* of the person; NULL: not read */
    const struct customer_state *members; /* their tags, consents and custom fields, the leader first */
    size_t member_count;
    const struct fact_scores *scores; /* NULL: not read, or nothing is known */
    const struct text *segments;      /* codes of those the person is in; NULL: not read */
    size_t segment_count;
    const struct member_day *days; /* with purchases, of all members of the person, in any order; NULL: not read */
    size_t day_count;
};

struct birthday; /* birthday.h */
/* That of the person's profile; false without one, or when the profile was not read. */
bool fact_birthday(const struct fact_sources *sources, struct birthday *out);

/* Values: a list of texts; of a JSON text, null when it is none. */
struct rule_value rule_texts(struct arena *arena, const struct text *texts, size_t count);
double fact_units(const struct programme *programme, int64_t minor); /* money in whole units */
struct rule_value fact_json(struct arena *arena, struct text json);

/* Fills FACT_COUNT slots. What is not known is null; what was not read is, too. */
void facts_fill(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots);

#endif
