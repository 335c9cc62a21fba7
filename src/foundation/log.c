#include "foundation/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "foundation/clock.h"
#include "foundation/instant.h"

enum { LINE_SIZE = 2048, MESSAGE_SIZE = 1024 };

static const char *const names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
};

/* The one setting of the process that lives here: it is written before threads start and only read afterwards. */
static _Atomic(enum log_level) level_min = LOG_INFO;

bool log_level_from(const char *name, enum log_level *out)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

void log_set_level(enum log_level level)
{
    atomic_store(&level_min, level);
}

/* Appends `text` as the inside of a JSON string; what does not fit is left out. Returns the new size. */
static size_t append_escaped(char *line, size_t size, size_t size_max, const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0' && size + 6 < size_max; c++) {
        if (*c == '"' || *c == '\\') {
            line[size++] = '\\';
            line[size++] = (char)*c;
        } else if (*c < 0x20) {
            size += (size_t)snprintf(line + size, size_max - size, "\\u%04x", *c);
        } else {
            line[size++] = (char)*c;
        }
    }
    return size;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    if (level < atomic_load_explicit(&level_min, memory_order_relaxed))
        return;

    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);

    char at[INSTANT_TEXT_SIZE];
    instant_format(clock_now(&clock_system), at);
    char line[LINE_SIZE];
    if (isatty(STDERR_FILENO) == 1) { /* people read along */
        dprintf(STDERR_FILENO, "%.19sZ %s: %s (%s)\n", at, names[level], message, event);
        return;
    }
    size_t size = (size_t)snprintf(line, sizeof line, "{\"at\":\"%s\",\"level\":\"%s\",\"event\":\"", at, names[level]);
    size = append_escaped(line, size, LINE_SIZE / 4, event);
    size += (size_t)snprintf(line + size, sizeof line - size, "\",\"message\":\"");
    size = append_escaped(line, size, LINE_SIZE - 4, message);
    memcpy(line + size, "\"}\n", 3);

    /* One write keeps the lines of threads apart. There is nowhere to report that it failed. */
    ssize_t written = write(STDERR_FILENO, line, size + 3);
    (void)written;
}
