/* identity_api.c: signing in by an issuer of OpenID Connect: the code flow with PKCE, state and nonce. */
#include <stddef.h>
#include <string.h>

#include "api/auth_store.h"
#include "api/identity.h"
#include "api/identity_store.h"
#include "api/internal.h"
#include "api/page.h"
#include "api/routes.h"
#include "api/session.h"
#include "api/user_change.h"
#include "foundation/encoding.h"
#include "foundation/signature.h"
#include "json/member.h"

enum {
    RETURN_SIZE_MAX = 500,
    CODE_PARAMETER_MAX = 4096,
    COOKIE_SECONDS = IDENTITY_ATTEMPT_MINUTES * 60,
    CODE_END = '.'
};

static const char attempt_cookie[] = "patron_oidc", cookie_path[] = "/v1/session/oidc";

/* By its code; without one the first. */
static enum status find_identity(const struct call *call, struct text code, struct identity **out, struct error *err)
{
    *out = call->api->options.identity;
    if (*out == NULL)
        return error_set(err, STATUS_MISSING, "oidc.off", "", "this server signs nobody in by an issuer");
    while (*out != NULL && code.size > 0 && !text_equal((*out)->settings.code, code))
        *out = (*out)->next;
    if (*out == NULL)
        return error_set(err, STATUS_MISSING, "oidc.unknown_issuer", "issuer", "there is no issuer '%.*s'",
                         (int)code.size, code.bytes);
    return STATUS_OK;
}

/* The code before the secret of a sign-in under way: what the cookie says of the issuer is bound by the digest of all of it. */
static struct text code_of(struct text secret)
{
    for (size_t i = 0; i < secret.size; i++)
        if (secret.bytes[i] == CODE_END)
            return (struct text){secret.bytes, i};
    return TEXT("");
}

static enum status find_endpoints(struct call *call, struct identity *identity, struct identity_endpoints *out,
                                  struct error *err)
{
    const struct text issuer = identity->settings.issuer;
    struct text document;
    bool slash = issuer.size > 0 && issuer.bytes[issuer.size - 1] == '/';
    const struct identity_request request = {.url = arena_format(call->arena, "%.*s%s.well-known/openid-configuration",
                                                                 (int)issuer.size, issuer.bytes, slash ? "" : "/"),
                                             .keep = true};
    enum status status = identity->fetch(identity, call->arena, &request, &document, err);
    return status == STATUS_OK ? identity_endpoints_read(call->arena, &identity->settings, document, out, err) : status;
}

static void set_cookie(struct call *call, const char *value, int seconds)
{
    call_reply_header(call, "Set-Cookie",
                      arena_format(call->arena, "%s=%s; HttpOnly; SameSite=Lax; Path=%s; Max-Age=%d%s", attempt_cookie,
                                   value, cookie_path, seconds, call->api->options.secure_cookies ? "; Secure" : ""));
}

static void redirect(struct call *call, const char *address)
{
    call_reply_header(call, "Location", address);
    call_reply_header(call, "Cache-Control", "no-store");
    call_reply_content(call, "text/plain; charset=utf-8", TEXT(""), NULL);
}

/* ---- out to the issuer ---- */

#define ISSUER_FIELD(owner, path)                                                                             \
    {                                                                                                         \
        .name = "issuer", .type = FIELD_TEXT, .offset = offsetof(owner, path), .maximum = IDENTITY_CODE_MAX,  \
        .about = "The code of the issuer, where there are several (/v1/session/oidc); the first when absent." \
    }

struct start_query {
    struct text return_to, issuer;
};
static const struct field start_fields[] = {
    {.name = "return",
     .type = FIELD_TEXT,
     .offset = offsetof(struct start_query, return_to),
     .maximum = RETURN_SIZE_MAX,
     .about = "Where to go when signed in: a path of this server; / when absent."},
    ISSUER_FIELD(struct start_query, issuer),
};
static const struct shape start_shape = {
    .name = "OidcStartQuery", .size = sizeof(struct start_query), SHAPE_FIELDS(start_fields)};

/* A path of this server and nothing that a browser takes for another's. */
static enum status check_return(struct text path, struct error *err)
{
    bool fine = path.size > 0 && path.bytes[0] == '/' && (path.size == 1 || path.bytes[1] != '/');
    for (size_t i = 0; fine && i < path.size; i++)
        fine = path.bytes[i] > ' ' && path.bytes[i] < 0x7f && path.bytes[i] != '\\';
    return fine ? STATUS_OK : error_set(err, STATUS_INVALID, "oidc.return", "return", "this is no path of this server");
}

static void add_parameter(struct builder *out, const char *name, struct text value)
{
    if (out->size > 0)
        builder_char(out, '&');
    builder_string(out, name);
    builder_char(out, '=');
    identity_encode(out, value);
}

static const char *authorization_address(struct call *call, const struct identity_settings *settings,
                                         const struct identity_endpoints *endpoints, struct text secret)
{
    struct builder query = {.arena = call->arena};
    unsigned char digest[32];
    sha256_compute(identity_derive(call->arena, secret, "verifier"), digest);
    struct text challenge = base64url_encode(call->arena, (struct text){(const char *)digest, sizeof digest});
    add_parameter(&query, "response_type", TEXT("code"));
    add_parameter(&query, "client_id", settings->client_id);
    add_parameter(&query, "redirect_uri", settings->callback);
    add_parameter(&query, "scope", settings->scopes);
    add_parameter(&query, "state", identity_derive(call->arena, secret, "state"));
    add_parameter(&query, "nonce", identity_derive(call->arena, secret, "nonce"));
    add_parameter(&query, "code_challenge", challenge);
    add_parameter(&query, "code_challenge_method", TEXT("S256"));
    struct text all = builder_done(&query);
    return arena_format(call->arena, "%s%c%.*s", endpoints->authorization,
                        strchr(endpoints->authorization, '?') == NULL ? '?' : '&', (int)all.size, all.bytes);
}

static enum status keep_attempt(struct call *call, const struct identity_attempt *attempt, struct error *err)
{
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = identity_attempt_write(session, attempt, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

static enum status start_handle(struct call *call, struct item *item, struct error *err)
{
    const struct start_query *query = call->query;
    struct identity_attempt attempt = {.created_at = call->now, .return_to = TEXT("/")};
    struct identity_endpoints endpoints;
    struct identity *identity;
    char token[TOKEN_TEXT_SIZE];
    enum status status = find_identity(call, query != NULL ? query->issuer : TEXT(""), &identity, err);
    (void)item;
    if (query != NULL && query->return_to.size > 0)
        attempt.return_to = query->return_to;
    if (status == STATUS_OK)
        status = check_return(attempt.return_to, err);
    if (status == STATUS_OK)
        status = find_endpoints(call, identity, &endpoints, err);
    if (status != STATUS_OK)
        return status;
    token_make("pto", token);
    struct text code = identity->settings.code;
    const char *secret =
        code.size == 0 ? token : arena_format(call->arena, "%.*s%c%s", (int)code.size, code.bytes, CODE_END, token);
    digest_compute(secret, strlen(secret), attempt.digest);
    status = keep_attempt(call, &attempt, err);
    if (status != STATUS_OK)
        return status;
    set_cookie(call, secret, COOKIE_SECONDS);
    redirect(call, authorization_address(call, &identity->settings, &endpoints, text_from(secret)));
    return STATUS_OK;
}

/* ---- back from the issuer ---- */

struct callback_query {
    struct text code, state, error, issuer;
    struct text ignored;
};
#define CALLBACK_PARAMETER(title, member)                                                     \
    {                                                                                         \
        .name = title, .type = FIELD_TEXT, .offset = offsetof(struct callback_query, member), \
        .maximum = CODE_PARAMETER_MAX                                                         \
    }
static const struct field callback_fields[] = {
    CALLBACK_PARAMETER("code", code),
    CALLBACK_PARAMETER("state", state),
    CALLBACK_PARAMETER("error", error),
    CALLBACK_PARAMETER("iss", issuer),
    /* What issuers add for others. */
    CALLBACK_PARAMETER("error_description", ignored),
    CALLBACK_PARAMETER("error_uri", ignored),
    CALLBACK_PARAMETER("session_state", ignored),
    CALLBACK_PARAMETER("scope", ignored),
    CALLBACK_PARAMETER("authuser", ignored),
    CALLBACK_PARAMETER("prompt", ignored),
    CALLBACK_PARAMETER("hd", ignored),
};
static const struct shape callback_shape = {
    .name = "OidcCallbackQuery", .size = sizeof(struct callback_query), SHAPE_FIELDS(callback_fields)};

/* The sign-in of this browser that the state belongs to, used up from now on. */
static enum status take_attempt(struct call *call, const struct callback_query *query, struct text secret,
                                struct identity_attempt *out, struct error *err)
{
    struct storage_session *session;
    struct text state = identity_derive(call->arena, secret, "state");
    bool found = false;
    if (secret.size == 0 || state.size != query->state.size ||
        !secret_equal(state.bytes, query->state.bytes, state.size))
        return error_set(err, STATUS_FORBIDDEN, "oidc.state", "", "this browser began no such sign-in");
    digest_compute(secret.bytes, secret.size, out->digest);
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = identity_attempt_take(session, call->arena, call->now, out, &found, err);
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    if (status == STATUS_OK && !found)
        return error_set(err, STATUS_FORBIDDEN, "oidc.state", "", "this sign-in was used before, or took too long");
    return status;
}

/* What the code is exchanged with. */
struct exchange {
    const char *address;
    struct text code, verifier;
};

/* The id token that the code is worth. */
static enum status redeem_code(struct call *call, struct identity *identity, const struct exchange *exchange,
                               struct text *out, struct error *err)
{
    const struct identity_settings *settings = &identity->settings;
    struct builder form = {.arena = call->arena};
    struct text reply;
    struct json_t *value;
    add_parameter(&form, "grant_type", TEXT("authorization_code"));
    add_parameter(&form, "code", exchange->code);
    add_parameter(&form, "redirect_uri", settings->callback);
    add_parameter(&form, "client_id", settings->client_id);
    add_parameter(&form, "code_verifier", exchange->verifier);
    struct identity_request request = {.url = exchange->address, .form = builder_done(&form)};
    if (settings->client_secret.size > 0) {
        request.user = settings->client_id;
        request.password = settings->client_secret;
    }
    enum status status = identity->fetch(identity, call->arena, &request, &reply, err);
    if (status == STATUS_OK)
        status = json_parse(reply, &value, err);
    if (status != STATUS_OK)
        return error_set(err, STATUS_IO, "oidc.issuer", "", "the issuer does not take the code");
    *out = text_copy(call->arena, json_member_text(value, "id_token"));
    json_release(value);
    return out->size > 0 ? STATUS_OK
                         : error_set(err, STATUS_IO, "oidc.issuer", "", "the issuer gave no token about who it is");
}

static enum status identify(struct call *call, struct identity *identity, struct text secret, struct text code,
                            struct identity_claims *out, struct error *err)
{
    struct identity_expected expected = {.nonce = identity_derive(call->arena, secret, "nonce"), .now = call->now};
    struct exchange exchange = {.code = code, .verifier = identity_derive(call->arena, secret, "verifier")};
    struct identity_request request = {.url = NULL};
    struct identity_endpoints endpoints;
    struct text token;
    enum status status = find_endpoints(call, identity, &endpoints, err);
    if (status != STATUS_OK)
        return status;
    exchange.address = endpoints.token;
    request.url = endpoints.keys;
    status = redeem_code(call, identity, &exchange, &token, err);
    if (status == STATUS_OK)
        status = identity->fetch(identity, call->arena, &request, &expected.keys, err);
    if (status == STATUS_OK)
        status = identity_token_check(call->arena, &identity->settings, token, &expected, out, err);
    return status;
}

/* ---- which user that is ---- */

struct sign_in {
    struct call *call;
    const struct identity_settings *settings;
    const struct identity_claims *claims;
    struct change change;
};

static struct text lower_case(struct arena *arena, struct text text)
{
    char *bytes = arena_string(arena, text.bytes, text.size);
    for (size_t i = 0; i < text.size; i++)
        if (bytes[i] >= 'A' && bytes[i] <= 'Z')
            bytes[i] = (char)(bytes[i] - 'A' + 'a');
    return (struct text){bytes, text.size};
}

/* By the name that the issuer gives: a new user, or where that is allowed the one of this name. */
static enum status first_sign_in(struct sign_in *sign_in, struct user *user, struct error *err)
{
    struct arena *arena = sign_in->call->arena;
    struct text name = lower_case(arena, sign_in->claims->name);
    struct stored_user known;
    struct error ignored;
    char password[PASSWORD_TEXT_SIZE];
    bool linked = false;
    if (user_check_name(name, &ignored) != STATUS_OK)
        return error_set(err, STATUS_FORBIDDEN, "oidc.name", "", "the issuer gives no name that a user can have here");
    enum status status = user_read_named(sign_in->change.session, arena, name, &known, err);
    if (status == STATUS_OK) {
        *user = known.user;
        status = identity_is_linked(sign_in->change.session, user->id, &linked, err);
        if (status == STATUS_OK && (linked || !sign_in->settings->link_users))
            return error_set(err, STATUS_FORBIDDEN, "oidc.name", "", "there is another user of the name '%.*s'",
                             (int)name.size, name.bytes);
        return status;
    }
    if (status != STATUS_MISSING)
        return status;
    if (!sign_in->settings->create_users)
        return error_set(err, STATUS_FORBIDDEN, "oidc.unknown", "", "'%.*s' is no user here", (int)name.size,
                         name.bytes);
    *user = (struct user){.name = name,
                          .roles = sign_in->claims->roles,
                          .places = sign_in->claims->places,
                          .home_members = sign_in->claims->home_members,
                          .version = 1};
    password_make(password); /* nobody is told: they sign in by the issuer */
    return user_change_add(&sign_in->change, user, text_from(password), &user->id, err);
}

/* What the groups give is what the user has; without groups in the settings users are given roles here. */
static enum status follow_groups(struct sign_in *sign_in, struct user *user, struct error *err)
{
    const struct identity_claims *claims = sign_in->claims;
    struct user after = *user;
    if (sign_in->settings->grant_count == 0)
        return STATUS_OK;
    after.roles = claims->roles;
    after.places = claims->places;
    after.home_members = claims->home_members;
    if (after.roles == user->roles && text_equal(after.places, user->places) &&
        after.home_members == user->home_members)
        return STATUS_OK;
    enum status status = user_change_update(&sign_in->change, user, &after, err);
    *user = after;
    return status;
}

static enum status resolve_user(struct sign_in *sign_in, struct user *user, struct error *err)
{
    struct identity_link link = {sign_in->settings->issuer, sign_in->claims->subject, 0, sign_in->change.now};
    struct stored_user known;
    enum status status = identity_link_read(sign_in->change.session, link.issuer, link.subject, &link.user, err);
    bool linked = link.user != 0;
    if (status == STATUS_OK && linked) {
        status = user_read(sign_in->change.session, sign_in->call->arena, link.user, &known, err);
        *user = known.user;
    }
    /* A user who was removed is as one who never was. */
    if (status == STATUS_MISSING)
        linked = false;
    if ((status == STATUS_OK || status == STATUS_MISSING) && !linked)
        status = first_sign_in(sign_in, user, err);
    if (status == STATUS_OK && user->disabled)
        return error_set(err, STATUS_FORBIDDEN, "oidc.disabled", "", "this user is disabled");
    if (status == STATUS_OK)
        status = follow_groups(sign_in, user, err);
    link.user = user->id;
    if (status == STATUS_OK && !linked)
        status = identity_link_write(sign_in->change.session, &link, err);
    return status;
}

static enum status find_user(struct call *call, const struct identity_settings *settings,
                             const struct identity_claims *claims, struct user *user, struct error *err)
{
    struct sign_in sign_in = {.call = call, .settings = settings, .claims = claims};
    if (settings->grant_count > 0 && !claims->granted)
        return error_set(err, STATUS_FORBIDDEN, "oidc.no_role", "", "none of your groups has a role here");
    struct storage_session *session;
    enum status status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    sign_in.change = (struct change){session, call->arena, TEXT("oidc"), call->now};
    status = resolve_user(&sign_in, user, err);
    if (status == STATUS_OK)
        return call_write_commit(call, session, err);
    call_write_rollback(call, session);
    return status;
}

static enum status callback_handle(struct call *call, struct item *item, struct error *err)
{
    static const struct callback_query nothing = {.code = {NULL, 0}};
    const struct callback_query *query = call->query != NULL ? call->query : &nothing;
    struct text secret = http_cookie(((struct request *)call)->exchange, attempt_cookie);
    struct identity_attempt attempt;
    struct identity_claims claims;
    struct begun_session begun;
    struct identity *identity;
    struct user user = {.id = 0};
    enum status status = find_identity(call, code_of(secret), &identity, err);
    (void)item;
    if (status == STATUS_MISSING && call->api->options.identity != NULL)
        status = error_set(err, STATUS_FORBIDDEN, "oidc.state", "", "this browser began no such sign-in");
    if (status == STATUS_OK)
        status = take_attempt(call, query, secret, &attempt, err);
    if (status == STATUS_OK && (query->error.size > 0 || query->code.size == 0))
        return error_set(err, STATUS_FORBIDDEN, "oidc.refused", "", "the issuer signed nobody in: %.*s",
                         (int)(query->error.size > 60 ? 60 : query->error.size), query->error.bytes);
    if (status == STATUS_OK && query->issuer.size > 0 && !text_equal(query->issuer, identity->settings.issuer))
        return error_set(err, STATUS_FORBIDDEN, "oidc.token", "", "another issuer answers");
    if (status == STATUS_OK)
        status = identify(call, identity, secret, query->code, &claims, err);
    if (status == STATUS_OK)
        status = find_user(call, &identity->settings, &claims, &user, err);
    if (status == STATUS_OK)
        status = session_begin(call, &user, &begun, err);
    if (status != STATUS_OK)
        return status;
    set_cookie(call, "", 0);
    redirect(call, arena_string(call->arena, attempt.return_to.bytes, attempt.return_to.size));
    return STATUS_OK;
}

/* ---- out of the issuer, too ---- */

struct logout_query {
    struct text issuer;
};
static const struct field logout_fields[] = {ISSUER_FIELD(struct logout_query, issuer)};
static const struct shape logout_shape = {
    .name = "OidcLogoutQuery", .size = sizeof(struct logout_query), SHAPE_FIELDS(logout_fields)};

static enum status logout_handle(struct call *call, struct item *item, struct error *err)
{
    struct identity_endpoints endpoints;
    struct identity *identity;
    struct builder query = {.arena = call->arena};
    const struct logout_query *asked = call->query;
    enum status status = find_identity(call, asked != NULL ? asked->issuer : TEXT(""), &identity, err);
    (void)item;
    if (status == STATUS_OK)
        status = find_endpoints(call, identity, &endpoints, err);
    if (status != STATUS_OK)
        return status;
    if (endpoints.end_session == NULL) {
        redirect(call, "/");
        return STATUS_OK;
    }
    add_parameter(&query, "client_id", identity->settings.client_id);
    struct text all = builder_done(&query);
    redirect(call, arena_format(call->arena, "%s%c%.*s", endpoints.end_session,
                                strchr(endpoints.end_session, '?') == NULL ? '?' : '&', (int)all.size, all.bytes));
    return STATUS_OK;
}

/* ---- which there are ---- */

static const struct field issuer_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .about = "For `issuer` of the sign-in; may be empty."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "issuer", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Its address."},
};
static const struct shape issuer_shape = {.name = "Issuer", SHAPE_FIELDS(issuer_fields)};

static enum status issuers_handle(struct call *call, struct item *item, struct error *err)
{
    struct json_writer *writer = &item->writer;

    (void)err;
    writer_list(writer, "items");
    for (const struct identity *one = call->api->options.identity; one != NULL; one = one->next) {
        const struct identity_settings *settings = &one->settings;
        writer_object(writer, NULL);
        writer_text(writer, "code", settings->code);
        writer_text(writer, "name", settings->name.size > 0 ? settings->name : settings->issuer);
        writer_text(writer, "issuer", settings->issuer);
        writer_end(writer);
    }
    writer_end(writer);
    page_end(writer, call->arena, NULL, false);
    return STATUS_OK;
}

static const struct route routes[] = {
    {.method = HTTP_GET,
     .path = "/v1/session/oidc/start",
     .operation = "start_oidc",
     .summary = "Sign in by the issuer: leads the browser there",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .query = &start_shape,
     .kind = REPLY_FILE,
     .status = 302,
     .handle = start_handle},
    {.method = HTTP_GET,
     .path = "/v1/session/oidc/callback",
     .operation = "finish_oidc",
     .summary = "Back from the issuer: checks what it says, and begins a session",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .query = &callback_shape,
     .kind = REPLY_FILE,
     .status = 302,
     .handle = callback_handle},
    {.method = HTTP_GET,
     .path = "/v1/session/oidc/logout",
     .operation = "end_oidc",
     .summary = "After DELETE /v1/sessions/current: leads the browser to sign out of the issuer too",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .query = &logout_shape,
     .kind = REPLY_FILE,
     .status = 302,
     .handle = logout_handle},
    {.method = HTTP_GET,
     .path = "/v1/session/oidc",
     .operation = "list_issuers",
     .summary = "The issuers by which people may sign in, the usual one first",
     .permission = PERMISSION_PUBLIC,
     .scope = SCOPE_OWN,
     .kind = REPLY_PAGE,
     .reply = &issuer_shape,
     .handle = issuers_handle},
};

const struct feature identity_feature = {
    .name = "identity", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
