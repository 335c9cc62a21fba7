/* value_json.h: values as JSON: plain, and with their types. */
#ifndef PATRON_RULES_VALUE_JSON_H
#define PATRON_RULES_VALUE_JSON_H

#include "rules/value.h"

/*
 * Plain JSON: int and uint as numbers, as text beyond 2^53; bytes in base64; timestamps and durations as text; keys of maps
 * as text.
 */
void rule_value_json(struct builder *out, struct rule_value value);

/*
 * {"type": "int", "value": "3"}: int and uint as text, double as a number or "NaN", "Infinity", "-Infinity", bytes in
 * hexadecimal, a list of typed values, a map as a list of [typed key, typed value].
 */
void rule_value_typed(struct builder *out, struct rule_value value);

#endif
