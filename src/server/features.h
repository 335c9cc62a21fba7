/* features.h: the list of features, in their order. */
#ifndef PATRON_SERVER_FEATURES_H
#define PATRON_SERVER_FEATURES_H

#include "api/feature.h"

extern const struct feature *const features[];
extern const size_t features_count;

#endif
