/* event_archive_api.h: routes of the archive of events. */
#ifndef PATRON_FEATURES_RETENTION_EVENT_ARCHIVE_API_H
#define PATRON_FEATURES_RETENTION_EVENT_ARCHIVE_API_H

#include "api/call.h"

enum { ARCHIVED_TEXTS_MAX = 1000 };

extern const struct shape event_archive_shape, archived_texts_shape;

enum status event_archive_handle(struct call *call, struct item *item, struct error *err);
enum status archived_texts_handle(struct call *call, struct item *item, struct error *err);

#endif
