/* context_api.h: the fields that requests on points share: when, where, through whom, and the member. */
#ifndef PATRON_FEATURES_POINTS_CONTEXT_API_H
#define PATRON_FEATURES_POINTS_CONTEXT_API_H

#include <stddef.h>

#include "features/customers/member_reference_api.h"
#include "features/points/points.h"

enum { NOTE_BYTES_MAX = 1000 };

/* The member `context` of the struct that CONTEXT_FIELDS is written for. */
struct context_input {
    struct text store, channel, till, employee, note;
    int64_t at;
};

#define CODE_FIELD(owner, text_name, member_path)                                                                 \
    {                                                                                                             \
        .name = (text_name), .type = FIELD_TEXT, .offset = offsetof(owner, member_path), .maximum = CODE_SIZE_MAX \
    }
#define CONTEXT_FIELDS(owner)                                                                   \
    {.name = "store",                                                                           \
     .type = FIELD_TEXT,                                                                        \
     .flags = FIELD_STORE,                                                                      \
     .offset = offsetof(owner, context.store),                                                  \
     .maximum = CODE_SIZE_MAX},                                                                 \
        CODE_FIELD(owner, "channel", context.channel), CODE_FIELD(owner, "till", context.till), \
        CODE_FIELD(owner, "employee", context.employee),                                        \
        {.name = "note",                                                                        \
         .type = FIELD_TEXT,                                                                    \
         .offset = offsetof(owner, context.note),                                               \
         .maximum = NOTE_BYTES_MAX,                                                             \
         .about = "Text for people; erased with the member."},                                  \
    {                                                                                           \
        .name = "at", .type = FIELD_INSTANT, .offset = offsetof(owner, context.at),             \
        .about = "When it happened; now by default, at most 5 minutes ahead."                   \
    }
#define MEMBER_FIELD(owner, text_name, member_path)                                                                 \
    {                                                                                                               \
        .name = (text_name), .type = FIELD_OBJECT, .flags = FIELD_REQUIRED, .offset = offsetof(owner, member_path), \
        .shape = &member_reference_shape                                                                            \
    }

struct points_context context_of(const struct context_input *input);

#endif
