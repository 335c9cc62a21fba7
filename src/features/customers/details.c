/* details.c: identifiers, tags, notes, preferences and consents of a member, as decisions. */
#include <string.h>

#include "features/customers/commands.h"
#include "features/customers/policy.h"
#include "features/customers/profile.h"
#include "features/customers/rows.h"

/* The member of subject 0 and what was loaded of it. */
static enum status begin(struct decision *decision, const struct command *command, struct customer_load *load,
                         struct customer_state **state, struct error *err)
{
    enum status status = customer_require(decision, command, 0, err);

    return status == STATUS_OK ? customers_state(decision, load, 0, state, err) : status;
}

static const struct text nothing = {NULL, 0};

/* ---- identifiers ---- */

static void change_search(struct decision *decision, const struct customer_state *state, int64_t member,
                          struct identifier identifier, bool added)
{
    struct text digits = identifier_last_digits(identifier);

    for (size_t i = 0; i < state->identifier_count; i++) {
        const struct identifier_row *row = &state->identifiers[i];
        bool same =
            strcmp(row->identifier.kind, identifier.kind) == 0 && text_equal(row->identifier.value, identifier.value);
        if (row->member == member && !same && text_equal(identifier_last_digits(row->identifier), digits))
            return; /* another identifier needs the key as well */
    }
    if (digits.size > 0 && added)
        store_search_key(decision, member, digits);
    else if (digits.size > 0)
        store_search_key_delete(decision, member, digits);
}

static enum status add_identifier(struct decision *decision, struct command *command, struct customer_state *state,
                                  struct error *err)
{
    struct change_identifier *body = command->body;
    const struct claim_key *claim = &command->claims[0];
    const struct member *member = decision->subjects[0].member;
    int maximum = customers_policy_at(decision->programmes, decision->now).max_identifiers, same = 0;

    if (claim->member == member->id)
        return error_set(err, STATUS_CONFLICT, "identifier.exists", "value", "the member has this identifier already");
    if (claim->reference != 0) {
        char id[ID_TEXT_SIZE];
        return error_set(err, STATUS_CONFLICT, "identifier.conflict", "value",
                         "this identifies member %s; merge the two if they are one person",
                         id_format("mbr", claim->member, id));
    }
    for (size_t i = 0; i < state->identifier_count; i++)
        same += state->identifiers[i].member == member->id &&
                strcmp(state->identifiers[i].identifier.kind, body->identifier.kind) == 0;
    if (same >= maximum)
        return error_set(err, STATUS_INVALID, "identifier.count", body->identifier.kind,
                         "a member has at most %d identifiers of a kind", maximum);
    struct journal_row *row = customers_journal(decision, member, "identifier");
    claim_take(decision, claim->kind, claim->key, member->id, member->id);
    store_identifier(decision, member->id, body->identifier, decision->now);
    change_search(decision, state, member->id, body->identifier, true);
    if (state->erased_before)
        refuse_all(decision, member->id, row->id);
    audit_add(decision, command, "identifier.added", member->id, nothing,
              audit_field(decision->arena, body->identifier.kind, body->identifier.value));
    return STATUS_OK;
}

static enum status identifier_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_identifier *body = command->body;
    struct customer_state *state;
    enum status status = begin(decision, command, &body->load, &state, err);

    if (status != STATUS_OK)
        return status;
    if (body->action == CHANGE_ADD)
        return add_identifier(decision, command, state, err);
    const struct member *member = decision->subjects[0].member;
    if (command->claims[0].member != member->id)
        return error_set(err, STATUS_MISSING, "identifier.unknown", "value", "the member has no such identifier");
    customers_journal(decision, member, "identifier");
    claim_drop(decision, command->claims[0].kind, command->claims[0].key);
    store_identifier_delete(decision, member->id, body->identifier);
    change_search(decision, state, member->id, body->identifier, false);
    audit_add(decision, command, "identifier.removed", member->id,
              audit_field(decision->arena, body->identifier.kind, body->identifier.value), nothing);
    return STATUS_OK;
}

const struct command_type change_identifier_type = {
    .name = "change_identifier", .loads = LOAD_ALONE, .load = customers_load, .decide = identifier_decide};

/* ---- tags ---- */

static bool has_tag(const struct customer_state *state, struct text tag)
{
    for (size_t i = 0; i < state->tag_count; i++)
        if (text_equal(state->tags[i], tag))
            return true;
    return false;
}

static enum status tag_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_tag *body = command->body;
    struct customer_state *state;
    enum status status = begin(decision, command, &body->load, &state, err);

    if (status != STATUS_OK)
        return status;
    const struct member *member = decision->subjects[0].member;
    bool there = has_tag(state, body->tag);
    if (body->action == CHANGE_REMOVE && !there)
        return error_set(err, STATUS_MISSING, "tag.unknown", "tag", "the member has no such tag");
    if (body->action == CHANGE_ADD && there)
        return STATUS_OK;
    if (body->action == CHANGE_ADD && state->tag_count >= MEMBER_TAGS_MAX)
        return error_set(err, STATUS_LIMIT, "member.tags", "tag", "a member has at most %d tags", MEMBER_TAGS_MAX);
    customers_journal(decision, member, "tag");
    struct text value = audit_field(decision->arena, "tag", body->tag);
    if (body->action == CHANGE_ADD) {
        store_tag(decision, member->id, body->tag, decision->now);
        audit_add(decision, command, "tag.added", member->id, nothing, value);
    } else {
        store_tag_delete(decision, member->id, body->tag);
        audit_add(decision, command, "tag.removed", member->id, value, nothing);
    }
    return STATUS_OK;
}

const struct command_type change_tag_type = {
    .name = "change_tag", .loads = LOAD_ALONE, .load = customers_load, .decide = tag_decide};

/* ---- notes ---- */

static bool has_note(const struct customer_state *state, int64_t id)
{
    for (size_t i = 0; i < state->note_count; i++)
        if (state->notes[i] == id)
            return true;
    return false;
}

static enum status note_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_note *body = command->body;
    struct customer_state *state;
    enum status status = begin(decision, command, &body->load, &state, err);

    if (status != STATUS_OK)
        return status;
    const struct member *member = decision->subjects[0].member;
    if (body->action == CHANGE_REMOVE && !has_note(state, body->id))
        return error_set(err, STATUS_MISSING, "note.unknown", "note", "the member has no such note");
    if (body->action == CHANGE_ADD && state->note_count >= MEMBER_NOTES_MAX)
        return error_set(err, STATUS_LIMIT, "member.notes", "body", "a member has at most %d notes", MEMBER_NOTES_MAX);
    struct journal_row *row = customers_journal(decision, member, "note");
    if (body->action == CHANGE_ADD) {
        body->id = row->id;
        store_note(decision, member->id, row->id, body->author, body->body);
        audit_add(decision, command, "note.added", member->id, nothing,
                  audit_field(decision->arena, "body", body->body));
    } else {
        store_note_delete(decision, member->id, body->id);
        audit_add(decision, command, "note.removed", member->id, nothing, nothing);
    }
    return STATUS_OK;
}

const struct command_type change_note_type = {
    .name = "change_note", .loads = LOAD_ALONE, .load = customers_load, .decide = note_decide};

/* ---- preferences ---- */

static const struct preference *find_preference(const struct customer_state *state, const struct preference *wanted)
{
    for (size_t i = 0; i < state->preference_count; i++) {
        const struct preference *preference = &state->preferences[i];
        if (wanted->id != 0
                ? preference->id == wanted->id
                : text_equal(preference->topic, wanted->topic) && text_equal(preference->value, wanted->value))
            return preference;
    }
    return NULL;
}

/* What was told outweighs what was observed, and that what was inferred. */
static int certainty(struct text known)
{
    return text_equals(known, "told") ? 2 : text_equals(known, "observed") ? 1 : 0;
}

static enum status preference_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_preference *body = command->body;
    struct customer_state *state;
    enum status status = begin(decision, command, &body->load, &state, err);

    if (status != STATUS_OK)
        return status;
    const struct member *member = decision->subjects[0].member;
    struct preference changed = body->preference;
    if (body->action == CHANGE_ADD)
        changed.id = 0;
    const struct preference *before = find_preference(state, &changed);
    struct text was = before != NULL ? audit_field(decision->arena, "preference", before->value) : nothing;
    if (body->action == CHANGE_REMOVE) {
        if (before == NULL)
            return error_set(err, STATUS_MISSING, "preference.unknown", "preference",
                             "the member has no such preference");
        customers_journal(decision, member, "preference");
        store_preference_delete(decision, member->id, before->id);
        audit_add(decision, command, "preference.removed", member->id, was, nothing);
        return STATUS_OK;
    }
    if (before == NULL && state->preference_count >= MEMBER_PREFERENCES_MAX)
        return error_set(err, STATUS_LIMIT, "member.preferences", "value", "a member has at most %d preferences",
                         MEMBER_PREFERENCES_MAX);
    if (before != NULL && certainty(changed.known) < certainty(before->known))
        return error_set(err, STATUS_CONFLICT, "preference.certain", "known",
                         "what the member told outweighs what was observed or inferred");
    struct journal_row *row = customers_journal(decision, member, "preference");
    changed.id = before != NULL ? before->id : row->id;
    if (changed.confirmed_at == 0)
        changed.confirmed_at = decision->now;
    store_preference(decision, member->id, &changed);
    audit_add(decision, command, "preference.set", member->id, was,
              audit_field(decision->arena, "preference", changed.value));
    body->preference.id = changed.id;
    return STATUS_OK;
}

const struct command_type change_preference_type = {
    .name = "change_preference", .loads = LOAD_ALONE, .load = customers_load, .decide = preference_decide};

/* ---- consents ---- */

static const struct consent *find_consent(const struct customer_state *state, struct text channel, struct text purpose)
{
    for (size_t i = 0; i < state->consent_count; i++)
        if (text_equal(state->consents[i].channel, channel) && text_equal(state->consents[i].purpose, purpose))
            return &state->consents[i];
    return NULL;
}

/* An import may not overrule an erasure, nor a newer word of the member. */
static bool is_overruled(const struct customer_state *state, const struct consent *consent)
{
    const struct consent *before = find_consent(state, consent->channel, consent->purpose);
    const struct consent *all = find_consent(state, TEXT("*"), TEXT("*"));
    bool imported = text_equals(consent->source, "import");

    if (before != NULL && consent->at < before->at)
        return true;
    if (!imported || !text_equals(consent->state, "granted"))
        return false;
    return state->erased_before || (all != NULL && text_equals(all->state, "withdrawn"));
}

static enum status consents_decide(struct decision *decision, struct command *command, struct error *err)
{
    struct change_consents *body = command->body;
    struct customer_state *state;
    enum status status = begin(decision, command, &body->load, &state, err);

    if (status != STATUS_OK)
        return status;
    if (state->consent_count + body->consent_count > MEMBER_CONSENTS_MAX)
        return error_set(err, STATUS_LIMIT, "member.consents", "consents", "a member has at most %d consents",
                         MEMBER_CONSENTS_MAX);
    const struct member *member = decision->subjects[0].member;
    struct journal_row *row = customers_journal(decision, member, "consent");
    for (size_t i = 0; i < body->consent_count; i++) {
        struct consent consent = body->consents[i];
        if (consent.at == 0)
            consent.at = decision->now;
        if (is_overruled(state, &consent))
            continue;
        const struct consent *before = find_consent(state, consent.channel, consent.purpose);
        store_consent(decision, member->id, row->id, &consent);
        audit_add(decision, command, "consent.set", member->id,
                  before != NULL
                      ? audit_field(decision->arena, text_string(decision->arena, consent.channel), before->state)
                      : nothing,
                  audit_field(decision->arena, text_string(decision->arena, consent.channel), consent.state));
    }
    return STATUS_OK;
}

const struct command_type change_consents_type = {
    .name = "change_consents", .loads = LOAD_ALONE, .load = customers_load, .decide = consents_decide};

static bool covers(const struct consent *consent, struct text channel, struct text purpose)
{
    return (text_equal(consent->channel, channel) || text_equals(consent->channel, "*")) &&
           (text_equal(consent->purpose, purpose) || text_equals(consent->purpose, "*"));
}

/* The word of one member: its newest that covers the channel and purpose. */
static const struct consent *member_consent(const struct consent_view *consents, size_t count, int64_t member,
                                            struct text channel, struct text purpose)
{
    const struct consent *newest = NULL;

    for (size_t i = 0; i < count; i++)
        if (consents[i].member == member && covers(&consents[i].consent, channel, purpose) &&
            (newest == NULL || consents[i].consent.at >= newest->at))
            newest = &consents[i].consent;
    return newest;
}

const struct consent *consent_fold(const struct consent_view *consents, size_t count, struct text channel,
                                   struct text purpose, int64_t merged_at)
{
    const struct consent *latest = NULL, *strictest = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct consent *word = member_consent(consents, count, consents[i].member, channel, purpose);
        if (word == NULL)
            continue;
        if (word->at >= merged_at && (latest == NULL || word->at > latest->at))
            latest = word;
        if (strictest == NULL || (text_equals(word->state, "withdrawn") && !text_equals(strictest->state, "withdrawn")))
            strictest = word;
    }
    return merged_at > 0 && latest != NULL ? latest : strictest;
}
