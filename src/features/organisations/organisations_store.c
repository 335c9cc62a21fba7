#include "features/organisations/organisations_store.h"

#include "features/customers/rows.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- written by commands ---- */

void store_organisation(struct decision *decision, const struct organisation *organisation)
{
    const struct storage_value values[] = {value_integer(id_bucket(organisation->member)),
                                           value_integer(organisation->member),
                                           value_integer(organisation->version),
                                           value_text(organisation->name),
                                           value_text(organisation->registration),
                                           value_text(organisation->vat),
                                           value_text(organisation->address),
                                           value_text(organisation->terms),
                                           value_text(organisation->credit_limit),
                                           value_integer(organisation->payment_days),
                                           value_integer(organisation->points),
                                           value_integer(organisation->person_share)};

    row_add(decision, &query_organisations_organisation_put, arena_copy(decision->arena, values, sizeof values));
}

void store_contact(struct decision *decision, const struct organisation_contact *contact)
{
    const struct storage_value values[] = {value_integer(id_bucket(contact->member)), value_integer(contact->member),
                                           value_integer(contact->organisation),      value_text(contact->role),
                                           value_integer(contact->from_on),           value_integer(contact->until_on)};

    row_add(decision, &query_organisations_contact_put, arena_copy(decision->arena, values, sizeof values));
}

/* ---- loaded ---- */

static struct organisation decode(const struct storage_row *row, struct arena *arena)
{
    return (struct organisation){.member = row_integer(row, 1),
                                 .version = row_integer(row, 2),
                                 .name = row_text_copy(row, 3, arena),
                                 .registration = row_text_copy(row, 4, arena),
                                 .vat = row_text_copy(row, 5, arena),
                                 .address = row_text_copy(row, 6, arena),
                                 .terms = row_text_copy(row, 7, arena),
                                 .credit_limit = row_text_copy(row, 8, arena),
                                 .payment_days = row_integer(row, 9),
                                 .points = row_integer(row, 10),
                                 .person_share = row_integer(row, 11)};
}

struct loading {
    struct arena *arena;
    struct organisation **organisations;
};

static enum status receive_loaded(void *context, const struct storage_row *row, struct error *err)
{
    const struct loading *loading = context;

    (void)err;
    *loading->organisations[row_integer(row, 0)] = decode(row, loading->arena);
    return STATUS_OK;
}

static enum status send_load(struct storage_session *session, struct arena *arena, struct organisation **organisations,
                             const int64_t *members, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    const struct storage_receiver receiver = {.row = receive_loaded, .context = loading};
    struct storage_value *values = arena_array(arena, 3 * count + 1, sizeof *values);

    *loading = (struct loading){arena, organisations};
    for (size_t i = 0; i < count; i++) {
        *organisations[i] = (struct organisation){.member = 0};
        values[3 * i] = value_integer((int64_t)i);
        values[3 * i + 1] = value_integer(id_bucket(members[i]));
        values[3 * i + 2] = value_integer(members[i]);
    }
    return storage_send(session, &query_organisations_organisations_load, values, count, &receiver, err);
}

enum status change_organisation_load(struct load_context *context, struct command **commands, size_t count,
                                     struct error *err)
{
    struct organisation **organisations = arena_array(context->arena, count + 1, sizeof(struct organisation *));
    int64_t *members = arena_array(context->arena, count + 1, sizeof *members);
    enum status status = customers_load(context, commands, count, err);

    for (size_t i = 0; i < count; i++) {
        organisations[i] = &((struct change_organisation *)commands[i]->body)->before;
        members[i] = context->member_of(context, commands[i], 0);
    }
    return status == STATUS_OK ? send_load(context->session, context->arena, organisations, members, count, err)
                               : status;
}

enum status change_contact_load(struct load_context *context, struct command **commands, size_t count,
                                struct error *err)
{
    struct organisation **organisations = arena_array(context->arena, count + 1, sizeof(struct organisation *));
    int64_t *members = arena_array(context->arena, count + 1, sizeof *members);

    for (size_t i = 0; i < count; i++) {
        organisations[i] = &((struct change_contact *)commands[i]->body)->organisation;
        members[i] = context->member_of(context, commands[i], 1);
    }
    return send_load(context->session, context->arena, organisations, members, count, err);
}

/* ---- read ---- */

static enum status unknown(struct error *err)
{
    return error_set(err, STATUS_MISSING, "organisation.unknown", "organisation", "this member is no organisation");
}

enum status organisation_read(struct storage_session *session, struct arena *arena, int64_t member,
                              struct organisation *out, struct error *err)
{
    enum status status = send_load(session, arena, &out, &member, 1, err);

    if (status == STATUS_OK)
        status = storage_flush(session, err);
    return status == STATUS_OK && out->member == 0 ? unknown(err) : status;
}

struct listing {
    struct arena *arena;
    struct organisation_list *list;
};

static enum status receive_listed(void *context, const struct storage_row *row, struct error *err)
{
    const struct listing *listing = context;
    struct organisation_list *list = listing->list;

    (void)err;
    list->items = arena_grow(listing->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = decode(row, listing->arena);
    return STATUS_OK;
}

enum status organisations_read(struct storage_session *session, struct arena *arena, struct organisation_list *list,
                               struct error *err)
{
    struct listing listing = {arena, list};
    const struct storage_receiver receiver = {.row = receive_listed, .context = &listing};
    const struct storage_value values[] = {value_integer(list->after != 0 ? id_bucket(list->after) : 0),
                                           value_integer(list->after), value_integer((int64_t)list->limit)};

    return storage_run(session, &query_organisations_organisations_page, values, 1, &receiver, err);
}

struct gathering {
    struct arena *arena;
    struct contact_list *list;
};

static enum status receive_contact(void *context, const struct storage_row *row, struct error *err)
{
    const struct gathering *gathering = context;
    struct contact_list *list = gathering->list;

    (void)err;
    if (list->count == ORGANISATION_CONTACTS_MAX)
        return STATUS_OK;
    list->items = arena_grow(gathering->arena, list->items, &list->capacity, list->count + 1, sizeof *list->items);
    list->items[list->count++] = (struct organisation_contact){.member = row_integer(row, 0),
                                                               .organisation = row_integer(row, 1),
                                                               .role = row_text_copy(row, 2, gathering->arena),
                                                               .from_on = row_integer(row, 3),
                                                               .until_on = row_integer(row, 4)};
    return STATUS_OK;
}

enum status contacts_read(struct storage_session *session, struct arena *arena, int64_t organisation,
                          struct contact_list *out, struct error *err)
{
    struct gathering gathering = {arena, out};
    const struct storage_receiver receiver = {.row = receive_contact, .context = &gathering};
    const struct storage_value value = value_integer(organisation);

    *out = (struct contact_list){.count = 0};
    return storage_run(session, &query_organisations_contacts_of, &value, 1, &receiver, err);
}

enum status contact_for_read(struct storage_session *session, struct arena *arena, int64_t member,
                             struct contact_list *out, struct error *err)
{
    struct gathering gathering = {arena, out};
    const struct storage_receiver receiver = {.row = receive_contact, .context = &gathering};
    const struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member)};

    *out = (struct contact_list){.count = 0};
    return storage_run(session, &query_organisations_contact_for, values, 1, &receiver, err);
}

enum status contact_read(struct storage_session *session, struct arena *arena, const struct organisation_contact *key,
                         struct contact_list *out, struct error *err)
{
    struct gathering gathering = {arena, out};
    const struct storage_receiver receiver = {.row = receive_contact, .context = &gathering};
    const struct storage_value values[] = {value_integer(id_bucket(key->member)), value_integer(key->member),
                                           value_integer(key->organisation)};

    *out = (struct contact_list){.count = 0};
    return storage_run(session, &query_organisations_contact_get, values, 1, &receiver, err);
}

enum status organisation_buyer(struct storage_session *session, struct arena *arena,
                               struct organisation_purchase *purchase, struct error *err)
{
    const struct organisation_contact key = {.member = purchase->contact, .organisation = purchase->organisation};
    struct organisation organisation;
    struct contact_list contacts;
    enum status status = organisation_read(session, arena, purchase->organisation, &organisation, err);

    if (status == STATUS_OK)
        status = contact_read(session, arena, &key, &contacts, err);
    if (status != STATUS_OK)
        return status;
    if (contacts.count == 0 || !contact_acts(&contacts.items[0], purchase->day))
        return error_set(err, STATUS_CONFLICT, "organisation.contact", "member",
                         "the member does not act for this organisation on that day");
    purchase->buyer = organisation.points == ORGANISATION_POINTS_PERSON ? purchase->contact : purchase->organisation;
    purchase->terms = organisation.terms;
    purchase->contact_share = organisation.points == ORGANISATION_POINTS_SHARED ? organisation.person_share : 0;
    return STATUS_OK;
}
