#include "features/offers/shown_offer.h"

#include "features/definitions/advertised.h"

/* ---- what was shown ---- */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The last minute in which it was to be had, since it was shown and within the grace; hours and weekdays count. */
static bool was_to_be_had(const struct shown_offer *honour, const struct zone *zone, int64_t at, int64_t grace)
{
    const struct offer *offer = honour->definition->parsed;
    int64_t first = later(honour->shown_at, at - grace);

    for (int64_t moment = earlier(at, honour->ended_at - 1); moment >= first; moment -= INSTANT_MINUTE)
        if (offer_time_holds(&offer->schedule, zone, moment))
            return true;
    return false;
}

static void find(const struct programme_set *set, const struct zone *zone, int64_t at, struct shown_offer *honour)
{
    int64_t grace = programme_at(set, at)->promise_grace;
    struct advertisement shown;

    honour->definition = NULL;
    honour->ended_at = INSTANT_NEVER;
    honour->in_force = false;
    honour->refused_by = "offer.not_shown";
    if (honour->shown_at > at ||
        !advertisement_at(set, &offer_kind, honour->offer, honour->channel, honour->shown_at, &shown))
        return;
    const struct offer *offer = shown.definition->parsed;
    honour->definition = shown.definition;
    honour->ended_at = earlier(shown.definition->until, offer->schedule.ends_at);
    honour->refused_by = NULL;
    honour->in_force = at < honour->ended_at && offer_time_holds(&offer->schedule, zone, at);
    if (!honour->in_force && !was_to_be_had(honour, zone, at, grace))
        honour->refused_by = at < honour->ended_at ? "offer.not_now" : "offer.ended";
}

void shown_offers_find(const struct programme_set *set, const struct zone *zone, int64_t at,
                       struct shown_offer *honours, size_t count)
{
    for (size_t i = 0; i < count; i++)
        find(set, zone, at, &honours[i]);
}

/* ---- pricing ---- */

static enum status price_with(const struct pricing_world *world, struct basket *basket, struct shown_offer *kept,
                              size_t count, struct priced *out, struct error *err)
{
    basket->honours = kept;
    basket->honour_count = count;
    return offers_price(world, basket, out, err);
}

/* Said once of an offer. */
static void refuse(struct arena *arena, struct priced *priced, const struct shown_offer *honour, const char *why,
                   int64_t gain)
{
    struct refused_offer *refused = arena_array(arena, priced->refused_count + 1, sizeof *refused);
    size_t count = 0;

    for (size_t i = 0; i < priced->refused_count; i++)
        if (honour->definition == NULL || priced->refused[i].definition != honour->definition)
            refused[count++] = priced->refused[i];
    refused[count++] = (struct refused_offer){.definition = honour->definition,
                                              .offer = honour->definition != NULL ? honour->definition->parsed : NULL,
                                              .named = honour->offer,
                                              .why = why,
                                              .until = honour->definition != NULL ? honour->ended_at : 0,
                                              .gain = gain};
    priced->refused = refused;
    priced->refused_count = count;
}

/* Whether the version in force of the offer applies. */
static bool applies(const struct priced *priced, struct text code)
{
    for (size_t i = 0; i < priced->applied_count; i++)
        if (text_equal(priced->applied[i].definition->code, code))
            return true;
    return false;
}

enum status shown_offers_price(const struct pricing_world *world, struct basket *basket,
                               const struct shown_offer *honours, size_t count, struct priced *out, struct error *err)
{
    struct shown_offer kept[SHOWN_OFFERS_MAX + 1];
    const char *why[SHOWN_OFFERS_MAX] = {NULL};
    int64_t gains[SHOWN_OFFERS_MAX] = {0};
    size_t kept_count = 0;
    enum status status = price_with(world, basket, NULL, 0, out, err);

    for (size_t i = 0; i < count && i < SHOWN_OFFERS_MAX && status == STATUS_OK; i++) {
        struct priced tried;
        why[i] = honours[i].refused_by;
        if (honours[i].definition == NULL || honours[i].in_force)
            continue;
        kept[kept_count] = honours[i];
        status = price_with(world, basket, kept, kept_count + 1, &tried, err);
        if (status != STATUS_OK)
            return status;
        if (why[i] != NULL) {
            gains[i] = tried.benefit > out->benefit ? tried.benefit - out->benefit : 0;
        } else if (tried.benefit > out->benefit || (tried.benefit == out->benefit && !applies(out, honours[i].offer))) {
            kept_count++;
            *out = tried;
        } else {
            why[i] = "offer.replaced";
        }
    }
    for (size_t i = 0; i < count && i < SHOWN_OFFERS_MAX && status == STATUS_OK; i++)
        if (why[i] != NULL)
            refuse(world->arena, out, &honours[i], why[i], gains[i]);
    basket->honours = arena_copy(world->arena, kept, kept_count * sizeof *kept);
    basket->honour_count = kept_count;
    return status;
}
