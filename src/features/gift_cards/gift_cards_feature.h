/* gift_cards_feature.h: how gift cards plug into the program. */
#ifndef PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_FEATURE_H
#define PATRON_FEATURES_GIFT_CARDS_GIFT_CARDS_FEATURE_H

#include "api/feature.h"

extern const struct feature gift_cards_feature;

#endif
