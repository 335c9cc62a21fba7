/*
 * definitions_api.h: the routes that every kind of definition has. A feature's table of routes holds DEFINITION_ROUTES:
 *
 *     static const struct route routes[] = {
 *         DEFINITION_ROUTES("offers", "offer", "an offer"),
 *         ...
 *
 * which are, for the plural P:
 *   GET    /v1/P                            page of definitions; ?state=draft|review|scheduled|in_force|ended|withdrawn
 *   GET    /v1/P/{code}                     one: draft, version in force, what comes next; ETag
 *   PUT    /v1/P/{code}                     save the draft; "publish": true publishes it at once, "validate": true only checks
 *   DELETE /v1/P/{code}                     drop the draft, and all of it when it was never published
 *   POST   /v1/P/{code}/submission          hand the draft in for review
 *   POST   /v1/P/{code}/review              {"approve": true|false, "note"}: by another person than its author
 *   POST   /v1/P/{code}/publication         {"effective_at"?, "until"?, "note"?}: the draft becomes a version
 *   POST   /v1/P/{code}/withdrawal          {"at"?, "version"?, "note"?}: what is in force then or later ends
 *   POST   /v1/P/{code}/rollback            {"version"}: an old version becomes the draft and, with "publish", is published
 *   GET    /v1/P/{code}/versions            all versions, newest first
 *   GET    /v1/P/{code}/versions/{version}
 *   GET    /v1/P/{code}/difference          ?from=&to= (a version, "in_force" or "draft"): field by field
 * Changes obey If-Match; publications and withdrawals take effect at least 5 seconds ahead, so that every process switches at the
 * same moment.
 *
 * The kind is that of configuration->definitions whose plural stands in the path. Operations are list_offers, get_offer, put_offer,
 * drop_offer, submit_offer, review_offer, publish_offer, withdraw_offer, roll_back_offer, list_offer_versions, get_offer_version,
 * compare_offer. tests/api/definitions.py needs a line with a valid document of the kind: then they are tested.
 */
#ifndef PATRON_FEATURES_DEFINITIONS_DEFINITIONS_API_H
#define PATRON_FEATURES_DEFINITIONS_DEFINITIONS_API_H

#include "api/call.h"
#include "api/page.h"
#include "features/definitions/definition.h"

extern const struct shape definition_shape, definition_row_shape, definition_version_shape, definition_query_shape;
extern const struct shape definition_input_shape, definition_review_shape, definition_note_shape;
extern const struct shape definition_publication_shape, definition_withdrawal_shape, definition_rollback_shape;
extern const struct shape difference_shape, difference_query_shape;

enum status definition_list_handle(struct call *call, struct item *item, struct error *err);
enum status definition_get_handle(struct call *call, struct item *item, struct error *err);
enum status definition_put_handle(struct call *call, struct item *item, struct error *err);
enum status definition_drop_handle(struct call *call, struct item *item, struct error *err);
enum status definition_submit_handle(struct call *call, struct item *item, struct error *err);
enum status definition_review_handle(struct call *call, struct item *item, struct error *err);
enum status definition_publish_handle(struct call *call, struct item *item, struct error *err);
enum status definition_withdraw_handle(struct call *call, struct item *item, struct error *err);
enum status definition_roll_back_handle(struct call *call, struct item *item, struct error *err);
enum status definition_versions_handle(struct call *call, struct item *item, struct error *err);
enum status definition_version_handle(struct call *call, struct item *item, struct error *err);
enum status definition_difference_handle(struct call *call, struct item *item, struct error *err);

/* Strings: in the path, in operations, and in the documentation. */
#define DEFINITION_ROUTES(plural, singular, one)                                                           \
    {.method = HTTP_GET,                                                                                   \
     .path = "/v1/" plural,                                                                                \
     .operation = "list_" singular "s",                                                                    \
     .summary = "Page of " plural ", by code; with a state those in it",                                   \
     .permission = PERMISSION_PROGRAMME_READ,                                                              \
     .scope = SCOPE_COMPANY,                                                                               \
     .query = &definition_query_shape,                                                                     \
     .kind = REPLY_PAGE,                                                                                   \
     .reply = &definition_row_shape,                                                                       \
     .handle = definition_list_handle},                                                                    \
        {.method = HTTP_GET,                                                                               \
         .path = "/v1/" plural "/{code}",                                                                  \
         .operation = "get_" singular,                                                                     \
         .summary = "Show " one ": its draft, the version in force, the next one",                         \
         .permission = PERMISSION_PROGRAMME_READ,                                                          \
         .scope = SCOPE_COMPANY,                                                                           \
         .reply = &definition_shape,                                                                       \
         .handle = definition_get_handle},                                                                 \
        {.method = HTTP_PUT,                                                                               \
         .path = "/v1/" plural "/{code}",                                                                  \
         .operation = "put_" singular,                                                                     \
         .summary = "Save the draft of " one ", or only check it, or publish it at once",                  \
         .permission = PERMISSION_PROGRAMME_DRAFT,                                                         \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_input_shape,                                                                  \
         .reply = &definition_shape,                                                                       \
         .handle = definition_put_handle},                                                                 \
        {.method = HTTP_DELETE,                                                                            \
         .path = "/v1/" plural "/{code}",                                                                  \
         .operation = "drop_" singular,                                                                    \
         .summary = "Drop the draft of " one,                                                              \
         .permission = PERMISSION_PROGRAMME_DRAFT,                                                         \
         .scope = SCOPE_COMPANY,                                                                           \
         .kind = REPLY_NONE,                                                                               \
         .handle = definition_drop_handle},                                                                \
        {.method = HTTP_POST,                                                                              \
         .path = "/v1/" plural "/{code}/submission",                                                       \
         .operation = "submit_" singular,                                                                  \
         .summary = "Hand the draft of " one " in for review",                                             \
         .permission = PERMISSION_PROGRAMME_DRAFT,                                                         \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_note_shape,                                                                   \
         .body_optional = true,                                                                            \
         .keeps_reply = true,                                                                              \
         .reply = &definition_shape,                                                                       \
         .handle = definition_submit_handle},                                                              \
        {.method = HTTP_POST,                                                                              \
         .path = "/v1/" plural "/{code}/review",                                                           \
         .operation = "review_" singular,                                                                  \
         .summary = "Approve or refuse the draft of " one " that somebody else wrote",                     \
         .permission = PERMISSION_PROGRAMME_PUBLISH,                                                       \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_review_shape,                                                                 \
         .keeps_reply = true,                                                                              \
         .reply = &definition_shape,                                                                       \
         .handle = definition_review_handle},                                                              \
        {.method = HTTP_POST,                                                                              \
         .path = "/v1/" plural "/{code}/publication",                                                      \
         .operation = "publish_" singular,                                                                 \
         .summary = "Publish the draft of " one,                                                           \
         .permission = PERMISSION_PROGRAMME_PUBLISH,                                                       \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_publication_shape,                                                            \
         .body_optional = true,                                                                            \
         .keeps_reply = true,                                                                              \
         .reply = &definition_shape,                                                                       \
         .status = 201,                                                                                    \
         .handle = definition_publish_handle},                                                             \
        {.method = HTTP_POST,                                                                              \
         .path = "/v1/" plural "/{code}/withdrawal",                                                       \
         .operation = "withdraw_" singular,                                                                \
         .summary = "End " one ", or one version of it",                                                   \
         .permission = PERMISSION_PROGRAMME_PUBLISH,                                                       \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_withdrawal_shape,                                                             \
         .body_optional = true,                                                                            \
         .keeps_reply = true,                                                                              \
         .reply = &definition_shape,                                                                       \
         .handle = definition_withdraw_handle},                                                            \
        {.method = HTTP_POST,                                                                              \
         .path = "/v1/" plural "/{code}/rollback",                                                         \
         .operation = "roll_back_" singular,                                                               \
         .summary = "Make an old version of " one " the draft, or publish it again",                       \
         .permission = PERMISSION_PROGRAMME_DRAFT,                                                         \
         .scope = SCOPE_COMPANY,                                                                           \
         .body = &definition_rollback_shape,                                                               \
         .keeps_reply = true,                                                                              \
         .reply = &definition_shape,                                                                       \
         .handle = definition_roll_back_handle},                                                           \
        {.method = HTTP_GET,                                                                               \
         .path = "/v1/" plural "/{code}/versions",                                                         \
         .operation = "list_" singular "_versions",                                                        \
         .summary = "Published versions of " one ", newest first",                                         \
         .permission = PERMISSION_PROGRAMME_READ,                                                          \
         .scope = SCOPE_COMPANY,                                                                           \
         .query = &page_query_shape,                                                                       \
         .kind = REPLY_PAGE,                                                                               \
         .reply = &definition_version_shape,                                                               \
         .handle = definition_versions_handle},                                                            \
        {.method = HTTP_GET,                                                                               \
         .path = "/v1/" plural "/{code}/versions/{version}",                                               \
         .operation = "get_" singular "_version",                                                          \
         .summary = "A version of " one,                                                                   \
         .permission = PERMISSION_PROGRAMME_READ,                                                          \
         .scope = SCOPE_COMPANY,                                                                           \
         .reply = &definition_version_shape,                                                               \
         .handle = definition_version_handle},                                                             \
    {                                                                                                      \
        .method = HTTP_GET, .path = "/v1/" plural "/{code}/difference", .operation = "compare_" singular,  \
        .summary = "What is different between two versions of " one ", or its draft",                      \
        .permission = PERMISSION_PROGRAMME_READ, .scope = SCOPE_COMPANY, .query = &difference_query_shape, \
        .reply = &difference_shape, .handle = definition_difference_handle                                 \
    }

#endif
