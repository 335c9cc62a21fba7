/* scalar.h: one field's value from its text, checked; shared by the readers of bodies and of query strings. */
#ifndef PATRON_JSON_SCALAR_H
#define PATRON_JSON_SCALAR_H

#include "json/shape.h"

/* True for the types that JSON writes as a string. */
bool scalar_is_text(enum field_type type);

/* Reads a field of a type for which scalar_is_text holds into `target`. */
enum status scalar_read_text(struct arena *arena, const struct field *field, struct text text, void *target,
                             struct error *err);

enum status scalar_set_integer(const struct field *field, int64_t value, void *target, struct error *err);
enum status scalar_read_decimal(const struct field *field, struct text text, void *target, struct error *err);

/* What an absent field leaves in the struct, or `json.missing`. */
enum status scalar_set_absent(const struct field *field, void *out, struct error *err);

/* Bytes that one value of the field takes, as an element of a list. */
size_t scalar_size(const struct field *field);

void field_set_presence(const struct field *field, void *out, enum presence presence);

#endif
