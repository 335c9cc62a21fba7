#include "features/exchange/dry_run_store.h"

#include <stdlib.h>
#include <string.h>

#include "features/customers/commands.h"
#include "features/customers/customers_store.h"
#include "features/events/purchase.h"
#include "features/insight/churn_record.h"
#include "features/takeover/taken_consent.h"
#include "foundation/map.h"

enum {
    DRY_ARENA_SIZE = 1024 * 1024 * 1024,
    DRY_SCRATCH_SIZE = 64 * 1024 * 1024,
    CLAIM_TEXT_SIZE = CLAIM_KEY_SIZE_MAX + 64
};

struct dry_run {
    struct arena *arena, *scratch; /* scratch: of one row */
    const unsigned char *seal_key;
    struct map *claims; /* by the hash of kind and key: of members that would be there by now */
    struct map *rows;   /* taken over: the digest by the hash of the claim */
};

struct dry_run *dry_run_new(const unsigned char *seal_key)
{
    struct dry_run *dry = calloc(1, sizeof *dry);
    if (dry == NULL)
        return NULL;
    dry->arena = arena_new(DRY_ARENA_SIZE);
    dry->scratch = arena_new(DRY_SCRATCH_SIZE);
    dry->seal_key = seal_key;
    if (dry->arena == NULL || dry->scratch == NULL) {
        dry_run_free(dry);
        return NULL;
    }
    dry->claims = map_new(dry->arena, 1024);
    dry->rows = map_new(dry->arena, 1024);
    return dry;
}

void dry_run_free(struct dry_run *dry)
{
    if (dry == NULL)
        return;
    arena_free(dry->arena);
    arena_free(dry->scratch);
    free(dry);
}

static int64_t claim_hash(const struct claim_key *claim)
{
    char bytes[CLAIM_TEXT_SIZE];
    size_t kind_size = strnlen(claim->kind, CLAIM_TEXT_SIZE - CLAIM_KEY_SIZE_MAX - 1) + 1;
    size_t key_size = claim->key.size < CLAIM_KEY_SIZE_MAX ? claim->key.size : CLAIM_KEY_SIZE_MAX;
    memcpy(bytes, claim->kind, kind_size);
    memcpy(bytes + kind_size, claim->key.bytes, key_size);
    return (int64_t)hash_stable((struct text){bytes, kind_size + key_size});
}

/* Any pointer but NULL says that the claim is known. */
static void remember(struct dry_run *dry, const struct command *command, size_t count)
{
    for (size_t i = 0; i < count && map_count(dry->claims) < DRY_CLAIMS_MAX; i++)
        map_put_id(dry->claims, claim_hash(&command->claims[i]), dry);
}

static enum status find_claim(struct dry_run *dry, struct storage_session *session, const struct claim_key *claim,
                              bool *found, struct error *err)
{
    int64_t reference = 0, owner = 0;
    if (map_get_id(dry->claims, claim_hash(claim)) != NULL) {
        *found = true;
        return STATUS_OK;
    }
    enum status status = engine_claim_find(session, claim->kind, claim->key, &reference, &owner, err);
    *found = *found || reference != 0;
    return status;
}

enum status dry_run_judge(struct dry_run *dry, struct storage_session *session, const struct command *command,
                          bool register_unknown, enum dry_verdict *out, struct error *err)
{
    bool registration = command->type == &register_member_type;
    /* The claims of the member come first; that of the event, of a purchase, is the last. */
    size_t of_member = registration ? command->claim_count : command->claim_count - 1;
    bool member = false, event = false;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < command->claim_count && status == STATUS_OK; i++)
        status = find_claim(dry, session, &command->claims[i], i < of_member ? &member : &event, err);
    if (status != STATUS_OK)
        return status;
    bool reason = command->type == &churn_record_type;
    bool named = registration || reason || ((const struct purchase *)command->body)->named;
    if (event || (registration && member))
        *out = DRY_KNOWN;
    else if (!named || member)
        *out = DRY_NEW;
    else if (!registration && (reason || !register_unknown))
        *out = DRY_UNKNOWN;
    else
        *out = registration ? DRY_NEW : DRY_REGISTERS;
    if (named && !member && *out != DRY_UNKNOWN && *out != DRY_KNOWN)
        remember(dry, command, of_member);
    return STATUS_OK;
}

enum status dry_run_stay(struct dry_run *dry, struct storage_session *session, const struct command *command,
                         enum dry_verdict *out, struct error *err)
{
    bool stay = false;
    enum status status = find_claim(dry, session, &command->claims[command->claim_count - 1], &stay, err);

    *out = stay ? DRY_KNOWN : DRY_NEW;
    for (size_t s = 0; s < command->subject_count && status == STATUS_OK && !stay; s++) {
        bool known = false;
        for (int i = 0; i < command->subjects[s].count && status == STATUS_OK; i++)
            status = find_claim(dry, session, &command->claims[command->subjects[s].first + i], &known, err);
        if (!known)
            *out = DRY_UNKNOWN;
    }
    if (status == STATUS_OK && *out == DRY_NEW && map_count(dry->claims) < DRY_CLAIMS_MAX)
        map_put_id(dry->claims, claim_hash(&command->claims[command->claim_count - 1]), dry);
    return status;
}

/* ---- rows taken over ---- */

static enum status judge_row(struct dry_run *dry, struct storage_session *session, const struct command *command,
                             struct takeover_row *row, struct error *err)
{
    bool by_member = row->claim < 0; /* then only what the file itself says of the member is looked at */
    const struct claim_key *claim = &command->claims[by_member ? 0 : row->claim];
    int64_t digest = 0, owner = 0, hash = claim_hash(claim);
    int64_t *seen = map_get_id(dry->rows, hash);
    enum status status = seen != NULL || by_member
                             ? STATUS_OK
                             : engine_claim_find(session, claim->kind, claim->key, &digest, &owner, err);

    if (seen != NULL)
        digest = *seen;
    if (status != STATUS_OK)
        return status;
    row->result = digest == 0 ? TAKEOVER_NEW : digest == row->digest ? TAKEOVER_KNOWN : TAKEOVER_DIFFERENT;
    if (digest == 0 && map_count(dry->rows) < DRY_CLAIMS_MAX)
        map_put_id(dry->rows, hash, arena_copy(dry->arena, &row->digest, sizeof row->digest));
    return STATUS_OK;
}

/* A consent is weighed against what the member has said here, and against an erasure. */
static enum status judge_consent(struct dry_run *dry, struct storage_session *session, const struct command *command,
                                 struct error *err)
{
    struct take_consent *body = command->body;
    const struct customer_load *load = &body->takeover.load;
    const struct tombstone_question erased = {dry->seal_key, load->checked, load->checked_count};
    struct customer_state state = {.member = 0};
    int64_t reference;
    enum status status = STATUS_OK;

    for (int i = 0; i < command->subjects[0].count && status == STATUS_OK && state.member == 0; i++)
        status =
            engine_claim_find(session, command->claims[i].kind, command->claims[i].key, &reference, &state.member, err);
    if (status == STATUS_OK && state.member != 0)
        status = customers_read(session, dry->scratch, PART_CONSENTS, &state, 1, err);
    if (status == STATUS_OK)
        status = customers_erased(session, dry->scratch, &erased, &state.erased_before, err);
    if (status == STATUS_OK)
        body->takeover.rows[0].result = taken_consent_judge(&state, &body->consent);
    arena_reset(dry->scratch);
    return status;
}

enum status dry_run_takeover(struct dry_run *dry, struct storage_session *session, struct command *command, bool *known,
                             struct error *err)
{
    struct takeover *takeover = command->body;
    size_t of_member = command->subject_count > 0 ? (size_t)command->subjects[0].count : 0;
    enum status status = STATUS_OK;

    *known = of_member == 0;
    for (size_t i = 0; i < of_member && status == STATUS_OK; i++)
        status = find_claim(dry, session, &command->claims[i], known, err);
    if (status == STATUS_OK && !*known && !takeover->register_unknown)
        return STATUS_OK;
    if (status == STATUS_OK && !*known)
        remember(dry, command, of_member);
    for (size_t i = 0; i < takeover->row_count && status == STATUS_OK; i++)
        status = judge_row(dry, session, command, &takeover->rows[i], err);
    bool consent = command->type == &take_consent_type && takeover->rows[0].result == TAKEOVER_NEW;
    return status == STATUS_OK && consent ? judge_consent(dry, session, command, err) : status;
}
