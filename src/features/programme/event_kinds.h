/* event_kinds.h: the kinds of events that the configuration declares, for those who refer to them. features/events reads them. */
#ifndef PATRON_FEATURES_PROGRAMME_EVENT_KINDS_H
#define PATRON_FEATURES_PROGRAMME_EVENT_KINDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "foundation/text.h"

enum property_type {
    PROPERTY_TEXT,
    PROPERTY_INTEGER,
    PROPERTY_DECIMAL, /* a string of a decimal number */
    PROPERTY_BOOLEAN,
    PROPERTY_DAY,
    PROPERTY_INSTANT,
    PROPERTY_CHOICE,
};

struct property {
    struct text name;
    enum property_type type;
    bool required;
    const struct text *choices;
    size_t choice_count;
};

struct event_kind {
    struct text name;
    int32_t kept_days; /* 0: for ever, in the journal; else in the trace, unsealed, and earning nothing */
    const struct property *properties;
    size_t property_count;
};

#endif
