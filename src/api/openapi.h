/* openapi.h: the description of the API, from the tables that serve it. */
#ifndef PATRON_API_OPENAPI_H
#define PATRON_API_OPENAPI_H

#include "api/router.h"

/* The document of OpenAPI 3.1 as JSON. Asserts that operations and names of different shapes are unique. */
struct text openapi_document(struct arena *arena, const struct router *router);

#endif
