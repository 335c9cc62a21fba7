/*
 * retention.h: personal texts of events go when they are older than the policy says. The rows of the journal stay: they hold codes,
 * numbers and times, under their seals. Pure.
 */
#ifndef PATRON_FEATURES_RETENTION_RETENTION_H
#define PATRON_FEATURES_RETENTION_RETENTION_H

#include "engine/decide.h"

enum { RETENTION_DAYS_MIN = 30, RETENTION_DAYS_MAX = 36500, RETENTION_QUOTE_DAYS = 30 /* unless it is set */ };

struct retention_policy {
    int64_t version;     /* 0: nobody has set anything */
    int64_t detail_days; /* 0: for ever */
    /* 0: what goes is gone; else it goes into the archive of events and stays there until it is so many days old. */
    int64_t archive_days;
    int64_t quote_days; /* that quotes are kept after they ended; 0: for ever */
};

/*
 * STATUS_INVALID `retention.days`: detail_days is 0, or RETENTION_DAYS_MIN to RETENTION_DAYS_MAX. `retention.archive_days`:
 * archive_days is 0, or more than detail_days, which is not 0 then.
 */
enum status retention_check(const struct retention_policy *policy, struct error *err);

/* Drops the details of command.bucket up to `until`, and says so in a sealed row: {"until":N}. */
struct retention_cut {
    int64_t until; /* seq */
};
extern const struct command_type retention_cut_type;

/* By retention_store.c. */
void store_cut(struct decision *decision, int bucket, int64_t until, int64_t row);

#endif
