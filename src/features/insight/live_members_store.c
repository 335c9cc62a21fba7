#include "features/insight/live_members_store.h"

#include <stdlib.h>

const char *const live_feature_names[LIVE_FEATURES] = {
    [LIVE_PURCHASES] = "purchases",
    [LIVE_MEAN_SPEND] = "mean_spend",
    [LIVE_DAYS_SINCE_LAST] = "days_since_last",
    [LIVE_DAYS_AS_CUSTOMER] = "days_as_customer",
    [LIVE_RETURNED_SHARE] = "returned_share",
    [LIVE_DISCOUNTED_SHARE] = "discounted_share",
    [LIVE_CATEGORIES] = "categories",
};

struct reading {
    struct live_members *members;
    size_t capacity;
    int64_t now;
};

static double days_from(int64_t at, int64_t now)
{
    return at > 0 && at < now ? (double)((now - at) / INSTANT_DAY) : 0;
}

/* Somebody who comes in while the base is read is met by the next reading. */
static enum status add_person(void *context, const void *row, struct error *err)
{
    const struct live_person *person = row;
    struct reading *reading = context;
    struct live_members *members = reading->members;
    double bought = (double)person->spend + (double)person->returns, purchases = (double)person->purchases;

    (void)err;
    if (members->count >= reading->capacity)
        return STATUS_OK;
    members->list[members->count++] =
        (struct live_member){.id = person->id,
                             .spend = person->spend,
                             .first_purchase_at = person->first_purchase_at,
                             .last_purchase_at = person->last_purchase_at,
                             .features = {[LIVE_PURCHASES] = (double)person->purchase_days,
                                          [LIVE_MEAN_SPEND] = purchases > 0 ? (double)person->spend / purchases : 0,
                                          [LIVE_DAYS_SINCE_LAST] = days_from(person->last_purchase_at, reading->now),
                                          [LIVE_DAYS_AS_CUSTOMER] = days_from(person->first_purchase_at, reading->now),
                                          [LIVE_RETURNED_SHARE] = bought > 0 ? (double)person->returns / bought : 0}};
    return STATUS_OK;
}

static int compare_members(const void *a, const void *b)
{
    const struct live_member *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static enum status add_habit(void *context, const void *row, struct error *err)
{
    const struct live_habit *habit = row;
    struct live_members *members = ((struct reading *)context)->members;
    const struct live_member wanted = {.id = habit->leader};
    struct live_member *member =
        members->count == 0 ? NULL
                            : bsearch(&wanted, members->list, members->count, sizeof *members->list, compare_members);

    (void)err;
    if (member == NULL)
        return STATUS_OK;
    members->lines = true;
    member->lines += habit->lines;
    member->discounted += habit->discounted;
    member->categories = habit->categories > member->categories ? habit->categories : member->categories;
    member->features[LIVE_DISCOUNTED_SHARE] = (double)member->discounted / (double)member->lines;
    member->features[LIVE_CATEGORIES] = (double)member->categories;
    return STATUS_OK;
}

enum status live_members_read(struct storage_session *session, struct arena *arena, const struct live_part *part,
                              int64_t now, struct live_members *out, struct error *err)
{
    struct live_members members = {0};
    struct reading reading = {.members = &members, .now = now};
    int64_t count = 0;
    enum status status = live_persons_count(session, &count, err);

    if (status != STATUS_OK)
        return status;
    if (count > LIVE_MEMBERS_MAX)
        return error_set(err, STATUS_LIMIT, "insight.days", "", "the base has %lld members, more than %d",
                         (long long)count, LIVE_MEMBERS_MAX);
    reading.capacity = (size_t)count;
    members.list = arena_array(arena, (size_t)count + 1, sizeof *members.list);
    status = live_persons_stream(session, part, &(struct live_receiver){add_person, &reading}, err);
    if (status == STATUS_OK && members.count > 0)
        qsort(members.list, members.count, sizeof *members.list, compare_members);
    if (status == STATUS_OK)
        status = live_habits_stream(session, part, &(struct live_receiver){add_habit, &reading}, err);
    if (status == STATUS_OK)
        *out = members;
    return status;
}
