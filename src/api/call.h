/* call.h: one request in the hands of a route's functions, and its items. */
#ifndef PATRON_API_CALL_H
#define PATRON_API_CALL_H

#include "api/route.h"
#include "api/scope.h"
#include "engine/engine.h"
#include "foundation/arena.h"

enum { CALL_PARAMETERS_MAX = 4 };

struct jobs;     /* api/job.h */
struct analyses; /* api/analysis.h */

/* One body of a request, its command and its reply. */
struct item {
    struct call *call;
    size_t index;              /* in the array; 0 otherwise */
    void *body;                /* the struct read by route->body; NULL without a body */
    struct command *command;   /* by item_command; NULL: finished at once */
    void *user;                /* the route's own, from handle to finish */
    int status;                /* of the reply, when it differs from the route's: 200 instead of 201 ... */
    int64_t etag;              /* above 0: the version in the ETag header */
    struct json_writer writer; /* the reply of an item that finishes at once; opened with the object of the reply */
};

struct call {
    struct arena *arena; /* lives until the reply is sent */
    const struct route *route;
    struct engine *engine;
    int64_t now;                                 /* when the request was taken up */
    const struct programme_set *programmes;      /* the configuration in force, borrowed until the reply is sent */
    const void *query;                           /* the struct read by route->query; NULL without */
    struct text actor;                           /* "user:anna", "key:till-7"; empty for a public route */
    int64_t actor_id;                            /* of the user or key */
    uint64_t permissions;                        /* of the user or key */
    const struct scope *scope;                   /* of the user or key: what part of the company it sees */
    struct text parameters[CALL_PARAMETERS_MAX]; /* of the path, in order */
    struct jobs *jobs;
    const struct analyses *analyses; /* NULL: the server has none */
    struct api *api;                 /* api/api.h: the framework's own */
};

/* ---- what was asked ---- */

/* The id in parameter `index` of the path. STATUS_MISSING `path.unknown` when it is not an id with that prefix. */
enum status call_path_id(const struct call *call, int index, const char *prefix, int64_t *out, struct error *err);

bool call_may(const struct call *call, enum permission permission);

/* ---- what the caller sees (api/scope.h); the path, the query and the body are checked before the route is called ---- */

/* STATUS_FORBIDDEN `auth.scope`. */
enum status call_check_store(const struct call *call, struct text store, const char *field, struct error *err);
/* By the policy of the caller and the scope of the route. */
enum status call_check_member(struct call *call, int64_t member, const char *field, struct error *err);
/* For lists and numbers: whether each person, by leader, was at a store that the caller sees. */
enum status call_members_inside(struct call *call, struct storage_session *session, const struct scope_people *people,
                                struct error *err);
/*
 * All members of the persons that the caller sees, as keys of a map in `arena`, made with CALL_MEMBERS_BYTES; NULL: everyone.
 * Reads the whole journal.
 */
#define CALL_MEMBERS_BYTES ((size_t)8 << 30) /* address space: what is not needed is not taken */
struct map;
enum status call_members_all(const struct call *call, struct storage_session *session, struct arena *arena,
                             const struct map **out, struct error *err);
/* A text that tells what the caller sees apart from what others see, for what is kept; empty: the whole company. */
struct text call_scope_key(const struct call *call);
bool call_sees_store(const struct call *call, struct text store);
bool call_sees_user(const struct call *call, int64_t id); /* a user or key */
bool call_sees_actor(const struct call *call, struct text actor);
/* A phone or e-mail as the caller may see it: masked without the permission members.contact; other texts stay. */
struct text call_contact(const struct call *call, struct text value);
/* The tree of places changed: scopes are built anew before the next request. */
void call_scopes_changed(struct call *call);

/* The version in If-Match; 0 without the header. STATUS_INVALID `http.if_match` for one that is not ours. */
enum status call_if_match(const struct call *call, int64_t *version, struct error *err);

/* With route->raw_body_max: the body in memory, or the descriptor of the spooled file (-1: in memory; stays the call's). */
struct text call_body(const struct call *call);
int call_body_file(const struct call *call);
struct text call_header(const struct call *call, const char *name);

/* The Idempotency-Key; empty without. */
struct text call_idempotency_key(const struct call *call);

/* ---- commands ---- */

/*
 * The item's command of `type` with `body` (a zeroed struct of `body_size` bytes in the call's arena, returned in
 * command->body). Actor, arena, idempotency, day = DAY_NONE and bucket = -1 are set; the caller fills claims, subjects, events, counters.
 */
struct command *item_command(struct item *item, const struct command_type *type, size_t body_size);

/* Adds a claim (kind static, key in the arena) and returns its index. Asserts room. */
int command_claim(struct command *command, struct arena *arena, const char *kind, struct text key);
/* Names the person by member id; returns the index of the subject. */
int command_subject_member(struct command *command, int64_t member);
int command_subject_claims(struct command *command, int first, int count);

/* ---- jobs ---- */

struct job_kind; /* api/job.h */

/* Starts a job for the caller and answers with its id, as job_started_shape: {"job": "job_..."}. As job_start. */
enum status call_job(struct call *call, struct item *item, const struct job_kind *kind, void *input, struct error *err);
extern const struct shape job_started_shape;

/* ---- other replies ---- */

/* A read session until the item is handled. End it with call_read_end (or leave it to the framework). */
enum status call_read_begin(struct call *call, struct storage_session **out, struct error *err);
void call_read_end(struct call *call, struct storage_session *session);

/*
 * A write transaction for configuration that does not go through the engine (users, stores, programmes ...). One at a
 * time in the process; end it with call_write_commit or call_write_rollback.
 */
enum status call_write_begin(struct call *call, struct storage_session **out, struct error *err);
enum status call_write_commit(struct call *call, struct storage_session *session, struct error *err);
void call_write_rollback(struct call *call, struct storage_session *session);

/*
 * Writes an audit row in the write transaction under way: `what` as "store.updated", `before` and `after` as JSON (empty: none),
 * never with a secret. `subject` is an id, or 0.
 */
enum status call_audit(struct call *call, const char *what, int64_t subject, struct text before, struct text after,
                       struct error *err);

/* REPLY_FILE: `content` in the arena or static; or a descriptor that the framework closes. `name` NULL: shown, not saved. */
void call_reply_content(struct call *call, const char *content_type, struct text content, const char *name);
void call_reply_file(struct call *call, const char *content_type, int descriptor, const char *name);
/*
 * A new file where temporary ones lie, open for reading and writing; whoever asked for it removes it by its path, at once if it need
 * not be opened by name. STATUS_IO `export.open`.
 */
enum status call_temporary_file(struct call *call, const char **path, int *descriptor, struct error *err);
/* REPLY_EVENTS: the stream, the caller's from now on; the answer begins when handle returns. */
struct http_stream *call_stream(struct call *call);
/* A header of the reply; value in the arena or static. */
void call_reply_header(struct call *call, const char *name, const char *value);

#endif
