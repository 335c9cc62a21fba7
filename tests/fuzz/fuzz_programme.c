/* Any bytes as the document of a programme; one that is accepted must be able to reward a purchase. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "features/programme/programme.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void earn(struct arena *arena, const struct programme *programme)
{
    const struct purchase_line lines[] = {
        {.number = 1, .sku = TEXT("A"), .category = TEXT("tea"), .quantity_milli = 1000, .amount = 1290},
        {.number = 2, .sku = TEXT("B"), .quantity_milli = 2500, .amount = 700, .discount = 50},
    };
    struct earning_input input = {.at = 1768471200 * INSTANT_SECOND,
                                  .store = TEXT("S1"),
                                  .channel = TEXT("shop"),
                                  .lines = lines,
                                  .line_count = sizeof lines / sizeof lines[0],
                                  .total = 1990,
                                  .paid_with_points = 90};
    struct earned *earned = NULL;
    size_t count = 0;
    enum status status = programme_earn(programme, &input, arena, &earned, &count, NULL);
    if (status != STATUS_OK && status != STATUS_LIMIT)
        abort();
    for (size_t i = 0; status == STATUS_OK && i < count; i++)
        if (earned[i].points < 0)
            abort(); /* a purchase never takes points away */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct programme programme = {0};
    struct error err = {0};
    if (arena == NULL)
        abort();
    if (programme_parse(arena, (struct text){(const char *)data, size}, &programme, &err) == STATUS_OK)
        earn(arena, &programme);
    else if (err.code[0] == '\0' || err.message[0] == '\0')
        abort(); /* a refusal says why */
    arena_free(arena);
    return 0;
}
