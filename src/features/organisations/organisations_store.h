/* organisations_store.h: organisations and contacts in the database. */
#ifndef PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_STORE_H
#define PATRON_FEATURES_ORGANISATIONS_ORGANISATIONS_STORE_H

#include "engine/engine.h"
#include "features/organisations/organisations.h"

/* STATUS_MISSING `organisation.unknown`. */
enum status organisation_read(struct storage_session *session, struct arena *arena, int64_t member,
                              struct organisation *out, struct error *err);

struct organisation_list {
    int64_t after; /* the member after which it begins; 0: the first */
    size_t limit;
    struct organisation *items;
    size_t count, capacity;
};
enum status organisations_read(struct storage_session *session, struct arena *arena, struct organisation_list *list,
                               struct error *err);

struct contact_list {
    struct organisation_contact *items;
    size_t count, capacity;
};
enum status contacts_read(struct storage_session *session, struct arena *arena, int64_t organisation,
                          struct contact_list *out, struct error *err);
/* The organisations that a member acts for. */
enum status contact_for_read(struct storage_session *session, struct arena *arena, int64_t member,
                             struct contact_list *out, struct error *err);
/* `out` has the one contact, or none. */
enum status contact_read(struct storage_session *session, struct arena *arena, const struct organisation_contact *key,
                         struct contact_list *out, struct error *err);

/*
 * Whose purchase it is when `contact` buys for the organisation on `day`: *buyer is the organisation or the contact, by its
 * terms. STATUS_MISSING `organisation.unknown`; STATUS_CONFLICT `organisation.contact` for who does not act for it then.
 */
struct organisation_purchase {
    int64_t organisation, contact;
    int32_t day;
    int64_t buyer;         /* result */
    struct text terms;     /* result: of the organisation */
    int64_t contact_share; /* result: of ORGANISATION_SHARE_SCALE, what of the points is the contact's */
};
enum status organisation_buyer(struct storage_session *session, struct arena *arena,
                               struct organisation_purchase *purchase, struct error *err);

#endif
