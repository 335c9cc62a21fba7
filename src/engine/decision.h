/* decision.h: what decisions of one batch have collected to be written; the engine's side of decide.h. */
#ifndef PATRON_ENGINE_DECISION_H
#define PATRON_ENGINE_DECISION_H

#include "engine/decide.h"
#include "foundation/map.h"

struct head {
    int64_t batch, seq, at;
    unsigned char seal[SEAL_SIZE];
    bool taken;
};

struct claim_state {
    const char *kind;
    struct text key;
    int64_t reference, member;               /* as of now */
    int64_t loaded_reference, loaded_member; /* in the database */
};

struct ledger_total { /* what entered an account on a day, less what left it */
    int bucket;
    struct text wallet;
    enum account account;
    int32_t day;
    int64_t amount;
};

struct measure_total {
    int bucket;
    int32_t day;
    const char *measure;
    struct text store;
    int64_t amount;
};

struct audit_row {
    int64_t id, at, subject;
    struct text actor;
    const char *what;
    struct text before, after;
};

struct claim_undo {
    struct claim_state *state;
    int64_t reference, member;
};

struct effects {
    struct arena *arena;
    struct head heads[BUCKET_COUNT];
    struct map *claims; /* by claim_text(kind, key) -> struct claim_state */

    struct journal_row **rows;
    size_t row_count, row_capacity;
    struct feature_row *feature_rows;
    size_t feature_row_count, feature_row_capacity;
    struct audit_row *audits;
    size_t audit_count, audit_capacity;

    /* Of the command being decided; folded into the totals when it succeeds. */
    struct measure_total *measures;
    size_t measure_count, measure_capacity;
    struct claim_undo *undo;
    size_t undo_count, undo_capacity;
    struct group *new_groups[COMMAND_SUBJECTS_MAX];
    size_t new_group_count;

    struct map *ledger_totals;
    struct map *measure_totals;
};

/* Where the lists stood before a command. */
struct effects_mark {
    int64_t seqs[BUCKET_COUNT];
    size_t rows, feature_rows, audits;
};

struct effects *effects_new(struct arena *arena);
struct effects_mark effects_begin(struct effects *effects);
void effects_keep(struct effects *effects, const struct effects_mark *mark); /* the command succeeded */
void effects_drop(struct effects *effects, const struct effects_mark *mark); /* it did not */

/* The state of a claim; made (free) when it was not loaded. */
struct claim_state *effects_claim(struct effects *effects, const char *kind, struct text key);

/* Copies `from` into `to`, whose own arrays are reused when they are large enough. */
void group_copy(struct arena *arena, struct group *to, const struct group *from);

#endif
