#include "foundation/latency.h"

#include <inttypes.h>
#include <time.h>

static const int64_t bounds_us[LATENCY_BOUNDS] = {1000,   2500,   5000,    10000,   25000,   50000,
                                                  100000, 250000, 1000000, 2500000, 10000000};

int64_t latency_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void latency_add(struct latency *latency, int64_t taken_us)
{
    int bound = 0;

    while (bound < LATENCY_BOUNDS && taken_us > bounds_us[bound])
        bound++;
    latency->by_time[bound]++;
    latency->total_us += taken_us;
}

void latency_write(const struct latency *latency, const char *name, const char *labels, struct builder *out)
{
    const char *comma = labels[0] == '\0' ? "" : ",", *open = labels[0] == '\0' ? "" : "{",
               *close = labels[0] == '\0' ? "" : "}";
    int64_t sum = 0;

    for (int bound = 0; bound < LATENCY_BOUNDS; bound++) {
        sum += latency->by_time[bound];
        builder_format(out, "%s_bucket{%s%sle=\"%g\"} %" PRId64 "\n", name, labels, comma,
                       (double)bounds_us[bound] / 1e6, sum);
    }
    sum += latency->by_time[LATENCY_BOUNDS];
    builder_format(out, "%s_bucket{%s%sle=\"+Inf\"} %" PRId64 "\n", name, labels, comma, sum);
    builder_format(out, "%s_sum%s%s%s %.6f\n", name, open, labels, close, (double)latency->total_us / 1e6);
    builder_format(out, "%s_count%s%s%s %" PRId64 "\n", name, open, labels, close, sum);
}
