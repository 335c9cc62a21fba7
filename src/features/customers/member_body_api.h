/* member_body_api.h: the parts that bodies of several routes share: profile fields, custom fields, consents. */
#ifndef PATRON_FEATURES_CUSTOMERS_MEMBER_BODY_API_H
#define PATRON_FEATURES_CUSTOMERS_MEMBER_BODY_API_H

#include <stddef.h>

#include "api/call.h"
#include "features/customers/commands.h"
#include "json/shape.h"

/* First in a body that PROFILE_BODY_FIELDS reads. */
struct profile_body {
    struct text fields[PROFILE_FIELD_COUNT];
    unsigned char presence[PROFILE_FIELD_COUNT];
    struct text custom; /* a JSON object by the codes of custom fields; null removes */
};

#define PROFILE_BODY_FIELD(field_name, index)                                                      \
    {                                                                                              \
        .name = (field_name), .type = FIELD_TEXT, .flags = FIELD_NULLABLE,                         \
        .offset = offsetof(struct profile_body, fields) + (index) * sizeof(struct text),           \
        .presence = offsetof(struct profile_body, presence) + (index), .maximum = PROFILE_TEXT_MAX \
    }
#define PROFILE_BODY_FIELDS                                                                                        \
    PROFILE_BODY_FIELD("family_name", PROFILE_FAMILY_NAME), PROFILE_BODY_FIELD("given_name", PROFILE_GIVEN_NAME),  \
        PROFILE_BODY_FIELD("display_name", PROFILE_DISPLAY_NAME), PROFILE_BODY_FIELD("gender", PROFILE_GENDER),    \
        PROFILE_BODY_FIELD("birthday", PROFILE_BIRTHDAY),                                                          \
        PROFILE_BODY_FIELD("birthday_calendar", PROFILE_BIRTHDAY_CALENDAR),                                        \
        PROFILE_BODY_FIELD("language", PROFILE_LANGUAGE), PROFILE_BODY_FIELD("time_zone", PROFILE_TIME_ZONE),      \
        PROFILE_BODY_FIELD("country", PROFILE_COUNTRY), PROFILE_BODY_FIELD("region", PROFILE_REGION),              \
        PROFILE_BODY_FIELD("city", PROFILE_CITY), PROFILE_BODY_FIELD("address", PROFILE_ADDRESS),                  \
        PROFILE_BODY_FIELD("postal_code", PROFILE_POSTAL_CODE),                                                    \
    {                                                                                                              \
        .name = "custom", .type = FIELD_JSON_MAP, .offset = offsetof(struct profile_body, custom), .maximum = 8192 \
    }

/* The change that a body asks for, custom fields checked against their definitions; `whole` asks for required ones. */
enum status profile_body_patch(struct call *call, const struct profile_body *body, bool whole,
                               struct profile_patch *patch, struct error *err);

struct consent_body {
    struct text channel, purpose;
    int state; /* index of consent_states */
    struct text source, wording;
    int64_t at;
};
extern const struct shape consent_body_shape; /* "ConsentGiven" */

/* The consents of a list of struct consent_body, by the call's actor. */
const struct consent *consent_bodies(const struct call *call, struct json_list list);

#endif
