/* route.h: a route of the API as data: one table parses, authorises, answers and documents. */
#ifndef PATRON_API_ROUTE_H
#define PATRON_API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/permission.h"
#include "foundation/error.h"
#include "http/server.h"
#include "json/shape.h"
#include "json/writer.h"

struct call;
struct item;

enum { ROUTE_ITEMS_MAX = 1000 };

/* What a success answers with. */
enum reply_kind {
    REPLY_OBJECT, /* an object of `reply` */
    REPLY_PAGE,   /* {"items": [objects of `reply`], "next": cursor or null}: see page.h */
    REPLY_NONE,   /* 204 */
    REPLY_FILE,   /* other content, by call_reply_content or call_reply_file */
    REPLY_EVENTS, /* server-sent events, by call_stream */
};

/* What part of the company a route touches, and so who may use it for what: see scope.h. Every route says it. */
enum route_scope {
    SCOPE_UNSET,   /* a route that says nothing fails the tests */
    SCOPE_OWN,     /* of nobody in particular, or of who asks */
    SCOPE_COMPANY, /* configuration: all may read it; who sees a part of the company only does not change it */
    SCOPE_WHOLE,   /* over everything at once: not for who sees a part only */
    SCOPE_STORE,   /* of stores: those of the caller's part */
    SCOPE_MEMBER, /* of a member who is named exactly: any of the company, unless the caller's policy says home_store */
    SCOPE_INSIDER, /* of members who were at a store of the caller's part, whatever the policy */
    SCOPE_ACTOR,   /* of users, keys and what they started or changed: those whose part lies in the caller's */
};

const char *route_scope_name(enum route_scope scope); /* "company" */

struct route {
    enum http_method method; /* HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE */
    const char *path;        /* "/v1/members/{member}" */
    const char *operation;   /* "get_member": unique, the operationId */
    const char *summary;     /* one line */
    enum permission permission;
    bool
        key_optional; /* a GET that anyone may ask without a key: call.actor is empty then, and `handle` says what they get */
    bool conditional; /* `handle` obeys If-None-Match: 304 */
    enum route_scope scope;
    const struct shape *query; /* NULL: none */
    const struct shape *body;  /* NULL: none */
    bool body_optional;        /* no body is as {} */
    size_t items_max;          /* above 0: an array of at most so many bodies is accepted too */
    int64_t raw_body_max; /* above 0: any body of so many bytes, in call_body / call_body_file, instead of `body` */
    /*
     * For a POST or PUT without a command: an Idempotency-Key is obeyed. `handle` has written the whole reply before it calls
     * call_write_commit, which keeps it in the same transaction.
     */
    bool keeps_reply;
    /*
     * The code with which a command is refused (STATUS_BUSY) when what it was prepared for changed meanwhile: then `handle`
     * prepares it again, a few times, before the refusal is answered. NULL: none.
     */
    const char *again;
    enum reply_kind kind;
    const struct shape *reply; /* NULL with REPLY_NONE, REPLY_FILE, REPLY_EVENTS */
    int status;                /* of a success; 0: 200 (204 with REPLY_NONE) */

    /*
     * On a worker, once an item: a request without an array has one item. Either finishes at once, having written the
     * reply with item->writer, or makes a command (item_command), which the framework submits; then `finish` writes the
     * reply once the command is committed. An error answers this item alone.
     */
    enum status (*handle)(struct call *call, struct item *item, struct error *err);

    /*
     * Renders the reply of a committed command. Pure: reads item->body and item->command only, from any thread; may set
     * nothing but item->status and item->etag.
     */
    void (*finish)(struct item *item, struct json_writer *writer);

    /* Adds members to the problem of a refused command: what is missing, who was first. Pure; may be NULL. */
    void (*explain)(const struct item *item, struct json_writer *writer);
};

#endif
