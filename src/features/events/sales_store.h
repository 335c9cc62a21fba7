/* sales_store.h: the lines of the journal, summed by sales.h. */
#ifndef PATRON_FEATURES_EVENTS_SALES_STORE_H
#define PATRON_FEATURES_EVENTS_SALES_STORE_H

#include "features/events/sales.h"
#include "storage/storage.h"

/* STATUS_INVALID `sales.range` for an empty or too long period. `question` must outlive `sum`. */
enum status sales_read(struct storage_session *session, struct arena *arena, const struct programme_set *set,
                       const struct sales_question *question, struct sales_sum *sum, struct error *err);

#endif
