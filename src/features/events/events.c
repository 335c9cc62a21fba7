#include "features/events/events.h"

#include <string.h>

/* ---- places ---- */

const struct store *store_find(const struct programme_set *set, struct text code)
{
    size_t low = 0, high = set->store_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(set->stores[middle].code, code);
        if (order == 0)
            return &set->stores[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct employee *employee_find(const struct programme_set *set, struct text code)
{
    size_t low = 0, high = set->employee_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = text_compare(set->employees[middle].code, code);
        if (order == 0)
            return &set->employees[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

enum status event_check_place(const struct programme_set *set, struct text store, struct text employee, int32_t day,
                              struct error *err)
{
    const struct store *place = store.size > 0 ? store_find(set, store) : NULL;
    const struct employee *who = employee.size > 0 ? employee_find(set, employee) : NULL;

    if (place != NULL && place->kind != PLACE_STORE)
        return error_set(err, STATUS_INVALID, "store.kind", "store", "'%.*s' is a %s, not a store", (int)store.size,
                         store.bytes, place_kinds[place->kind]);
    if (place != NULL && ((place->opened_on != DAY_NONE && day < place->opened_on) ||
                          (place->closed_on != DAY_NONE && day >= place->closed_on)))
        return error_set(err, STATUS_INVALID, "store.closed", "store", "the store '%.*s' is not open on that day",
                         (int)store.size, store.bytes);
    if (who != NULL && !who->active)
        return error_set(err, STATUS_INVALID, "employee.inactive", "employee", "'%.*s' does not work here any more",
                         (int)employee.size, employee.bytes);
    return STATUS_OK;
}

int32_t business_day(const struct programme_set *set, struct text store, int64_t at)
{
    const struct store *place = store.size > 0 ? store_find(set, store) : NULL;
    const struct zone *zone = place != NULL && place->zone != NULL ? place->zone : programme_at(set, at)->zone;

    return zone_day(zone, place != NULL ? at - place->cut_minutes * INSTANT_MINUTE : at);
}

/* ---- time ---- */

int64_t event_instant(struct event_moment moment)
{
    if (!moment.at_given)
        return moment.received_at;
    return moment.sent_given ? moment.received_at - (moment.sent_at - moment.at) : moment.at;
}

enum status event_check_instant(int64_t at, int64_t now, struct error *err)
{
    char text[INSTANT_TEXT_SIZE];

    if (at > now + EVENT_AHEAD_MAX)
        return error_set(err, STATUS_INVALID, "event.in_future", "at", "%s is more than 5 minutes in the future",
                         instant_format(at, text));
    return STATUS_OK;
}

/* ---- identity ---- */

/* '/' separates the parts, so inside of one it is written as %2F. */
static void key_part(struct builder *key, struct text part)
{
    builder_char(key, '/');
    for (size_t i = 0; i < part.size; i++) {
        if (part.bytes[i] == '/')
            builder_string(key, "%2F");
        else if (part.bytes[i] == '%')
            builder_string(key, "%25");
        else
            builder_char(key, part.bytes[i]);
    }
}

/* A key that would be too long for a claim keeps `kept` bytes and gets the digest of the whole. */
static struct text key_done(struct arena *arena, const struct builder *key, size_t kept)
{
    unsigned char digest[DIGEST_SIZE];
    struct builder out = {.arena = arena};

    if (key->size <= CLAIM_KEY_SIZE_MAX)
        return builder_done(key);
    digest_compute(key->bytes, key->size, digest);
    builder_bytes(&out, key->bytes, kept);
    builder_string(&out, "/#");
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        builder_format(&out, "%02x", digest[i]);
    return builder_done(&out);
}

struct text receipt_key(struct arena *arena, const struct receipt *receipt)
{
    char day[DAY_TEXT_SIZE];
    struct builder key = {.arena = arena};

    builder_string(&key, day_format(receipt->day, day));
    key_part(&key, receipt->channel);
    key_part(&key, receipt->store);
    key_part(&key, receipt->till);
    key_part(&key, receipt->number);
    return key_done(arena, &key, strlen(day));
}

struct text event_key(struct arena *arena, struct text channel, struct text id)
{
    struct builder key = {.arena = arena};

    builder_text(&key, channel);
    key_part(&key, id);
    return key_done(arena, &key, 0);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digest in the facts is looked for as text: every kind of event keeps it as "digest":"32 hex digits". */
static bool digest_matches(struct text facts, const unsigned char digest[SEAL_SIZE])
{
    static const char label[] = "\"digest\":\"";
    const char *at = facts.size > 0 ? memmem(facts.bytes, facts.size, label, sizeof label - 1) : NULL;

    if (at == NULL)
        return false;
    at += sizeof label - 1;
    if ((size_t)(facts.bytes + facts.size - at) < 2 * SEAL_SIZE)
        return false;
    for (size_t i = 0; i < SEAL_SIZE; i++)
        if (hex_digit(at[2 * i]) * 16 + hex_digit(at[2 * i + 1]) != digest[i])
            return false;
    return true;
}

static enum status check_event_id(const struct decision *decision, const struct claim_key *claim,
                                  const struct event_identity *identity, int64_t *known, struct error *err)
{
    char id[ID_TEXT_SIZE];
    const struct past_event *first =
        identity->event_reference >= 0 ? decision->events[identity->event_reference] : NULL;

    /* What is kept for days is not in the journal: its id alone tells. */
    if (first != NULL && !digest_matches(first->row.facts, identity->digest))
        return error_set(err, STATUS_CONFLICT, "event.conflict", "event_id",
                         "this event id belongs to %s, which says something else",
                         id_format("evt", claim->reference, id));
    *known = claim->reference;
    return STATUS_OK;
}

/* A receipt is free again for what happened after its purchase was voided; an old sending again is not. */
static bool receipt_is_free(const struct decision *decision, const struct command *command,
                            const struct event_identity *identity)
{
    const struct past_event *holder =
        identity->receipt_reference >= 0 ? decision->events[identity->receipt_reference] : NULL;

    return command->claims[identity->receipt_claim].reference == 0 ||
           (holder != NULL && text_equals(holder->row.kind, "void") && identity->at > holder->row.at);
}

enum status event_identity_check(const struct decision *decision, const struct command *command,
                                 const struct event_identity *identity, int64_t *known, struct error *err)
{
    char id[ID_TEXT_SIZE];

    *known = 0;
    if (identity->event_claim >= 0 && command->claims[identity->event_claim].reference != 0)
        return check_event_id(decision, &command->claims[identity->event_claim], identity, known, err);
    if (identity->row_claim >= 0 && command->claims[identity->row_claim].reference != 0) {
        *known = command->claims[identity->row_claim].reference;
        return STATUS_OK;
    }
    if (identity->receipt_claim >= 0 && !receipt_is_free(decision, command, identity))
        return error_set(err, STATUS_CONFLICT, "receipt.known", "receipt", "this receipt is already recorded as %s",
                         id_format("evt", command->claims[identity->receipt_claim].reference, id));
    return STATUS_OK;
}

void event_identity_take(struct decision *decision, const struct command *command,
                         const struct event_identity *identity, int64_t id, int64_t member)
{
    const int indexes[] = {identity->receipt_claim, identity->event_claim, identity->row_claim};

    if (identity->receipt_claim >= 0 && command->claims[identity->receipt_claim].reference != 0)
        claim_drop(decision, command->claims[identity->receipt_claim].kind,
                   command->claims[identity->receipt_claim].key);
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        if (indexes[i] >= 0)
            claim_take(decision, command->claims[indexes[i]].kind, command->claims[indexes[i]].key, id, member);
}

/* ---- shared by the decisions ---- */

enum status event_qualify(struct decision *decision, const struct person *person, const struct tier_gain *gain,
                          int64_t cause, struct error *err)
{
    const struct programme *programme = programme_at(decision->programmes, decision->now);

    if (programme->ladder.level_count == 0)
        return STATUS_OK;
    if (group_person_size(person->group, person->leader) > 1) {
        tier_qualify_share(decision->arena, programme, &person->member->own, person->member->registered_at, gain,
                           decision->now);
        person->member->own_changed = true;
    }
    return tier_qualify(decision, person->leader, programme, gain, cause, err);
}
