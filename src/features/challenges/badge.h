/* badge.h: a badge: what it is called, and who has it since when. Pure. */
#ifndef PATRON_FEATURES_CHALLENGES_BADGE_H
#define PATRON_FEATURES_CHALLENGES_BADGE_H

#include "features/definitions/definition.h"
#include "features/entitlements/grant.h"

struct badge {
    struct text name, about;
    struct text picture; /* address of one; empty: none */
    struct grant grants; /* held with the badge */
};

extern const struct definition_kind badge_kind;

/* A badge of a member. */
struct member_badge {
    int64_t id; /* of the journal row that awarded it */
    int64_t member;
    struct text badge;
    int64_t awarded_at;
    int64_t source;     /* the reward of a challenge it came with; 0: given by hand */
    int64_t revoked_at; /* 0: it is held */
};

enum { CERTIFICATE_SIZE = 40 };
/* What is printed on the certificate, so that it can be checked: the id and a keyed hash over what it says. */
char *badge_certificate(const unsigned char *seal_key, const struct member_badge *badge, char *out);
/* The id of the badge that a certificate names; false for anything else. The hash is to be compared with badge_certificate. */
bool badge_certificate_read(struct text certificate, int64_t *id);

#endif
