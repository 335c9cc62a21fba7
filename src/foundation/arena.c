#include "foundation/arena.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#endif
#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#endif

enum {
    ALIGNMENT = 16,
    BLOCK_BYTES_MIN = 16 * 1024,
    BLOCK_BYTES_MAX = 1024 * 1024,
    KEPT_BYTES_MAX = 4 * 1024 * 1024, /* what a reset keeps for the next use */
};

struct block {
    struct block *next;
    size_t capacity;
    size_t offset;
    size_t padding; /* keeps `bytes` aligned */
    char bytes[];
};

_Static_assert(offsetof(struct block, bytes) % ALIGNMENT == 0, "the bytes of a block are aligned");

struct deferred {
    struct deferred *before;
    void (*function)(void *argument);
    void *argument;
};

struct arena {
    struct deferred *deferred; /* the last one first; in the arena itself */
    struct block *first;
    struct block *current; /* blocks after it are empty */
    size_t limit;
    size_t used;
};

/* With the address sanitizer, bytes not handed out are out of bounds. */
static void block_hide(struct block *block, size_t from, size_t size)
{
#ifdef ARENA_POISONS
    __asan_poison_memory_region(block->bytes + from, size);
#else
    (void)block, (void)from, (void)size;
#endif
}

static void block_show(struct block *block, size_t from, size_t size)
{
#ifdef ARENA_POISONS
    __asan_unpoison_memory_region(block->bytes + from, size);
#else
    (void)block, (void)from, (void)size;
#endif
}

static struct block *block_new(size_t capacity)
{
    struct block *block = malloc(sizeof *block + capacity);
    if (block == NULL)
        return NULL;
    block->next = NULL;
    block->capacity = capacity;
    block->offset = 0;
    block_hide(block, 0, capacity);
    return block;
}

static void block_free(struct block *block)
{
    block_show(block, 0, block->capacity);
    free(block);
}

static size_t round_up(size_t size)
{
    return (size + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
}

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL)
        arena->limit = limit_bytes;
    return arena;
}

void arena_defer(struct arena *arena, void (*function)(void *argument), void *argument)
{
    struct deferred *deferred = arena_alloc(arena, sizeof *deferred);
    *deferred = (struct deferred){arena->deferred, function, argument};
    arena->deferred = deferred;
}

static void deferred_run(struct arena *arena)
{
    for (struct deferred *deferred = arena->deferred; deferred != NULL; deferred = deferred->before)
        deferred->function(deferred->argument);
    arena->deferred = NULL;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    deferred_run(arena);
    for (struct block *block = arena->first, *next; block != NULL; block = next) {
        next = block->next;
        block_free(block);
    }
    free(arena);
}

void arena_reset(struct arena *arena)
{
    size_t kept = 0;
    deferred_run(arena);
    for (struct block **link = &arena->first; *link != NULL;) {
        struct block *block = *link;
        kept += block->capacity;
        if (kept > KEPT_BYTES_MAX) {
            *link = block->next;
            kept -= block->capacity;
            block_free(block);
            continue;
        }
        block->offset = 0;
        block_hide(block, 0, block->capacity);
        link = &block->next;
    }
    arena->current = arena->first;
    arena->used = 0;
}

/* Makes a block with room for `size` bytes the current one. False when the system has no memory. */
static int room_make(struct arena *arena, size_t size)
{
    struct block *current = arena->current;
    if (current != NULL && current->next != NULL && current->next->capacity >= size) {
        arena->current = current->next;
        return 1;
    }

    size_t capacity = current == NULL ? BLOCK_BYTES_MIN : current->capacity * 2;
    if (capacity > BLOCK_BYTES_MAX)
        capacity = BLOCK_BYTES_MAX;
    if (capacity < size)
        capacity = size;
    struct block *block = block_new(capacity);
    if (block == NULL)
        return 0;
    if (current == NULL) {
        arena->first = block;
    } else {
        block->next = current->next;
        current->next = block;
    }
    arena->current = block;
    return 1;
}

void *arena_try(struct arena *arena, size_t size)
{
    if (size > arena->limit)
        return NULL;
    size_t rounded = round_up(size == 0 ? 1 : size);
    if (rounded > arena->limit - arena->used)
        return NULL;

    struct block *block = arena->current;
    if (block == NULL || rounded > block->capacity - block->offset) {
        if (!room_make(arena, rounded))
            return NULL;
        block = arena->current;
    }
    block_show(block, block->offset, size);
    void *memory = block->bytes + block->offset;
    block->offset += rounded;
    arena->used += rounded;
    return memset(memory, 0, size);
}

/* An end, not a crash: nothing is wrong but the size, and nothing half printed may look like a result. */
static _Noreturn void stop(const struct arena *arena, size_t size)
{
    bool within = size <= arena->limit && arena->used <= arena->limit - size;

    fprintf(stderr,
            "patron: %s: %zu MiB are in use, %zu more are needed: give more memory, or less data at once [%s]\n",
            within ? "there is no more memory" : "the memory set aside for this is full", arena->used >> 20,
            (size >> 20) + 1, "memory.full");
    _exit(EXIT_FAILURE);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *memory = arena_try(arena, size);
    if (memory == NULL)
        stop(arena, size);
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        stop(arena, SIZE_MAX);
    return arena_alloc(arena, total);
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_alloc(arena, size);
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_string(struct arena *arena, const char *text, size_t size)
{
    char *copy = arena_alloc(arena, size + 1);
    if (size > 0)
        memcpy(copy, text, size);
    return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_format_list(arena, format, arguments);
    va_end(arguments);
    return text;
}

char *arena_format_list(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(size >= 0);

    char *text = arena_alloc(arena, (size_t)size + 1);
    vsnprintf(text, (size_t)size + 1, format, arguments);
    return text;
}

/* Lengthens the last thing handed out where it stands. False when it is not the last, or there is no room. */
static int extend_in_place(struct arena *arena, void *memory, size_t old_size, size_t new_size)
{
    struct block *block = arena->current;
    size_t old_rounded = round_up(old_size);
    size_t new_rounded = round_up(new_size);
    if (block == NULL || old_rounded > block->offset || memory != block->bytes + block->offset - old_rounded)
        return 0;
    size_t more = new_rounded - old_rounded;
    if (more > block->capacity - block->offset || more > arena->limit - arena->used)
        return 0;
    size_t start = block->offset - old_rounded;
    block_show(block, start, new_size);
    memset(block->bytes + start + old_size, 0, new_size - old_size);
    block->offset += more;
    arena->used += more;
    return 1;
}

static size_t checked_size(const struct arena *arena, size_t count, size_t size)
{
    size_t total;

    if (__builtin_mul_overflow(count, size, &total))
        stop(arena, SIZE_MAX);
    return total;
}

void *arena_grow(struct arena *arena, void *array, size_t *capacity, size_t count, size_t size)
{
    assert(size > 0);

    if (count <= *capacity)
        return array;

    size_t next = *capacity < 8 ? 8 : *capacity;
    while (next < count)
        next = next > SIZE_MAX / 2 ? count : next * 2;

    size_t old_total = *capacity * size, total = checked_size(arena, next, size);
    if (old_total == 0 || !extend_in_place(arena, array, old_total, total)) {
        void *moved = arena_alloc(arena, total);
        if (old_total > 0)
            memcpy(moved, array, old_total);
        array = moved;
    }
    *capacity = next;
    return array;
}

/* Lengthens what has a block of its own by lengthening the block. NULL when it has none, or there is no room. */
static void *extend_block(struct arena *arena, void *memory, size_t old_size, size_t new_size)
{
    size_t old_rounded = round_up(old_size), new_rounded = round_up(new_size);
    struct block **link = &arena->first;

    if (new_rounded - old_rounded > arena->limit - arena->used)
        return NULL;
    while (*link != NULL && (*link)->bytes != memory)
        link = &(*link)->next;
    struct block *old = *link;

    if (old == NULL || old->offset != old_rounded)
        return NULL;
    bool current = arena->current == old;

    block_show(old, 0, old->capacity);
    struct block *block = realloc(old, sizeof *block + new_rounded);

    if (block == NULL)
        stop(arena, new_rounded - old_rounded);
    *link = block;
    if (current)
        arena->current = block;
    block->capacity = block->offset = new_rounded;
    arena->used += new_rounded - old_rounded;
    memset(block->bytes + old_size, 0, new_rounded - old_size);
    block_hide(block, new_size, new_rounded - new_size);
    return block->bytes;
}

void *arena_lengthen(struct arena *arena, void *array, size_t *capacity, size_t count, size_t size)
{
    assert(size > 0);

    if (count <= *capacity)
        return array;

    size_t old_total = *capacity * size, next = *capacity + *capacity / 4;
    if (old_total < BLOCK_BYTES_MAX)
        return arena_grow(arena, array, capacity, count, size);
    next = next < count ? count : next;

    void *longer = extend_block(arena, array, old_total, checked_size(arena, next, size));
    if (longer == NULL)
        return arena_grow(arena, array, capacity, count, size);
    *capacity = next;
    return longer;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
