/*
 * identity.h: sign-in by an issuer of OpenID Connect: what it is told of us, and the checks of what it says. Pure but for
 * the fetching, which whoever starts the server brings along.
 */
#ifndef PATRON_API_IDENTITY_H
#define PATRON_API_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "foundation/arena.h"
#include "foundation/error.h"
#include "foundation/text.h"

struct json_t;

enum { IDENTITY_GRANTS_MAX = 200, IDENTITY_CLOCK_SECONDS = 60, IDENTITY_TOKEN_MAX = 64 * 1024, IDENTITY_CODE_MAX = 32 };

/* What members of a group of the issuer may here. */
struct identity_grant {
    struct text group;
    uint32_t roles;     /* bit 1 << enum role */
    struct text places; /* codes with commas between; empty: the whole company */
    bool home_members;
};

struct identity_settings {
    struct text code;   /* by which a sign-in names the issuer where there are several; empty: the first alone */
    struct text name;   /* for people; empty: none */
    struct text issuer; /* "https://login.example.com/realms/chain": as in its tokens */
    struct text client_id;
    struct text client_secret; /* empty: a public client */
    struct text callback;      /* "https://patron.example.com/v1/session/oidc/callback" */
    struct text scopes;        /* "openid profile" */
    struct text group_claim;   /* "groups"; with dots into objects: "realm_access.roles" */
    struct text name_claim;    /* "preferred_username" */
    bool create_users;         /* the first sign-in makes the user */
    bool link_users;           /* the first sign-in takes over the user of that name */
    struct identity_grant *grants;
    size_t grant_count;
};

/* A request to the issuer. */
struct identity_request {
    const char *url;
    struct text form;           /* empty: GET; else POST of application/x-www-form-urlencoded */
    struct text user, password; /* basic authorisation; empty: none */
    bool keep;                  /* the same reply will do for some minutes */
};

struct identity {
    struct identity_settings settings;
    /* The body of a reply of 200, in `arena`, at most 1 MiB. Anything else is STATUS_IO `oidc.issuer`. From any thread. */
    enum status (*fetch)(struct identity *identity, struct arena *arena, const struct identity_request *request,
                         struct text *body, struct error *err);
    void *context;         /* of `fetch` */
    struct identity *next; /* another issuer; NULL: the last */
};

/* What the issuer says of itself: its address must be the one we know. STATUS_IO `oidc.issuer`. */
struct identity_endpoints {
    const char *authorization, *token, *keys;
    const char *end_session; /* NULL: none */
};
enum status identity_endpoints_read(struct arena *arena, const struct identity_settings *settings, struct text document,
                                    struct identity_endpoints *out, struct error *err);

/* Whom a token is about. */
struct identity_claims {
    struct text subject, name;
    uint32_t roles;
    struct text places;
    bool home_members;
    bool granted; /* a group of theirs is known here */
};

/*
 * Checks signature (RS256, ES256, by a key of `keys`), issuer, audience, time and nonce of an id token: STATUS_FORBIDDEN
 * `oidc.token` says which of them is wrong.
 */
struct identity_expected {
    struct text keys; /* of the issuer, as it gives them */
    struct text nonce;
    int64_t now; /* instant */
};
enum status identity_token_check(struct arena *arena, const struct identity_settings *settings, struct text token,
                                 const struct identity_expected *expected, struct identity_claims *out,
                                 struct error *err);

/* "state", "nonce" or "verifier" of a sign-in under way, from the secret in its cookie. */
struct text identity_derive(struct arena *arena, struct text secret, const char *purpose);

/* Percent-encoded, for addresses and forms. */
void identity_encode(struct builder *out, struct text text);

#endif
