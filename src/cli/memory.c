#include "cli/memory.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { MEMORY_LEAST = 32, MEMORY_MOST = 16 * 1024 * 1024, LINE_SIZE = 256 };

/* The sanitizers map far more than there is. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MEMORY_SANITIZED 1
#endif
#endif

#ifdef MEMORY_SANITIZED
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

/* The number after `key` in a file of the system; false when the file, or a number there, is missing. */
static bool read_number(const char *path, const char *key, uint64_t *out)
{
    FILE *file = fopen(path, "re");
    char line[LINE_SIZE];
    unsigned long long number = 0;
    bool found = false;

    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof line, file) != NULL)
        found = strncmp(line, key, strlen(key)) == 0 && sscanf(line + strlen(key), " %llu", &number) == 1;
    fclose(file);
    *out = number;
    return found;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Bytes that the control group of a container leaves; all of them without one. */
static uint64_t group_free(void)
{
    static const char *const groups[][2] = {
        {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
        {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"}};
    uint64_t most, used, least = UINT64_MAX;

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (read_number(groups[i][0], "", &most) && read_number(groups[i][1], "", &used))
            least = lesser(least, most > used ? most - used : 0);
    return least;
}

static uint64_t bytes_free(void)
{
    uint64_t kibibytes, least = group_free();

    return read_number("/proc/meminfo", "MemAvailable:", &kibibytes) ? lesser(least, kibibytes << 10) : least;
}

bool memory_limit(const struct cli *cli)
{
    struct rlimit limit;
    int64_t mebibytes = 0;

    if (!cli_integer(cli, "memory", MEMORY_LEAST, MEMORY_MOST, &mebibytes))
        return false;
    if (sanitized || getrlimit(RLIMIT_DATA, &limit) != 0)
        return true;
    uint64_t most = mebibytes > 0 ? (uint64_t)mebibytes << 20 : bytes_free() / 10 * 9;

    if (limit.rlim_cur == RLIM_INFINITY || most < limit.rlim_cur) {
        limit.rlim_cur = most;
        setrlimit(RLIMIT_DATA, &limit);
    }
    return true;
}
