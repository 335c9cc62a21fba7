/* problem.h: errors as problem documents (RFC 9457). */
#ifndef PATRON_API_PROBLEM_H
#define PATRON_API_PROBLEM_H

#include "api/route.h"
#include "foundation/error.h"
#include "http/server.h"
#include "json/writer.h"

struct error_code {
    const char *code;
    int http_status;
    const char *title;
};

/* The entry of error_codes.def; for a code that is not there, one made of the error's status. */
struct error_code error_code_of(const struct error *error);

/* Writes the members of a problem into the open object. */
void problem_write(struct json_writer *writer, const struct error *error);

/* A whole reply; `item` may be NULL, and adds what its route explains. */
void problem_reply(struct arena *arena, const struct error *error, const struct item *item, struct http_reply *reply);

void reply_header(struct http_reply *reply, const char *name, const char *value);

#endif
