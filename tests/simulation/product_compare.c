/* Compares a group of the product with the model's. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "product_market.h"

struct comparison {
    struct product *product;
    const struct model *model;
    const struct group *group;
    int member;
};

__attribute__((format(printf, 2, 3))) static bool differ(struct comparison *comparison, const char *format, ...)
{
    char *out = comparison->product->difference;
    size_t size = sizeof comparison->product->difference;
    int used = snprintf(out, size, "member %d: ", comparison->member);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(out + used, size - (size_t)used, format, arguments);
    va_end(arguments);
    return false;
}

static bool same(struct comparison *comparison, const char *what, int64_t model, int64_t real)
{
    return model == real ||
           differ(comparison, "%s is %lld, the model says %lld", what, (long long)real, (long long)model);
}

static struct member *find(const struct comparison *comparison, int member)
{
    for (size_t i = 0; i < comparison->group->member_count; i++)
        if (comparison->group->members[i].id == comparison->model->members[member].real)
            return &comparison->group->members[i];
    return NULL;
}

static bool same_wallets(struct comparison *comparison, const struct member *real)
{
    const struct model *model = comparison->model;

    for (int w = 0; w < WALLETS && model->rules->wallets[w].code != NULL; w++) {
        const struct model_wallet *mine = &model->members[comparison->member].wallets[w];
        const struct wallet *theirs = NULL;
        static const struct wallet none = {0};
        for (size_t i = 0; i < real->wallet_count; i++)
            if (text_equals(real->wallets[i].code, model->rules->wallets[w].code))
                theirs = &real->wallets[i];
        if (theirs == NULL)
            theirs = &none;
        if (mine->active != theirs->active || mine->pending != theirs->pending || mine->held != theirs->held ||
            mine->debt != theirs->debt)
            return differ(comparison,
                          "wallet %s: active %lld pending %lld held %lld debt %lld, the model says %lld %lld %lld %lld",
                          model->rules->wallets[w].code, (long long)theirs->active, (long long)theirs->pending,
                          (long long)theirs->held, (long long)theirs->debt, (long long)mine->active,
                          (long long)mine->pending, (long long)mine->held, (long long)mine->debt);
    }
    return true;
}

static bool lot_matches(const struct model *model, const struct model_lot *mine, const struct lot *theirs)
{
    return text_equals(theirs->wallet, model->rules->wallets[mine->wallet].code) &&
           theirs->earned_at == mine->earned_at && theirs->expires_at == mine->expires_at &&
           theirs->amount == mine->amount && theirs->remaining == mine->remaining && theirs->held == mine->held &&
           theirs->expired == mine->expired && (mine->remaining == 0 || theirs->pending == mine->pending);
}

static bool same_lots(struct comparison *comparison, const struct member *real)
{
    const struct model *model = comparison->model;
    const struct model_member *mine = &model->members[comparison->member];
    size_t open = 0;

    for (size_t i = 0; i < real->lot_count; i++)
        open += real->lots[i].remaining + real->lots[i].held > 0;
    for (int l = 0; l < mine->lot_count; l++) {
        const struct model_lot *lot = &model->lots[mine->lots[l]];
        bool found = false;
        for (size_t i = 0; i < real->lot_count && !found; i++)
            found = lot_matches(model, lot, &real->lots[i]);
        if (found)
            continue;
        for (size_t i = 0; i < real->lot_count; i++)
            if (real->lots[i].earned_at == lot->earned_at)
                return differ(
                    comparison,
                    "lot earned %lld: amount %lld expires %lld remaining %lld held %lld expired %lld pending %d, "
                    "the model says %lld %lld %lld %lld %lld %d",
                    (long long)lot->earned_at, (long long)real->lots[i].amount, (long long)real->lots[i].expires_at,
                    (long long)real->lots[i].remaining, (long long)real->lots[i].held, (long long)real->lots[i].expired,
                    real->lots[i].pending, (long long)lot->amount, (long long)lot->expires_at,
                    (long long)lot->remaining, (long long)lot->held, (long long)lot->expired, lot->pending);
        return differ(comparison, "no lot earned %lld with %lld left", (long long)lot->earned_at,
                      (long long)lot->remaining);
    }
    return same(comparison, "the number of open lots", mine->lot_count, (int64_t)open);
}

static bool same_person(struct comparison *comparison, const struct member *real)
{
    const struct model *model = comparison->model;
    const struct model_facts facts = model_person_facts(model, comparison->member);
    const struct model_tier *tier = &model->members[comparison->member].tier;
    const struct standing *standing = &real->standing;
    const char *code = tier->level >= 0 ? level_codes[tier->level] : "";

    if (!text_equals(standing->tier, code))
        return differ(comparison, "the tier is '%.*s', the model says '%s'", (int)standing->tier.size,
                      standing->tier.bytes, code);
    return same(comparison, "purchases", facts.purchases, standing->purchases) &&
           same(comparison, "purchase days", model_person_days(model, comparison->member), standing->purchase_days) &&
           same(comparison, "spend", facts.spend, standing->spend) &&
           same(comparison, "returns", facts.returns, standing->returns) &&
           same(comparison, "visits", facts.visits, standing->visits) &&
           same(comparison, "the first purchase", facts.first_purchase, standing->first_purchase_at) &&
           same(comparison, "the last purchase", facts.last_purchase, standing->last_purchase_at) &&
           same(comparison, "the last visit", facts.last_visit, standing->last_visit_at) &&
           same(comparison, "the last event", facts.last_event, standing->last_event_at) &&
           (tier->level < 0 || (same(comparison, "the tier's end", tier->until, standing->tier_until) &&
                                same(comparison, "the tier's grace", tier->grace, standing->tier_grace) &&
                                same(comparison, "the qualifying sum", tier->qualifying, standing->qualifying)));
}

static bool same_group(struct comparison *comparison, const int *list, int count)
{
    if (!same(comparison, "the number of members that belong together", count,
              (int64_t)comparison->group->member_count))
        return false;
    for (int i = 0; i < count; i++) {
        comparison->member = list[i];
        const struct model_member *mine = &comparison->model->members[list[i]];
        const struct member *real = find(comparison, list[i]);
        if (real == NULL)
            return differ(comparison, "it is not in the group");
        if (!same(comparison, "the leader", comparison->model->members[mine->leader].real, real->leader) ||
            !same_wallets(comparison, real) || !same_lots(comparison, real) ||
            (mine->leader == list[i] && !same_person(comparison, real)))
            return false;
    }
    return true;
}

bool product_compare(struct product *product, const struct model *model, int member)
{
    struct comparison comparison = {.product = product, .model = model, .member = member};
    int list[GROUP_MAX], count = model_group(model, member, list);
    struct storage_session *session;
    struct person person;
    struct error error;

    arena_reset(product->arena);
    product->difference[0] = '\0';
    if (engine_read_begin(product->engine, &session, &error) != STATUS_OK)
        product_fail(&error, "read");
    if (engine_view(product->engine, session, model->members[member].real, product->arena, &person, &error) !=
        STATUS_OK)
        product_fail(&error, "view");
    comparison.group = person.group;
    bool equal = same_group(&comparison, list, count);
    equal = equal && product_compare_offers(product, session, model, member, &person);
    engine_read_end(product->engine, session);
    return equal;
}
