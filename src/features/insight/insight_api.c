#include "features/insight/insight_api.h"

#include <stddef.h>

#include "features/insight/base.h"
#include "features/insight/insight_store.h"
#include "features/insight/part_store.h"
#include "features/measures/measures_api.h"

#define KEEP_ABOVE (200 * INSTANT_SECOND / 1000) /* cheaper replies are computed anew each time */
enum { KEEP_FACTOR = 20 };

static const struct field overview_wallet_fields[] = {
    {.name = "wallet", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "issued", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "redeemed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "expired", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "clawed_back", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "written_off", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "adjusted", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "outstanding", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED, .about = "Points owed at the end."},
    {.name = "debt", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "liability", .type = FIELD_AMOUNT, .about = "The worth of what is outstanding."},
};
static const struct shape overview_wallet_shape = {
    .name = "OverviewWallet", .size = 0, SHAPE_FIELDS(overview_wallet_fields)};

static const struct field overview_day_fields[] = {
    {.name = "day", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "returned", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "visits", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "new_members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_issued", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_redeemed", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "points_expired", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
};
static const struct shape overview_day_shape = {.name = "OverviewDay", .size = 0, SHAPE_FIELDS(overview_day_fields)};

static const struct field overview_fields[] = {
    {.name = "from", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "to", .type = FIELD_DAY, .flags = FIELD_REQUIRED},
    {.name = "store", .type = FIELD_TEXT},
    {.name = "members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "new_members", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "active",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "A purchase or visit in the last days, as the measure says."},
    {.name = "buyers",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "In the period; ever when none is given."},
    {.name = "repeat_buyers",
     .type = FIELD_INTEGER,
     .flags = FIELD_REQUIRED,
     .about = "With two purchases or more, or as the measure says."},
    {.name = "repeat_purchase_rate", .type = FIELD_DECIMAL, .flags = FIELD_NULLABLE, .scale = 4},
    {.name = "sales", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "returned", .type = FIELD_AMOUNT, .flags = FIELD_REQUIRED},
    {.name = "purchases", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "average_basket", .type = FIELD_AMOUNT, .flags = FIELD_NULLABLE},
    {.name = "visits", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},
    {.name = "wallets",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &overview_wallet_shape},
    MEASURES_FIELD,
    {.name = "days",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_OBJECT,
     .shape = &overview_day_shape},
};
const struct shape overview_shape = {.name = "Overview", .size = 0, SHAPE_FIELDS(overview_fields)};

struct overview_query {
    int32_t from, to;
    struct text store;
};
static const struct field overview_query_fields[] = {
    {.name = "from",
     .type = FIELD_DAY,
     .offset = offsetof(struct overview_query, from),
     .about = "29 days before `to` when absent."},
    {.name = "to", .type = FIELD_DAY, .offset = offsetof(struct overview_query, to), .about = "Today when absent."},
    {.name = "store",
     .type = FIELD_TEXT,
     .flags = FIELD_STORE,
     .offset = offsetof(struct overview_query, store),
     .maximum = CODE_SIZE_MAX,
     .about = "Sales, purchases, returns and visits of one store."},
};
const struct shape overview_query_shape = {
    .name = "OverviewQuery", .size = sizeof(struct overview_query), SHAPE_FIELDS(overview_query_fields)};

/* ---- keeping what was expensive ---- */

bool insight_is_fresh(const struct call *call, const struct kept_reply *reply)
{
    return reply->body.size > 0 && call->now - reply->computed_at < KEEP_FACTOR * reply->took;
}

enum status insight_keep(struct call *call, struct text name, const struct kept_reply *reply, struct error *err)
{
    struct storage_session *session;

    if (reply->took < KEEP_ABOVE)
        return STATUS_OK;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = kept_reply_put(session, name, reply, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    return call_write_commit(call, session, err);
}

/* `object` is "{...}": its members become members of the reply, which the framework has opened. */
static void append_members(struct json_writer *writer, struct text object)
{
    if (object.size <= 2)
        return;
    builder_bytes(&writer->out, object.bytes + 1, object.size - 2);
    writer->comma = true;
}

enum status insight_reply(struct call *call, struct item *item, struct text name, insight_compute *compute,
                          struct error *err)
{
    const struct clock *clock = engine_clock(call->engine);
    struct storage_session *session;
    struct kept_reply kept = {0};
    struct json_writer writer;
    enum status status = call_read_begin(call, &session, err);

    if (status != STATUS_OK)
        return status;
    status = kept_reply_get(session, call->arena, name, &kept, err);
    if (status == STATUS_OK && insight_is_fresh(call, &kept)) {
        call_read_end(call, session);
        append_members(&item->writer, kept.body);
        return STATUS_OK;
    }
    int64_t started = clock_boot(clock);
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    if (status == STATUS_OK)
        status = compute(call, session, &writer, err);
    call_read_end(call, session);
    if (status != STATUS_OK)
        return status;
    writer_end(&writer);
    kept = (struct kept_reply){call->now, clock_boot(clock) - started, writer_done(&writer)};
    append_members(&item->writer, kept.body);
    return insight_keep(call, name, &kept, err);
}

struct text insight_part_name(struct call *call, const char *name)
{
    struct text key = call_scope_key(call);

    if (key.size == 0)
        return text_from(name);
    return text_from(arena_format(call->arena, "%s@%.*s", name, (int)key.size, key.bytes));
}

enum status insight_median(struct call *call, struct storage_session *session, int64_t *out, struct error *err)
{
    *out = call->programmes->median_interval;
    return *out != 0 ? STATUS_OK : base_median(session, call->programmes->lifecycle, out, err);
}

/* ---- the overview ---- */

static void write_wallets(struct json_writer *writer, const struct overview_sums *sums,
                          const struct programme *programme)
{
    writer_list(writer, "wallets");
    for (size_t i = 0; i < sums->wallet_count; i++) {
        const struct wallet_totals *wallet = &sums->wallets[i];
        const struct wallet_policy *policy = programme_wallet(programme, wallet->wallet);
        int64_t worth;
        writer_object(writer, NULL);
        writer_text(writer, "wallet", wallet->wallet);
        writer_integer(writer, "issued", wallet->issued);
        writer_integer(writer, "redeemed", wallet->redeemed);
        writer_integer(writer, "expired", wallet->expired);
        writer_integer(writer, "clawed_back", wallet->clawed_back);
        writer_integer(writer, "written_off", wallet->written_off);
        writer_integer(writer, "adjusted", wallet->adjusted);
        writer_integer(writer, "outstanding", wallet->outstanding);
        writer_integer(writer, "debt", wallet->debt);
        if (policy != NULL && policy->value_points > 0 && wallet_points_value(policy, wallet->outstanding, &worth))
            writer_amount(writer, "liability", worth, programme->currency);
        writer_end(writer);
    }
    writer_end(writer);
}

static void write_days(struct json_writer *writer, const struct overview_sums *sums, const char *currency)
{
    writer_list(writer, "days");
    for (size_t i = 0; i < sums->day_count; i++) {
        const struct day_measures *day = &sums->days[i];
        writer_object(writer, NULL);
        writer_day(writer, "day", day->day);
        writer_amount(writer, "sales", day->sales, currency);
        writer_amount(writer, "returned", day->returned, currency);
        writer_integer(writer, "purchases", day->purchases);
        writer_integer(writer, "visits", day->visits);
        writer_integer(writer, "new_members", day->members_registered);
        writer_integer(writer, "points_issued", day->issued);
        writer_integer(writer, "points_redeemed", day->redeemed);
        writer_integer(writer, "points_expired", day->expired);
        writer_end(writer);
    }
    writer_end(writer);
}

static struct day_measures total_of(const struct overview_sums *sums)
{
    struct day_measures total = {0};

    for (size_t i = 0; i < sums->day_count; i++) {
        total.sales += sums->days[i].sales;
        total.returned += sums->days[i].returned;
        total.purchases += sums->days[i].purchases;
        total.visits += sums->days[i].visits;
        total.members_registered += sums->days[i].members_registered;
    }
    return total;
}

static void write_people(struct json_writer *writer, const struct part_people *people, const struct day_measures *total)
{
    struct buyers buyers = people->period;
    int64_t rate;

    writer_integer(writer, "members", people->members);
    writer_integer(writer, "new_members", total->members_registered);
    writer_integer(writer, "active", people->active);
    writer_integer(writer, "buyers", buyers.all);
    writer_integer(writer, "repeat_buyers", buyers.repeat);
    if (buyers.all > 0 && checked_scale(buyers.repeat, 10000, buyers.all, ROUNDING_HALF_UP, &rate))
        writer_decimal(writer, "repeat_purchase_rate", rate, 4);
    else
        writer_null(writer, "repeat_purchase_rate");
}

static void write_sales(struct json_writer *writer, const struct day_measures *total, const char *currency)
{
    int64_t basket;

    writer_amount(writer, "sales", total->sales, currency);
    writer_amount(writer, "returned", total->returned, currency);
    writer_integer(writer, "purchases", total->purchases);
    if (total->purchases > 0 && checked_scale(total->sales, 1, total->purchases, ROUNDING_HALF_UP, &basket))
        writer_amount(writer, "average_basket", basket, currency);
    else
        writer_null(writer, "average_basket");
    writer_integer(writer, "visits", total->visits);
}

static struct overview_period period_of(const struct call *call)
{
    const struct overview_query *query = call->query;
    struct overview_period period = {.first = query->from, .last = query->to, .store = query->store};

    if (period.last == FIELD_DAY_ABSENT)
        period.last = zone_day(programme_at(call->programmes, call->now)->zone, call->now);
    if (period.first == FIELD_DAY_ABSENT)
        period.first = period.last - 29;
    return period;
}

static bool sees_store(void *context, struct text store)
{
    const struct call *call = context;
    const struct overview_query *query = call->query;

    return call_sees_store(call, store) && (query->store.size == 0 || text_equal(store, query->store));
}

/* Members, those of them that are active, and buyers: of the company, or of the part by what they did at its stores. */
static enum status count_people(struct call *call, struct storage_session *session,
                                const struct overview_period *period, struct part_people *out, struct error *err)
{
    const struct overview_query *query = call->query;
    const struct zone *zone = programme_at(call->programmes, call->now)->zone;
    bool ever = query->from == FIELD_DAY_ABSENT && query->to == FIELD_DAY_ABSENT;
    struct base_counts counts = {.now = call->now,
                                 .today = zone_day(zone, call->now),
                                 .median_interval = call->programmes->median_interval,
                                 .rules = call->programmes->lifecycle};
    const struct standings_reader reader = {.each = base_count, .context = &counts};
    const struct part_period instants = {zone_day_start(zone, period->first), zone_day_start(zone, period->last + 1),
                                         standing_active_after(call->now, call->programmes->lifecycle),
                                         lifecycle_or_usual(call->programmes->lifecycle)->repeat_purchases};

    *out = (struct part_people){0};
    if (period->part != NULL) {
        enum status status = part_people_read(session, period->part, &instants, out, err);
        if (ever)
            out->period = out->ever;
        return status;
    }
    enum status status = members_count(session, &out->members, err);
    if (status == STATUS_OK)
        status = standings_stream(session, &reader, err);
    out->active = counts.active;
    out->period = (struct buyers){counts.buyers, counts.repeat_buyers};
    if (status == STATUS_OK && !ever)
        status =
            period_buyers(session, &(struct buyers_period){period->first, period->last, call->programmes->lifecycle},
                          &out->period, err);
    return status;
}

static enum status compute_overview(struct call *call, struct storage_session *session, struct json_writer *writer,
                                    struct error *err)
{
    const struct programme *programme = programme_at(call->programmes, call->now);
    const struct insight_part part = {sees_store, call};
    struct overview_period period = period_of(call);
    struct overview_sums sums;
    struct part_people people;

    period.part = call->scope->whole ? NULL : &part;
    enum status status = overview_sums(session, call->arena, programme, &period, &sums, err);
    if (status == STATUS_OK)
        status = count_people(call, session, &period, &people, err);
    if (status != STATUS_OK)
        return status;
    struct day_measures total = total_of(&sums);
    writer_day(writer, "from", period.first);
    writer_day(writer, "to", period.last);
    if (period.store.size > 0)
        writer_text(writer, "store", period.store);
    write_people(writer, &people, &total);
    write_sales(writer, &total, programme->currency);
    write_wallets(writer, &sums, programme);
    write_days(writer, &sums, programme->currency);
    measures_write_shown(writer, call, "overview");
    return STATUS_OK;
}

enum status overview_get(struct call *call, struct item *item, struct error *err)
{
    const struct overview_query *query = call->query;
    struct overview_period period = period_of(call);

    if (period.last < period.first || period.last - period.first >= OVERVIEW_DAYS_MAX)
        return error_set(err, STATUS_INVALID, "insight.range", "from", "the period has 1 to %d days",
                         OVERVIEW_DAYS_MAX);
    const char *name = arena_format(
        call->arena, "overview:%d:%d:%d:%.*s", query->from == FIELD_DAY_ABSENT && query->to == FIELD_DAY_ABSENT,
        period.first, period.last, (int)period.store.size, period.store.size > 0 ? period.store.bytes : "");
    return insight_reply(call, item, insight_part_name(call, name), compute_overview, err);
}
