/* The figures of stored value: bonus, order of payment, what a refund forfeits. */
#include "features/stored_value/stored_value.h"

#include "features/points/ledger.h"
#include "foundation/checked.h"

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* `whole` x `part` / `of`, rounded down; 0 <= part <= of. */
static int64_t share_of(int64_t whole, int64_t part, int64_t of)
{
    int64_t share = whole;

    if (part < of)
        checked_scale(whole, part, of, ROUNDING_FLOOR, &share);
    return share;
}

int64_t stored_value_bonus(const struct stored_value *value, int64_t minor)
{
    const struct top_up_step *reached = NULL;

    for (size_t i = 0; i < value->step_count; i++)
        if (minor >= value->steps[i].at_least)
            reached = &value->steps[i];
    return reached == NULL ? 0 : reached->amount + share_of(minor, reached->share, FACTOR_SCALE);
}

bool stored_value_split(const struct stored_value *value, struct stored_split have, int64_t minor,
                        struct stored_split *out)
{
    int64_t all = have.principal + have.bonus;

    if (minor > all)
        return false;
    switch (value->order) {
    case STORED_PRINCIPAL_FIRST:
        out->bonus = minor - least(minor, have.principal);
        break;
    case STORED_BONUS_FIRST:
        out->bonus = least(minor, have.bonus);
        break;
    case STORED_PROPORTIONAL:
        out->bonus = all > 0 ? share_of(have.bonus, minor, all) : 0;
        break;
    }
    out->principal = minor - out->bonus;
    return true;
}

int64_t stored_value_forfeit(const struct stored_value *value, struct stored_split have, int64_t minor)
{
    switch (value->forfeit) {
    case FORFEIT_PROPORTIONAL:
        return have.principal > 0 ? share_of(have.bonus, minor, have.principal) : 0;
    case FORFEIT_ALL:
        return have.bonus;
    case FORFEIT_NOTHING:
        return 0;
    }
    return 0;
}

enum status stored_value_find(const struct programme *programme, struct text code, const struct stored_value **out,
                              struct error *err)
{
    *out = programme_stored_value(programme, code);
    if (*out == NULL)
        return error_set(err, STATUS_INVALID, "stored_value.unknown", "code", "there is no stored value '%.*s'",
                         (int)code.size, code.bytes);
    return STATUS_OK;
}

struct stored_split stored_value_available(const struct person *person, const struct stored_value *value)
{
    return (struct stored_split){ledger_available(person->group, person->member, value->principal),
                                 ledger_available(person->group, person->member, value->bonus)};
}

enum status stored_value_take(const struct programme *programme, const struct person *person,
                              const struct stored_value *value, int64_t minor, struct stored_split *out,
                              struct error *err)
{
    struct stored_split have = stored_value_available(person, value);
    char all[MONEY_TEXT_SIZE], wanted[MONEY_TEXT_SIZE];

    *out = (struct stored_split){0};
    if (minor <= 0)
        return error_set(err, STATUS_INVALID, "stored_value.amount", "amount", "the amount is above zero");
    if (!stored_value_split(value, have, minor, out))
        return error_set(err, STATUS_CONFLICT, "stored_value.insufficient", "amount", "%s %s are there, not %s",
                         money_format(have.principal + have.bonus, programme->exponent, all), programme->currency,
                         money_format(minor, programme->exponent, wanted));
    return STATUS_OK;
}
