/* contracts_api.h: the routes of contracts. */
#ifndef PATRON_FEATURES_CONTRACTS_CONTRACTS_API_H
#define PATRON_FEATURES_CONTRACTS_CONTRACTS_API_H

#include "api/call.h"
#include "features/contracts/contracts_store.h"

extern const struct shape contract_input_shape, contract_amendment_shape, contract_terms_input_shape,
    contract_renewal_shape, contract_termination_shape, contract_collection_shape, contract_waiver_shape;

enum status contract_agree_handle(struct call *call, struct item *item, struct error *err);
void contract_agree_finish(struct item *item, struct json_writer *writer);
enum status contract_amend_handle(struct call *call, struct item *item, struct error *err);
enum status contract_terms_handle(struct call *call, struct item *item, struct error *err);
enum status contract_renew_handle(struct call *call, struct item *item, struct error *err);
enum status contract_end_handle(struct call *call, struct item *item, struct error *err);
enum status contract_collect_handle(struct call *call, struct item *item, struct error *err);
enum status contract_waive_handle(struct call *call, struct item *item, struct error *err);
void contract_change_finish(struct item *item, struct json_writer *writer);

/* contract_view_api.c */
extern const struct shape contract_query_shape, contract_shape, contract_change_shape, contract_quantity_shape;

enum status contract_list_handle(struct call *call, struct item *item, struct error *err);
enum status contract_get_handle(struct call *call, struct item *item, struct error *err);
enum status contract_history_handle(struct call *call, struct item *item, struct error *err);

extern const struct shape contract_due_query_shape, contract_open_due_shape;
enum status contract_due_list_handle(struct call *call, struct item *item, struct error *err);

/* How contracts are shown: as they are at `now`. */
struct contract_view {
    struct arena *arena;
    const struct zone *zone;
    const char *currency;
};
struct contract_view *contract_view_of(const struct call *call);
/* The members of `contract` as it is at `at`, which it is advanced to. */
void contract_write(struct json_writer *writer, const struct contract_view *view, const struct contract *contract,
                    int64_t at);
/* The contract of the path, by id or code, as it was stored. */
enum status contract_of_path(struct call *call, struct contract *out, struct error *err);

#endif
