/* factor_api.c: second factors: enrolling, confirming, removing, and for which roles one is needed. */
#include <string.h>

#include "api/auth.h"
#include "api/factor.h"
#include "api/routes.h"
#include "api/user_change.h"

static const struct field enrolled_fields[] = {
    {.name = "secret", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Base32, shown this once."},
    {.name = "uri", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "otpauth://..., for a QR code."},
};
static const struct shape enrolled_shape = {.name = "SecondFactor", SHAPE_FIELDS(enrolled_fields)};

struct confirm_body {
    struct text code;
};
static const struct field confirm_fields[] = {
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct confirm_body, code),
     .minimum = ONE_TIME_DIGITS,
     .maximum = ONE_TIME_DIGITS},
};
static const struct shape confirm_shape = {
    .name = "SecondFactorCode", .size = sizeof(struct confirm_body), SHAPE_FIELDS(confirm_fields)};

static const struct field confirmed_fields[] = {
    {.name = "recovery_codes",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .about = "Each signs in once without the app; shown this once."},
};
static const struct shape confirmed_shape = {.name = "SecondFactorConfirmed", SHAPE_FIELDS(confirmed_fields)};

/* Only for oneself: nobody else may know the secret. */
static enum status own_account(const struct call *call, int64_t *id, struct error *err)
{
    enum status status = call_path_id(call, 0, "usr", id, err);
    if (status == STATUS_OK && *id != call->actor_id)
        return error_set(err, STATUS_FORBIDDEN, "auth.forbidden", "", "a second factor is set up by the user alone");
    return status;
}

static enum status finish(struct call *call, struct storage_session *session, enum status status, struct error *err)
{
    if (status != STATUS_OK) {
        call_write_rollback(call, session);
        return status;
    }
    status = call_write_commit(call, session, err);
    return status != STATUS_OK ? status : auth_reload(call->api->auth, err);
}

/* The one factor of the account, when it is as `confirmed` says. */
static enum status find_factor(struct call *call, int64_t account, struct factors *out, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factors_read(session, call->arena, account, out, err);
    call_read_end(call, session);
    return status;
}

static enum status enrol_handle(struct call *call, struct item *item, struct error *err)
{
    struct storage_session *session;
    struct factors known;
    struct factor made = {.recovery = TEXT("")};
    unsigned char secret[ONE_TIME_SECRET_SIZE];
    enum status status = own_account(call, &made.account, err);
    if (status == STATUS_OK)
        status = find_factor(call, made.account, &known, err);
    if (status == STATUS_OK && known.count > 0 && known.items[0].confirmed)
        status = error_set(err, STATUS_CONFLICT, "factor.enrolled", "",
                           "there is a second factor already; an administrator can remove it");
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    secret_random(secret, sizeof secret);
    factor_cipher(call->engine, made.account, secret, made.secret);
    status = factor_write_new(session, &made, err);
    if (status == STATUS_OK)
        status = call_audit(call, "user.factor_enrolled", made.account, TEXT(""), TEXT(""), err);
    status = finish(call, session, status, err);
    if (status != STATUS_OK)
        return status;
    struct text shown = base32_encode(call->arena, secret, sizeof secret);
    struct text name = {call->actor.bytes + strlen("user:"), call->actor.size - strlen("user:")};
    writer_text(&item->writer, "secret", shown);
    writer_text(&item->writer, "uri",
                text_from(arena_format(call->arena, "otpauth://totp/Patron:%.*s?secret=%.*s&issuer=Patron",
                                       (int)name.size, name.bytes, (int)shown.size, shown.bytes)));
    return STATUS_OK;
}

static enum status confirm_handle(struct call *call, struct item *item, struct error *err)
{
    const struct confirm_body *body = item->body;
    struct storage_session *session;
    struct factors known;
    char codes[RECOVERY_CODES][RECOVERY_TEXT_SIZE];
    int64_t account;
    bool done;
    enum status status = own_account(call, &account, err);
    if (status == STATUS_OK)
        status = find_factor(call, account, &known, err);
    if (status == STATUS_OK && (known.count == 0 || known.items[0].confirmed))
        status = error_set(err, STATUS_CONFLICT, "factor.none", "", "no second factor waits for confirmation");
    if (status != STATUS_OK)
        return status;
    struct factor *factor = &known.items[0];
    factor->last_step = factor_match(call->engine, factor, body->code, call->now);
    if (factor->last_step == 0)
        return error_set(err, STATUS_INVALID, "factor.code", "code", "this is not the code of now");
    factor->recovery = recovery_make(call->arena, codes);
    status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factor_write_confirmed(session, factor, &done, err);
    if (status == STATUS_OK && !done)
        status = error_set(err, STATUS_CONFLICT, "factor.none", "", "no second factor waits for confirmation");
    if (status == STATUS_OK)
        status = call_audit(call, "user.factor_confirmed", account, TEXT(""), TEXT(""), err);
    status = finish(call, session, status, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "recovery_codes");
    for (int i = 0; i < RECOVERY_CODES; i++)
        writer_string(&item->writer, NULL, codes[i]);
    writer_end(&item->writer);
    return STATUS_OK;
}

static enum status remove_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    struct storage_session *session;
    int64_t account;
    bool done;
    enum status status = call_path_id(call, 0, "usr", &account, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factor_remove(session, account, &done, err);
    if (status == STATUS_OK && !done)
        status = error_set(err, STATUS_MISSING, "factor.unknown", "", "this user has no second factor");
    if (status == STATUS_OK)
        status = call_audit(call, "user.factor_removed", account, TEXT(""), TEXT(""), err);
    return finish(call, session, status, err);
}

/* ---- for whom one is needed ---- */

struct policy_body {
    struct json_list roles; /* of struct text */
};
static const struct field policy_fields[] = {
    {.name = "roles",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .offset = offsetof(struct policy_body, roles),
     .maximum = ROLE_COUNT,
     .about = "Users of these roles can do nothing before they have set up a second factor."},
};
static const struct shape policy_shape = {
    .name = "SecondFactorPolicyInput", .size = sizeof(struct policy_body), SHAPE_FIELDS(policy_fields)};
static const struct field policy_reply_fields[] = {
    {.name = "roles", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_CHOICE, .choices = role_names},
};
static const struct shape policy_reply_shape = {.name = "SecondFactorPolicy", SHAPE_FIELDS(policy_reply_fields)};

static void write_roles(struct json_writer *writer, int64_t roles)
{
    writer_list(writer, "roles");
    for (int role = 0; role < ROLE_COUNT; role++)
        if (roles & INT64_C(1) << role)
            writer_string(writer, NULL, role_names[role]);
    writer_end(writer);
}

static struct text roles_json(struct call *call, int64_t roles)
{
    struct json_writer writer;
    writer_start(&writer, call->arena);
    writer_object(&writer, NULL);
    write_roles(&writer, roles);
    writer_end(&writer);
    return writer_done(&writer);
}

static enum status read_policy(struct call *call, int64_t *roles, struct error *err)
{
    struct storage_session *session;
    enum status status = call_read_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factor_roles_read(session, roles, err);
    call_read_end(call, session);
    return status;
}

static enum status policy_get_handle(struct call *call, struct item *item, struct error *err)
{
    int64_t roles;
    enum status status = read_policy(call, &roles, err);
    if (status == STATUS_OK)
        write_roles(&item->writer, roles);
    return status;
}

static enum status policy_put_handle(struct call *call, struct item *item, struct error *err)
{
    const struct policy_body *body = item->body;
    const struct text *names = body->roles.items;
    struct storage_session *session;
    int64_t before, roles = 0;
    for (size_t i = 0; i < body->roles.count; i++) {
        enum role role;
        if (!role_find(names[i], &role))
            return error_set(err, STATUS_INVALID, "user.roles", "roles", "'%.*s' is not a role", (int)names[i].size,
                             names[i].bytes);
        roles |= INT64_C(1) << role;
    }
    enum status status = read_policy(call, &before, err);
    if (status == STATUS_OK)
        status = call_write_begin(call, &session, err);
    if (status != STATUS_OK)
        return status;
    status = factor_roles_write(session, roles, err);
    if (status == STATUS_OK)
        status = call_audit(call, "factor_policy.updated", 0, roles_json(call, before), roles_json(call, roles), err);
    status = finish(call, session, status, err);
    if (status == STATUS_OK)
        write_roles(&item->writer, roles);
    return status;
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/users/{user}/second-factor",
     .operation = "enrol_second_factor",
     .summary = "Begin to set up one's own second factor (TOTP)",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_OBJECT,
     .reply = &enrolled_shape,
     .status = 201,
     .handle = enrol_handle},
    {.method = HTTP_POST,
     .path = "/v1/users/{user}/second-factor/confirm",
     .operation = "confirm_second_factor",
     .summary = "Confirm one's own second factor with a code; answers with recovery codes",
     .permission = PERMISSION_SIGNED_IN,
     .scope = SCOPE_ACTOR,
     .body = &confirm_shape,
     .kind = REPLY_OBJECT,
     .reply = &confirmed_shape,
     .handle = confirm_handle},
    {.method = HTTP_DELETE,
     .path = "/v1/users/{user}/second-factor",
     .operation = "remove_second_factor",
     .summary = "Remove a user's second factor, when the device is lost",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_NONE,
     .handle = remove_handle},
    {.method = HTTP_GET,
     .path = "/v1/second-factor-policy",
     .operation = "get_second_factor_policy",
     .summary = "Which roles need a second factor",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_COMPANY,
     .kind = REPLY_OBJECT,
     .reply = &policy_reply_shape,
     .handle = policy_get_handle},
    {.method = HTTP_PUT,
     .path = "/v1/second-factor-policy",
     .operation = "put_second_factor_policy",
     .summary = "Set which roles need a second factor",
     .permission = PERMISSION_USERS_MANAGE,
     .scope = SCOPE_COMPANY,
     .body = &policy_shape,
     .kind = REPLY_OBJECT,
     .reply = &policy_reply_shape,
     .handle = policy_put_handle},
};

const struct feature factor_feature = {
    .name = "second factors", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
