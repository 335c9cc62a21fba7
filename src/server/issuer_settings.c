#include "server/issuer_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/permission.h"
#include "json/shape.h"

enum { FILE_BYTES_MAX = 256 * 1024, WORD_MAX = 500, PLACES_MAX = 100 };

struct grant_entry {
    struct text group;
    struct json_list roles, places;
    int members;
};
static const char *const member_choices[] = {"company", "home_store", NULL};
static const struct field grant_fields[] = {
    {.name = "group",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct grant_entry, group),
     .minimum = 1,
     .maximum = WORD_MAX},
    {.name = "roles",
     .type = FIELD_LIST,
     .flags = FIELD_REQUIRED,
     .offset = offsetof(struct grant_entry, roles),
     .minimum = 1,
     .maximum = ROLE_COUNT,
     .element = FIELD_TEXT},
    {.name = "places",
     .type = FIELD_LIST,
     .offset = offsetof(struct grant_entry, places),
     .maximum = PLACES_MAX,
     .element = FIELD_TEXT},
    {.name = "members",
     .type = FIELD_CHOICE,
     .flags = FIELD_DEFAULT,
     .offset = offsetof(struct grant_entry, members),
     .choices = member_choices},
};
static const struct shape grant_shape = {
    .name = "IssuerGrant", .size = sizeof(struct grant_entry), SHAPE_FIELDS(grant_fields)};

struct settings_file {
    struct text code, name, issuer, client_id, client_secret, client_secret_file, callback, scopes, group_claim,
        name_claim;
    bool create_users, link_users, allow_internal;
    struct json_list grants;
};
#define WORD(title, flag)                                                                                   \
    {                                                                                                       \
        .name = #title, .type = FIELD_TEXT, .flags = flag, .offset = offsetof(struct settings_file, title), \
        .maximum = WORD_MAX                                                                                 \
    }
#define FACT(title)                                                                            \
    {                                                                                          \
        .name = #title, .type = FIELD_BOOLEAN, .offset = offsetof(struct settings_file, title) \
    }
static const struct field settings_fields[] = {
    WORD(code, 0),
    WORD(name, 0),
    WORD(issuer, FIELD_REQUIRED),
    WORD(client_id, FIELD_REQUIRED),
    WORD(client_secret, 0),
    WORD(client_secret_file, 0),
    WORD(callback, FIELD_REQUIRED),
    WORD(scopes, 0),
    WORD(group_claim, 0),
    WORD(name_claim, 0),
    FACT(create_users),
    FACT(link_users),
    FACT(allow_internal),
    {.name = "grants",
     .type = FIELD_LIST,
     .offset = offsetof(struct settings_file, grants),
     .maximum = IDENTITY_GRANTS_MAX,
     .element = FIELD_OBJECT,
     .shape = &grant_shape},
};
static const struct shape settings_shape = {
    .name = "IssuerSettings", .size = sizeof(struct settings_file), SHAPE_FIELDS(settings_fields)};

/* `secret`: others may not read the file. */
static enum status read_file(struct arena *arena, const char *path, bool *open_to_others, struct text *out,
                             struct error *err)
{
    struct stat about;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 || fstat(descriptor, &about) != 0 || about.st_size > FILE_BYTES_MAX) {
        if (descriptor >= 0)
            close(descriptor);
        return error_set(err, STATUS_IO, "oidc.settings", "", "'%s' cannot be read: %s", path, strerror(errno));
    }
    char *bytes = arena_alloc(arena, (size_t)about.st_size + 1);
    ssize_t got = read(descriptor, bytes, (size_t)about.st_size);
    close(descriptor);
    if (got != about.st_size)
        return error_set(err, STATUS_IO, "oidc.settings", "", "'%s' cannot be read", path);
    *open_to_others = (about.st_mode & 077) != 0;
    *out = (struct text){bytes, (size_t)got};
    return STATUS_OK;
}

static enum status readable_secret(const char *path, struct error *err)
{
    return error_set(err, STATUS_INVALID, "oidc.settings", "client_secret",
                     "'%s' holds a secret and others may read it: chmod 600", path);
}

static enum status read_secret(struct arena *arena, struct settings_file *file, const char *path, bool open_to_others,
                               struct error *err)
{
    struct text secret;
    if (file->client_secret.size > 0)
        return open_to_others ? readable_secret(path, err) : STATUS_OK;
    if (file->client_secret_file.size == 0)
        return STATUS_OK;
    const char *other = text_string(arena, file->client_secret_file);
    enum status status = read_file(arena, other, &open_to_others, &secret, err);
    if (status == STATUS_OK && open_to_others)
        return readable_secret(other, err);
    if (status == STATUS_OK)
        file->client_secret = text_trim(secret);
    return status;
}

static enum status read_grant(struct arena *arena, const struct grant_entry *entry, struct identity_grant *out,
                              struct error *err)
{
    const struct text *roles = entry->roles.items, *places = entry->places.items;
    struct builder joined = {.arena = arena};
    *out = (struct identity_grant){.group = entry->group, .home_members = entry->members == 1};
    for (size_t i = 0; i < entry->roles.count; i++) {
        enum role role;
        if (!role_find(roles[i], &role))
            return error_set(err, STATUS_INVALID, "oidc.settings", "grants.roles", "there is no role '%.*s'",
                             (int)roles[i].size, roles[i].bytes);
        out->roles |= 1U << role;
    }
    for (size_t i = 0; i < entry->places.count; i++) {
        if (places[i].size == 0 || memchr(places[i].bytes, ',', places[i].size) != NULL)
            return error_set(err, STATUS_INVALID, "oidc.settings", "grants.places", "a place is named by its code");
        if (i > 0)
            builder_char(&joined, ',');
        builder_text(&joined, places[i]);
    }
    out->places = builder_done(&joined);
    return STATUS_OK;
}

static bool begins(struct text text, const char *with)
{
    size_t size = strlen(with);
    return text.size > size && memcmp(text.bytes, with, size) == 0;
}

static bool is_code(struct text code)
{
    for (size_t i = 0; i < code.size; i++)
        if (!(code.bytes[i] >= 'a' && code.bytes[i] <= 'z') && !(code.bytes[i] >= '0' && code.bytes[i] <= '9') &&
            code.bytes[i] != '-')
            return false;
    return code.size <= IDENTITY_CODE_MAX;
}

static enum status check(const struct settings_file *file, struct error *err)
{
    if (!is_code(file->code))
        return error_set(err, STATUS_INVALID, "oidc.settings", "code", "a code has at most %d of a-z, 0-9 and -",
                         IDENTITY_CODE_MAX);
    if (!begins(file->issuer, "https://") && !(file->allow_internal && begins(file->issuer, "http://")))
        return error_set(err, STATUS_INVALID, "oidc.settings", "issuer",
                         "the issuer is an https address (http only with allow_internal)");
    if (!begins(file->callback, "https://") && !begins(file->callback, "http://"))
        return error_set(err, STATUS_INVALID, "oidc.settings", "callback",
                         "the callback is the address of this server with /v1/session/oidc/callback");
    return STATUS_OK;
}

static struct text or_usual(struct text given, const char *usual)
{
    return given.size > 0 ? given : text_from(usual);
}

enum status issuer_settings_read(struct arena *arena, const char *path, struct identity_settings *out, bool *internal,
                                 struct error *err)
{
    struct settings_file file = {.create_users = false};
    struct text document;
    bool open_to_others = false;
    enum status status = read_file(arena, path, &open_to_others, &document, err);
    if (status == STATUS_OK)
        status = shape_read_text(arena, &settings_shape, document, &file, err);
    if (status == STATUS_OK)
        status = check(&file, err);
    if (status == STATUS_OK)
        status = read_secret(arena, &file, path, open_to_others, err);
    if (status != STATUS_OK)
        return status;
    *out = (struct identity_settings){.code = file.code,
                                      .name = file.name,
                                      .issuer = file.issuer,
                                      .client_id = file.client_id,
                                      .client_secret = file.client_secret,
                                      .callback = file.callback,
                                      .scopes = or_usual(file.scopes, "openid profile"),
                                      .group_claim = or_usual(file.group_claim, "groups"),
                                      .name_claim = or_usual(file.name_claim, "preferred_username"),
                                      .create_users = file.create_users,
                                      .link_users = file.link_users};
    out->grants = arena_array(arena, file.grants.count + 1, sizeof *out->grants);
    const struct grant_entry *entries = file.grants.items;
    for (size_t i = 0; i < file.grants.count && status == STATUS_OK; i++)
        status = read_grant(arena, &entries[i], &out->grants[out->grant_count++], err);
    *internal = file.allow_internal;
    return status;
}
