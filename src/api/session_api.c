/* session_api.c: signing in and out. */
#include <string.h>

#include "api/auth.h"
#include "api/auth_store.h"
#include "api/factor.h"
#include "api/routes.h"
#include "api/session.h"
#include "api/user_change.h"

struct sign_in {
    struct text name, password, code;
};

static const struct field sign_in_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct sign_in, name),
     .minimum = 1,
     .maximum = USER_NAME_MAX},
    {.name = "password",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct sign_in, password),
     .minimum = 1,
     .maximum = USER_PASSWORD_MAX},
    {.name = "code",
     .type = FIELD_TEXT,
     .offset = offsetof(struct sign_in, code),
     .maximum = 32,
     .about = "Of the second factor, when the user has one: six digits, or a recovery code."},
};
static const struct shape sign_in_shape = {
    .name = "SignIn", .size = sizeof(struct sign_in), SHAPE_FIELDS(sign_in_fields)};

static const struct field session_fields[] = {
    {.name = "actor", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Who is signed in: user:NAME or key:NAME."},
    {.name = "permissions", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},
    {.name = "places",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "What part of the company is seen; empty: the whole."},
    {.name = "members", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = member_policies},
    {.name = "second_factor_needed",
     .type = FIELD_BOOLEAN,
     .flags = FIELD_REQUIRED,
     .about = "A role needs one: nothing else is allowed before it is set up."},
    {.name = "csrf_token",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .about = "To be repeated in X-CSRF-Token on every write with the session's cookie."},
    {.name = "expires_at", .type = FIELD_INSTANT, .flags = FIELD_NULLABLE},
};
static const struct shape session_shape = {.name = "Session", SHAPE_FIELDS(session_fields)};

/* Who is signed in. */
struct signed_in {
    struct text actor;
    uint64_t permissions;
    struct text places;
    bool home_members;
    bool factor_needed;
    struct text csrf;
    int64_t expires_at;
};

static void write_session(struct json_writer *writer, const struct signed_in *who)
{
    writer_text(writer, "actor", who->actor);
    writer_list(writer, "permissions");
    for (int i = PERMISSION_SIGNED_IN + 1; i < PERMISSION_COUNT; i++)
        if (who->permissions & permission_bit((enum permission)i))
            writer_string(writer, NULL, permission_name((enum permission)i));
    writer_end(writer);
    scope_write_json(writer, who->places, who->home_members);
    writer_boolean(writer, "second_factor_needed", who->factor_needed);
    if (who->csrf.size > 0)
        writer_text(writer, "csrf_token", who->csrf);
    else
        writer_null(writer, "csrf_token");
    writer_instant(writer, "expires_at", who->expires_at);
}

/* As slow for a name that does not exist as for one that does. */
static enum status check_credentials(struct call *call, const struct sign_in *body, struct stored_user *user,
                                     struct error *err)
{
    static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = user_read_named(session, call->arena, body->name, user, err);
    call_read_end(call, session);
    if (status != STATUS_OK && status != STATUS_MISSING)
        return status;
    bool known = status == STATUS_OK;
    const char *hash = known ? text_string(call->arena, user->password) : nobody;
    bool matches = password_matches(hash, body->password) && known && !user->user.disabled;
    if (!matches)
        return error_set(err, STATUS_UNAUTHORISED, "auth.credentials", "", "name or password is wrong");
    return STATUS_OK;
}

static enum status keep_session(struct call *call, const struct stored_session *made, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = session_write_new(session, made, call->now, err);
    if (status == STATUS_OK)
        status = call_audit(call, "session.started", made->user, (struct text){NULL, 0}, (struct text){NULL, 0}, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    return call_write_commit(call, session, err);
}

static void set_cookie(struct call *call, const char *token, int64_t seconds)
{
    call_reply_header(call, "Set-Cookie",
                      arena_format(call->arena, "%s=%s; HttpOnly; SameSite=Strict; Path=/; Max-Age=%lld%s",
                                   session_cookie, token, (long long)seconds,
                                   call->api->options.secure_cookies ? "; Secure" : ""));
}

enum status session_begin(struct call *call, const struct user *user, struct begun_session *out, struct error *err)
{
    struct stored_session made = {.user = user->id, .expires_at = call->now + SESSION_HOURS * INSTANT_HOUR};
    struct builder actor = {.arena = call->arena};
    token_make("pts", out->token);
    digest_compute(out->token, strlen(out->token), made.digest);
    out->expires_at = made.expires_at;
    builder_string(&actor, "user:");
    builder_text(&actor, user->name);
    call->actor = builder_done(&actor);
    enum status status = keep_session(call, &made, err);
    if (status == STATUS_OK)
        status = auth_reload(call->api->auth, err);
    if (status == STATUS_OK)
        set_cookie(call, out->token, SESSION_HOURS * 3600);
    return status;
}

static enum status start_handle(struct call *call, struct item *item, struct error *err)
{
    const struct sign_in *body = item->body;
    struct stored_user user;
    int64_t wait = 0;
    struct text address = ((struct request *)call)->exchange->address;
    enum status status = attempt_begin(call->api->auth, body->name, address, &wait, err);
    if (status != STATUS_OK) {
        call_reply_header(call, "Retry-After", arena_format(call->arena, "%lld", (long long)wait));
        return status;
    }
    status = check_credentials(call, body, &user, err);
    if (status == STATUS_OK)
        status = factor_check(call, user.user.id, body->code, err);
    /* Who has the password and forgot the code has not failed. */
    if (status == STATUS_UNAUTHORISED && strcmp(err->code, "auth.code_required") == 0)
        return status;
    if (status == STATUS_OK || status == STATUS_UNAUTHORISED)
        attempt_end(call->api->auth, body->name, address, status == STATUS_OK);
    if (status != STATUS_OK)
        return status;

    struct begun_session begun;
    status = session_begin(call, &user.user, &begun, err);
    if (status != STATUS_OK)
        return status;
    uint64_t permissions = 0;
    bool factor_needed = auth_factor_needed(call->api->auth, user.user.id);
    for (int role = 0; role < ROLE_COUNT && !factor_needed; role++)
        if (user.user.roles & 1U << role)
            permissions |= role_permissions((enum role)role);
    const struct signed_in who = {.actor = call->actor,
                                  .permissions = permissions,
                                  .places = user.user.places,
                                  .home_members = user.user.home_members,
                                  .factor_needed = factor_needed,
                                  .csrf = csrf_token(call->arena, text_from(begun.token)),
                                  .expires_at = begun.expires_at};
    write_session(&item->writer, &who);
    return STATUS_OK;
}

static enum status current_handle(struct call *call, struct item *item, struct error *err)
{
    (void)err;
    struct text token = http_cookie(((struct request *)call)->exchange, session_cookie);
    bool by_key = call_header(call, "Authorization").size > 0;
    struct text csrf = by_key || token.size == 0 ? (struct text){NULL, 0} : csrf_token(call->arena, token);
    const struct signed_in who = {.actor = call->actor,
                                  .permissions = call->permissions,
                                  .places = call->scope->given,
                                  .home_members = call->scope->home_members,
                                  .factor_needed = auth_factor_needed(call->api->auth, call->actor_id),
                                  .csrf = csrf};
    write_session(&item->writer, &who);
    return STATUS_OK;
}

static enum status end_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    struct text token = http_cookie(((struct request *)call)->exchange, session_cookie);
    unsigned char digest[DIGEST_SIZE];
    if (token.size == 0)
        return error_set(err, STATUS_MISSING, "session.unknown", "", "there is no session to end");
    digest_compute(token.bytes, token.size, digest);
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = session_remove(session, digest, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    set_cookie(call, "", 0);
    return status != STATUS_OK ? status : auth_reload(call->api->auth, err);
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/sessions",
     .operation = "start_session",
     .summary = "Sign in",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .body = &sign_in_shape,
     .kind = REPLY_OBJECT,
     .reply = &session_shape,
     .status = 201,
     .handle = start_handle},
    {.method = HTTP_GET,
     .path = "/v1/sessions/current",
     .operation = "get_session",
     .summary = "Who is signed in",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_OWN,
     .kind = REPLY_OBJECT,
     .reply = &session_shape,
     .handle = current_handle},
    {.method = HTTP_DELETE,
     .path = "/v1/sessions/current",
     .operation = "end_session",
     .summary = "Sign out",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_OWN,
     .kind = REPLY_NONE,
     .handle = end_handle},
};

const struct feature session_feature = {
    .name = "sessions", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
