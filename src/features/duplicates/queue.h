/* queue.h: a pair in the queue, and the command that merges it. Pure. */
#ifndef PATRON_FEATURES_DUPLICATES_QUEUE_H
#define PATRON_FEATURES_DUPLICATES_QUEUE_H

#include "features/customers/commands.h"
#include "mathematics/linkage.h"

enum { QUEUE_PAIRS_MAX = 200000, DUPLICATE_LATER_DAYS = 7 };

/* Stored as numbers: never renumber. From DUPLICATE_DIFFERENT on a pair is decided and never asked again. */
enum duplicate_state {
    DUPLICATE_OPEN = 0,
    DUPLICATE_LATER = 1, /* put off: open again at the first scan after DUPLICATE_LATER_DAYS */
    DUPLICATE_DIFFERENT = 2,
    DUPLICATE_MERGED = 3,
};

struct queue_pair {
    int64_t id;
    int64_t members[2];                 /* as found */
    int64_t leaders[2];                 /* the persons of now */
    int state;                          /* enum duplicate_state */
    int64_t score, rarity, probability; /* thousandths of a bit, millionths */
    int64_t found_at, decided_at;       /* 0: never */
};

/* "open", "later", "different", "merged", or "unmerged" once somebody undid the merge. */
const char *queue_pair_state(const struct queue_pair *pair);

/* The id of a pair of members, the same at every scan. */
int64_t queue_pair_id(int64_t one, int64_t other);

/* The model as a text, and back; false for one of another kind. */
struct text linkage_text(struct arena *arena, const struct linkage_model *model);
bool linkage_from_text(struct text text, struct linkage_model *out);

/* Merges as merge_members does, and notes it at the pair. */
struct merge_duplicate {
    struct merge_members merge; /* first: what customers load and decide */
    int64_t pair;
};
extern const struct command_type merge_duplicate_type;

/* queue_store.c */
void store_pair_merged(struct decision *decision, int64_t pair);

/*
 * What of a text may be seen by those who may not change members: the first and last letters of a name, four digits of a phone,
 * the house of an e-mail, the year of a birthday.
 */
enum masking { MASK_NOTHING, MASK_NAME, MASK_PHONE, MASK_EMAIL, MASK_DAY, MASK_ALL };
struct text mask_text(struct arena *arena, struct text value, enum masking masking);

#endif
