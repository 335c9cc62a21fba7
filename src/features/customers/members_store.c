#include "features/customers/members_store.h"

#include "engine/recent.h"
#include "features/customers/standing.h"
#include "foundation/id.h"
#include "queries.h"
#include "storage/storage.h"

/* ---- lists of members ---- */

struct listing {
    struct arena *arena;
    struct member_list *list;
    const struct list_filter *filter;
    size_t capacity, limit, seen;
};

static void list_add(struct listing *listing, struct list_place place)
{
    struct member_list *list = listing->list;

    list->places = arena_grow(listing->arena, list->places, &listing->capacity, list->count + 1, sizeof *list->places);
    list->places[list->count++] = place;
}

static enum status place_row(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    if (listing->list->count < listing->limit) {
        list_add(listing, (struct list_place){.bucket = row_integer(row, 0), .member = row_integer(row, 1)});
        listing->list->end = listing->list->places[listing->list->count - 1];
    } else {
        listing->list->more = true;
    }
    return STATUS_OK;
}

static enum status key_row(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    if (listing->list->count < listing->limit) {
        list_add(listing,
                 (struct list_place){row_text_copy(row, 0, listing->arena), row_integer(row, 1), row_integer(row, 2)});
        listing->list->end = listing->list->places[listing->list->count - 1];
    } else {
        listing->list->more = true;
    }
    return STATUS_OK;
}

static enum status standing_row(void *context, const struct storage_row *row, struct error *err)
{
    struct listing *listing = context;
    const struct list_filter *filter = listing->filter;
    struct list_place place = {.bucket = row_integer(row, 0), .member = row_integer(row, 1)};
    struct standing standing = {.purchases = row_integer(row, 3),
                                .purchase_days = row_integer(row, 4),
                                .first_purchase_at = row_integer(row, 5),
                                .last_purchase_at = row_integer(row, 6),
                                .won_back_at = row_integer(row, 7)};

    if (listing->list->count == listing->limit) {
        listing->list->more = true;
        return STATUS_OK;
    }
    listing->seen++;
    listing->list->end = place;
    if (filter->tier.size > 0 && !text_equal(row_text(row, 2), filter->tier))
        return STATUS_OK;
    if (filter->stage >= 0) {
        if (!standing_recent_decode(listing->arena, row_text(row, 8), &standing))
            return error_set(err, STATUS_DEFECT, "internal", "", "a standing cannot be read");
        if ((int)standing_stage(&standing, filter->now, filter->today, filter->median_interval, filter->lifecycle) !=
            filter->stage)
            return STATUS_OK;
    }
    list_add(listing, place);
    return STATUS_OK;
}

/* Every standing is looked at, LIST_SCAN_MAX at most: a page may be short, its cursor goes on behind what was seen. */
static enum status scan_standings(struct storage_session *session, struct listing *listing,
                                  const struct list_place *from, struct error *err)
{
    struct storage_receiver receiver = {.row = standing_row, .context = listing};
    struct list_place place = *from;
    enum { STEP = 1000 };

    for (;;) {
        size_t before = listing->seen;
        struct storage_value values[] = {value_integer(place.bucket), value_integer(place.member), value_integer(STEP)};
        enum status status = storage_run(session, &query_customers_list_standings, values, 1, &receiver, err);
        if (status != STATUS_OK || listing->list->more || listing->seen - before < STEP)
            return status;
        if (listing->seen >= LIST_SCAN_MAX) {
            listing->list->more = true;
            return STATUS_OK;
        }
        place = listing->list->end;
    }
}

enum status members_list(struct storage_session *session, struct arena *arena, const struct list_filter *filter,
                         struct member_list *out, struct error *err)
{
    const struct list_place *from = &filter->from;
    struct listing listing = {.arena = arena, .list = out, .filter = filter, .limit = filter->limit};
    struct storage_receiver places = {.row = place_row, .context = &listing};
    struct storage_receiver keys = {.row = key_row, .context = &listing};
    int64_t page_size = (int64_t)filter->limit + 1;

    *out = (struct member_list){0};
    if (filter->key.size > 0) {
        bool begun = from->bucket >= 0;
        /* The first text that no text beginning with the key reaches. */
        const char *beyond = arena_format(arena, "%.*s\xf4\x8f\xbf\xbf", (int)filter->key.size, filter->key.bytes);
        struct storage_value values[] = {
            value_text(filter->key),     value_string(beyond),        value_text(begun ? from->key : filter->key),
            value_integer(from->bucket), value_integer(from->member), value_integer(page_size)};
        return storage_run(session, &query_customers_list_by_key, values, 1, &keys, err);
    }
    if (filter->tag.size > 0) {
        struct storage_value values[] = {value_text(filter->tag), value_integer(from->bucket),
                                         value_integer(from->member), value_integer(page_size)};
        return storage_run(session, &query_customers_list_by_tag, values, 1, &places, err);
    }
    if (filter->tier.size > 0 || filter->stage >= 0)
        return scan_standings(session, &listing, from, err);
    struct storage_value values[] = {value_integer(from->bucket), value_integer(from->member),
                                     value_integer(page_size)};
    return storage_run(session, &query_customers_list_members, values, 1, &places, err);
}

/* ---- notes and consents ---- */

static enum status note_row(void *context, const struct storage_row *row, struct error *err)
{
    struct note_list *notes = context;

    (void)err;
    notes->notes = arena_grow(notes->arena, notes->notes, &notes->capacity, notes->count + 1, sizeof *notes->notes);
    notes->notes[notes->count++] =
        (struct note){row_integer(row, 0), row_integer(row, 1), row_text_copy(row, 2, notes->arena),
                      row_text_copy(row, 3, notes->arena)};
    return STATUS_OK;
}

enum status notes_list(struct storage_session *session, struct arena *arena, struct history_range range,
                       struct note_list *out, struct error *err)
{
    struct storage_receiver receiver = {.row = note_row, .context = out};
    struct storage_value values[] = {value_integer(id_bucket(range.member)), value_integer(range.member),
                                     value_integer(range.before), value_integer((int64_t)range.limit)};

    *out = (struct note_list){.arena = arena};
    return storage_run(session, &query_customers_list_notes, values, 1, &receiver, err);
}

static enum status consent_row(void *context, const struct storage_row *row, struct error *err)
{
    struct consent_change_list *found = context;
    struct arena *arena = found->arena;

    (void)err;
    found->changes = arena_grow(arena, found->changes, &found->capacity, found->count + 1, sizeof *found->changes);
    found->changes[found->count++] = (struct consent_change){row_integer(row, 0),
                                                             {.channel = row_text_copy(row, 1, arena),
                                                              .purpose = row_text_copy(row, 2, arena),
                                                              .state = row_text_copy(row, 3, arena),
                                                              .at = row_integer(row, 4),
                                                              .source = row_text_copy(row, 5, arena),
                                                              .wording = row_text_copy(row, 6, arena),
                                                              .author = row_text_copy(row, 7, arena)}};
    return STATUS_OK;
}

enum status consent_history_list(struct storage_session *session, struct arena *arena, struct history_range range,
                                 struct consent_change_list *out, struct error *err)
{
    struct storage_receiver receiver = {.row = consent_row, .context = out};
    struct storage_value values[] = {value_integer(id_bucket(range.member)), value_integer(range.member),
                                     value_integer(range.before), value_integer((int64_t)range.limit)};

    *out = (struct consent_change_list){.arena = arena};
    return storage_run(session, &query_customers_list_consent_history, values, 1, &receiver, err);
}

/* ---- households and merges ---- */

static enum status household_row(void *context, const struct storage_row *row, struct error *err)
{
    struct household_view *view = context;

    (void)err;
    view->pooled = row_integer(row, 0) != 0;
    if (view->count < HOUSEHOLD_PERSONS_MAX)
        view->leaders[view->count++] = row_integer(row, 1);
    return STATUS_OK;
}

enum status household_read(struct storage_session *session, int64_t id, struct household_view *out, struct error *err)
{
    struct storage_receiver receiver = {.row = household_row, .context = out};
    struct storage_value values[] = {value_integer(id_bucket(id)), value_integer(id)};

    *out = (struct household_view){.id = id};
    enum status status = storage_run(session, &query_customers_household_read, values, 1, &receiver, err);
    if (status == STATUS_OK && out->count == 0)
        return error_set(err, STATUS_MISSING, "household.unknown", "household", "there is no such household");
    return status;
}

static enum status merge_event_row(void *context, const struct storage_row *row, struct error *err)
{
    struct merge_view *view = context;

    (void)err;
    if (text_equals(row_text(row, 1), "merge"))
        view->leader = row_integer(row, 0);
    return STATUS_OK;
}

static enum status moved_row(void *context, const struct storage_row *row, struct error *err)
{
    struct merge_view *view = context;

    (void)err;
    view->from = row_integer(row, 1);
    if (view->count < GROUP_MEMBERS_MAX)
        view->moved[view->count++] = row_integer(row, 0);
    return STATUS_OK;
}

static enum status leader_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 0);
    return STATUS_OK;
}

enum status merge_read(struct storage_session *session, int64_t id, struct merge_view *out, struct error *err)
{
    struct storage_receiver event = {.row = merge_event_row, .context = out};
    struct storage_receiver leader = {.row = leader_row, .context = &out->leader};
    struct storage_receiver moved = {.row = moved_row, .context = out};
    struct storage_value where[] = {value_integer(id_bucket(id)), value_integer(id_seq(id))};

    *out = (struct merge_view){0};
    enum status status = storage_run(session, &query_customers_merge_event, where, 1, &event, err);
    if (status == STATUS_OK && out->leader != 0) {
        /* The person that took them in may itself be part of another by now. */
        struct storage_value who[] = {value_integer(id_bucket(out->leader)), value_integer(out->leader)};
        status = storage_run(session, &query_customers_leader_read, who, 1, &leader, err);
    }
    if (status == STATUS_OK && out->leader != 0) {
        struct storage_value group[] = {value_integer(id_bucket(out->leader)), value_integer(out->leader),
                                        value_integer(id)};
        status = storage_run(session, &query_customers_merge_moved, group, 1, &moved, err);
    }
    if (status == STATUS_OK && out->count == 0)
        return error_set(err, STATUS_MISSING, "merge.unknown", "merge", "there is no such merge, or it was undone");
    return status;
}

static enum status status_row(void *context, const struct storage_row *row, struct error *err)
{
    (void)err;
    *(int64_t *)context = row_integer(row, 1);
    return STATUS_OK;
}

enum status member_check_living(struct storage_session *session, int64_t member, struct error *err)
{
    struct storage_value values[] = {value_integer(id_bucket(member)), value_integer(member)};
    int64_t found = 0;
    struct storage_receiver receiver = {.row = status_row, .context = &found};
    enum status status = storage_run(session, &query_customers_leader_read, values, 1, &receiver, err);

    if (status == STATUS_OK && found == 0)
        return error_set(err, STATUS_MISSING, "member.unknown", "member", "nobody is known by this");
    if (status == STATUS_OK && found == MEMBER_ERASED)
        return error_set(err, STATUS_MISSING, "member.erased", "member", "this member was erased");
    return status;
}

/* ---- custom fields ---- */

struct custom_fields {
    struct arena *arena;
    struct custom_field *fields;
    size_t count, capacity;
};

static enum status custom_field_row(void *context, const struct storage_row *row, struct error *err)
{
    struct custom_fields *found = context;
    struct arena *arena = found->arena;

    (void)err;
    found->fields = arena_grow(arena, found->fields, &found->capacity, found->count + 1, sizeof *found->fields);
    found->fields[found->count++] =
        (struct custom_field){row_text_copy(row, 0, arena), row_text_copy(row, 1, arena), row_text_copy(row, 2, arena),
                              row_text_copy(row, 3, arena), row_integer(row, 4) != 0,     row_integer(row, 5) != 0};
    return STATUS_OK;
}

enum status custom_fields_read(struct storage_session *session, struct arena *arena, struct custom_field **fields,
                               size_t *count, struct error *err)
{
    struct custom_fields found = {.arena = arena};
    struct storage_receiver receiver = {.row = custom_field_row, .context = &found};
    enum status status = storage_run(session, &query_customers_custom_fields, NULL, 1, &receiver, err);

    *fields = found.fields;
    *count = found.count;
    return status;
}

enum status custom_field_store(struct storage_session *session, const struct custom_field *field, struct error *err)
{
    struct storage_value values[] = {value_text(field->code),        value_text(field->name),
                                     value_text(field->type),        value_text(field->choices),
                                     value_integer(field->required), value_integer(field->personal)};

    return storage_run(session, &query_customers_custom_field_put, values, 1, NULL, err);
}

enum status custom_field_remove(struct storage_session *session, struct text code, struct error *err)
{
    struct storage_value values[] = {value_text(code)};

    return storage_run(session, &query_customers_custom_field_delete, values, 1, NULL, err);
}
