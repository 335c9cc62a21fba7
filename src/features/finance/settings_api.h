/* settings_api.h: the settings of finance: numbers of the accounts, rates between entities. */
#ifndef PATRON_FEATURES_FINANCE_SETTINGS_API_H
#define PATRON_FEATURES_FINANCE_SETTINGS_API_H

#include "api/call.h"
#include "features/finance/posting.h"

struct finance_settings {
    int64_t version;                     /* 0: nobody has set anything */
    struct text numbers[ACCOUNTS_COUNT]; /* empty: the name of the account stands for it */
    const struct finance_rate *agreed;   /* between entities */
    size_t agreed_count;
};

enum status finance_settings_read(struct storage_session *session, struct arena *arena, struct finance_settings *out,
                                  struct error *err);

extern const struct shape finance_settings_input_shape, finance_settings_shape;
enum status finance_settings_get_handle(struct call *call, struct item *item, struct error *err);
enum status finance_settings_put_handle(struct call *call, struct item *item, struct error *err);

#endif
