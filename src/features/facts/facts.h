/* facts.h: what expressions may name of a member: `member.spend`, `member.tier`, `member.clv` and their kind. Pure. */
#ifndef PATRON_FEATURES_FACTS_FACTS_H
#define PATRON_FEATURES_FACTS_FACTS_H

#include "features/customers/model.h"
#include "features/insight/live_model.h"
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
    FACT_LANGUAGE,
    FACT_TIME_ZONE,
    FACT_COUNTRY,
    FACT_REGION,
    FACT_CITY,
    FACT_POSTAL_CODE,
    FACT_TAGS,
    FACT_CONSENTS,
    FACT_CUSTOM,
    FACT_COUNT,
};

/* Names, types and a sentence each. */
extern const struct rule_environment facts_environment;

/* What has to be read for the facts that a program names, besides the person. */
enum facts_part { FACTS_PROFILE = 1, FACTS_SCORES = 2 };
unsigned facts_needed(const struct rule_program *program);

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
    const struct live_score *score; /* NULL: not read, or nothing is known */
};

/* Fills FACT_COUNT slots. What is not known is null; what was not read is, too. */
void facts_fill(struct arena *arena, const struct fact_sources *sources, struct rule_value *slots);

#endif
