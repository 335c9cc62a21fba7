#include "features/exchange/sorter.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record in memory and in a run: two sizes, then the bytes of the key and of the payload. */
struct sizes {
    uint32_t key, payload;
};

struct run {
    FILE *file;
    struct sizes sizes;
    char *bytes;
    size_t capacity;
    bool ended;
};

struct sorter {
    size_t memory;
    char *block;
    size_t used;
    size_t *offsets; /* of the records in block */
    size_t count, capacity;
    struct run runs[SORTER_RUNS_MAX];
    size_t run_count;
    size_t next;    /* without runs: the record to give next */
    size_t current; /* the run whose record was given last; SORTER_RUNS_MAX: none */
    bool finished;
};

enum status sorter_new(size_t memory_bytes, struct sorter **out, struct error *err)
{
    struct sorter *sorter = calloc(1, sizeof *sorter);
    if (sorter == NULL)
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to sort with");
    sorter->memory = memory_bytes;
    sorter->current = SORTER_RUNS_MAX;
    *out = sorter;
    return STATUS_OK;
}

void sorter_free(struct sorter *sorter)
{
    if (sorter == NULL)
        return;
    for (size_t i = 0; i < sorter->run_count; i++) {
        fclose(sorter->runs[i].file);
        free(sorter->runs[i].bytes);
    }
    free(sorter->block);
    free(sorter->offsets);
    free(sorter);
}

static struct text key_at(const struct sorter *sorter, size_t offset)
{
    struct sizes sizes;
    memcpy(&sizes, sorter->block + offset, sizeof sizes);
    return (struct text){sorter->block + offset + sizeof sizes, sizes.key};
}

static int compare_offsets(const void *a, const void *b, void *context)
{
    const size_t *left = a;
    const size_t *right = b;
    int order = text_compare(key_at(context, *left), key_at(context, *right));
    if (order != 0)
        return order;
    return (*left > *right) - (*left < *right);
}

static void sort_block(struct sorter *sorter)
{
    if (sorter->count > 1)
        qsort_r(sorter->offsets, sorter->count, sizeof *sorter->offsets, compare_offsets, sorter);
}

static enum status write_failed(struct error *err)
{
    return error_set(err, STATUS_IO, "exchange.temporary", "", "a temporary file for sorting failed: %s",
                     strerror(errno));
}

static enum status write_run(struct sorter *sorter, struct error *err)
{
    if (sorter->run_count == SORTER_RUNS_MAX)
        return error_set(err, STATUS_LIMIT, "exchange.sort_size", "", "there is more to sort than %d runs hold",
                         SORTER_RUNS_MAX);
    FILE *file = tmpfile();
    if (file == NULL)
        return write_failed(err);
    sort_block(sorter);
    for (size_t i = 0; i < sorter->count; i++) {
        const char *record = sorter->block + sorter->offsets[i];
        struct sizes sizes;
        memcpy(&sizes, record, sizeof sizes);
        fwrite(record, 1, sizeof sizes + sizes.key + sizes.payload, file);
    }
    if (fflush(file) != 0 || ferror(file)) {
        enum status status = write_failed(err);
        fclose(file);
        return status;
    }
    rewind(file);
    sorter->runs[sorter->run_count++] = (struct run){.file = file};
    sorter->used = 0;
    sorter->count = 0;
    return STATUS_OK;
}

static bool room(struct sorter *sorter, size_t size)
{
    if (sorter->block == NULL)
        sorter->block = malloc(sorter->memory + SORTER_RECORD_SIZE_MAX);
    if (sorter->block == NULL)
        return false;
    assert(sorter->used + size <= sorter->memory + SORTER_RECORD_SIZE_MAX);
    if (sorter->count == sorter->capacity) {
        size_t capacity = sorter->capacity == 0 ? 4096 : sorter->capacity * 2;
        size_t *offsets = realloc(sorter->offsets, capacity * sizeof *offsets);
        if (offsets == NULL)
            return false;
        sorter->offsets = offsets;
        sorter->capacity = capacity;
    }
    return true;
}

enum status sorter_add(struct sorter *sorter, struct text key, struct text payload, struct error *err)
{
    assert(!sorter->finished);

    size_t size = sizeof(struct sizes) + key.size + payload.size;
    if (size > SORTER_RECORD_SIZE_MAX)
        return error_set(err, STATUS_LIMIT, "exchange.sort_size", "", "one record of %zu bytes is more than %d", size,
                         SORTER_RECORD_SIZE_MAX);
    if (!room(sorter, size))
        return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to sort with");

    struct sizes sizes = {(uint32_t)key.size, (uint32_t)payload.size};
    char *record = sorter->block + sorter->used;
    memcpy(record, &sizes, sizeof sizes);
    if (key.size > 0)
        memcpy(record + sizeof sizes, key.bytes, key.size);
    if (payload.size > 0)
        memcpy(record + sizeof sizes + key.size, payload.bytes, payload.size);
    sorter->offsets[sorter->count++] = sorter->used;
    sorter->used += size;
    if (sorter->used >= sorter->memory)
        return write_run(sorter, err);
    return STATUS_OK;
}

static enum status run_read(struct run *run, struct error *err)
{
    size_t got = fread(&run->sizes, 1, sizeof run->sizes, run->file);
    if (got == 0 && feof(run->file)) {
        run->ended = true;
        return STATUS_OK;
    }
    size_t size = (size_t)run->sizes.key + run->sizes.payload;
    if (got != sizeof run->sizes || size > SORTER_RECORD_SIZE_MAX)
        return write_failed(err);
    if (size > run->capacity) {
        char *bytes = realloc(run->bytes, size);
        if (bytes == NULL)
            return error_set(err, STATUS_LIMIT, "exchange.memory", "", "there is no memory to sort with");
        run->bytes = bytes;
        run->capacity = size;
    }
    if (fread(run->bytes, 1, size, run->file) != size)
        return write_failed(err);
    return STATUS_OK;
}

enum status sorter_finish(struct sorter *sorter, struct error *err)
{
    assert(!sorter->finished);

    sorter->finished = true;
    if (sorter->run_count == 0) {
        sort_block(sorter);
        return STATUS_OK;
    }
    if (sorter->count > 0) {
        enum status status = write_run(sorter, err);
        if (status != STATUS_OK)
            return status;
    }
    free(sorter->block);
    sorter->block = NULL;
    for (size_t i = 0; i < sorter->run_count; i++) {
        enum status status = run_read(&sorter->runs[i], err);
        if (status != STATUS_OK)
            return status;
    }
    return STATUS_OK;
}

static size_t least_run(const struct sorter *sorter)
{
    size_t least = SORTER_RUNS_MAX;
    for (size_t i = 0; i < sorter->run_count; i++) {
        const struct run *run = &sorter->runs[i];
        if (run->ended)
            continue;
        if (least == SORTER_RUNS_MAX ||
            text_compare((struct text){run->bytes, run->sizes.key},
                         (struct text){sorter->runs[least].bytes, sorter->runs[least].sizes.key}) < 0)
            least = i;
    }
    return least;
}

enum status sorter_next(struct sorter *sorter, struct text *key, struct text *payload, bool *end, struct error *err)
{
    assert(sorter->finished);

    const char *bytes = NULL;
    struct sizes sizes = {0, 0};
    *end = false;
    if (sorter->run_count == 0) {
        if (sorter->next == sorter->count) {
            *end = true;
            return STATUS_OK;
        }
        const char *record = sorter->block + sorter->offsets[sorter->next++];
        memcpy(&sizes, record, sizeof sizes);
        bytes = record + sizeof sizes;
    } else {
        if (sorter->current != SORTER_RUNS_MAX) {
            enum status status = run_read(&sorter->runs[sorter->current], err);
            if (status != STATUS_OK)
                return status;
        }
        sorter->current = least_run(sorter);
        if (sorter->current == SORTER_RUNS_MAX) {
            *end = true;
            return STATUS_OK;
        }
        bytes = sorter->runs[sorter->current].bytes;
        sizes = sorter->runs[sorter->current].sizes;
    }
    *key = (struct text){bytes, sizes.key};
    *payload = (struct text){bytes + sizes.key, sizes.payload};
    return STATUS_OK;
}
