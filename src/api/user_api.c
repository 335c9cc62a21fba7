/* user_api.c: users over the API. */
#include "api/auth.h"
#include "api/auth_store.h"
#include "api/page.h"
#include "api/routes.h"
#include "api/user_change.h"

struct user_body {
    struct text name, display_name, password;
    struct json_list roles;  /* of struct text */
    struct json_list places; /* of struct text */
    bool disabled;
    int members;
    unsigned char has_display_name, has_roles, has_disabled, has_places;
};

#define PLACES_FIELDS                                                                                     \
    {.name = "places",                                                                                    \
     .type = FIELD_LIST,                                                                                  \
     .element = FIELD_TEXT,                                                                               \
     .offset = offsetof(struct user_body, places),                                                        \
     .presence = offsetof(struct user_body, has_places),                                                  \
     .maximum = SCOPE_PLACES_MAX,                                                                         \
     .about = "What part of the company is seen: these places and all below; empty: the whole company."}, \
    {                                                                                                     \
        .name = "members", .type = FIELD_CHOICE, .offset = offsetof(struct user_body, members),           \
        .choices = member_policies,                                                                       \
        .about = "With places: company serves any member named exactly; home_store those who were there." \
    }

#define ROLES_FIELD(more)                                                                                             \
    {                                                                                                                 \
        .name = "roles", .type = FIELD_LIST, .flags = (more), .element = FIELD_TEXT,                                  \
        .offset = offsetof(struct user_body, roles), .presence = offsetof(struct user_body, has_roles), .minimum = 1, \
        .maximum = ROLE_COUNT, .about = "administrator, marketer, desk, agent, analyst, finance"                      \
    }

static const struct field new_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct user_body, name),
     .minimum = 1,
     .maximum = USER_NAME_MAX},
    {.name = "display_name", .type = FIELD_TEXT, .offset = offsetof(struct user_body, display_name), .maximum = 128},
    {.name = "password",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct user_body, password),
     .maximum = USER_PASSWORD_MAX},
    ROLES_FIELD(FIELD_REQUIRED),
    PLACES_FIELDS,
};
static const struct shape new_shape = {.name = "NewUser", .size = sizeof(struct user_body), SHAPE_FIELDS(new_fields)};

static const struct field change_fields[] = {
    {.name = "display_name",
     .type = FIELD_TEXT,
     .offset = offsetof(struct user_body, display_name),
     .presence = offsetof(struct user_body, has_display_name),
     .minimum = 1,
     .maximum = 128},
    ROLES_FIELD(0),
    PLACES_FIELDS,
    {.name = "disabled",
     .type = FIELD_BOOLEAN,
     .offset = offsetof(struct user_body, disabled),
     .presence = offsetof(struct user_body, has_disabled)},
};
static const struct shape change_shape = {
    .name = "UserChange", .size = sizeof(struct user_body), SHAPE_FIELDS(change_fields)};

static const struct field password_fields[] = {
    {.name = "password",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct user_body, password),
     .maximum = USER_PASSWORD_MAX},
};
static const struct shape password_shape = {
    .name = "NewPassword", .size = sizeof(struct user_body), SHAPE_FIELDS(password_fields)};

static const struct field user_fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "usr"},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "display_name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "roles", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_CHOICE, .choices = role_names},
    {.name = "disabled", .type = FIELD_BOOLEAN, .flags = FIELD_REQUIRED},
    {.name = "places", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "members", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = member_policies},
    {.name = "created_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},
};
static const struct shape user_shape = {.name = "User", SHAPE_FIELDS(user_fields)};

static enum status read_roles(const struct user_body *body, uint32_t *roles, struct error *err)
{
    const struct text *names = body->roles.items;
    *roles = 0;
    for (size_t i = 0; i < body->roles.count; i++) {
        enum role role;
        if (!role_find(names[i], &role))
            return error_set(err, STATUS_INVALID, "user.roles", "roles", "'%.*s' is not a role", (int)names[i].size,
                             names[i].bytes);
        *roles |= 1U << role;
    }
    return STATUS_OK;
}

static enum status begin(struct call *call, struct change *change, struct error *err)
{
    *change = (struct change){.arena = call->arena, .actor = call->actor, .now = call->now};
    return call_write_begin(call, &change->session, err);
}

static enum status end(struct call *call, struct change *change, enum status status, struct error *err)
{
    if (status != STATUS_OK) {
        call_write_rollback(call, change->session);
        return status;
    }
    status = call_write_commit(call, change->session, err);
    return status != STATUS_OK ? status : auth_reload(call->api->auth, err);
}

static enum status add_handle(struct call *call, struct item *item, struct error *err)
{
    const struct user_body *body = item->body;
    struct user user = {.name = body->name, .display_name = body->display_name, .created_at = call->now};
    struct change change;
    const struct given_scope given = {&body->places, body->members, true};
    enum status status = read_roles(body, &user.roles, err);
    if (status == STATUS_OK)
        status = scope_given(call, &given, &user.places, &user.home_members, err);
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    status = end(call, &change, user_change_add(&change, &user, body->password, &user.id, err), err);
    if (status != STATUS_OK)
        return status;
    if (user.display_name.size == 0)
        user.display_name = user.name;
    item->etag = 1;
    user_write_json(&item->writer, &user);
    return STATUS_OK;
}

static enum status find_user(struct call *call, int64_t id, struct stored_user *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = user_read(session, call->arena, id, out, err);
    call_read_end(call, session);
    return status;
}

static enum status get_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t id;
    struct stored_user user;
    enum status status = call_path_id(call, 0, "usr", &id, err);
    if (status == STATUS_OK)
        status = find_user(call, id, &user, err);
    if (status != STATUS_OK)
        return status;
    item->etag = user.user.version;
    user_write_json(&item->writer, &user.user);
    return STATUS_OK;
}

static enum status list_handle(struct call *call, struct item *item, struct error *err)
{
    struct user *users;
    size_t count;
    enum status status = user_list(call->engine, call->arena, &users, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_user(call, users[i].id))
            continue;
        writer_object(&item->writer, NULL);
        user_write_json(&item->writer, &users[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static enum status apply(const struct call *call, const struct user_body *body, struct user *user, struct error *err)
{
    const struct given_scope given = {&body->places, body->members, body->has_places};
    enum status status = scope_given(call, &given, &user->places, &user->home_members, err);
    if (status != STATUS_OK)
        return status;
    if (body->has_display_name)
        user->display_name = body->display_name;
    if (body->has_disabled)
        user->disabled = body->disabled;
    user->version++;
    return body->has_roles ? read_roles(body, &user->roles, err) : STATUS_OK;
}

static enum status update_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t id, version;
    struct stored_user before;
    struct change change;
    enum status status = call_path_id(call, 0, "usr", &id, err);
    if (status == STATUS_OK)
        status = call_if_match(call, &version, err);
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read(change.session, call->arena, id, &before, err);
    if (status == STATUS_OK && version != 0 && version != before.user.version)
        status = error_set(err, STATUS_STALE, "http.stale", "If-Match", "the user has changed meanwhile");
    struct user after = before.user;
    if (status == STATUS_OK)
        status = apply(call, item->body, &after, err);
    if (status == STATUS_OK)
        status = user_change_update(&change, &before.user, &after, err);
    status = end(call, &change, status, err);
    if (status != STATUS_OK)
        return status;
    item->etag = after.version;
    user_write_json(&item->writer, &after);
    return STATUS_OK;
}

static enum status remove_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    int64_t id;
    struct stored_user user;
    struct change change;
    enum status status = call_path_id(call, 0, "usr", &id, err);
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read(change.session, call->arena, id, &user, err);
    if (status == STATUS_OK)
        status = user_change_remove(&change, &user.user, err);
    return end(call, &change, status, err);
}

/* One's own password, or with users.manage anybody's. */
static enum status password_handle(struct call *call, struct item *item, struct error *err)
{
    const struct user_body *body = item->body;
    int64_t id;
    struct stored_user user;
    struct change change;
    enum status status = call_path_id(call, 0, "usr", &id, err);
    if (status == STATUS_OK && id != call->actor_id && !call_may(call, PERMISSION_USERS_MANAGE))
        status = error_set(err, STATUS_FORBIDDEN, "auth.forbidden", "", "this needs the permission 'users.manage'");
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    status = user_read(change.session, call->arena, id, &user, err);
    if (status == STATUS_OK)
        status = user_change_password(&change, id, body->password, err);
    return end(call, &change, status, err);
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/users",
     .operation = "add_user",
     .summary = "Add a user",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .body = &new_shape,
     .kind = REPLY_OBJECT,
     .reply = &user_shape,
     .status = 201,
     .handle = add_handle},
    {.method = HTTP_GET,
     .path = "/v1/users",
     .operation = "list_users",
     .summary = "All users",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_PAGE,
     .reply = &user_shape,
     .handle = list_handle},
    {.method = HTTP_GET,
     .path = "/v1/users/{user}",
     .operation = "get_user",
     .summary = "One user",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_OBJECT,
     .reply = &user_shape,
     .handle = get_handle},
    {.method = HTTP_PATCH,
     .path = "/v1/users/{user}",
     .operation = "update_user",
     .summary = "Change roles or name, disable or enable",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .body = &change_shape,
     .kind = REPLY_OBJECT,
     .reply = &user_shape,
     .handle = update_handle},
    {.method = HTTP_DELETE,
     .path = "/v1/users/{user}",
     .operation = "remove_user",
     .summary = "Remove a user",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_NONE,
     .handle = remove_handle},
    {.method = HTTP_PUT,
     .path = "/v1/users/{user}/password",
     .operation = "set_password",
     .summary = "Set one's own or a user's password; ends the sessions",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_ACTOR,
     .body = &password_shape,
     .kind = REPLY_NONE,
     .handle = password_handle},
};

const struct feature user_feature = {
    .name = "users", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
