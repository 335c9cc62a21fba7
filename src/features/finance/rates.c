#include "features/finance/rates.h"

#include <string.h>

#include "features/finance/fold.h"

static const struct finance_rate *rate_of(const struct finance_rate *rates, size_t count, struct text wallet)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(rates[i].wallet, wallet))
            return &rates[i];
    return NULL;
}

void finance_rates_build(const struct programme_set *set, int32_t month, const struct finance_rate *agreed,
                         size_t agreed_count, struct finance_rates *out)
{
    const struct zone *zone = set->versions[set->version_count - 1].zone;
    const struct programme *programme = programme_at(set, zone_day_start(zone, month_start(month + 1)) - 1);

    *out = (struct finance_rates){.count = 0};
    memcpy(out->currency, programme->currency, sizeof out->currency);
    for (size_t i = 0; i < programme->wallet_count && out->count < FINANCE_WALLETS_MAX; i++) {
        const struct wallet_policy *policy = &programme->wallets[i];
        const struct finance_rate own = {policy->code, policy->value_points, policy->value_minor};
        const struct finance_rate *between = rate_of(agreed, agreed_count, policy->code);
        out->values[out->count] = own;
        out->settlements[out->count++] = between != NULL ? *between : own;
    }
    if (out->count == FINANCE_WALLETS_MAX)
        return;
    out->values[out->count] = out->settlements[out->count] = (struct finance_rate){TEXT(FINANCE_GIFT_CARDS), 1, 1};
    out->count++;
}

static int64_t value_by(const struct finance_rate *rate, int64_t points)
{
    int64_t minor = 0;

    if (rate == NULL || rate->points <= 0 || rate->minor <= 0)
        return 0;
    return checked_scale(points, rate->minor, rate->points, ROUNDING_HALF_EVEN, &minor) ? minor : 0;
}

int64_t finance_value(const struct finance_rates *rates, struct text wallet, int64_t points)
{
    return value_by(rate_of(rates->values, rates->count, wallet), points);
}

int64_t finance_settlement_value(const struct finance_rates *rates, struct text wallet, int64_t points)
{
    return value_by(rate_of(rates->settlements, rates->count, wallet), points);
}

bool finance_has_value(const struct finance_rates *rates, struct text wallet)
{
    const struct finance_rate *rate = rate_of(rates->values, rates->count, wallet);

    return rate != NULL && rate->points > 0 && rate->minor > 0;
}

/* ---- as a text: the currency, then four numbers and the code of each account, its size first ---- */

struct text finance_rates_text(struct arena *arena, const struct finance_rates *rates)
{
    struct builder out = {.arena = arena};

    builder_string(&out, rates->currency);
    for (size_t i = 0; i < rates->count; i++) {
        const struct finance_rate *value = &rates->values[i], *settlement = &rates->settlements[i];
        builder_format(&out, " %lld %lld %lld %lld %zu:", (long long)value->points, (long long)value->minor,
                       (long long)settlement->points, (long long)settlement->minor, value->wallet.size);
        builder_text(&out, value->wallet);
    }
    return builder_done(&out);
}

/* Takes a number and the `end` after it off `rest`. */
static bool take_number(struct text *rest, char end, int64_t *out)
{
    size_t size = 0;

    while (size < rest->size && rest->bytes[size] != end)
        size++;
    if (size == rest->size || !text_to_integer((struct text){rest->bytes, size}, out))
        return false;
    *rest = (struct text){rest->bytes + size + 1, rest->size - size - 1};
    return true;
}

static bool take_rate(struct text *rest, struct finance_rate *value, struct finance_rate *settlement)
{
    int64_t size;

    if (rest->bytes[0] != ' ')
        return false;
    *rest = (struct text){rest->bytes + 1, rest->size - 1};
    if (!take_number(rest, ' ', &value->points) || !take_number(rest, ' ', &value->minor) ||
        !take_number(rest, ' ', &settlement->points) || !take_number(rest, ' ', &settlement->minor) ||
        !take_number(rest, ':', &size) || size < 0 || (size_t)size > rest->size)
        return false;
    value->wallet = settlement->wallet = (struct text){rest->bytes, (size_t)size};
    *rest = (struct text){rest->bytes + size, rest->size - (size_t)size};
    return true;
}

bool finance_rates_parse(struct text text, struct finance_rates *out)
{
    *out = (struct finance_rates){.count = 0};
    if (text.size < CURRENCY_SIZE - 1)
        return false;
    memcpy(out->currency, text.bytes, CURRENCY_SIZE - 1);
    text = (struct text){text.bytes + CURRENCY_SIZE - 1, text.size - (CURRENCY_SIZE - 1)};
    while (text.size > 0 && out->count < FINANCE_WALLETS_MAX) {
        if (!take_rate(&text, &out->values[out->count], &out->settlements[out->count]))
            return false;
        out->count++;
    }
    return text.size == 0;
}
