/*
 * takeover.h: what all rows share that are taken over from the system before: each is known by its number there, counts once,
 * and is never changed silently. Pure.
 *
 * A row's claim ("migration", "balances/4711") refers to a digest of what the row says, so that the same file again finds
 * every row known, and a corrected row with the same number is told instead of counted twice.
 */
#ifndef PATRON_FEATURES_TAKEOVER_TAKEOVER_H
#define PATRON_FEATURES_TAKEOVER_TAKEOVER_H

#include "features/customers/commands.h"

enum { TAKEOVER_ROWS_MAX = 16, TAKEOVER_ID_SIZE_MAX = 100 };

/* What became of a row. */
enum takeover_result {
    TAKEOVER_NEW,
    TAKEOVER_KNOWN,     /* taken over before, or nothing to take */
    TAKEOVER_DIFFERENT, /* taken over before with other values */
    TAKEOVER_ELSEWHERE, /* taken over before for another member */
    TAKEOVER_WEAKER,    /* a consent that the member has withdrawn since */
};

struct takeover_row {
    int claim; /* index into command.claims; -1: known by the member alone (taken_tier.h) */
    int64_t digest;
    int64_t line; /* of the file */
    enum takeover_result result;
};

/* The body of every command of this feature begins with it. Subject 0 is named by claims, unless a coupon is nobody's. */
struct takeover {
    struct customer_load load;
    struct takeover_row *rows;
    size_t row_count;
    bool register_unknown;
    int64_t registered_at; /* of somebody who is registered by the way */
    bool registered;       /* result */
};

/* The claim of the row with number `id` among those of a kind of file. */
struct claim_key takeover_claim(struct arena *arena, const char *kind, struct text id);
/* Above 0. */
int64_t takeover_digest(struct text says);

/* The person is there, or is registered when the rows may do so; otherwise STATUS_MISSING `member.unknown` ... */
enum status takeover_person(struct decision *decision, const struct command *command, struct error *err);

/* Finds what is known of each row. True: at least one is new. */
bool takeover_check(const struct decision *decision, const struct command *command);
/* Takes the claim of a new row. */
void takeover_take(struct decision *decision, const struct command *command, const struct takeover_row *row,
                   int64_t member);

/* The refusal of a row, with code and sentence; STATUS_OK for a row that is new or known. */
enum status takeover_refusal(const struct command *command, const struct takeover_row *row, struct error *err);

/* takeover_store.c: load function of the types that may register. */
enum status takeover_load(struct load_context *context, struct command **commands, size_t count, struct error *err);

#endif
