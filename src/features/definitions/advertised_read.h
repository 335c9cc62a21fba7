/* advertised_read.h: reads "advertised" for the parser of a kind of definitions. Pure. */
#ifndef PATRON_FEATURES_DEFINITIONS_ADVERTISED_READ_H
#define PATRON_FEATURES_DEFINITIONS_ADVERTISED_READ_H

#include "features/definitions/advertised.h"
#include "features/programme/programme_read.h"

/* The member "advertised" of a document; `*out` is NULL without. `terms` are those of the definition, already read. */
enum status object_advertised(const struct object *document, struct advertised_terms terms,
                              const struct advertised **out);

#endif
