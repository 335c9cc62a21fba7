/* organisations_api.h: the routes of organisations and their contacts. */
#ifndef PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_API_H
#define PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_API_H

#include "api/call.h"
#include "features/organisations/organisations.h"

extern const struct shape organisation_input_shape, organisation_change_shape, organisation_shape, contact_input_shape,
    contact_shape;

enum status organisation_register_handle(struct call *call, struct item *item, struct error *err);
void organisation_register_finish(struct item *item, struct json_writer *writer);
enum status organisation_list_handle(struct call *call, struct item *item, struct error *err);
enum status organisation_get_handle(struct call *call, struct item *item, struct error *err);
enum status organisation_change_handle(struct call *call, struct item *item, struct error *err);
void organisation_change_finish(struct item *item, struct json_writer *writer);
enum status contact_list_handle(struct call *call, struct item *item, struct error *err);
enum status contact_put_handle(struct call *call, struct item *item, struct error *err);
void contact_put_finish(struct item *item, struct json_writer *writer);
enum status contact_for_handle(struct call *call, struct item *item, struct error *err);

#endif
