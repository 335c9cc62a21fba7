/* month.h: accounting months, what moves points in one, and which month a row of the journal belongs to. Pure. */
#ifndef PATRON_FEATURES_FINANCE_MONTH_H
#define PATRON_FEATURES_FINANCE_MONTH_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/decide.h"

enum { MONTH_TEXT_SIZE = 8, MONTH_FIRST = 1900 * 12, MONTH_LAST = 9999 * 12 + 11 };

/* A month is year * 12 + month - 1. */
int32_t month_of_day(int32_t day);
int32_t month_start(int32_t month);                 /* its first day */
bool month_parse(struct text text, int32_t *month); /* "2026-09" */
char *month_format(int32_t month, char out[MONTH_TEXT_SIZE]);

/* What a movement is to the accounts. Stored as numbers: never renumber. */
enum finance_entry {
    FINANCE_ISSUED = 1,
    FINANCE_REDEEMED = 2,
    FINANCE_EXPIRED = 3,
    FINANCE_CLAWED_BACK = 4,
    FINANCE_WRITTEN_OFF = 5, /* debt given up */
    FINANCE_ADJUSTED = 6,    /* by hand */
    FINANCE_TAKEN_OVER = 7,  /* from the system before this one */
    FINANCE_TRANSFERRED = 8, /* between members, or to pay a debt at another entity; 0 in sum */
    FINANCE_PAID_IN = 9,     /* money of stored value */
    FINANCE_PAID_OUT = 10,   /* and what of it was paid back */
    FINANCE_ENTRY_COUNT = 11,
};
extern const char *const finance_entry_names[FINANCE_ENTRY_COUNT]; /* "issued"; [0] is empty */

/* The entry of an account that is not a member's; 0 for one that is. */
enum finance_entry finance_entry_of(enum account account);

/* How far each bucket of the journal had come: rows up to `seqs[bucket]`. */
struct finance_cut {
    int64_t seqs[BUCKET_COUNT];
};
struct text finance_cut_text(struct arena *arena, const struct finance_cut *cut);
bool finance_cut_parse(struct text text, struct finance_cut *out);

/* A closed month holds the rows of its cut and never another. */
struct finance_close {
    int32_t month;
    int64_t closed_at;
    struct text actor;
    struct finance_cut cut;
    struct text seals; /* of the cut: the heads of the journal, as the digest has them */
    struct text rates; /* what points were worth: see finance_rates_text */
    unsigned char digest[DIGEST_SIZE];
};

/*
 * The month that a row of the journal is posted in: that of its business day, or, when it came after that month was
 * closed, the first one after it that was still open. `closes` ascend by month, without gaps but before the first.
 */
int32_t finance_month_of(const struct finance_close *closes, size_t count, int64_t id, int32_t day);

#endif
