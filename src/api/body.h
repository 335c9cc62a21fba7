/* body.h: reads the query and the body of a request into the structs of its route. */
#ifndef PATRON_API_BODY_H
#define PATRON_API_BODY_H

#include "api/internal.h"

enum status body_read_query(struct request *request, struct error *err);

/*
 * Makes the items. A mistake in an element of an array is that element's state; one in the whole is returned.
 */
enum status body_read(struct request *request, struct error *err);

#endif
