#include "foundation/clock.h"

#include <assert.h>
#include <stddef.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
    struct timespec time;
    int result = clock_gettime(id, &time);
    assert(result == 0);
    (void)result;
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int64_t system_now(void *context)
{
    (void)context;
    return clock_read(CLOCK_REALTIME);
}

static int64_t system_boot(void *context)
{
    (void)context;
    return clock_read(CLOCK_BOOTTIME);
}

const struct clock clock_system = {system_now, system_boot, NULL};

int64_t clock_now(const struct clock *clock)
{
    return clock->now(clock->context);
}

int64_t clock_boot(const struct clock *clock)
{
    return clock->boot(clock->context);
}
