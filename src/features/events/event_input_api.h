/* event_input_api.h: the fields that the requests of all kinds of events share. */
#ifndef PATRON_FEATURES_EVENTS_EVENT_INPUT_API_H
#define PATRON_FEATURES_EVENTS_EVENT_INPUT_API_H

#include "api/call.h"
#include "features/customers/member_reference_api.h"
#include "features/events/events.h"

/* Who, when, where, and what makes it the only one. */
struct event_input {
    struct member_reference *member;
    struct text event_id, channel, store, till, employee, receipt;
    int64_t at, sent_at;
    int32_t business_day;
};

enum { EVENT_PROPERTIES_MAX = 8192 };

#define EVENT_INPUT_TIME(owner, path)                                                            \
    {.name = "at",                                                                               \
     .type = FIELD_INSTANT,                                                                      \
     .offset = offsetof(owner, path.at),                                                         \
     .about = "When it happened; now when absent."},                                             \
        {.name = "sent_at",                                                                      \
         .type = FIELD_INSTANT,                                                                  \
         .offset = offsetof(owner, path.sent_at),                                                \
         .about = "What the device's clock showed when it sent this; corrects `at`."},           \
    {                                                                                            \
        .name = "business_day", .type = FIELD_DAY, .offset = offsetof(owner, path.business_day), \
        .about = "The store's business day; from `at` when absent."                              \
    }

#define EVENT_INPUT_PLACE(owner, path)                                                                  \
    {.name = "event_id",                                                                                \
     .type = FIELD_TEXT,                                                                                \
     .offset = offsetof(owner, path.event_id),                                                          \
     .minimum = 1,                                                                                      \
     .maximum = EVENT_KEY_PART_MAX,                                                                     \
     .about = "The sender's id of the event, unique for its channel."},                                 \
        {.name = "channel",                                                                             \
         .type = FIELD_TEXT,                                                                            \
         .offset = offsetof(owner, path.channel),                                                       \
         .minimum = 1,                                                                                  \
         .maximum = CODE_SIZE_MAX,                                                                      \
         .about = "Code of the channel: pos, web ..."},                                                 \
        {.name = "store",                                                                               \
         .type = FIELD_TEXT,                                                                            \
         .flags = FIELD_STORE,                                                                          \
         .offset = offsetof(owner, path.store),                                                         \
         .minimum = 1,                                                                                  \
         .maximum = CODE_SIZE_MAX,                                                                      \
         .about = "Code of the store."},                                                                \
        {.name = "till",                                                                                \
         .type = FIELD_TEXT,                                                                            \
         .offset = offsetof(owner, path.till),                                                          \
         .minimum = 1,                                                                                  \
         .maximum = EVENT_KEY_PART_MAX,                                                                 \
         .about = "The till, as its store names it."},                                                  \
    {                                                                                                   \
        .name = "employee", .type = FIELD_TEXT, .offset = offsetof(owner, path.employee), .minimum = 1, \
        .maximum = CODE_SIZE_MAX, .about = "Code of the employee who served."                           \
    }

#define EVENT_INPUT_RECEIPT(owner, path)                                                              \
    {                                                                                                 \
        .name = "receipt", .type = FIELD_TEXT, .offset = offsetof(owner, path.receipt), .minimum = 1, \
        .maximum = EVENT_KEY_PART_MAX,                                                                \
        .about = "Number of the receipt, unique for its business day, channel, store and till."       \
    }

#define EVENT_INPUT_MEMBER(owner, path, required)                                                            \
    {                                                                                                        \
        .name = "member", .type = FIELD_OBJECT, .flags = (required), .offset = offsetof(owner, path.member), \
        .shape = &member_reference_shape, .about = "Whose event it is."                                      \
    }

/* When it happened, corrected, and its business day. */
int64_t event_input_at(const struct call *call, const struct event_input *input);
int32_t event_input_day(const struct call *call, const struct event_input *input, int64_t at);

/* Whether the event may have happened at its store on that business day: see event_check_place. */
enum status event_input_check(const struct call *call, const struct event_input *input, int32_t day, struct error *err);

/*
 * Adds the claims of receipt and event id and the reference to the event that holds the latter; `content` is what must be
 * equal for the event to be the same again. Returns the receipt's key; empty without one.
 */
struct text event_input_identity(const struct call *call, struct command *command, const struct event_input *input,
                                 int32_t day, struct text content, struct event_identity *identity);

/* A bucket for what has no member: the hash of the strongest key. */
int event_input_bucket(const struct command *command, const struct event_identity *identity, struct text fallback);

/* Content for the digest: fields separated so that no two differ in nothing. */
void content_text(struct builder *content, struct text text);
void content_integer(struct builder *content, int64_t value);
void content_input(struct builder *content, const struct event_input *input);

#endif
