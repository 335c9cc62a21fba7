#include "mathematics/random.h"

#include <assert.h>
#include <math.h>

static uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

void random_start(struct random *random, uint64_t seed)
{
    *random = (struct random){0};
    /* The seed is scattered first, so that seeds that follow each other do not share three words of four. */
    uint64_t at = seed ^ UINT64_C(0x6A09E667F3BCC909);

    at = (at ^ (at >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
    at ^= at >> 32;
    for (int i = 0; i < 4; i++) {
        uint64_t z = at += UINT64_C(0x9E3779B97F4A7C15);

        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        random->state[i] = z ^ (z >> 31);
    }
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state, result = rotate_left(s[1] * 5, 7) * 9, shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double random_uniform(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

/* Marsaglia's polar method: a point in the unit circle gives two. */
double random_normal(struct random *random)
{
    double u, v, square;

    if (random->has_spare) {
        random->has_spare = false;
        return random->spare;
    }
    do {
        u = 2 * random_uniform(random) - 1;
        v = 2 * random_uniform(random) - 1;
        square = u * u + v * v;
    } while (square >= 1 || square == 0);
    double scale = sqrt(-2 * log(square) / square);

    random->spare = v * scale;
    random->has_spare = true;
    return u * scale;
}

/* The smallest mask that holds count - 1, refused until below: no remainder favours small numbers. */
uint64_t random_below(struct random *random, uint64_t count)
{
    assert(count > 0);
    if (count == 1)
        return 0;
    int shift = __builtin_clzll(count - 1);
    uint64_t drawn;

    do
        drawn = random_next(random) >> shift;
    while (drawn >= count);
    return drawn;
}

void random_shuffle(struct random *random, uint32_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)random_below(random, i);
        uint32_t kept = items[i - 1];

        items[i - 1] = items[j];
        items[j] = kept;
    }
}
