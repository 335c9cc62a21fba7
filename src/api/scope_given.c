/* scope_given.c: what part of the company a user or key is given. */
#include <string.h>

#include "api/user_change.h"

const char *const member_policies[] = {"company", "home_store", NULL};

static enum status join_places(const struct call *call, const struct json_list *list, struct text *out,
                               struct error *err)
{
    const struct text *places = list->items;
    struct builder joined = {.arena = call->arena};
    for (size_t i = 0; i < list->count; i++) {
        if (places[i].size == 0 || places[i].size > CODE_SIZE_MAX || memchr(places[i].bytes, ',', places[i].size))
            return error_set(err, STATUS_INVALID, "scope.places", "places",
                             "a place is named by its code, of at most %d bytes and without commas", CODE_SIZE_MAX);
        if (!scope_sees(call->scope, places[i]))
            return error_set(err, STATUS_FORBIDDEN, "auth.scope", "places", "you do not see '%.*s' yourself",
                             (int)places[i].size, places[i].bytes);
        if (i > 0)
            builder_char(&joined, ',');
        builder_text(&joined, places[i]);
    }
    *out = builder_done(&joined);
    return STATUS_OK;
}

enum status scope_given(const struct call *call, const struct given_scope *given, struct text *places,
                        bool *home_members, struct error *err)
{
    enum status status = STATUS_OK;
    if (given->said)
        status = join_places(call, given->places, places, err);
    if (status != STATUS_OK)
        return status;
    if (given->members >= 0)
        *home_members = given->members == 1;
    if (call->scope->whole)
        return STATUS_OK;
    if (places->size == 0)
        *places = call->scope->given;
    *home_members |= call->scope->home_members;
    return STATUS_OK;
}

enum status scope_partner_check(struct text places, uint64_t permissions, struct error *err)
{
    const uint64_t allowed = permission_bit(PERMISSION_SIGNED_IN) | permission_bit(PERMISSION_PARTNERS_TILL) |
                             permission_bit(PERMISSION_PARTNERS_STATEMENT);
    struct text codes[SCOPE_PLACES_MAX];
    size_t count = scope_split(places, codes);
    for (size_t i = 0; i < count; i++)
        if (text_starts_with(codes[i], TEXT(SCOPE_PARTNER)) && (count > 1 || (permissions & ~allowed) != 0))
            return error_set(err, STATUS_INVALID, "key.partner", "scopes",
                             "the key of a partner has that one place, and the scopes partners.till and "
                             "partners.statement alone");
    return STATUS_OK;
}

void scope_write_json(struct json_writer *writer, struct text places, bool home_members)
{
    struct text codes[SCOPE_PLACES_MAX];
    size_t count = scope_split(places, codes);
    writer_list(writer, "places");
    for (size_t i = 0; i < count; i++)
        writer_text(writer, NULL, codes[i]);
    writer_end(writer);
    writer_string(writer, "members", member_policies[home_members ? 1 : 0]);
}
