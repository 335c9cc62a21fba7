/* routes.h: the framework's own routes, as features. */
#ifndef PATRON_API_ROUTES_H
#define PATRON_API_ROUTES_H

#include "api/feature.h"

extern const struct feature session_feature;
extern const struct feature identity_feature;
extern const struct feature user_feature;
extern const struct feature key_feature;
extern const struct feature factor_feature;
extern const struct feature audit_feature;
extern const struct feature job_feature;
extern const struct feature system_feature; /* openapi, healthz, metrics, the page at / */

#endif
