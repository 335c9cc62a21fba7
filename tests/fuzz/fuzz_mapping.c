/* Any bytes as a saved mapping: what is read is written, read again and stays the same; then it meets a file's columns. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "features/exchange/mapping.h"

enum { ARENA_BYTES = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_mapping(struct arena *arena, struct mapping *mapping)
{
    const struct text columns[] = {TEXT("customer"), TEXT("date"), TEXT("amount"), TEXT("amount"), TEXT("")};
    const size_t count = sizeof columns / sizeof columns[0];
    struct mapping again = {0};
    struct text written = mapping_write(mapping, arena);
    if (mapping_read(arena, written, &again, NULL) != STATUS_OK || !text_equal(written, mapping_write(&again, arena)))
        abort();
    if (mapping_resolve(mapping, columns, count, false, NULL) != STATUS_OK)
        return;
    for (int field = 0; field < IMPORT_FIELDS; field++)
        (void)mapping_value(mapping, (enum import_field)field, columns, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct text text = {(const char *)data, size};
    struct mapping mapping = {0};
    if (arena == NULL)
        abort();
    if (mapping_read(arena, text, &mapping, NULL) == STATUS_OK)
        try_mapping(arena, &mapping);
    mapping_start(&mapping, IMPORT_PURCHASES);
    (void)mapping_set_column(&mapping, arena, text, NULL);
    (void)mapping_set_constant(&mapping, arena, text, NULL);
    arena_free(arena);
    return 0;
}
