/* catalogue_fields_api.h: fields that the bodies and replies of catalogues share. */
#ifndef PATRON_FEATURES_EVENTS_CATALOGUE_FIELDS_API_H
#define PATRON_FEATURES_EVENTS_CATALOGUE_FIELDS_API_H

#include <stddef.h>

#include "json/shape.h"

#define KEY_FIELD(owner, member_name, text_name, size)                                                 \
    {                                                                                                  \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(owner, member_name), .minimum = 1, \
        .maximum = (size), .about = "The key; with PUT it may be left out."                            \
    }
#define NAME_FIELD(owner)                                                                                           \
    {                                                                                                               \
        .name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .offset = offsetof(owner, name), .minimum = 1, \
        .maximum = 200                                                                                              \
    }

#define REPLY_TEXT(text_name)                                            \
    {                                                                    \
        .name = (text_name), .type = FIELD_TEXT, .flags = FIELD_REQUIRED \
    }
#define REPLY_VERSION                                                     \
    {                                                                     \
        .name = "version", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED \
    }

#endif
