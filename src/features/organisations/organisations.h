/* organisations.h: organisations as customers, and the members who act for them. Pure. */
#ifndef PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_H
#define PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_H

#include "features/customers/commands.h"

enum {
    ORGANISATION_NAME_MAX = 200,
    ORGANISATION_ADDRESS_MAX = 500,
    ORGANISATION_NUMBER_MAX = 64,
    ORGANISATION_PAYMENT_DAYS_MAX = 365,
    ORGANISATION_CONTACTS_MAX = 1000, /* shown at once */
    ORGANISATION_SHARE_SCALE = 10000, /* a quarter is 2500; FACTOR_SCALE of the programme, which comes later */
};
#define CONTACT_FROM_EVER INT32_MIN
#define CONTACT_UNTIL_NEVER INT32_MAX

/* Whose the points of a purchase for it are. Stored as numbers: never renumber. */
enum organisation_points {
    ORGANISATION_POINTS_COMPANY = 0,
    ORGANISATION_POINTS_PERSON = 1,
    ORGANISATION_POINTS_SHARED = 2, /* the purchase is the company's, a part of its points the person's */
};
extern const char *const organisation_points_names[]; /* "company", "person", "shared"; ends with NULL */

struct organisation {
    int64_t member; /* 0: none */
    int64_t version;
    struct text name, registration, vat, address;
    struct text terms;        /* a code for conditions agreed; kept and shown */
    struct text credit_limit; /* as agreed, in words or figures */
    int64_t payment_days;
    int64_t points; /* enum organisation_points */
    int64_t
        person_share; /* with ORGANISATION_POINTS_SHARED: of ORGANISATION_SHARE_SCALE, the person's part; otherwise 0 */
};

/* STATUS_INVALID `organisation.share`: only what is shared has a share, more than nothing and less than all. */
enum status organisation_check_share(const struct organisation *organisation, struct error *err);

struct organisation_contact {
    int64_t member, organisation;
    struct text role; /* buyer, owner, accountant ... */
    int64_t from_on, until_on;
};

/* Whether the contact acts for it on that day. */
bool contact_acts(const struct organisation_contact *contact, int32_t day);

/* ---- commands ---- */

/* Subject 0 by claims: registration number and VAT id, as identifiers of these kinds. */
struct register_organisation {
    struct register_member member; /* first: what customers load and decide */
    struct organisation organisation;
};

struct change_organisation {     /* subject 0 */
    struct update_member member; /* first; the name is the display name of the member too */
    struct organisation organisation;
    int64_t version;            /* expected; 0: any. Otherwise STATUS_STALE `organisation.version` */
    struct organisation before; /* loaded; member 0: it is none */
};

struct change_contact {        /* subject 0: the contact; subject 1: the organisation */
    struct customer_load load; /* first */
    struct organisation_contact contact;
    struct organisation organisation; /* loaded */
};

extern const struct command_type register_organisation_type, change_organisation_type, change_contact_type;

/* organisations_store.c */
enum status change_organisation_load(struct load_context *context, struct command **commands, size_t count,
                                     struct error *err);
enum status change_contact_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err);
void store_organisation(struct decision *decision, const struct organisation *organisation);
void store_contact(struct decision *decision, const struct organisation_contact *contact);

#endif
