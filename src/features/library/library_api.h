/* library_api.h: ready programmes over the API. */
#ifndef PATRON_FEATURES_LIBRARY_LIBRARY_API_H
#define PATRON_FEATURES_LIBRARY_LIBRARY_API_H

#include "api/call.h"
#include "features/definitions/transfer_store.h"
#include "features/library/library.h"

extern const struct shape ready_query_shape, ready_summary_shape, ready_programme_shape, ready_publication_body_shape;

enum status ready_list(struct call *call, struct item *item, struct error *err);
enum status ready_get(struct call *call, struct item *item, struct error *err);
enum status ready_publish(struct call *call, struct item *item, struct error *err);

/* Writes the members of the open object: everything there is to know of a ready programme, in one language. */
enum status ready_write(struct json_writer *writer, struct arena *arena, const struct ready_programme *programme,
                        enum ready_language language, struct error *err);

/* STATUS_CONFLICT `programme.published`: loading it would replace what is there. */
enum status ready_check_replace(const struct programme_set *set, int64_t now, bool replace, struct error *err);

#endif
