/* features.c: the list of features, in their order (features.def). A new one is a folder and a line there. */
#include "server/features.h"

#define FEATURE(name) extern const struct feature name##_feature;
#include "server/features.def"
#undef FEATURE

const struct feature *const features[] = {
#define FEATURE(name) &name##_feature,
#include "server/features.def"
#undef FEATURE
};
const size_t features_count = sizeof features / sizeof features[0];
