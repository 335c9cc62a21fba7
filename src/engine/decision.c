#include "engine/decision.h"

#include <assert.h>
#include <string.h>

enum { CLAIM_NAME_SIZE_MAX = CODE_SIZE_MAX + 1 + CLAIM_KEY_SIZE_MAX };

/* The name of a claim, "kind NUL key", in `bytes`. */
static struct text claim_name(char bytes[CLAIM_NAME_SIZE_MAX], const char *kind, struct text key)
{
    size_t kind_size = strlen(kind);

    assert(kind_size <= CODE_SIZE_MAX);
    assert(key.size <= CLAIM_KEY_SIZE_MAX);
    memcpy(bytes, kind, kind_size);
    bytes[kind_size] = '\0';
    if (key.size > 0)
        memcpy(bytes + kind_size + 1, key.bytes, key.size);
    return (struct text){bytes, kind_size + 1 + key.size};
}

int claim_bucket(const char *kind, struct text key)
{
    char bytes[CLAIM_NAME_SIZE_MAX];

    return (int)(hash_stable(claim_name(bytes, kind, key)) % BUCKET_COUNT);
}

const char *account_name(enum account account)
{
    switch (account) {
    case ACCOUNT_ACTIVE:
        return "active";
    case ACCOUNT_PENDING:
        return "pending";
    case ACCOUNT_HELD:
        return "held";
    case ACCOUNT_DEBT:
        return "debt";
    case ACCOUNT_ISSUED:
        return "issued";
    case ACCOUNT_REDEEMED:
        return "redeemed";
    case ACCOUNT_EXPIRED:
        return "expired";
    case ACCOUNT_CLAWED_BACK:
        return "clawed_back";
    case ACCOUNT_WRITTEN_OFF:
        return "written_off";
    case ACCOUNT_ADJUSTED:
        return "adjusted";
    case ACCOUNT_TRANSIT:
        return "transit";
    case ACCOUNT_PAID_IN:
        return "paid_in";
    case ACCOUNT_PAID_OUT:
        return "paid_out";
    case ACCOUNT_TAKEN_OVER:
        return "taken_over";
    }
    return "unknown";
}

/* ---- effects ---- */

struct effects *effects_new(struct arena *arena)
{
    struct effects *effects = arena_alloc(arena, sizeof *effects);

    effects->arena = arena;
    effects->claims = map_new(arena, 64);
    effects->ledger_totals = map_new(arena, 64);
    effects->measure_totals = map_new(arena, 64);
    return effects;
}

struct effects_mark effects_begin(struct effects *effects)
{
    struct effects_mark mark = {
        .rows = effects->row_count, .feature_rows = effects->feature_row_count, .audits = effects->audit_count};

    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        mark.seqs[bucket] = effects->heads[bucket].seq;
    effects->measure_count = 0;
    effects->undo_count = 0;
    effects->new_group_count = 0;
    return mark;
}

static void add_ledger(struct effects *effects, int bucket, struct text wallet, enum account account, int32_t day,
                       int64_t amount)
{
    struct {
        int32_t bucket, account, day;
        char wallet[CODE_SIZE_MAX];
    } key = {bucket, (int32_t)account, day, {0}};

    assert(wallet.size <= CODE_SIZE_MAX);
    memcpy(key.wallet, wallet.bytes, wallet.size);
    size_t size = offsetof(__typeof__(key), wallet) + wallet.size;
    struct ledger_total *total = map_get(effects->ledger_totals, (struct text){(const char *)&key, size});
    if (total == NULL) {
        total = arena_alloc(effects->arena, sizeof *total);
        *total = (struct ledger_total){bucket, wallet, account, day, 0};
        map_put(effects->ledger_totals, (struct text){arena_copy(effects->arena, &key, size), size}, total);
    }
    total->amount += amount;
}

static void add_measure(struct effects *effects, const struct measure_total *measure)
{
    struct {
        int32_t bucket, day;
        const char *measure;
        char store[CODE_SIZE_MAX];
    } key = {measure->bucket, measure->day, measure->measure, {0}};

    assert(measure->store.size <= CODE_SIZE_MAX);
    if (measure->store.size > 0)
        memcpy(key.store, measure->store.bytes, measure->store.size);
    size_t size = offsetof(__typeof__(key), store) + measure->store.size;
    struct measure_total *total = map_get(effects->measure_totals, (struct text){(const char *)&key, size});
    if (total == NULL) {
        total = arena_alloc(effects->arena, sizeof *total);
        *total = *measure;
        total->amount = 0;
        map_put(effects->measure_totals, (struct text){arena_copy(effects->arena, &key, size), size}, total);
    }
    total->amount += measure->amount;
}

void effects_keep(struct effects *effects, const struct effects_mark *mark)
{
    for (size_t i = mark->rows; i < effects->row_count; i++) {
        const struct journal_row *row = effects->rows[i];
        for (size_t m = 0; m < row->movement_count; m++) {
            const struct movement *movement = &row->movements[m];
            add_ledger(effects, id_bucket(row->id), movement->wallet, movement->debit, row->day, -movement->amount);
            add_ledger(effects, id_bucket(row->id), movement->wallet, movement->credit, row->day, movement->amount);
        }
    }
    for (size_t i = 0; i < effects->measure_count; i++)
        add_measure(effects, &effects->measures[i]);
}

void effects_drop(struct effects *effects, const struct effects_mark *mark)
{
    effects->row_count = mark->rows;
    effects->feature_row_count = mark->feature_rows;
    effects->audit_count = mark->audits;
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        effects->heads[bucket].seq = mark->seqs[bucket];
    while (effects->undo_count > 0) {
        const struct claim_undo *undo = &effects->undo[--effects->undo_count];
        undo->state->reference = undo->reference;
        undo->state->member = undo->member;
    }
    effects->measure_count = 0;
    effects->new_group_count = 0;
}

struct claim_state *effects_claim(struct effects *effects, const char *kind, struct text key)
{
    char bytes[CLAIM_NAME_SIZE_MAX];
    struct text name = claim_name(bytes, kind, key);
    struct claim_state *state = map_get(effects->claims, name);

    if (state == NULL) {
        name = text_copy(effects->arena, name);
        state = arena_alloc(effects->arena, sizeof *state);
        state->kind = kind;
        state->key = (struct text){name.bytes + name.size - key.size, key.size};
        map_put(effects->claims, name, state);
    }
    return state;
}

void decision_start(struct decision *decision, struct arena *arena, int64_t now, const struct programme_set *programmes)
{
    *decision = (struct decision){.arena = arena, .now = now, .programmes = programmes};
    decision->effects = effects_new(arena);
    for (int bucket = 0; bucket < BUCKET_COUNT; bucket++)
        decision->effects->heads[bucket].taken = true;
}

/* ---- what decisions call ---- */

int64_t decision_id(struct decision *decision, int bucket)
{
    struct head *head = &decision->effects->heads[bucket];

    assert(head->taken);
    return id_make(++head->seq, bucket);
}

struct journal_row *journal_add(struct decision *decision, const struct member *member, int bucket, const char *kind,
                                int64_t at)
{
    struct effects *effects = decision->effects;
    struct journal_row *row = arena_alloc(decision->arena, sizeof *row);

    row->id = decision_id(decision, member != NULL ? id_bucket(member->id) : bucket);
    row->member = member != NULL ? member->id : 0;
    row->kind = text_from(kind);
    row->at = at;
    row->recorded_at = decision->now;
    effects->rows = arena_grow(effects->arena, effects->rows, &effects->row_capacity, effects->row_count + 1,
                               sizeof(struct journal_row *));
    effects->rows[effects->row_count++] = row;
    return row;
}

void movement_add(struct decision *decision, struct journal_row *row, struct movement movement)
{
    assert(movement.amount > 0);
    assert(movement.debit != movement.credit);
    assert(id_bucket(movement.member) == id_bucket(row->id));
    row->movements = arena_grow(decision->arena, row->movements, &row->movement_capacity, row->movement_count + 1,
                                sizeof(struct movement));
    row->movements[row->movement_count++] = movement;
}

static void claim_set(struct decision *decision, const char *kind, struct text key, int64_t reference, int64_t member)
{
    struct effects *effects = decision->effects;
    struct claim_state *state = effects_claim(effects, kind, key);

    effects->undo = arena_grow(effects->arena, effects->undo, &effects->undo_capacity, effects->undo_count + 1,
                               sizeof(struct claim_undo));
    effects->undo[effects->undo_count++] = (struct claim_undo){state, state->reference, state->member};
    state->reference = reference;
    state->member = member;
}

void claim_take(struct decision *decision, const char *kind, struct text key, int64_t reference, int64_t member)
{
    assert(reference > 0);
    assert(effects_claim(decision->effects, kind, key)->reference == 0);
    claim_set(decision, kind, key, reference, member);
}

void claim_drop(struct decision *decision, const char *kind, struct text key)
{
    claim_set(decision, kind, key, 0, 0);
}

struct member *member_new(struct decision *decision, int index, int bucket, int64_t at)
{
    struct effects *effects = decision->effects;
    struct group *group = arena_alloc(decision->arena, sizeof *group);
    struct member *member = arena_alloc(decision->arena, sizeof *member);

    assert(index >= 0 && index < COMMAND_SUBJECTS_MAX);
    assert(effects->new_group_count < COMMAND_SUBJECTS_MAX);
    member->id = decision_id(decision, bucket);
    member->leader = member->id;
    member->registered_at = at;
    member->status = MEMBER_ACTIVE;
    member->changed = member->fresh = true;
    member->standing_changed = member->standing_fresh = true;
    member->standing.tier_until = INSTANT_NEVER;
    member->standing.due_at = INSTANT_NEVER;
    member->own.tier_until = INSTANT_NEVER;
    member->own.due_at = INSTANT_NEVER;
    member->lots_loaded = member->progress_loaded = true;
    group->members = member;
    group->member_count = 1;
    effects->new_groups[effects->new_group_count++] = group;
    decision->subjects[index] = (struct person){group, member, member};
    return member;
}

void row_add(struct decision *decision, const struct storage_query *query, const struct storage_value *values)
{
    struct effects *effects = decision->effects;

    effects->feature_rows = arena_grow(effects->arena, effects->feature_rows, &effects->feature_row_capacity,
                                       effects->feature_row_count + 1, sizeof(struct feature_row));
    effects->feature_rows[effects->feature_row_count++] = (struct feature_row){query, values};
}

void measure_add(struct decision *decision, int bucket, int32_t day, const char *measure, struct text store,
                 int64_t amount)
{
    struct effects *effects = decision->effects;

    if (amount == 0)
        return;
    effects->measures = arena_grow(effects->arena, effects->measures, &effects->measure_capacity,
                                   effects->measure_count + 1, sizeof(struct measure_total));
    effects->measures[effects->measure_count++] = (struct measure_total){bucket, day, measure, store, amount};
}

void audit_add(struct decision *decision, const struct command *command, const char *what, int64_t subject,
               struct text before, struct text after)
{
    struct effects *effects = decision->effects;

    effects->audits = arena_grow(effects->arena, effects->audits, &effects->audit_capacity, effects->audit_count + 1,
                                 sizeof(struct audit_row));
    effects->audits[effects->audit_count++] = (struct audit_row){.id = decision_id(decision, id_bucket(subject)),
                                                                 .at = decision->now,
                                                                 .subject = subject,
                                                                 .actor = command->actor,
                                                                 .what = what,
                                                                 .before = before,
                                                                 .after = after};
}
