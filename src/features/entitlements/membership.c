#include "features/entitlements/membership.h"

#include "features/definitions/advertised_read.h"
#include "features/definitions/definition_read.h"
#include "features/definitions/references.h"

const char *const membership_renewal_names[] = {"automatic", "manual", "none", NULL};
const char *const membership_refund_names[] = {"none", "pro_rata", "minus_savings", NULL};

/* ---- the document ---- */

struct reading {
    const struct definition_input *input;
    struct membership_plan *plan;
};

static enum status read_term(const struct object *document, struct membership_plan *plan)
{
    static const char *const fields[] = {"months", "days", NULL};
    struct object object = object_nested(document, "term");

    if (object.json == NULL)
        return object_missing(document, "term");
    TRY(object_check(&object, fields));
    TRY(object_int(&object, "months", false, (struct range){1, MEMBERSHIP_MONTHS_MAX}, &plan->months));
    TRY(object_int(&object, "days", false, (struct range){1, MEMBERSHIP_DAYS_MAX}, &plan->days));
    if ((plan->months > 0) == (plan->days > 0))
        return object_refuse(&object, "months", "a term is so many months or so many days");
    return STATUS_OK;
}

static enum status read_tier(const struct object *document, const struct reading *reading)
{
    static const char *const fields[] = {"ladder", "tier", NULL};
    const struct programme *programme = reading->input->programme;
    struct object object = object_nested(document, "tier");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    TRY(object_code(&object, "ladder", false, &reading->plan->ladder));
    TRY(object_code(&object, "tier", true, &reading->plan->tier));
    const struct tier_ladder *ladder =
        programme_ladder_count(programme) > 0 ? programme_ladder_find(programme, reading->plan->ladder) : NULL;
    bool known = ladder != NULL && ladder_find(ladder, reading->plan->tier) != NULL;
    if (!known && reading->input->saving)
        return object_refuse(&object, "tier", "the programme has no such tier");
    if (!known)
        reading->plan->tier = (struct text){NULL, 0};
    if (ladder == &programme->ladder)
        reading->plan->ladder = (struct text){NULL, 0};
    return STATUS_OK;
}

static enum status read_plan(const struct object *document, void *out)
{
    static const char *const fields[] = {"name",   "about",    "fee",  "term",       "renewal", "grace_days",
                                         "refund", "benefits", "tier", "advertised", NULL};
    const struct reading *reading = out;
    struct membership_plan *plan = reading->plan;
    int renewal = RENEWAL_MANUAL, refund = REFUND_NONE;

    TRY(object_check(document, fields));
    TRY(object_text(document, "name", true, 200, &plan->name));
    TRY(object_text(document, "about", false, 2000, &plan->about));
    TRY(object_money(document, "fee", true, 0, &plan->fee));
    TRY(read_term(document, plan));
    TRY(object_word(document, "renewal", false, membership_renewal_names, &renewal));
    TRY(object_word(document, "refund", false, membership_refund_names, &refund));
    TRY(object_int(document, "grace_days", false, (struct range){0, MEMBERSHIP_GRACE_MAX}, &plan->grace_days));
    plan->renewal = (enum membership_renewal)renewal;
    plan->refund = (enum membership_refund)refund;
    if (plan->renewal == RENEWAL_NONE && plan->grace_days > 0)
        return object_refuse(document, "grace_days", "what cannot be renewed has no grace");
    TRY(object_codes(document, "benefits", &plan->benefits, &plan->benefit_count));
    TRY(read_tier(document, reading));
    const struct advertised_terms terms = {.from = INT64_MIN, .until = INSTANT_NEVER};
    return object_advertised(document, terms, &plan->advertised);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct membership_plan *plan = arena_alloc(input->arena, sizeof *plan);
    struct reading reading = {input, plan};

    *plan = (struct membership_plan){.fee = 0};
    *out = plan;
    return definition_read(input, read_plan, &reading, err);
}

static const struct advertised *advertised_of(const void *parsed)
{
    return ((const struct membership_plan *)parsed)->advertised;
}

static void references_of(const void *parsed, struct definition_references *out)
{
    const struct membership_plan *plan = parsed;
    const struct definition_reference benefit = {.kind = "benefit", .field = "benefits"};

    reference_add_list(out, &benefit, plan->benefits, plan->benefit_count);
}

const struct definition_kind membership_kind = {.name = "membership",
                                                .plural = "memberships",
                                                .parse = parse,
                                                .references = references_of,
                                                .advertised = advertised_of};

bool membership_grants(const struct programme_set *programmes, struct text plan, int64_t at, struct text benefit)
{
    const struct definition *definition = definition_at(programmes, &membership_kind, plan, at);
    const struct membership_plan *parsed = definition != NULL ? definition->parsed : NULL;

    for (size_t i = 0; parsed != NULL && i < parsed->benefit_count; i++)
        if (text_equal(parsed->benefits[i], benefit))
            return true;
    return false;
}

/* ---- what was bought ---- */

bool membership_runs(const struct membership *membership, int64_t at)
{
    if (membership->ended_at != 0 && at >= membership->ended_at)
        return false;
    return at < membership->grace_until;
}

const char *membership_state(const struct membership *membership, int64_t at)
{
    if (!membership_runs(membership, at))
        return "ended";
    if (membership->cancelled_at != 0)
        return "cancelled";
    return at < membership->paid_until ? "active" : "due";
}

int64_t membership_term_end(const struct programme *programme, const struct membership_plan *plan, int64_t bought_at,
                            int64_t terms)
{
    int32_t day = zone_day(programme->zone, bought_at);

    if (plan->days > 0)
        return zone_day_start(programme->zone, day + (int32_t)(terms * plan->days));
    return zone_day_start(programme->zone, day_add_months(day, (int)(terms * plan->months)));
}

/* The part of a fee for the days from `at` until the end; the day of `at` counts as used. */
static int64_t unused(const struct zone *zone, int64_t fee, int64_t from, int64_t until, int64_t at)
{
    int64_t share = 0;
    int32_t first = zone_day(zone, from), last = zone_day(zone, until), next = zone_day(zone, at) + 1;

    if (at < from)
        return fee;
    if (next >= last || last <= first)
        return 0;
    checked_scale(fee, last - next, last - first, ROUNDING_FLOOR, &share);
    return share;
}

int64_t membership_refund_at(const struct programme *programme, const struct membership_plan *plan,
                             const struct membership *membership, int64_t saved, int64_t at)
{
    const bool early = membership->earlier_fee > 0 && at < membership->term_from;
    int64_t running = membership->fee + (early ? membership->earlier_fee : 0);
    int64_t back = 0;

    switch (plan->refund) {
    case REFUND_NONE:
        return 0;
    case REFUND_PRO_RATA:
        back = unused(programme->zone, membership->fee, membership->term_from, membership->paid_until, at);
        if (early)
            back +=
                unused(programme->zone, membership->earlier_fee, membership->earlier_from, membership->term_from, at);
        return back;
    case REFUND_MINUS_SAVINGS:
        return running > saved ? running - saved : 0;
    }
    return 0;
}
