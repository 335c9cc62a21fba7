/* schema.h: a shape as a JSON schema, for OpenAPI 3.1. */
#ifndef PATRON_JSON_SCHEMA_H
#define PATRON_JSON_SCHEMA_H

#include "json/shape.h"
#include "json/writer.h"

/* Writes the schema of the object; nested shapes are named by reference into #/components/schemas. `open`: replies may
 * grow fields, bodies may not. */
void schema_write(struct json_writer *writer, const char *name, const struct shape *shape, bool open);

/* Writes the schema of one field's value. */
void schema_write_field(struct json_writer *writer, const char *name, const struct field *field);

/* Every shape reachable from `shape`, itself included, once: calls `visit`. */
void schema_visit(const struct shape *shape, void (*visit)(void *context, const struct shape *shape), void *context);

#endif
