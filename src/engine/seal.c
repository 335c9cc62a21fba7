#include "engine/seal.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void reserve(struct seal_buffer *buffer, size_t size)
{
    if (buffer->size + size <= buffer->capacity)
        return;
    size_t capacity = (buffer->size + size) * 2 + 1024;
    unsigned char *bytes = realloc(buffer->bytes, capacity);
    if (bytes == NULL) {
        fputs("patron: out of memory while sealing\n", stderr);
        abort();
    }
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}

static void put_bytes(struct seal_buffer *buffer, const void *bytes, size_t size)
{
    reserve(buffer, size);
    if (size > 0)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

static void put_integer(struct seal_buffer *buffer, int64_t value)
{
    uint64_t little = htole64((uint64_t)value);

    put_bytes(buffer, &little, sizeof little);
}

static void put_text(struct seal_buffer *buffer, struct text text)
{
    put_integer(buffer, (int64_t)text.size);
    put_bytes(buffer, text.bytes, text.size);
}

void seal_buffer_release(struct seal_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct seal_buffer){0};
}

void detail_digest(const unsigned char salt[SALT_SIZE], struct text detail, unsigned char digest[DIGEST_SIZE])
{
    digest_keyed(salt, SALT_SIZE, detail.bytes, detail.size, digest);
}

static void put_lines(struct seal_buffer *buffer, const struct journal_row *row)
{
    put_integer(buffer, (int64_t)row->line_count);
    for (size_t i = 0; i < row->line_count; i++) {
        const struct purchase_line *line = &row->lines[i];
        put_integer(buffer, line->number);
        put_text(buffer, line->sku);
        put_text(buffer, line->category);
        put_integer(buffer, line->quantity_milli);
        put_integer(buffer, line->amount);
        put_integer(buffer, line->discount);
        put_integer(buffer, line->of_line);
    }
}

static void put_movements(struct seal_buffer *buffer, const struct journal_row *row)
{
    put_integer(buffer, (int64_t)row->movement_count);
    for (size_t i = 0; i < row->movement_count; i++) {
        const struct movement *movement = &row->movements[i];
        put_integer(buffer, movement->member);
        put_text(buffer, movement->wallet);
        put_integer(buffer, movement->debit);
        put_integer(buffer, movement->credit);
        put_integer(buffer, movement->amount);
        put_integer(buffer, movement->lot);
    }
}

void journal_seal(struct seal_buffer *buffer, const unsigned char key[SEAL_KEY_SIZE], const struct journal_row *row,
                  const unsigned char *digest, unsigned char seal[SEAL_SIZE])
{
    buffer->size = 0;
    put_bytes(buffer, seal, SEAL_SIZE);
    put_integer(buffer, row->id);
    put_integer(buffer, row->member);
    put_text(buffer, row->kind);
    put_integer(buffer, row->at);
    put_integer(buffer, row->recorded_at);
    put_integer(buffer, row->day);
    put_integer(buffer, row->cause);
    put_text(buffer, row->store);
    put_text(buffer, row->channel);
    put_text(buffer, row->receipt);
    put_integer(buffer, row->amount);
    put_text(buffer, row->facts);
    put_lines(buffer, row);
    put_movements(buffer, row);
    put_integer(buffer, digest != NULL);
    if (digest != NULL)
        put_bytes(buffer, digest, DIGEST_SIZE);
    seal_compute(key, buffer->bytes, buffer->size, seal);
}
