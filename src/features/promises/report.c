#include "features/promises/report.h"

#include <stdlib.h>
#include <string.h>

#include "features/definitions/advertised.h"
#include "foundation/map.h"

enum { CODES_SIZE = 1024, USES_MAX = 64 };

void report_start(struct promise_report *report, struct arena *arena, const struct programme_set *set, int32_t first,
                  int32_t last)
{
    const struct definition_list *offers = definitions_of(set, &offer_kind);
    struct map *codes = map_new(arena, CODES_SIZE);

    *report = (struct promise_report){.arena = arena, .first = first, .last = last, .codes = codes};
    for (size_t i = 0; i < offers->count; i++)
        map_put(codes, offers->items[i].code, (void *)(uintptr_t)&offers->items[i]);
}

static struct report_store *store_of(struct promise_report *report, struct text code)
{
    for (size_t i = report->store_count; i-- > 0;)
        if (text_equal(report->stores[i].store, code))
            return &report->stores[i];
    report->stores = arena_grow(report->arena, report->stores, &report->store_capacity, report->store_count + 1,
                                sizeof *report->stores);
    report->stores[report->store_count] = (struct report_store){.store = text_copy(report->arena, code)};
    return &report->stores[report->store_count++];
}

static void add(struct report_figure *figure, int64_t count, int64_t value)
{
    figure->count += count;
    figure->value += value;
}

/* ---- kept ---- */

void report_purchase(struct promise_report *report, struct text store, const struct line_terms *terms, size_t count)
{
    struct text used[USES_MAX];
    size_t used_count = 0;
    int64_t value = 0;

    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < terms[i].discount_count; d++) {
            const struct line_discount *discount = &terms[i].discounts[d];
            size_t known = 0;
            if (discount->code.size == 0 || map_get(report->codes, discount->code) == NULL)
                continue;
            value += discount->amount;
            while (known < used_count && !text_equal(used[known], discount->code))
                known++;
            if (known == used_count && used_count < USES_MAX)
                used[used_count++] = discount->code;
        }
    if (used_count > 0)
        add(&store_of(report, store)->kept, (int64_t)used_count, value);
}

/* ---- honoured, missed ---- */

void report_proved(struct promise_report *report, struct text store, int64_t value)
{
    add(&store_of(report, store)->proved, 1, value);
}

void report_missed(struct promise_report *report, const struct report_sum *sum)
{
    struct report_store *store = store_of(report, sum->store);

    if (sum->state == MISSED_WITHDRAWN)
        return;
    add(&store->missed, sum->count, sum->value);
    if (sum->state == MISSED_GOOD)
        add(&store->good, sum->count, sum->cost);
    else if (sum->state != MISSED_REFUSED)
        add(&store->open, sum->count, sum->value);
}

void report_honours(struct promise_report *report, const struct report_sum *sum)
{
    struct report_store *store = store_of(report, sum->store);
    size_t i = 0;

    if (sum->state == HONOUR_WAITING)
        add(&store->waiting, sum->count, sum->value);
    if (sum->state != HONOUR_GIVEN)
        return;
    add(&store->traceless, sum->count, sum->cost);
    while (i < report->reason_count && !text_equal(report->reasons[i].reason, sum->reason))
        i++;
    if (i == report->reason_count) {
        report->reasons =
            arena_grow(report->arena, report->reasons, &report->reason_capacity, i + 1, sizeof *report->reasons);
        report->reasons[report->reason_count++] =
            (struct report_reason){.reason = text_copy(report->arena, sum->reason)};
    }
    add(&report->reasons[i].figure, sum->count, sum->cost);
}

/* ---- advertised ---- */

static void add_channel(struct promise_report *report, struct text channel)
{
    size_t i = 0;

    while (i < report->channel_count && !text_equal(report->channels[i].channel, channel))
        i++;
    if (i == REPORT_CHANNELS_MAX)
        return;
    if (i == report->channel_count) {
        report->channels =
            arena_grow(report->arena, report->channels, &report->channel_capacity, i + 1, sizeof *report->channels);
        report->channels[report->channel_count++] =
            (struct report_channel){.channel = text_copy(report->arena, channel)};
    }
    report->channels[i].items++;
}

/* Versions of one code lie side by side: what was shown by several counts once. */
static bool shown(const struct definition_kind *kind, const struct definition *versions, size_t count,
                  struct text channel, int64_t from, int64_t until)
{
    struct advertisement advertisement;

    for (size_t i = 0; i < count; i++)
        if (advertisement_of(kind, &versions[i], channel, &advertisement) && advertisement.from < until &&
            advertisement.until > from)
            return true;
    return false;
}

static void advertised_one(struct promise_report *report, const struct definition_kind *kind,
                           const struct definition *versions, size_t count, const int64_t span[2])
{
    struct text seen[ADVERTISED_CHANNELS_MAX];
    size_t seen_count = 0;

    for (size_t v = 0; v < count; v++) {
        const struct advertised *advertised = kind->advertised(versions[v].parsed);
        for (size_t c = 0; advertised != NULL && c < advertised->channel_count; c++) {
            struct text channel = advertised->channels[c];
            size_t known = 0;
            while (known < seen_count && !text_equal(seen[known], channel))
                known++;
            if (known < seen_count || seen_count == ADVERTISED_CHANNELS_MAX)
                continue;
            seen[seen_count++] = channel;
            if (shown(kind, versions, count, channel, span[0], span[1]))
                add_channel(report, channel);
        }
    }
}

void report_advertised(struct promise_report *report, const struct programme_set *set, const struct zone *zone)
{
    const int64_t span[2] = {zone_day_start(zone, report->first), zone_day_start(zone, report->last + 1)};

    for (size_t k = 0; set->definitions != NULL && k < set->definitions->count; k++) {
        const struct definition_list *list = &set->definitions->lists[k];
        size_t next;
        for (size_t i = 0; list->kind->advertised != NULL && i < list->count; i = next) {
            next = i + 1;
            while (next < list->count && text_equal(list->items[next].code, list->items[i].code))
                next++;
            advertised_one(report, list->kind, &list->items[i], next - i, span);
        }
    }
}

/* ---- the end ---- */

static int by_store(const void *a, const void *b)
{
    return text_compare(((const struct report_store *)a)->store, ((const struct report_store *)b)->store);
}

static int by_reason(const void *a, const void *b)
{
    return text_compare(((const struct report_reason *)a)->reason, ((const struct report_reason *)b)->reason);
}

static int by_channel(const void *a, const void *b)
{
    return text_compare(((const struct report_channel *)a)->channel, ((const struct report_channel *)b)->channel);
}

static void add_figure(struct report_figure *to, const struct report_figure *from)
{
    add(to, from->count, from->value);
}

void report_finish(struct promise_report *report)
{
    if (report->store_count > 1)
        qsort(report->stores, report->store_count, sizeof *report->stores, by_store);
    if (report->reason_count > 1)
        qsort(report->reasons, report->reason_count, sizeof *report->reasons, by_reason);
    if (report->channel_count > 1)
        qsort(report->channels, report->channel_count, sizeof *report->channels, by_channel);
    report->total = (struct report_store){.store = {NULL, 0}};
    for (size_t i = 0; i < report->store_count; i++) {
        const struct report_store *store = &report->stores[i];
        add_figure(&report->total.kept, &store->kept);
        add_figure(&report->total.proved, &store->proved);
        add_figure(&report->total.traceless, &store->traceless);
        add_figure(&report->total.waiting, &store->waiting);
        add_figure(&report->total.missed, &store->missed);
        add_figure(&report->total.good, &store->good);
        add_figure(&report->total.open, &store->open);
    }
}

/* ---- CSV ---- */

/* Codes have no quotes and commas, but may begin as a formula does. */
static void csv_store(struct builder *out, struct text store)
{
    const bool formula = store.size > 0 && memchr("=+-@", store.bytes[0], 4) != NULL;
    builder_char(out, '"');
    if (formula)
        builder_char(out, '\'');
    for (size_t i = 0; i < store.size; i++) {
        if (store.bytes[i] == '"')
            builder_char(out, '"');
        builder_char(out, store.bytes[i]);
    }
    builder_char(out, '"');
}

static void csv_row(struct builder *out, struct text name, const struct report_store *store,
                    const struct programme *programme)
{
    const struct report_figure *const figures[] = {&store->kept,   &store->proved, &store->traceless, &store->waiting,
                                                   &store->missed, &store->good,   &store->open};
    char money[MONEY_TEXT_SIZE];

    csv_store(out, name);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        builder_format(out, ",%lld,%s", (long long)figures[i]->count,
                       money_format(figures[i]->value, programme->exponent, money));
    builder_format(out, ",%s\n", programme->currency);
}

struct text report_csv(struct arena *arena, const struct promise_report *report, const struct programme *programme)
{
    struct builder out = {.arena = arena};

    builder_string(&out, "store,kept,kept_value,honoured_with_proof,honoured_with_proof_value,honoured,honoured_cost,"
                         "honours_waiting,honours_waiting_value,missed,missed_value,"
                         "made_good,made_good_cost,open,open_value,currency\n");
    for (size_t i = 0; i < report->store_count; i++)
        csv_row(&out, report->stores[i].store, &report->stores[i], programme);
    csv_row(&out, TEXT("*"), &report->total, programme);
    return builder_done(&out);
}
