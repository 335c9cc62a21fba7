/* demo_random.h: chance that is the same on every machine: splitmix64. */
#ifndef PATRON_CLI_DEMO_RANDOM_H
#define PATRON_CLI_DEMO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_random {
    uint64_t state;
};

static inline uint64_t demo_random_next(struct demo_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* 0 .. count - 1. */
static inline int demo_random_below(struct demo_random *random, int count)
{
    return (int)(demo_random_next(random) % (uint64_t)count);
}

static inline bool demo_random_chance(struct demo_random *random, int per_10000)
{
    return demo_random_below(random, 10000) < per_10000;
}

#endif
