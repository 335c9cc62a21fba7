/* status.h: the outcome of every function that can fail. */
#ifndef PATRON_FOUNDATION_STATUS_H
#define PATRON_FOUNDATION_STATUS_H

enum status {
    STATUS_OK,
    STATUS_INVALID,      /* the input breaks a rule that the caller can read about: HTTP 422, or 400 for syntax */
    STATUS_UNAUTHORISED, /* who is asking is not known: 401 */
    STATUS_FORBIDDEN,    /* known, but may not: 403 */
    STATUS_MISSING,      /* what is named does not exist: 404 */
    STATUS_CONFLICT,     /* it contradicts what is already there: 409 */
    STATUS_STALE,        /* the caller's version is no longer current: 412 */
    STATUS_LIMIT,        /* a limit of size, rate or amount: 413 or 429 */
    STATUS_BUSY,         /* not now; the same call may succeed later: 503 */
    STATUS_IO,           /* disk, network or database failed: 503 */
    STATUS_DEFECT,       /* a bug of ours, found and contained: 500 */
};

/* The status in one lower-case word, such as "conflict". */
const char *status_name(enum status status);

#endif
