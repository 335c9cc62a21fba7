#include "engine/recent.h"

enum { VARINT_SIZE_MAX = 10 };

static size_t varint_write(unsigned char *out, uint64_t value)
{
    size_t size = 0;

    while (value >= 0x80) {
        out[size++] = (unsigned char)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (unsigned char)value;
    return size;
}

static bool varint_read(struct text bytes, size_t *position, uint64_t *value)
{
    uint64_t result = 0;

    for (unsigned shift = 0; shift < 64 && *position < bytes.size; shift += 7) {
        unsigned char byte = (unsigned char)bytes.bytes[(*position)++];
        if (shift == 63 && byte > 1)
            return false;
        result |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = result;
            return true;
        }
    }
    return false;
}

/* Signed numbers with the sign in the lowest bit, so that small ones stay short. */
static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

struct text standing_recent_encode(struct arena *arena, const struct standing *standing)
{
    if (standing->recent_count == 0)
        return (struct text){NULL, 0};

    unsigned char *bytes = arena_array(arena, standing->recent_count, (size_t)2 * VARINT_SIZE_MAX);
    size_t size = 0;
    int32_t before = 0;
    for (size_t i = 0; i < standing->recent_count; i++) {
        size += varint_write(bytes + size, zigzag((int64_t)standing->recent[i].day - before));
        size += varint_write(bytes + size, zigzag(standing->recent[i].spend));
        before = standing->recent[i].day;
    }
    return (struct text){(const char *)bytes, size};
}

bool standing_recent_decode(struct arena *arena, struct text bytes, struct standing *standing)
{
    struct day_spend *days = arena_array(arena, bytes.size / 2 + 1, sizeof *days);
    size_t count = 0, position = 0;
    int64_t day = 0;

    while (position < bytes.size) {
        uint64_t step, spend;
        if (!varint_read(bytes, &position, &step) || !varint_read(bytes, &position, &spend))
            return false;
        int64_t delta = unzigzag(step);
        if (delta < INT32_MIN || delta > INT32_MAX || (count > 0 && delta <= 0))
            return false;
        day += delta;
        if (day < INT32_MIN || day > INT32_MAX)
            return false;
        days[count++] = (struct day_spend){(int32_t)day, unzigzag(spend)};
    }
    standing->recent = count > 0 ? days : NULL;
    standing->recent_count = count;
    return true;
}
