/* quotes.c: the time of the processor that pricing a basket of twenty lines takes, with the offers of a file (a document a line). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "features/offers/pricing.h"

enum { OFFERS_MAX = 20000, LINE_MAX_BYTES = 1 << 16, LINES = 20, BASKETS = 3000, NEXT_MAX = 3 };

static const size_t KEPT_BYTES = (size_t)2 << 30, BASKET_BYTES = (size_t)256 << 20;
static const int64_t NOW = INT64_C(1700000000000000);

static int64_t cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static struct definition definitions[OFFERS_MAX];

static size_t read_offers(FILE *file, struct arena *arena, const struct programme *programme)
{
    static char line[LINE_MAX_BYTES];
    size_t count = 0;
    while (count < OFFERS_MAX && fgets(line, sizeof line, file) != NULL) {
        struct error error = {0};
        struct definition *definition = &definitions[count];
        definition->code = text_from(arena_format(arena, "o%zu", count));
        definition->document = text_copy(arena, text_trim(text_from(line)));
        definition->until = INSTANT_NEVER;
        const struct definition_input input = {
            .arena = arena, .code = definition->code, .document = definition->document, .programme = programme};
        if (offer_kind.parse(&input, &definition->parsed, &error) != STATUS_OK) {
            fprintf(stderr, "%s: %s\n", error.field, error.message);
            exit(1);
        }
        count++;
    }
    return count;
}

static void fill(struct arena *arena, struct purchase_line *lines)
{
    for (int i = 0; i < LINES; i++)
        lines[i] = (struct purchase_line){.number = i + 1,
                                          .sku = text_from(arena_format(arena, "sku%d", rand() % 20000)),
                                          .category = text_from(arena_format(arena, "cat%d", rand() % 200)),
                                          .quantity_milli = 1000 * (rand() % 3 + 1),
                                          .amount = 90 + 100 * (rand() % 40)};
}

struct shop {
    const struct programme_set *set;
    const struct programme *programme;
    const void *index;
};

/* Nanoseconds for the prices, the reasons and what a little more would gain. */
static int64_t price(const struct shop *shop, struct arena *arena, size_t *applied)
{
    struct purchase_line *lines = arena_array(arena, LINES, sizeof *lines);
    struct next_offer items[NEXT_MAX];
    struct next_offers next = {.items = items, .max = NEXT_MAX};
    struct error error = {0};
    struct priced priced;
    fill(arena, lines);
    const struct condition_event event = {.kind = TEXT("purchase"), .at = NOW};
    const struct condition_purchase purchase = {.lines = lines, .line_count = LINES};
    int64_t started = cpu_ns();
    struct condition_world conditions = {.arena = arena,
                                         .programmes = shop->set,
                                         .programme = shop->programme,
                                         .now = NOW,
                                         .event = &event,
                                         .purchase = &purchase};
    condition_start(&conditions);
    const struct pricing_world world = {
        .arena = arena, .index = shop->index, .conditions = &conditions, .known = true, .tier = TEXT("gold")};
    const struct basket basket = {.lines = lines,
                                  .line_count = LINES,
                                  .store = text_from(arena_format(arena, "store%d", rand() % 500)),
                                  .at = NOW,
                                  .zone = shop->programme->zone};
    if (offers_price(&world, &basket, &priced, &error) != STATUS_OK ||
        offers_next(&world, &basket, &priced, &next, &error) != STATUS_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    *applied += priced.applied_count;
    return cpu_ns() - started;
}

static int by_size(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

int main(void)
{
    static int64_t times[BASKETS];
    struct arena *arena = arena_new(KEPT_BYTES), *work = arena_new(BASKET_BYTES);
    struct programme programme = {.exponent = 2, .currency = "USD"};
    struct programme_set set = {.versions = &programme, .version_count = 1};
    struct shop shop = {.set = &set, .programme = &programme};
    struct error error = {0};
    size_t applied = 0;
    int64_t sum = 0;
    if (zone_load(arena, TEXT("UTC"), &programme.zone, &error) != STATUS_OK)
        return 1;
    int64_t started = cpu_ns();
    size_t count = read_offers(stdin, arena, &programme);
    offer_kind.index(arena, definitions, count, &shop.index, &error);
    int64_t indexed = cpu_ns() - started;
    for (size_t i = 0; i < BASKETS; i++) {
        times[i] = price(&shop, work, &applied);
        sum += times[i];
        arena_reset(work);
    }
    qsort(times, BASKETS, sizeof *times, by_size);
    printf("{\"offers\": %zu, \"index_ms\": %.1f, \"rate\": %.0f, \"p99_ms\": %.4f, \"applied\": %.1f}\n", count,
           (double)indexed / 1e6, BASKETS / ((double)sum / 1e9), (double)times[BASKETS * 99 / 100] / 1e6,
           (double)applied / BASKETS);
    return 0;
}
