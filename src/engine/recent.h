/* recent.h: the database form of a standing's recent days: differences of days and spend as variable-length numbers. */
#ifndef PATRON_ENGINE_RECENT_H
#define PATRON_ENGINE_RECENT_H

#include "engine/decide.h"

struct text standing_recent_encode(struct arena *arena, const struct standing *standing);

/* False when the bytes are not such a list; `standing` is untouched then. */
bool standing_recent_decode(struct arena *arena, struct text bytes, struct standing *standing);

#endif
