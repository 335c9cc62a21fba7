/* factor_store.h: second factors in the database. */
#ifndef PATRON_API_FACTOR_STORE_H
#define PATRON_API_FACTOR_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/one_time.h"

struct storage_session;

struct factor {
    int64_t account;
    unsigned char secret[ONE_TIME_SECRET_SIZE]; /* enciphered */
    bool confirmed;
    int64_t last_step;
    struct text recovery; /* digests as hexadecimal digits, with commas between */
};
struct factors {
    struct factor *items;
    size_t count, capacity;
};

/* `account` 0: all. */
enum status factors_read(struct storage_session *session, struct arena *arena, int64_t account, struct factors *out,
                         struct error *err);

/* Each counts as a change of users. `*done` is false when somebody was faster. */
enum status factor_write_new(struct storage_session *session, const struct factor *factor, struct error *err);
enum status factor_write_confirmed(struct storage_session *session, const struct factor *factor, bool *done,
                                   struct error *err);
enum status factor_write_used(struct storage_session *session, int64_t account, int64_t step, bool *done,
                              struct error *err);
enum status factor_write_recovered(struct storage_session *session, const struct factor *before, struct text after,
                                   bool *done, struct error *err);
enum status factor_remove(struct storage_session *session, int64_t account, bool *done, struct error *err);

/* The roles (bits) that need a second factor. */
enum status factor_roles_read(struct storage_session *session, int64_t *roles, struct error *err);
enum status factor_roles_write(struct storage_session *session, int64_t roles, struct error *err);

#endif
