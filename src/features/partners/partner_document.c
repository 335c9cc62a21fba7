/* The document of a partner. */
#include "features/definitions/definition_read.h"
#include "features/partners/partner.h"

static const struct range points_range = {1, PARTNER_POINTS_MAX};

/* The object with the decimals of the partner's currency, or of a rate. */
static struct object with_decimals(const struct object *object, int decimals)
{
    struct object out = *object;

    out.programme = arena_copy(object->arena, object->programme, sizeof *object->programme);
    out.programme->exponent = decimals;
    return out;
}

static enum status read_currency(const struct object *object, struct partner *partner)
{
    struct text code = text_from(object->programme->currency);

    TRY(object_text(object, "currency", false, CURRENCY_SIZE - 1, &code));
    partner->exponent = code.size == CURRENCY_SIZE - 1 ? currency_exponent(code) : -1;
    if (partner->exponent < 0)
        return object_refuse(object, "currency", "a currency such as EUR is expected");
    for (size_t i = 0; i < code.size; i++)
        partner->currency[i] = code.bytes[i];
    return STATUS_OK;
}

static enum status read_contact(const struct object *object, struct partner *partner)
{
    static const char *const names[] = {"organisation", "name", "email", "phone", NULL};
    struct object inner = object_nested(object, "contact");

    if (inner.json == NULL)
        return STATUS_OK;
    TRY(object_check(&inner, names));
    TRY(object_text(&inner, "organisation", false, PARTNER_NAME_MAX, &partner->organisation));
    TRY(object_text(&inner, "name", false, PARTNER_NAME_MAX, &partner->contact));
    TRY(object_text(&inner, "email", false, PARTNER_NAME_MAX, &partner->email));
    return object_text(&inner, "phone", false, PARTNER_NAME_MAX, &partner->phone);
}

static enum status read_earn(const struct object *object, struct partner *partner)
{
    static const char *const names[] = {"wallet", "points", "per", "rounding", "minimum", NULL};
    static const char *const roundings[] = {"floor", "half_up", "half_even", "ceil", NULL};
    struct object inner = object_nested(object, "earn");
    struct partner_earning *earn = &partner->earn;
    int rounding = ROUNDING_FLOOR;

    if (inner.json == NULL)
        return STATUS_OK;
    inner = with_decimals(&inner, partner->exponent);
    TRY(object_check(&inner, names));
    TRY(object_code(&inner, "wallet", true, &earn->wallet));
    TRY(object_integer(&inner, "points", true, points_range, &earn->points));
    TRY(object_money(&inner, "per", false, 1, &earn->per));
    TRY(object_money(&inner, "minimum", false, 1, &earn->minimum));
    TRY(object_word(&inner, "rounding", false, roundings, &rounding));
    earn->rounding = (enum rounding)rounding;
    return STATUS_OK;
}

static enum status read_limits(const struct object *object, struct partner_redeeming *redeem)
{
    static const char *const names[] = {"points", "times", NULL};
    struct object inner = object_nested(object, "per_member_and_day");

    redeem->day_points = redeem->day_times = INT64_MAX;
    if (inner.json == NULL)
        return STATUS_OK;
    TRY(object_check(&inner, names));
    TRY(object_integer(&inner, "points", false, (struct range){1, PARTNER_DAY_POINTS_MAX}, &redeem->day_points));
    return object_integer(&inner, "times", false, (struct range){1, PARTNER_DAY_TIMES_MAX}, &redeem->day_times);
}

static enum status read_redeem(const struct object *object, struct partner *partner)
{
    static const char *const names[] = {"wallet", "points", "worth", "minimum", "per_member_and_day", NULL};
    struct object inner = object_nested(object, "redeem");
    struct partner_redeeming *redeem = &partner->redeem;

    redeem->minimum = 1;
    if (inner.json == NULL)
        return STATUS_OK;
    inner = with_decimals(&inner, partner->exponent);
    TRY(object_check(&inner, names));
    TRY(object_code(&inner, "wallet", true, &redeem->wallet));
    TRY(object_integer(&inner, "points", true, points_range, &redeem->points));
    TRY(object_money(&inner, "worth", true, 1, &redeem->minor));
    TRY(object_integer(&inner, "minimum", false, points_range, &redeem->minimum));
    return read_limits(&inner, redeem);
}

static enum status read_settlement(const struct object *object, struct partner *partner)
{
    static const char *const names[] = {"issued", "redeemed", NULL};
    struct object inner = object_nested(object, "settlement");

    if (inner.json == NULL)
        return object_missing(object, "settlement");
    inner = with_decimals(&inner, PARTNER_RATE_DECIMALS);
    TRY(object_check(&inner, names));
    TRY(object_money(&inner, "issued", true, 0, &partner->rate_issued));
    TRY(object_money(&inner, "redeemed", true, 0, &partner->rate_redeemed));
    if (partner->rate_issued > PARTNER_MINOR_MAX || partner->rate_redeemed > PARTNER_MINOR_MAX)
        return object_refuse(object, "settlement", "a point is worth at most 100000");
    return STATUS_OK;
}

static enum status read_partner(const struct object *object, void *out)
{
    static const char *const names[] = {"name",   "contact",    "currency",   "stores",    "earn",
                                        "redeem", "claim_days", "settlement", "suspended", NULL};
    struct partner *partner = out;

    TRY(object_check(object, names));
    TRY(object_text(object, "name", true, PARTNER_NAME_MAX, &partner->name));
    TRY(read_contact(object, partner));
    TRY(read_currency(object, partner));
    TRY(object_codes(object, "stores", &partner->stores, &partner->store_count));
    TRY(read_earn(object, partner));
    TRY(read_redeem(object, partner));
    TRY(object_int(object, "claim_days", false, (struct range){0, PARTNER_CLAIM_DAYS_MAX}, &partner->claim_days));
    TRY(read_settlement(object, partner));
    return object_boolean(object, "suspended", &partner->suspended);
}

static enum status refuse(const char *field, const char *sentence, struct error *err)
{
    return error_set(err, STATUS_INVALID, "programme.invalid", field, "%s", sentence);
}

/* What it refers to is there when it is saved; of what was published long ago it may be gone. */
static enum status check_references(const struct definition_input *input, const struct partner *partner,
                                    struct error *err)
{
    const struct wallet_policy *policy;

    if (partner->code.size > PARTNER_CODE_MAX)
        return error_set(err, STATUS_INVALID, "programme.invalid", "code", "the code of a partner has at most %d bytes",
                         PARTNER_CODE_MAX);
    if (partner->earn.wallet.size > 0 && programme_wallet(input->programme, partner->earn.wallet) == NULL)
        return refuse("earn.wallet", programme_no_wallet(input->arena, input->programme, partner->earn.wallet), err);
    if (partner->earn.wallet.size > 0 && programme_is_principal(input->programme, partner->earn.wallet))
        return refuse("earn.wallet", "what is paid in is never earned", err);
    if (partner->redeem.wallet.size == 0)
        return STATUS_OK;
    policy = programme_wallet(input->programme, partner->redeem.wallet);
    if (policy == NULL)
        return refuse("redeem.wallet", programme_no_wallet(input->arena, input->programme, partner->redeem.wallet),
                      err);
    return policy->spendable ? STATUS_OK : refuse("redeem.wallet", "points of this account cannot be spent", err);
}

static enum status parse(const struct definition_input *input, const void **out, struct error *err)
{
    struct partner *partner = arena_alloc(input->arena, sizeof *partner);
    enum status status;

    *out = partner;
    partner->code = input->code;
    status = definition_read(input, read_partner, partner, err);
    return status == STATUS_OK && input->saving ? check_references(input, partner, err) : status;
}

const struct definition_kind partner_kind = {.name = "partner", .plural = "partners", .parse = parse};
