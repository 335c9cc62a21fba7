#include "features/programme/promise_policy.h"

#include <stdlib.h>

#include "features/programme/programme_read.h"

const char *const missed_action_names[] = {"list", "points", "voucher", NULL};

/* ---- questions ---- */

const struct promise_voucher *promise_voucher_for(const struct promise_means *means, int64_t minor)
{
    for (size_t i = 0; i < means->voucher_count; i++)
        if (means->vouchers[i].value >= minor)
            return &means->vouchers[i];
    return NULL;
}

static bool has_role(struct text roles, struct text role)
{
    for (size_t from = 0, i = 0; i <= roles.size; i++) {
        if (i < roles.size && roles.bytes[i] != ',')
            continue;
        if (text_equal((struct text){roles.bytes + from, i - from}, role))
            return true;
        from = i + 1;
    }
    return false;
}

int64_t honour_limit_of(const struct honour_policy *policy, struct text roles)
{
    int64_t most = 0;

    for (size_t i = 0; i < policy->limit_count; i++)
        if (policy->limits[i].up_to > most && has_role(roles, policy->limits[i].role))
            most = policy->limits[i].up_to;
    return most;
}

const struct honour_owner *honour_owner_of(const struct honour_policy *policy, struct text channel)
{
    const struct honour_owner *other = NULL;

    for (size_t i = 0; i < policy->owner_count; i++) {
        if (policy->owners[i].channel.size == 0)
            other = &policy->owners[i];
        else if (text_equal(policy->owners[i].channel, channel))
            return &policy->owners[i];
    }
    return other;
}

bool honour_reason_is(const struct honour_policy *policy, struct text reason)
{
    for (size_t i = 0; i < policy->reason_count; i++)
        if (text_equal(policy->reasons[i], reason))
            return true;
    return policy->reason_count == 0;
}

/* ---- what is given ---- */

static bool has_worth(const struct wallet_policy *wallet)
{
    return wallet->spendable && wallet->value_points > 0 && wallet->value_minor > 0;
}

static enum status read_wallet(const struct object *object, struct promise_means *means)
{
    const struct programme *programme = object->programme;

    TRY(object_code(object, "wallet", false, &means->wallet));
    if (means->wallet.size > 0) {
        const struct wallet_policy *wallet = programme_wallet(programme, means->wallet);
        if (wallet == NULL || !has_worth(wallet) || programme_is_principal(programme, means->wallet))
            return object_refuse(object, "wallet", "this is not a points account whose points have a worth");
        return STATUS_OK;
    }
    for (size_t i = 0; i < programme->wallet_count && means->wallet.size == 0; i++)
        if (has_worth(&programme->wallets[i]) && !programme_is_principal(programme, programme->wallets[i].code))
            means->wallet = programme->wallets[i].code;
    return STATUS_OK;
}

static int by_value(const void *a, const void *b)
{
    const struct promise_voucher *left = a, *right = b;

    return left->value < right->value ? -1 : left->value > right->value ? 1 : text_compare(left->series, right->series);
}

static enum status read_means(const struct object *object, struct promise_means *means)
{
    static const char *const fields[] = {"series", "value", NULL};
    size_t count = 0;

    TRY(read_wallet(object, means));
    TRY(object_list(object, "vouchers", (struct range){0, PROMISE_VOUCHERS_MAX}, &count));
    struct promise_voucher *vouchers = arena_array(object->arena, count + 1, sizeof *vouchers);
    for (size_t i = 0; i < count; i++) {
        struct object inner = object_element(object, "vouchers", i);
        TRY(object_check(&inner, fields));
        TRY(object_code(&inner, "series", true, &vouchers[i].series));
        TRY(object_money(&inner, "value", true, 1, &vouchers[i].value));
    }
    if (count > 1)
        qsort(vouchers, count, sizeof *vouchers, by_value);
    means->vouchers = vouchers;
    means->voucher_count = count;
    return STATUS_OK;
}

/* ---- "honours" ---- */

static enum status read_limits(const struct object *object, struct honour_policy *policy)
{
    static const char *const fields[] = {"role", "up_to", NULL};
    static const char *const roles[] = {"administrator", "marketer", "desk", "agent",
                                        "analyst",       "finance",  "key",  NULL};

    TRY(object_list(object, "limits", (struct range){0, HONOUR_LIMITS_MAX}, &policy->limit_count));
    struct honour_limit *limits = arena_array(object->arena, policy->limit_count + 1, sizeof *limits);
    for (size_t i = 0; i < policy->limit_count; i++) {
        struct object inner = object_element(object, "limits", i);
        int role = 0;
        TRY(object_check(&inner, fields));
        TRY(object_word(&inner, "role", true, roles, &role));
        limits[i].role = text_from(roles[role]);
        TRY(object_money(&inner, "up_to", true, 0, &limits[i].up_to));
    }
    policy->limits = limits;
    return STATUS_OK;
}

static enum status read_owners(const struct object *object, struct honour_policy *policy)
{
    static const char *const fields[] = {"channel", "person", "place", "role", NULL};

    TRY(object_list(object, "owners", (struct range){0, HONOUR_OWNERS_MAX}, &policy->owner_count));
    struct honour_owner *owners = arena_array(object->arena, policy->owner_count + 1, sizeof *owners);
    for (size_t i = 0; i < policy->owner_count; i++) {
        struct object inner = object_element(object, "owners", i);
        TRY(object_check(&inner, fields));
        TRY(object_code(&inner, "channel", false, &owners[i].channel));
        TRY(object_code(&inner, "person", false, &owners[i].person));
        TRY(object_code(&inner, "place", false, &owners[i].place));
        TRY(object_code(&inner, "role", false, &owners[i].role));
        if ((owners[i].person.size > 0) == (owners[i].place.size > 0 || owners[i].role.size > 0))
            return object_refuse(&inner, "role", "a person answers for the channel, or a place or role: not both");
    }
    policy->owners = owners;
    return STATUS_OK;
}

static enum status read_honours(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"limits", "daily", "wallet", "vouchers", "reasons", "owners", NULL};
    static const char *const daily_fields[] = {"count", "value", NULL};
    struct object object = object_nested(document, "honours");

    if (object.json == NULL)
        return STATUS_OK;
    struct honour_policy *policy = arena_alloc(document->arena, sizeof *policy);
    *policy = (struct honour_policy){.daily_count = INT64_MAX, .daily_value = INT64_MAX};
    TRY(object_check(&object, fields));
    TRY(read_limits(&object, policy));
    struct object daily = object_nested(&object, "daily");
    if (daily.json != NULL) {
        TRY(object_check(&daily, daily_fields));
        TRY(object_integer(&daily, "count", false, (struct range){1, 100000}, &policy->daily_count));
        TRY(object_money(&daily, "value", false, 0, &policy->daily_value));
    }
    TRY(read_means(&object, &policy->means));
    TRY(object_codes(&object, "reasons", &policy->reasons, &policy->reason_count));
    TRY(read_owners(&object, policy));
    programme->honours = policy;
    return STATUS_OK;
}

/* ---- "missed_benefits" ---- */

static enum status read_missed(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"action",    "wallet",  "vouchers", "limit", "daily_limit",
                                         "late_days", "claimed", "coupons",  NULL};
    struct object object = object_nested(document, "missed_benefits");
    int action = MISSED_LIST;

    if (object.json == NULL)
        return STATUS_OK;
    struct missed_policy *policy = arena_alloc(document->arena, sizeof *policy);
    *policy = (struct missed_policy){.limit = INT64_MAX, .daily_limit = INT64_MAX, .late_days = 30, .claimed = true};
    TRY(object_check(&object, fields));
    TRY(object_word(&object, "action", true, missed_action_names, &action));
    policy->action = (enum missed_action)action;
    TRY(read_means(&object, &policy->means));
    TRY(object_money(&object, "limit", false, 0, &policy->limit));
    TRY(object_money(&object, "daily_limit", false, 0, &policy->daily_limit));
    TRY(object_integer(&object, "late_days", false, (struct range){0, 36500}, &policy->late_days));
    TRY(object_boolean(&object, "coupons", &policy->coupons));
    TRY(object_boolean(&object, "claimed", &policy->claimed));
    if (policy->action == MISSED_POINTS && policy->means.wallet.size == 0)
        return object_refuse(&object, "wallet", "no points account has a worth: give one a 'value'");
    if (policy->action == MISSED_VOUCHER && policy->means.voucher_count == 0)
        return object_refuse(&object, "vouchers", "name the series of the vouchers, and what each is worth");
    programme->missed = policy;
    return STATUS_OK;
}

enum status promises_read(const struct object *document, struct programme *programme)
{
    TRY(read_honours(document, programme));
    return read_missed(document, programme);
}
