#include "features/exchange/import_row.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(IMPORT_FIELDS < 128, "a field is one byte of a packed row");

enum { ROW_DIGEST_SIZE = 16, COUNTS_FIRST = 1 << 16 };

struct row_count {
    unsigned char digest[ROW_DIGEST_SIZE];
    uint32_t count; /* 0: free */
};

struct row_counts {
    struct row_count *slots;
    size_t capacity, used; /* a power of two */
};

struct row_counts *row_counts_new(void)
{
    struct row_counts *counts = calloc(1, sizeof *counts);
    if (counts == NULL)
        return NULL;
    counts->capacity = COUNTS_FIRST;
    counts->slots = calloc(counts->capacity, sizeof *counts->slots);
    if (counts->slots == NULL) {
        free(counts);
        return NULL;
    }
    return counts;
}

void row_counts_free(struct row_counts *counts)
{
    if (counts == NULL)
        return;
    free(counts->slots);
    free(counts);
}

static struct row_count *find_slot(struct row_count *slots, size_t capacity, const unsigned char *digest)
{
    uint64_t hash = 0;
    memcpy(&hash, digest, sizeof hash);
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].count > 0 && memcmp(slots[at].digest, digest, ROW_DIGEST_SIZE) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct row_counts *counts)
{
    size_t capacity = counts->capacity * 2;
    struct row_count *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < counts->capacity; i++)
        if (counts->slots[i].count > 0)
            *find_slot(slots, capacity, counts->slots[i].digest) = counts->slots[i];
    free(counts->slots);
    counts->slots = slots;
    counts->capacity = capacity;
    return true;
}

static enum status count_row(struct row_counts *counts, const unsigned char *digest, uint32_t *ordinal,
                             struct error *err)
{
    if (counts->used >= ROW_COUNTS_MAX || (counts->used * 10 >= counts->capacity * 7 && !grow(counts)))
        return error_set(err, STATUS_LIMIT, "import.rows", "",
                         "there are too many rows without a receipt for one file: split it by time");
    struct row_count *slot = find_slot(counts->slots, counts->capacity, digest);
    if (slot->count == 0) {
        memcpy(slot->digest, digest, ROW_DIGEST_SIZE);
        counts->used++;
    }
    *ordinal = ++slot->count;
    return STATUS_OK;
}

/* Each field with its size before it, so that no two different rows give the same bytes. */
static void digest_record(const struct record *record, unsigned char digest[DIGEST_SIZE])
{
    char fixed[4096] = "";
    size_t size = 0;
    char *bytes = fixed;
    size_t total = 0;
    for (size_t i = 0; i < record->field_count; i++)
        total += sizeof(uint32_t) + record->fields[i].size;
    if (total > sizeof fixed)
        bytes = malloc(total);
    assert(bytes != NULL);
    for (size_t i = 0; i < record->field_count; i++) {
        uint32_t field_size = (uint32_t)record->fields[i].size;
        memcpy(bytes + size, &field_size, sizeof field_size);
        size += sizeof field_size;
        if (field_size > 0)
            memcpy(bytes + size, record->fields[i].bytes, field_size);
        size += field_size;
    }
    digest_compute(bytes, size, digest);
    if (bytes != fixed)
        free(bytes);
}

enum status import_row_read(const struct mapping *mapping, const struct record *record, struct row_counts *counts,
                            struct import_row *out, struct error *err)
{
    out->line = record->line;
    out->key[0] = '\0';
    for (int i = 0; i < IMPORT_FIELDS; i++)
        out->values[i] = mapping_value(mapping, (enum import_field)i, record->fields, record->field_count);
    bool counted =
        mapping->kind == IMPORT_REASONS ||
        (mapping->kind == IMPORT_PURCHASES && out->values[IMPORT_RECEIPT].size == 0) ||
        (import_kind_taken_over(mapping->kind) && mapping->kind != IMPORT_COUPONS && out->values[IMPORT_ID].size == 0);
    if (!counted)
        return STATUS_OK;

    unsigned char digest[DIGEST_SIZE];
    uint32_t ordinal = 0;
    digest_record(record, digest);
    enum status status = count_row(counts, digest, &ordinal, err);
    if (status != STATUS_OK)
        return status;
    size_t size = 0;
    for (int i = 0; i < ROW_DIGEST_SIZE; i++)
        size += (size_t)snprintf(out->key + size, sizeof out->key - size, "%02x", digest[i]);
    snprintf(out->key + size, sizeof out->key - size, "/%u", ordinal);
    return STATUS_OK;
}

void import_row_pack(const struct import_row *row, struct builder *out)
{
    builder_bytes(out, &row->line, sizeof row->line);
    builder_bytes(out, row->key, sizeof row->key);
    for (int i = 0; i < IMPORT_FIELDS; i++) {
        uint32_t size = (uint32_t)row->values[i].size;
        if (size == 0)
            continue;
        builder_char(out, (char)i);
        builder_bytes(out, &size, sizeof size);
        builder_text(out, row->values[i]);
    }
    builder_char(out, (char)IMPORT_FIELDS);
}

size_t import_row_unpack(struct text bytes, struct import_row *out)
{
    size_t at = sizeof out->line + sizeof out->key;
    assert(bytes.size > at);
    memcpy(&out->line, bytes.bytes, sizeof out->line);
    memcpy(out->key, bytes.bytes + sizeof out->line, sizeof out->key);
    memset(out->values, 0, sizeof out->values);
    while (bytes.bytes[at] != (char)IMPORT_FIELDS) {
        int field = bytes.bytes[at++];
        uint32_t size = 0;
        assert(field >= 0);
        assert(field < IMPORT_FIELDS);
        memcpy(&size, bytes.bytes + at, sizeof size);
        at += sizeof size;
        out->values[field] = (struct text){bytes.bytes + at, size};
        at += size;
    }
    return at + 1;
}
