/* The forms of standings, holds and journal rows in the database. */
#include <assert.h>
#include <string.h>

#include "engine/loader.h"
#include "engine/recent.h"

void journal_row_decode(const struct storage_row *row, struct arena *arena, struct journal_row *out)
{
    out->id = id_make(row_integer(row, 1), (int)row_integer(row, 0));
    out->member = row_integer(row, 2);
    out->kind = row_text_copy(row, 3, arena);
    out->at = row_integer(row, 4);
    out->recorded_at = row_integer(row, 5);
    out->day = (int32_t)row_integer(row, 6);
    out->cause = row_integer(row, 7);
    out->store = row_text_copy(row, 8, arena);
    out->channel = row_text_copy(row, 9, arena);
    out->receipt = row_text_copy(row, 10, arena);
    out->amount = row_integer(row, 11);
    out->facts = row_text_copy(row, 12, arena);
}

static uint64_t read_big_endian(const unsigned char *bytes, int size)
{
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

void standing_encode(struct arena *arena, const struct standing *standing, struct storage_value *values)
{
    const int64_t integers[] = {standing->purchases,        standing->purchase_days,  standing->spend,
                                standing->returns,          standing->visits,         standing->first_purchase_at,
                                standing->last_purchase_at, standing->last_visit_at,  standing->last_event_at,
                                standing->won_back_at,      standing->tier_since,     standing->tier_until,
                                standing->qualifying,       standing->qualifying_from};
    enum { INTEGERS = sizeof integers / sizeof *integers };

    for (int i = 0; i < INTEGERS; i++)
        values[i] = value_integer(integers[i]);
    values[INTEGERS] = value_text(standing->tier.size > 0 ? standing->tier : TEXT(""));
    values[INTEGERS + 1] = value_integer(standing->tier_grace);
    struct text recent = standing_recent_encode(arena, standing);
    values[INTEGERS + 2] = value_blob(recent.bytes, recent.size);
    values[INTEGERS + 3] = value_integer(standing->due_at);
    values[INTEGERS + 4] = value_text(standing->held.size > 0 ? standing->held : TEXT(""));
    assert(INTEGERS + 5 == STANDING_COLUMNS);
}

enum status standing_decode(const struct storage_row *row, int first, struct arena *arena, struct standing *out,
                            struct error *err)
{
    int64_t *const integers[] = {
        &out->purchases,         &out->purchase_days,    &out->spend,         &out->returns,        &out->visits,
        &out->first_purchase_at, &out->last_purchase_at, &out->last_visit_at, &out->last_event_at,  &out->won_back_at,
        &out->tier_since,        &out->tier_until,       &out->qualifying,    &out->qualifying_from};
    enum { INTEGERS = sizeof integers / sizeof *integers };

    for (int i = 0; i < INTEGERS; i++)
        *integers[i] = row_integer(row, first + i);
    out->tier = row_text_copy(row, first + INTEGERS, arena);
    out->tier_grace = row_integer(row, first + INTEGERS + 1) != 0;
    out->due_at = row_integer(row, first + INTEGERS + 3);
    out->held = row_text_copy(row, first + INTEGERS + 4, arena);
    if (!standing_recent_decode(arena, row_text(row, first + INTEGERS + 2), out))
        return error_set(err, STATUS_DEFECT, "engine.standing", "", "a standing in the database cannot be read");
    return STATUS_OK;
}

struct text hold_parts_encode(struct arena *arena, const struct hold *hold)
{
    unsigned char *bytes = arena_alloc(arena, hold->part_count * 24 + 1);
    size_t size = 0;

    for (size_t i = 0; i < hold->part_count; i++) {
        const uint64_t fields[] = {(uint64_t)hold->parts[i].member, (uint64_t)hold->parts[i].lot,
                                   (uint64_t)hold->parts[i].amount};
        for (int field = 0; field < 3; field++)
            for (int shift = 56; shift >= 0; shift -= 8)
                bytes[size++] = (unsigned char)(fields[field] >> shift);
    }
    return (struct text){(const char *)bytes, size};
}

void hold_parts_decode(struct text text, struct arena *arena, struct hold *hold)
{
    size_t count = text.size / 24;
    struct hold_part *parts = arena_array(arena, count + 1, sizeof *parts);
    const unsigned char *bytes = (const unsigned char *)text.bytes;

    for (size_t i = 0; i < count; i++) {
        parts[i].member = (int64_t)read_big_endian(bytes + i * 24, 8);
        parts[i].lot = (int64_t)read_big_endian(bytes + i * 24 + 8, 8);
        parts[i].amount = (int64_t)read_big_endian(bytes + i * 24 + 16, 8);
    }
    hold->parts = parts;
    hold->part_count = count;
}
