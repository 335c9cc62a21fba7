/* programme_api.h: handlers and shapes of the programme's routes. */
#ifndef PATRON_FEATURES_PROGRAMME_PROGRAMME_API_H
#define PATRON_FEATURES_PROGRAMME_PROGRAMME_API_H

#include "api/call.h"
#include "features/programme/programme.h"

extern const struct shape programme_version_shape, publication_shape, tiers_shape, wallet_policy_shape;
extern const struct shape rate_input_shape, rate_shape;

enum status programme_get_handle(struct call *call, struct item *item, struct error *err);
enum status programme_versions_handle(struct call *call, struct item *item, struct error *err);
enum status programme_version_handle(struct call *call, struct item *item, struct error *err);
enum status programme_publish_handle(struct call *call, struct item *item, struct error *err);
enum status tiers_handle(struct call *call, struct item *item, struct error *err);
/* Amounts by metric, those that are not 0. */
extern const struct shape tier_minimums_shape;
void tier_minimums_write(struct json_writer *writer, const char *name, const struct programme *programme,
                         const int64_t *amounts);
enum status wallets_handle(struct call *call, struct item *item, struct error *err);
enum status rates_get_handle(struct call *call, struct item *item, struct error *err);
enum status rates_put_handle(struct call *call, struct item *item, struct error *err);

#endif
