/* scope_enter.c: a request against the scope of who asks: what its path, query and body name. */
#include <assert.h>
#include <string.h>

#include "api/auth.h"
#include "api/job_store.h"
#include "api/scope_store.h"
#include "foundation/encoding.h"
#include "foundation/secret.h"

static enum status outside(const char *field, struct error *err)
{
    return error_set(err, STATUS_FORBIDDEN, "auth.scope", field,
                     "this lies outside of the part of the company that you see");
}

enum status call_check_store(const struct call *call, struct text store, const char *field, struct error *err)
{
    return scope_sees(call->scope, store) ? STATUS_OK : outside(field, err);
}

/* ---- members ---- */

/* Whether only members who were in the scope count here. */
static bool insiders_only(const struct call *call)
{
    return !call->scope->whole && (call->scope->home_members || call->route->scope == SCOPE_INSIDER);
}

enum status call_members_inside(struct call *call, struct storage_session *session, const struct scope_people *people,
                                struct error *err)
{
    return scope_members(session, call->arena, call->scope, people, err);
}

enum status call_members_all(const struct call *call, struct storage_session *session, struct arena *arena,
                             const struct map **out, struct error *err)
{
    struct map *members = NULL;
    enum status status = STATUS_OK;
    if (!call->scope->whole)
        status = scope_members_all(session, arena, call->scope, &members, err);
    *out = members;
    return status;
}

struct text call_scope_key(const struct call *call)
{
    unsigned char digest[DIGEST_SIZE];
    struct builder places = {.arena = call->arena};
    char *key = arena_alloc(call->arena, DIGEST_SIZE * 2 + 1);
    if (call->scope->whole)
        return TEXT("");
    for (size_t i = 0; i < call->scope->place_count; i++) {
        builder_text(&places, call->scope->places[i]);
        builder_char(&places, ',');
    }
    struct text all = builder_done(&places);
    digest_compute(all.bytes, all.size, digest);
    return text_from(hex_encode(digest, DIGEST_SIZE, key));
}

/* The members of the person are asked for one by one: whoever is named may have been merged. */
static enum status person_inside(struct call *call, struct storage_session *session, int64_t member, bool *out,
                                 struct error *err)
{
    int64_t members[GROUP_MEMBERS_MAX];
    bool inside[GROUP_MEMBERS_MAX];
    struct person person;
    size_t count = 0;
    *out = false;
    enum status status = engine_view(call->engine, session, member, call->arena, &person, err);
    if (status == STATUS_MISSING) { /* the route says so */
        *out = true;
        return STATUS_OK;
    }
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < person.group->member_count; i++)
        if (person.group->members[i].leader == person.leader->id)
            members[count++] = person.group->members[i].id;
    const struct scope_people people = {members, count, inside};
    status = scope_members(session, call->arena, call->scope, &people, err);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        *out |= inside[i];
    return status;
}

enum status call_check_member(struct call *call, int64_t member, const char *field, struct error *err)
{
    struct storage_session *session;
    bool inside = true;
    if (!insiders_only(call))
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = person_inside(call, session, member, &inside, err);
    call_read_end(call, session);
    return status != STATUS_OK || inside ? status : outside(field, err);
}

/* ---- what a path names ---- */

enum named {
    NAMED_MEMBER,
    NAMED_EVENT,  /* to be read: of a store; goods may come back elsewhere, so to be changed: of a member */
    NAMED_HOLDER, /* an event of a member: a hold, a household, a merge */
    NAMED_PLACE,
    NAMED_USER,
    NAMED_JOB,
};

static const struct {
    const char *parameter;
    enum named named;
    const char *prefix;
} parameters[] = {
    {"member", NAMED_MEMBER, "mbr"}, {"purchase", NAMED_EVENT, "evt"},    {"event", NAMED_EVENT, "evt"},
    {"hold", NAMED_HOLDER, "hld"},   {"redemption", NAMED_HOLDER, "evt"}, {"household", NAMED_HOLDER, "hhd"},
    {"merge", NAMED_HOLDER, "evt"},  {"top_up", NAMED_HOLDER, "evt"},     {"store", NAMED_PLACE, NULL},
    {"place", NAMED_PLACE, NULL},    {"user", NAMED_USER, "usr"},         {"key", NAMED_USER, "key"},
    {"job", NAMED_JOB, "job"},
};

static enum status check_event(struct call *call, int64_t id, bool of_member, struct error *err)
{
    struct storage_session *session;
    struct past_event *event;
    if (of_member && !insiders_only(call))
        return STATUS_OK;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = engine_event(session, id, 0, call->arena, &event, err);
    call_read_end(call, session);
    if (status == STATUS_MISSING)
        return STATUS_OK;
    if (status != STATUS_OK)
        return status;
    if (!of_member)
        return call_check_store(call, event->row.store, "", err);
    return event->row.member == 0 ? STATUS_OK : call_check_member(call, event->row.member, "", err);
}

static enum status check_job(struct call *call, int64_t id, struct error *err)
{
    struct storage_session *session;
    struct job_row row;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = job_read(session, call->arena, id, &row, err);
    call_read_end(call, session);
    if (status == STATUS_MISSING)
        return STATUS_OK;
    return status != STATUS_OK || call_sees_actor(call, row.actor) ? status : outside("", err);
}

/* A captured hold is named as a hold where a redemption is expected. */
static bool parse_named(size_t rule, struct text value, int64_t *id)
{
    return id_parse(parameters[rule].prefix, value, id) ||
           (parameters[rule].named == NAMED_HOLDER && (id_parse("hld", value, id) || id_parse("evt", value, id)));
}

/* An id that is none is the route's to refuse. */
static enum status check_named(struct call *call, size_t rule, struct text value, struct error *err)
{
    int64_t id = 0;
    if (parameters[rule].prefix != NULL && !parse_named(rule, value, &id))
        return STATUS_OK;
    switch (parameters[rule].named) {
    case NAMED_MEMBER:
        return call_check_member(call, id, "", err);
    case NAMED_EVENT:
        return check_event(call, id, call->route->method != HTTP_GET, err);
    case NAMED_HOLDER:
        return check_event(call, id, true, err);
    case NAMED_PLACE:
        return call_check_store(call, value, "", err);
    case NAMED_USER:
        return id == call->actor_id || call_sees_user(call, id) ? STATUS_OK : outside("", err);
    case NAMED_JOB:
        return check_job(call, id, err);
    }
    return STATUS_OK;
}

static enum status check_path(struct call *call, struct error *err)
{
    const char *at = call->route->path;
    enum status status = STATUS_OK;
    for (int index = 0; status == STATUS_OK && (at = strchr(at, '{')) != NULL; index++) {
        const char *end = strchr(at, '}');
        struct text name = {at + 1, (size_t)(end - at - 1)};
        for (size_t i = 0; i < sizeof parameters / sizeof parameters[0] && status == STATUS_OK; i++)
            if (text_equals(name, parameters[i].parameter))
                status = check_named(call, i, call->parameters[index], err);
        at = end;
    }
    return status;
}

/* ---- what a query or a body names ---- */

static enum status check_fields(struct call *call, const struct shape *shape, char *value, bool complete,
                                struct error *err);

static enum status check_store_field(struct call *call, const struct field *field, struct text *store, bool complete,
                                     struct error *err)
{
    if (store->size == 0 && complete)
        *store = call->scope->only_store;
    if (store->size == 0 && complete)
        return error_set(err, STATUS_INVALID, "scope.store_required", field->name,
                         "name the store: you act in several of them");
    return store->size == 0 ? STATUS_OK : call_check_store(call, *store, field->name, err);
}

static enum status check_field(struct call *call, const struct field *field, char *value, bool complete,
                               struct error *err)
{
    void *at = value + field->offset;
    enum status status = STATUS_OK;
    if (field->flags & FIELD_STORE) {
        assert(field->type == FIELD_TEXT);
        return check_store_field(call, field, at, complete, err);
    }
    if (field->type == FIELD_ID && field->prefix != NULL && strcmp(field->prefix, "mbr") == 0)
        return *(int64_t *)at == 0 ? STATUS_OK : call_check_member(call, *(int64_t *)at, field->name, err);
    if (field->type == FIELD_OBJECT && *(void **)at != NULL)
        return check_fields(call, field->shape, *(void **)at, false, err);
    if (field->type != FIELD_LIST || field->element != FIELD_OBJECT)
        return STATUS_OK;
    const struct json_list *list = at;
    for (size_t i = 0; i < list->count && status == STATUS_OK; i++)
        status = check_fields(call, field->shape, (char *)list->items + i * field->shape->size, false, err);
    return status;
}

/* `complete`: a missing store is filled in. */
static enum status check_fields(struct call *call, const struct shape *shape, char *value, bool complete,
                                struct error *err)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < shape->field_count && status == STATUS_OK; i++)
        status = check_field(call, &shape->fields[i], value, complete, err);
    return status;
}

static void check_bodies(struct request *request)
{
    struct call *call = &request->call;
    for (size_t i = 0; i < request->item_count; i++)
        if (request->items[i].body != NULL && request->states[i].status == STATUS_OK)
            request->states[i].status = check_fields(call, call->route->body, request->items[i].body,
                                                     call->route->scope == SCOPE_STORE, &request->states[i].error);
}

enum status scope_enter(struct request *request, struct error *err)
{
    struct call *call = &request->call;
    enum route_scope rule = call->route->scope;
    if (call->scope->whole || call->route->permission == PERMISSION_PUBLIC)
        return STATUS_OK;
    if (rule == SCOPE_WHOLE || (rule == SCOPE_COMPANY && call->route->method != HTTP_GET))
        return error_set(err, STATUS_FORBIDDEN, "auth.scope", "",
                         "this concerns the whole company, and you see a part");
    return check_path(call, err);
}

enum status scope_enter_fields(struct request *request, struct error *err)
{
    struct call *call = &request->call;
    enum status status = STATUS_OK;
    if (call->scope->whole || call->route->permission == PERMISSION_PUBLIC)
        return STATUS_OK;
    if (request->query != NULL && call->route->query != NULL)
        status = check_fields(call, call->route->query, request->query, false, err);
    if (status == STATUS_OK)
        check_bodies(request);
    return status;
}
