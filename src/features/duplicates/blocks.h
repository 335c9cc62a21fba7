/*
 * blocks.h: which pairs are looked at at all. Several passes; each gives every record some keys, and records with a common
 * key are near. Within a key they are put in order, and each is compared with the next few only, so that no key, however
 * common, makes a square of pairs. Pure.
 */
#ifndef PATRON_FEATURES_DUPLICATES_BLOCKS_H
#define PATRON_FEATURES_DUPLICATES_BLOCKS_H

#include "features/duplicates/record.h"

enum {
    BLOCK_PASSES = 8,
    BLOCK_KEYS_MAX = 64, /* of a record in a pass */
    BLOCK_PARTS = 8,     /* a pass is done in parts, each with its share of the keys */
};

/* What is done with a near pair; a < b. */
struct block_receiver {
    void (*pair)(void *context, uint32_t a, uint32_t b);
    void *context;
};

/* The pairs of one part of a pass, each key's in a fixed order. A pair may come again from another key. */
void block_part(const struct duplicate_base *base, size_t pass, size_t part, const struct block_receiver *receiver);

#endif
