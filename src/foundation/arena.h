/* arena.h: memory that lives as long as one request, one batch or one job, with a limit in bytes. */
#ifndef PATRON_FOUNDATION_ARENA_H
#define PATRON_FOUNDATION_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* A new arena that hands out at most `limit_bytes`. NULL when the system has no memory. Free with arena_free. */
struct arena *arena_new(size_t limit_bytes);
void arena_free(struct arena *arena); /* accepts NULL */

/* Forgets everything handed out and keeps the first blocks for reuse. */
void arena_reset(struct arena *arena);

/*
 * Memory aligned for any type, zeroed. Never NULL: past the limit, or without memory, the process ends with status 1 and a
 * message (`memory.full`), because no caller could go on. Sizes that a user controls are checked against named limits before they come here, or
 * asked for by arena_try.
 */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t count, size_t size); /* checked multiplication */

/* As arena_alloc, but NULL past the limit. */
void *arena_try(struct arena *arena, size_t size);

void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_string(struct arena *arena, const char *text, size_t size); /* NUL-terminated copy */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_format_list(struct arena *arena, const char *format, va_list arguments);

/* Grows an array of `*capacity` elements (0 at first) so that it holds at least `count`; returns where it is now. */
void *arena_grow(struct arena *arena, void *array, size_t *capacity, size_t count, size_t size);

/*
 * The same for arrays that may become large and that nothing points into: where the array was is gone. Of large ones pages
 * are moved, not bytes, so that no array is twice in memory.
 */
void *arena_lengthen(struct arena *arena, void *array, size_t *capacity, size_t count, size_t size);

/* Calls `function(argument)` when the arena is reset or freed, the last one first: for what lies outside and goes with it. */
void arena_defer(struct arena *arena, void (*function)(void *argument), void *argument);

size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */

#endif
