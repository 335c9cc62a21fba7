/* identity.c: what an issuer of OpenID Connect says, checked. */
#include "api/identity.h"

#include <string.h>

#include "foundation/encoding.h"
#include "foundation/instant.h"
#include "foundation/secret.h"
#include "foundation/signature.h"
#include "json/member.h"

static enum status wrong(struct error *err, const char *what)
{
    return error_set(err, STATUS_FORBIDDEN, "oidc.token", "", "the token of the issuer is refused: %s", what);
}

/* ---- what the issuer says of itself ---- */

static const char *address_of(struct arena *arena, const struct json_t *document, const char *name)
{
    struct text text = json_member_text(document, name);
    return text.size == 0 ? NULL : arena_string(arena, text.bytes, text.size);
}

enum status identity_endpoints_read(struct arena *arena, const struct identity_settings *settings, struct text document,
                                    struct identity_endpoints *out, struct error *err)
{
    struct json_t *value;
    enum status status = json_parse(document, &value, err);
    if (status != STATUS_OK)
        return error_set(err, STATUS_IO, "oidc.issuer", "", "what the issuer says of itself is not JSON");
    bool same = text_equal(json_member_text(value, "issuer"), settings->issuer);
    struct identity_endpoints found = {.authorization = address_of(arena, value, "authorization_endpoint"),
                                       .token = address_of(arena, value, "token_endpoint"),
                                       .keys = address_of(arena, value, "jwks_uri"),
                                       .end_session = address_of(arena, value, "end_session_endpoint")};
    json_release(value);
    if (!same)
        return error_set(err, STATUS_IO, "oidc.issuer", "", "the issuer calls itself otherwise than it is configured");
    if (found.authorization == NULL || found.token == NULL || found.keys == NULL)
        return error_set(err, STATUS_IO, "oidc.issuer", "", "the issuer does not say where it signs in");
    *out = found;
    return STATUS_OK;
}

/* ---- the token ---- */

struct token {
    struct text content, signature; /* what is signed, and the bytes of the signature */
    struct json_t *header, *claims;
};

static bool decode(struct arena *arena, struct text part, struct json_t **out)
{
    struct text bytes;
    struct error ignored;
    *out = NULL;
    return base64url_decode(arena, part, &bytes) && json_parse(bytes, out, &ignored) == STATUS_OK;
}

static bool token_read(struct arena *arena, struct text text, struct token *out)
{
    const char *first = memchr(text.bytes, '.', text.size);
    if (first == NULL || text.size > IDENTITY_TOKEN_MAX)
        return false;
    size_t header = (size_t)(first - text.bytes), rest = text.size - header - 1;
    const char *second = memchr(first + 1, '.', rest);
    if (second == NULL)
        return false;
    size_t claims = (size_t)(second - first - 1), signature = rest - claims - 1;
    out->content = (struct text){text.bytes, header + 1 + claims};
    return base64url_decode(arena, (struct text){second + 1, signature}, &out->signature) &&
           decode(arena, (struct text){text.bytes, header}, &out->header) &&
           decode(arena, (struct text){first + 1, claims}, &out->claims);
}

/* The key as a signature needs it; false for one of another kind, or not for signing. */
static bool key_read(struct arena *arena, const struct json_t *key, enum signature_algorithm algorithm,
                     struct signature_key *out)
{
    bool curve = algorithm == SIGNATURE_ES256;
    struct text use = json_member_text(key, "use"), named = json_member_text(key, "alg");
    if ((use.size > 0 && !text_equals(use, "sig")) ||
        (named.size > 0 && !text_equals(named, curve ? "ES256" : "RS256")))
        return false;
    if (!text_equals(json_member_text(key, "kty"), curve ? "EC" : "RSA") ||
        (curve && !text_equals(json_member_text(key, "crv"), "P-256")))
        return false;
    out->algorithm = algorithm;
    return base64url_decode(arena, json_member_text(key, curve ? "x" : "n"), &out->first) &&
           base64url_decode(arena, json_member_text(key, curve ? "y" : "e"), &out->second);
}

static enum status check_signature(struct arena *arena, const struct token *token, const struct json_t *keys,
                                   struct error *err)
{
    struct text name = json_member_text(token->header, "alg"), id = json_member_text(token->header, "kid");
    const struct json_t *list = json_member(keys, "keys");
    bool tried = false;
    if (!text_equals(name, "RS256") && !text_equals(name, "ES256"))
        return wrong(err, "it is signed neither by RS256 nor by ES256");
    if (json_member(token->header, "crit") != NULL)
        return wrong(err, "it demands what is not understood");
    enum signature_algorithm algorithm = text_equals(name, "RS256") ? SIGNATURE_RS256 : SIGNATURE_ES256;
    for (size_t i = 0; json_is_list(list) && i < json_list_count(list) && i < 100; i++) {
        const struct json_t *one = json_list_at(list, i);
        struct signature_key key;
        if ((id.size > 0 && !text_equal(json_member_text(one, "kid"), id)) || !key_read(arena, one, algorithm, &key))
            continue;
        tried = true;
        if (signature_verify(&key, token->content, token->signature))
            return STATUS_OK;
    }
    return wrong(err, tried ? "its signature is wrong" : "the issuer has no such key");
}

static bool is_audience(const struct json_t *claims, struct text client)
{
    const struct json_t *audience = json_member(claims, "aud");
    if (!json_is_list(audience))
        return text_equal(json_text_of(audience), client);
    for (size_t i = 0; i < json_list_count(audience); i++)
        if (text_equal(json_text_of(json_list_at(audience, i)), client))
            return json_list_count(audience) == 1 || text_equal(json_member_text(claims, "azp"), client);
    return false;
}

static enum status check_claims(const struct identity_settings *settings, const struct json_t *claims,
                                const struct identity_expected *expected, struct error *err)
{
    int64_t now = expected->now / INSTANT_SECOND, ends, made, from = 0;
    struct text nonce = json_member_text(claims, "nonce");
    if (!text_equal(json_member_text(claims, "iss"), settings->issuer))
        return wrong(err, "another issuer made it");
    if (!is_audience(claims, settings->client_id))
        return wrong(err, "it was made for another client");
    if (!json_member_integer(claims, "exp", &ends) || ends <= now - IDENTITY_CLOCK_SECONDS)
        return wrong(err, "its time is over");
    if (!json_member_integer(claims, "iat", &made) || made > now + IDENTITY_CLOCK_SECONDS)
        return wrong(err, "it was made in the future");
    if (json_member_integer(claims, "nbf", &from) && from > now + IDENTITY_CLOCK_SECONDS)
        return wrong(err, "its time has not come");
    if (nonce.size != expected->nonce.size || !secret_equal(nonce.bytes, expected->nonce.bytes, nonce.size))
        return wrong(err, "it answers another sign-in");
    if (json_member_text(claims, "sub").size == 0 || json_member_text(claims, "sub").size > 255)
        return wrong(err, "it does not say whom it is about");
    return STATUS_OK;
}

/* ---- what the person may ---- */

/* "realm_access.roles": a member, or one of an object in it. */
static const struct json_t *claim_at(const struct json_t *claims, struct arena *arena, struct text path)
{
    const struct json_t *whole = json_member(claims, arena_string(arena, path.bytes, path.size));
    for (size_t start = 0, i = 0; whole == NULL && claims != NULL && i <= path.size; i++)
        if (i == path.size || path.bytes[i] == '.') {
            claims = json_member(claims, arena_string(arena, path.bytes + start, i - start));
            start = i + 1;
        }
    return whole != NULL ? whole : claims;
}

static bool has_group(const struct json_t *groups, struct text group)
{
    if (!json_is_list(groups))
        return text_equal(json_text_of(groups), group);
    for (size_t i = 0; i < json_list_count(groups); i++)
        if (text_equal(json_text_of(json_list_at(groups, i)), group))
            return true;
    return false;
}

/* All that the groups give: one that gives the whole company outdoes the places of others. */
static void add_grants(struct arena *arena, const struct identity_settings *settings, const struct json_t *groups,
                       struct identity_claims *out)
{
    struct builder places = {.arena = arena};
    bool whole = false;
    out->home_members = true;
    for (size_t i = 0; i < settings->grant_count; i++) {
        const struct identity_grant *grant = &settings->grants[i];
        if (!has_group(groups, grant->group))
            continue;
        out->granted = true;
        out->roles |= grant->roles;
        out->home_members &= grant->home_members;
        whole |= grant->places.size == 0;
        if (places.size > 0)
            builder_char(&places, ',');
        builder_text(&places, grant->places);
    }
    out->places = whole ? TEXT("") : builder_done(&places);
    out->home_members &= out->granted && !whole;
}

enum status identity_token_check(struct arena *arena, const struct identity_settings *settings, struct text token,
                                 const struct identity_expected *expected, struct identity_claims *out,
                                 struct error *err)
{
    struct token read = {.header = NULL};
    struct json_t *set = NULL;
    struct error ignored;
    enum status status;
    if (!token_read(arena, token, &read))
        status = wrong(err, "it is no token");
    else if (json_parse(expected->keys, &set, &ignored) != STATUS_OK)
        status = error_set(err, STATUS_IO, "oidc.issuer", "", "the keys of the issuer are not JSON");
    else
        status = check_signature(arena, &read, set, err);
    if (status == STATUS_OK)
        status = check_claims(settings, read.claims, expected, err);
    if (status == STATUS_OK) {
        *out = (struct identity_claims){.granted = false};
        out->subject = text_copy(arena, json_member_text(read.claims, "sub"));
        out->name = text_copy(arena, json_text_of(claim_at(read.claims, arena, settings->name_claim)));
        add_grants(arena, settings, claim_at(read.claims, arena, settings->group_claim), out);
    }
    json_release(set);
    json_release(read.header);
    json_release(read.claims);
    return status;
}

/* ---- secrets of a sign-in ---- */

struct text identity_derive(struct arena *arena, struct text secret, const char *purpose)
{
    unsigned char digest[DIGEST_SIZE];
    hmac_sha256(secret.bytes, secret.size, purpose, strlen(purpose), digest);
    return base64url_encode(arena, (struct text){(const char *)digest, sizeof digest});
}

void identity_encode(struct builder *out, struct text text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < text.size; i++) {
        if (memchr(plain, text.bytes[i], sizeof plain - 1) != NULL)
            builder_char(out, text.bytes[i]);
        else
            builder_format(out, "%%%02X", (unsigned char)text.bytes[i]);
    }
}
