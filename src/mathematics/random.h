/* random.h: chance that is the same on every machine for the same seed: xoshiro256** begun by splitmix64. */
#ifndef PATRON_MATHEMATICS_RANDOM_H
#define PATRON_MATHEMATICS_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Blackman and Vigna 2018, "Scrambled linear pseudorandom number generators". Not for secrets. */
struct random {
    uint64_t state[4];
    double spare; /* the other half of a pair of normals */
    bool has_spare;
};

/* Any seed is good. Threads or samples of their own take seeds of their own: random_start(&r, seed + i) are unrelated. */
void random_start(struct random *random, uint64_t seed);

uint64_t random_next(struct random *random);                  /* 64 random bits */
double random_uniform(struct random *random);                 /* 0 <= u < 1, of 53 bits */
double random_normal(struct random *random);                  /* mean 0, variance 1 */
uint64_t random_below(struct random *random, uint64_t count); /* 0 .. count - 1, each alike; count > 0 */

void random_shuffle(struct random *random, uint32_t *items, size_t count);

#endif
