#include "features/offers/offers_feature.h"

#include "features/definitions/definitions_api.h"

static const struct route routes[] = {
    DEFINITION_ROUTES("offers", "offer", "an offer"),
};

const struct feature offers_feature = {
    .name = "offers", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
