#include "features/customers/customers_store.h"

#include <assert.h>
#include <string.h>

#include "engine/engine.h"
#include "features/customers/commands.h"
#include "features/customers/personal_store.h"
#include "features/customers/rows.h"
#include "queries.h"
#include "storage/storage.h"

static void add(struct decision *decision, const struct storage_query *query, const struct storage_value *values,
                size_t count)
{
    assert((size_t)query->parameter_count == count);
    row_add(decision, query, arena_copy(decision->arena, values, count * sizeof *values));
}

#define ADD(decision, query, ...)                                    \
    add((decision), &(query), (struct storage_value[]){__VA_ARGS__}, \
        sizeof((struct storage_value[]){__VA_ARGS__}) / sizeof(struct storage_value))

static struct storage_value bucket_of(int64_t id)
{
    return value_integer(id_bucket(id));
}

void store_profile(struct decision *decision, int64_t member, const struct profile *profile)
{
    struct storage_value values[PROFILE_FIELD_COUNT + 3] = {bucket_of(member), value_integer(member)};

    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        values[2 + i] = value_text(profile->fields[i]);
    values[2 + PROFILE_FIELD_COUNT] = value_integer(profile->version);
    add(decision, &query_customers_profile_put, values, PROFILE_FIELD_COUNT + 3);
}

void store_identifier(struct decision *decision, int64_t member, struct identifier identifier, int64_t at)
{
    ADD(decision, query_customers_identifier_put, bucket_of(member), value_integer(member),
        value_string(identifier.kind), value_text(identifier.value), value_integer(at));
}

void store_identifier_delete(struct decision *decision, int64_t member, struct identifier identifier)
{
    ADD(decision, query_customers_identifier_delete, bucket_of(member), value_integer(member),
        value_string(identifier.kind), value_text(identifier.value));
}

void store_search_key(struct decision *decision, int64_t member, struct text key)
{
    ADD(decision, query_customers_search_put, bucket_of(member), value_integer(member), value_text(key));
}

void store_search_key_delete(struct decision *decision, int64_t member, struct text key)
{
    ADD(decision, query_customers_search_delete, bucket_of(member), value_integer(member), value_text(key));
}

void store_field(struct decision *decision, int64_t member, struct field_value field)
{
    if (field.value.size > 0)
        ADD(decision, query_customers_field_put, bucket_of(member), value_integer(member), value_text(field.field),
            value_text(field.value));
    else
        ADD(decision, query_customers_field_delete, bucket_of(member), value_integer(member), value_text(field.field));
}

void store_tag(struct decision *decision, int64_t member, struct text tag, int64_t at)
{
    ADD(decision, query_customers_tag_put, bucket_of(member), value_integer(member), value_text(tag),
        value_integer(at));
}

void store_tag_delete(struct decision *decision, int64_t member, struct text tag)
{
    ADD(decision, query_customers_tag_delete, bucket_of(member), value_integer(member), value_text(tag));
}

void store_note(struct decision *decision, int64_t member, int64_t id, struct text author, struct text body)
{
    ADD(decision, query_customers_note_put, bucket_of(member), value_integer(member), value_integer(id),
        value_integer(decision->now), value_text(author), value_text(body));
}

void store_note_delete(struct decision *decision, int64_t member, int64_t id)
{
    ADD(decision, query_customers_note_delete, bucket_of(member), value_integer(member), value_integer(id));
}

void store_preference(struct decision *decision, int64_t member, const struct preference *preference)
{
    ADD(decision, query_customers_preference_put, bucket_of(member), value_integer(member),
        value_integer(preference->id), value_text(preference->topic), value_text(preference->value),
        value_text(preference->liking), value_text(preference->known), value_integer(preference->confirmed_at),
        value_text(preference->author));
}

void store_preference_delete(struct decision *decision, int64_t member, int64_t id)
{
    ADD(decision, query_customers_preference_delete, bucket_of(member), value_integer(member), value_integer(id));
}

void store_consent(struct decision *decision, int64_t member, int64_t id, const struct consent *consent)
{
    ADD(decision, query_customers_consent_put, bucket_of(member), value_integer(member), value_text(consent->channel),
        value_text(consent->purpose), value_text(consent->state), value_integer(consent->at),
        value_text(consent->source), value_text(consent->wording), value_text(consent->author));
    ADD(decision, query_customers_consent_history_put, bucket_of(member), value_integer(member), value_integer(id),
        value_text(consent->channel), value_text(consent->purpose), value_text(consent->state),
        value_integer(consent->at), value_text(consent->source), value_text(consent->wording),
        value_text(consent->author));
}

void store_household(struct decision *decision, int64_t id, bool pooled)
{
    ADD(decision, query_customers_household_put, bucket_of(id), value_integer(id), value_integer(pooled));
}

void store_household_delete(struct decision *decision, int64_t id)
{
    ADD(decision, query_customers_household_delete, bucket_of(id), value_integer(id));
}

void store_group(struct decision *decision, int64_t grouping, int64_t member)
{
    ADD(decision, query_customers_group_put, bucket_of(grouping), value_integer(grouping), value_integer(member));
}

void store_group_delete(struct decision *decision, int64_t grouping, int64_t member)
{
    ADD(decision, query_customers_group_delete, bucket_of(grouping), value_integer(grouping), value_integer(member));
}

void store_link(struct decision *decision, const struct merge_link *link)
{
    ADD(decision, query_customers_link_put, bucket_of(link->member), value_integer(link->member),
        value_integer(link->id), value_integer(link->leader_before), value_integer(link->leader_after),
        value_integer(link->at));
}

void store_link_delete(struct decision *decision, int64_t member, int64_t id)
{
    ADD(decision, query_customers_link_delete, bucket_of(member), value_integer(member), value_integer(id));
}

void tombstone_hash(const unsigned char *key, struct identifier identifier, unsigned char hash[DIGEST_SIZE])
{
    char bytes[IDENTIFIER_SIZE_MAX + 16];
    size_t kind_size = strlen(identifier.kind);

    assert(kind_size + 1 + identifier.value.size <= sizeof bytes);
    memcpy(bytes, identifier.kind, kind_size + 1);
    memcpy(bytes + kind_size + 1, identifier.value.bytes, identifier.value.size);
    hmac_sha256(key, SEAL_KEY_SIZE, bytes, kind_size + 1 + identifier.value.size, hash);
}

void tombstone_hash_member(const unsigned char *key, const unsigned char salt[SALT_SIZE],
                           unsigned char hash[DIGEST_SIZE])
{
    tombstone_hash(key, (struct identifier){"member", {(const char *)salt, SALT_SIZE}}, hash);
}

static void put_tombstone(struct decision *decision, const unsigned char hash[DIGEST_SIZE])
{
    ADD(decision, query_customers_tombstone_put, value_integer(hash[0] % BUCKET_COUNT),
        value_blob(arena_copy(decision->arena, hash, DIGEST_SIZE), DIGEST_SIZE), value_integer(decision->now));
}

void store_tombstone(struct decision *decision, const unsigned char *key, struct identifier identifier)
{
    unsigned char hash[DIGEST_SIZE];

    tombstone_hash(key, identifier, hash);
    put_tombstone(decision, hash);
}

void store_tombstone_member(struct decision *decision, const unsigned char *key, const struct member *member)
{
    unsigned char hash[DIGEST_SIZE];

    tombstone_hash_member(key, member->salt, hash);
    put_tombstone(decision, hash);
}

void store_claim_delete(struct decision *decision, struct identifier identifier)
{
    ADD(decision, query_customers_claim_delete, value_integer(claim_bucket(identifier.kind, identifier.value)),
        value_string(identifier.kind), value_text(identifier.value));
}

void store_erasure(struct decision *decision, int64_t member)
{
    for (size_t i = 0; i < personal_table_count; i++) {
        const struct personal_table *table = &personal_tables[i];
        if (table->erase == NULL)
            continue;
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
            if (table->everywhere || bucket == id_bucket(member))
                add(decision, table->erase, (struct storage_value[]){value_integer(bucket), value_integer(member)}, 2);
    }
}

/* ---- loading ---- */

/* Where the rows of one flush go: the states by their slot. */
struct loading {
    struct arena *arena;
    struct customer_state **states;
};

static struct customer_state *state_of(void *context, const struct storage_row *row)
{
    const struct loading *loading = context;

    return loading->states[row_integer(row, 0)];
}

static struct text copy(void *context, const struct storage_row *row, int column)
{
    const struct loading *loading = context;

    return row_text_copy(row, column, loading->arena);
}

#define PUSH(context, state, list, count, capacity)                                                            \
    ((state)->list = arena_grow(((const struct loading *)(context))->arena, (state)->list, &(state)->capacity, \
                                (state)->count + 1, sizeof *(state)->list),                                    \
     &(state)->list[(state)->count++])

static enum status profile_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    for (int i = 0; i < PROFILE_FIELD_COUNT; i++)
        state->profile.fields[i] = copy(context, row, 1 + i);
    state->profile.version = row_integer(row, 1 + PROFILE_FIELD_COUNT);
    return STATUS_OK;
}

static enum status identifier_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);
    const char *kind = identifier_kind(row_text(row, 2));

    if (kind == NULL)
        return error_set(err, STATUS_DEFECT, "internal", "", "an identifier of unknown kind is stored");
    *PUSH(context, state, identifiers, identifier_count, identifier_capacity) =
        (struct identifier_row){row_integer(row, 1), {kind, copy(context, row, 3)}, row_integer(row, 4)};
    return STATUS_OK;
}

static enum status field_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, fields, field_count, field_capacity) =
        (struct field_value){copy(context, row, 1), copy(context, row, 2)};
    return STATUS_OK;
}

static enum status tag_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, tags, tag_count, tag_capacity) = copy(context, row, 1);
    return STATUS_OK;
}

static enum status note_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, notes, note_count, note_capacity) = row_integer(row, 1);
    return STATUS_OK;
}

static enum status preference_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, preferences, preference_count, preference_capacity) =
        (struct preference){row_integer(row, 1),   copy(context, row, 2), copy(context, row, 3), copy(context, row, 4),
                            copy(context, row, 5), row_integer(row, 6),   copy(context, row, 7)};
    return STATUS_OK;
}

static enum status consent_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, consents, consent_count, consent_capacity) =
        (struct consent){.channel = copy(context, row, 1),
                         .purpose = copy(context, row, 2),
                         .state = copy(context, row, 3),
                         .at = row_integer(row, 4),
                         .source = copy(context, row, 5),
                         .wording = copy(context, row, 6),
                         .author = copy(context, row, 7)};
    return STATUS_OK;
}

static enum status link_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, links, link_count, link_capacity) = (struct merge_link){
        row_integer(row, 1), row_integer(row, 2), row_integer(row, 3), row_integer(row, 4), row_integer(row, 5)};
    return STATUS_OK;
}

static enum status day_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, days, day_count, day_capacity) =
        (struct person_day){row_integer(row, 1), (int32_t)row_integer(row, 2)};
    return STATUS_OK;
}

static enum status household_row(void *context, const struct storage_row *row, struct error *err)
{
    struct customer_state *state = state_of(context, row);

    (void)err;
    *PUSH(context, state, household, household_count, household_capacity) =
        (struct household_person){row_integer(row, 1), row_integer(row, 2)};
    return STATUS_OK;
}

static const struct part_loader {
    enum customer_part part;
    const struct storage_query *query;
    enum status (*row)(void *context, const struct storage_row *row, struct error *err);
} part_loaders[] = {
    {PART_PROFILE, &query_customers_load_profile, profile_row},
    {PART_IDENTIFIERS, &query_customers_load_identifiers, identifier_row},
    {PART_FIELDS, &query_customers_load_fields, field_row},
    {PART_TAGS, &query_customers_load_tags, tag_row},
    {PART_NOTES, &query_customers_load_notes, note_row},
    {PART_PREFERENCES, &query_customers_load_preferences, preference_row},
    {PART_CONSENTS, &query_customers_load_consents, consent_row},
    {PART_LINKS, &query_customers_load_links, link_row},
    {PART_DAYS, &query_customers_load_days, day_row},
    {PART_HOUSEHOLD, &query_customers_load_household, household_row},
};

static enum status send_part(struct storage_session *session, struct loading *loading, const unsigned *parts,
                             size_t state_count, const struct part_loader *loader, struct error *err)
{
    struct storage_value *values = arena_array(loading->arena, state_count * 3, sizeof *values);
    struct storage_receiver *receiver = arena_alloc(loading->arena, sizeof *receiver);
    size_t rows = 0;

    for (size_t slot = 0; slot < state_count; slot++) {
        const struct customer_state *state = loading->states[slot];
        if (state->member == 0 || (parts[slot] & loader->part) == 0)
            continue;
        values[rows * 3] = value_integer((int64_t)slot);
        values[rows * 3 + 1] = bucket_of(state->member);
        values[rows * 3 + 2] = value_integer(state->member);
        rows++;
    }
    *receiver = (struct storage_receiver){.row = loader->row, .context = loading};
    return rows > 0 ? storage_send(session, loader->query, values, rows, receiver, err) : STATUS_OK;
}

static enum status send_parts(struct storage_session *session, struct loading *loading, const unsigned *parts,
                              size_t state_count, struct error *err)
{
    enum status status = STATUS_OK;

    for (size_t p = 0; p < sizeof part_loaders / sizeof part_loaders[0] && status == STATUS_OK; p++)
        status = send_part(session, loading, parts, state_count, &part_loaders[p], err);
    return status;
}

/* ---- tombstones ---- */

/* Identifiers that are looked up, and where it is noted that one was somebody's who was erased. */
struct tombstone_search {
    struct arena *arena;
    const unsigned char *key;
    struct storage_value *values;
    bool **found;
    size_t count, value_capacity, found_capacity;
};

static enum status tombstone_row(void *context, const struct storage_row *row, struct error *err)
{
    const struct tombstone_search *search = context;

    (void)err;
    *search->found[row_integer(row, 0)] = true;
    return STATUS_OK;
}

static void search_tombstone(struct tombstone_search *search, struct identifier identifier, bool *found)
{
    unsigned char *hash = arena_alloc(search->arena, DIGEST_SIZE);
    size_t at = search->count++;

    tombstone_hash(search->key, identifier, hash);
    search->found = arena_grow(search->arena, search->found, &search->found_capacity, at + 1, sizeof(bool *));
    search->values =
        arena_grow(search->arena, search->values, &search->value_capacity, (at + 1) * 3, sizeof *search->values);
    search->found[at] = found;
    search->values[at * 3] = value_integer((int64_t)at);
    search->values[at * 3 + 1] = value_integer(hash[0] % BUCKET_COUNT);
    search->values[at * 3 + 2] = value_blob(hash, DIGEST_SIZE);
}

static void search_registration(const struct load_context *context, struct tombstone_search *search,
                                const struct command *command, bool *found)
{
    const struct subject *named = &command->subjects[0];

    *found = false;
    if (command->subject_count == 0 || named->by != SUBJECT_CLAIMS || context->member_of(context, command, 0) != 0)
        return;
    for (int i = named->first; i < named->first + named->count; i++)
        search_tombstone(search, (struct identifier){command->claims[i].kind, command->claims[i].key}, found);
}

static struct tombstone_search *search_start(const struct load_context *context)
{
    struct tombstone_search *search = arena_alloc(context->arena, sizeof *search);

    *search = (struct tombstone_search){.arena = context->arena, .key = context->seal_key};
    return search;
}

static enum status search_send(struct load_context *context, struct tombstone_search *search, struct error *err)
{
    const struct storage_receiver receiver = {.row = tombstone_row, .context = search};

    return search->count > 0 ? storage_send(context->session, &query_customers_load_tombstone, search->values,
                                            search->count, &receiver, err)
                             : STATUS_OK;
}

enum status customers_erased(struct storage_session *session, struct arena *arena,
                             const struct tombstone_question *question, bool *erased, struct error *err)
{
    struct tombstone_search search = {.arena = arena, .key = question->seal_key};
    const struct storage_receiver receiver = {.row = tombstone_row, .context = &search};

    *erased = false;
    for (size_t i = 0; i < question->count; i++)
        search_tombstone(&search, question->identifiers[i], erased);
    return search.count > 0
               ? storage_run(session, &query_customers_load_tombstone, search.values, search.count, &receiver, err)
               : STATUS_OK;
}

enum status registrations_load(struct load_context *context, struct command **commands, bool *const *erased_before,
                               size_t count, struct error *err)
{
    struct tombstone_search *search = search_start(context);

    for (size_t i = 0; i < count; i++)
        search_registration(context, search, commands[i], erased_before[i]);
    return search_send(context, search, err);
}

static enum status send_tombstones(struct load_context *context, struct command **commands, size_t count,
                                   struct error *err)
{
    struct tombstone_search *search = search_start(context);

    for (size_t i = 0; i < count; i++) {
        struct customer_load *load = commands[i]->body;
        bool *found = &load->states[0].erased_before;
        load->tombstone_key = context->seal_key;
        if (commands[i]->type == &register_member_type)
            search_registration(context, search, commands[i], found);
        for (size_t c = 0; c < load->checked_count; c++)
            search_tombstone(search, load->checked[c], found);
    }
    return search_send(context, search, err);
}

enum status customers_load(struct load_context *context, struct command **commands, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(context->arena, sizeof *loading);
    unsigned *parts = arena_array(context->arena, count * CUSTOMER_STATES, sizeof *parts);

    loading->arena = context->arena;
    loading->states = arena_array(context->arena, count * CUSTOMER_STATES, sizeof *loading->states);
    for (size_t i = 0; i < count; i++) {
        struct customer_load *load = commands[i]->body;
        for (size_t s = 0; s < CUSTOMER_STATES; s++) {
            /* The batch may be run again: what an earlier run loaded is forgotten. */
            load->states[s] = (struct customer_state){0};
            if (s < commands[i]->subject_count)
                load->states[s].member = context->member_of(context, commands[i], (int)s);
            loading->states[i * CUSTOMER_STATES + s] = &load->states[s];
            parts[i * CUSTOMER_STATES + s] = load->parts[s];
        }
    }
    enum status status = send_parts(context->session, loading, parts, count * CUSTOMER_STATES, err);
    if (status != STATUS_OK)
        return status;
    return send_tombstones(context, commands, count, err);
}

enum status customers_send(struct storage_session *session, struct arena *arena, unsigned parts,
                           struct customer_state *states, size_t count, struct error *err)
{
    struct loading *loading = arena_alloc(arena, sizeof *loading);
    unsigned *wanted = arena_array(arena, count, sizeof *wanted);

    *loading = (struct loading){.arena = arena, .states = arena_array(arena, count, sizeof *loading->states)};
    for (size_t i = 0; i < count; i++) {
        loading->states[i] = &states[i];
        wanted[i] = parts;
    }
    return send_parts(session, loading, wanted, count, err);
}

enum status customers_read(struct storage_session *session, struct arena *arena, unsigned parts,
                           struct customer_state *states, size_t count, struct error *err)
{
    enum status status = customers_send(session, arena, parts, states, count, err);
    return status == STATUS_OK ? storage_flush(session, err) : status;
}
