/* settle.h: answers commands when the disk has what was committed for them; the engine's inside. */
#ifndef PATRON_ENGINE_SETTLE_H
#define PATRON_ENGINE_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

#include "foundation/latency.h"
#include "storage/storage.h"

struct queued;
struct settler;

/* `commits` is told how long each batch took from its commit to the disk's word. Both are borrowed. */
enum status settler_start(struct storage *storage, struct latency *commits, struct settler **out, struct error *err);
void settler_stop(struct settler *settler); /* answers what it has first; accepts NULL */

/*
 * The commands of a batch, in the order of batches; waits while there are too many. `committed_at`: see batch_context; 0 of a batch
 * that wrote nothing, whose answers may rest on what others wrote.
 */
void settler_put(struct settler *settler, const struct queued *queued, size_t count, int64_t committed_at);
/* Whether everything put has been answered. */
bool settler_is_idle(struct settler *settler);

#endif
