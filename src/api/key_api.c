/* key_api.c: API keys over the API. */
#include "api/auth.h"
#include "api/auth_store.h"
#include "api/page.h"
#include "api/routes.h"
#include "api/user_change.h"

struct key_body {
    struct text name;
    struct json_list scopes; /* of struct text */
    struct json_list places; /* of struct text */
    struct text partner;
    int members;
    int64_t rate_per_second;
};

static const struct field new_fields[] = {
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NOT_BLANK,
     .offset = offsetof(struct key_body, name),
     .maximum = KEY_NAME_MAX},
    {.name = "scopes",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .element = FIELD_TEXT,
     .offset = offsetof(struct key_body, scopes),
     .minimum = 1,
     .maximum = PERMISSION_COUNT,
     .about = "Permissions such as members.read."},
    {.name = "places",
     .type = FIELD_LIST,
     .element = FIELD_TEXT,
     .offset = offsetof(struct key_body, places),
     .maximum = SCOPE_PLACES_MAX,
     .about = "What part of the company is seen: these places and all below; empty: what you see."},
    {.name = "partner",
     .type = FIELD_TEXT,
     .offset = offsetof(struct key_body, partner),
     .maximum = CODE_SIZE_MAX - sizeof SCOPE_PARTNER,
     .about =
         "A key for the tills of this partner, instead of places; its scopes are partners.till, partners.statement."},
    {.name = "members",
     .type = FIELD_CHOICE,
     .offset = offsetof(struct key_body, members),
     .choices = member_policies,
     .about = "With places: company serves any member named exactly; home_store those who were there."},
    {.name = "rate_per_second",
     .type = FIELD_INTEGER,
     .offset = offsetof(struct key_body, rate_per_second),
     .minimum = 0,
     .maximum = 1000000,
     .about = "Requests a second; 0: no limit."},
};
static const struct shape new_shape = {.name = "NewKey", .size = sizeof(struct key_body), SHAPE_FIELDS(new_fields)};

#define KEY_FIELDS                                                                                      \
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "key"},                         \
        {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},                                  \
        {.name = "scopes", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},         \
        {.name = "places", .type = FIELD_LIST, .flags = FIELD_REQUIRED, .element = FIELD_TEXT},         \
        {.name = "members", .type = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = member_policies}, \
        {.name = "rate_per_second", .type = FIELD_INTEGER, .flags = FIELD_REQUIRED},                    \
        {.name = "created_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED},                         \
        {.name = "revoked_at", .type = FIELD_INSTANT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},        \
        {.name = "last_used_at",                                                                        \
         .type = FIELD_INSTANT,                                                                         \
         .flags = FIELD_REQUIRED | FIELD_NULLABLE,                                                      \
         .about = "To the minute."},                                                                    \
    {                                                                                                   \
        .name = "created_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED                               \
    }

static const struct field key_fields[] = {KEY_FIELDS};
static const struct shape key_shape = {.name = "Key", SHAPE_FIELDS(key_fields)};
static const struct field made_fields[] = {
    KEY_FIELDS,
    {.name = "token", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .about = "Shown this once."},
};
static const struct shape made_shape = {.name = "MadeKey", SHAPE_FIELDS(made_fields)};

static enum status read_scopes(const struct key_body *body, uint64_t *scopes, struct error *err)
{
    const struct text *names = body->scopes.items;
    *scopes = 0;
    for (size_t i = 0; i < body->scopes.count; i++) {
        enum permission permission;
        if (!permission_find(names[i], &permission))
            return error_set(err, STATUS_INVALID, "key.scopes", "scopes", "'%.*s' is not a permission",
                             (int)names[i].size, names[i].bytes);
        *scopes |= permission_bit(permission);
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

/* Nobody can give a key more than one has. */
static enum status add_handle(struct call *call, struct item *item, struct error *err)
{
    const struct key_body *body = item->body;
    struct api_key key = {.name = body->name, .rate_per_second = body->rate_per_second};
    struct change change;
    char token[TOKEN_TEXT_SIZE];
    struct text place =
        text_from(arena_format(call->arena, SCOPE_PARTNER "%.*s", (int)body->partner.size, body->partner.bytes));
    const struct json_list partner = {&place, 1};
    const struct given_scope given = {body->partner.size > 0 ? &partner : &body->places, body->members, true};
    enum status status = read_scopes(body, &key.scopes, err);
    if (status == STATUS_OK && (key.scopes & ~call->permissions) != 0)
        status = error_set(err, STATUS_FORBIDDEN, "auth.forbidden", "scopes",
                           "a key cannot be allowed more than who makes it");
    if (status == STATUS_OK && body->partner.size > 0 && body->places.count > 0)
        status = error_set(err, STATUS_INVALID, "key.partner", "places", "the key of a partner has no other place");
    if (status == STATUS_OK)
        status = scope_given(call, &given, &key.places, &key.home_members, err);
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    status = end(call, &change, key_change_add(&change, &key, token, &key.id, err), err);
    if (status != STATUS_OK)
        return status;
    key.created_at = call->now;
    key.actor = call->actor;
    key_write_json(&item->writer, &key);
    writer_string(&item->writer, "token", token);
    return STATUS_OK;
}

static enum status list_handle(struct call *call, struct item *item, struct error *err)
{
    struct api_key *keys;
    size_t count;
    enum status status = key_list(call->engine, call->arena, &keys, &count, err);
    if (status != STATUS_OK)
        return status;
    writer_list(&item->writer, "items");
    for (size_t i = 0; i < count; i++) {
        if (!call_sees_user(call, keys[i].id))
            continue;
        writer_object(&item->writer, NULL);
        key_write_json(&item->writer, &keys[i]);
        writer_end(&item->writer);
    }
    writer_end(&item->writer);
    page_end(&item->writer, call->arena, NULL, false);
    return STATUS_OK;
}

static enum status revoke_handle(struct call *call, struct item *item, struct error *err)
{
    (void)item;
    int64_t id;
    struct change change;
    enum status status = call_path_id(call, 0, "key", &id, err);
    if (status == STATUS_OK)
        status = begin(call, &change, err);
    if (status != STATUS_OK)
        return status;
    return end(call, &change, key_change_revoke(&change, id, err), err);
}

static const struct route routes[] = {
    {.method = HTTP_POST,
     .path = "/v1/keys",
     .operation = "add_key",
     .summary = "Make an API key",
     .permission = PERMISSION_KEYS_MANAGE,
     .scope = SCOPE_ACTOR,
     .body = &new_shape,
     .kind = REPLY_OBJECT,
     .reply = &made_shape,
     .status = 201,
     .handle = add_handle},
    {.method = HTTP_GET,
     .path = "/v1/keys",
     .operation = "list_keys",
     .summary = "All API keys, revoked ones too",
     .permission = PERMISSION_KEYS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_PAGE,
     .reply = &key_shape,
     .handle = list_handle},
    {.method = HTTP_DELETE,
     .path = "/v1/keys/{key}",
     .operation = "revoke_key",
     .summary = "Revoke an API key",
     .permission = PERMISSION_KEYS_MANAGE,
     .scope = SCOPE_ACTOR,
     .kind = REPLY_NONE,
     .handle = revoke_handle},
};

const struct feature key_feature = {.name = "keys", .routes = routes, .route_count = sizeof routes / sizeof routes[0]};
