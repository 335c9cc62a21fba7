#include "features/programme/gift_card_policy.h"

#include "features/programme/programme_read.h"

static enum status read_top_up(const struct object *object, struct gift_card_policy *policy)
{
    static const char *const fields[] = {"allowed", "at_least", "at_most", "balance", "days", NULL};
    bool allowed = true;

    TRY(object_check(object, fields));
    TRY(object_boolean(object, "allowed", &allowed));
    TRY(object_money(object, "at_least", false, 1, &policy->minimum));
    TRY(object_money(object, "at_most", false, 1, &policy->maximum));
    TRY(object_money(object, "balance", false, 1, &policy->balance));
    TRY(object_integer(object, "days", false, (struct range){1, GIFT_CARD_DAYS_MAX}, &policy->days));
    policy->no_top_up = !allowed;
    if (policy->maximum > 0 && policy->maximum < policy->minimum)
        return object_refuse(object, "at_most", "it is less than the least amount");
    return STATUS_OK;
}

enum status gift_card_policy_read(const struct object *document, struct programme *programme)
{
    static const char *const fields[] = {"top_up", NULL};
    struct object object = object_nested(document, "gift_cards");

    if (object.json == NULL)
        return STATUS_OK;
    TRY(object_check(&object, fields));
    struct object top_up = object_nested(&object, "top_up");
    return top_up.json != NULL ? read_top_up(&top_up, &programme->gift_cards) : STATUS_OK;
}
