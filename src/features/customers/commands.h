/* commands.h: the commands of the customers feature: their bodies and types. Pure. */
#ifndef PATRON_FEATURES_CUSTOMERS_COMMANDS_H
#define PATRON_FEATURES_CUSTOMERS_COMMANDS_H

#include "features/customers/customers.h"
#include "features/customers/model.h"

/* ---- register and change: subject 0 by claims (register) or by id ---- */

/* Fields that are given replace those there are. */
struct profile_patch {
    struct text fields[PROFILE_FIELD_COUNT];
    bool given[PROFILE_FIELD_COUNT];
    const struct field_value *custom; /* an empty value removes */
    size_t custom_count;
};

struct register_member {
    struct customer_load load;
    struct profile_patch patch;
    const struct text *tags;
    size_t tag_count;
    const struct consent *consents;
    size_t consent_count;
    struct customer_registration at;
    bool accept_existing; /* somebody known is the result instead of STATUS_CONFLICT `member.exists` */
    int64_t member;       /* result */
    bool existed;         /* result */
};

struct update_member {
    struct customer_load load;
    struct profile_patch patch;
    int64_t version;     /* expected; 0: any. Otherwise STATUS_STALE `member.version` */
    int64_t version_now; /* result */
};

/* ---- what hangs on a member: subject 0 by id ---- */

enum change_action { CHANGE_ADD, CHANGE_REMOVE };

struct change_identifier { /* the command's claim 0 is the identifier */
    struct customer_load load;
    enum change_action action;
    struct identifier identifier;
};
struct change_tag {
    struct customer_load load;
    enum change_action action;
    struct text tag;
};
struct change_note {
    struct customer_load load;
    enum change_action action;
    struct text body, author;
    int64_t id; /* result of an addition */
};
struct change_preference {
    struct customer_load load;
    enum change_action action;
    struct preference preference; /* the id is the result of an addition */
};
struct change_consents {
    struct customer_load load;
    const struct consent *consents;
    size_t consent_count;
};

/* ---- persons together ---- */

enum household_action { HOUSEHOLD_FOUND, HOUSEHOLD_JOIN, HOUSEHOLD_LEAVE, HOUSEHOLD_POOL };
struct change_household { /* subject 0: somebody in it, or the founder; subject 1: who joins; LEAVE: subject 0 goes */
    struct customer_load load;
    enum household_action action;
    bool pooled;
    int64_t household; /* expected; the result of FOUND */
};

struct merge_members { /* subject 0 stays, subject 1 becomes part of it */
    struct customer_load load;
    bool accept_conflicts;     /* otherwise differing facts are STATUS_CONFLICT `merge.conflict` */
    int64_t merge, into, from; /* results */
};
struct unmerge_members { /* subject 0: a member that the merge moved */
    struct customer_load load;
    int64_t merge;        /* 0: the last of the member; the result */
    int64_t from, member; /* results: the person that was left, and the leader of those who went */
};

/* One of the two persons that an unmerge makes. The standing is folded from the shares of its members. */
struct unmerge_side {
    int64_t leader;
    int64_t members[GROUP_MEMBERS_MAX];
    size_t count;
    struct standing standing;
};
struct unmerge_plan {
    const struct merge_link *link;
    struct unmerge_side going, staying;
};
/*
 * What undoing `merge` (0: the member's last) would make of the person; `state` has PART_LINKS and PART_DAYS. For a preview
 * the decision needs arena, now and programmes only. STATUS_CONFLICT `unmerge.not_merged`.
 */
enum status unmerge_plan_make(struct decision *decision, const struct person *person,
                              const struct customer_state *state, int64_t merge, struct unmerge_plan *out,
                              struct error *err);

struct erase_member { /* subject 0, with PART_IDENTIFIERS and PART_HOUSEHOLD */
    struct customer_load load;
};

extern const struct command_type register_member_type, update_member_type, change_identifier_type, change_tag_type,
    change_note_type, change_preference_type, change_consents_type, change_household_type, merge_members_type,
    unmerge_members_type, erase_member_type;

/* ---- shared by the decisions ---- */

/* A journal row of the member now, on the programme's day. */
struct journal_row *customers_journal(struct decision *decision, const struct member *member, const char *kind);

/* The member refuses everything from now on, until it says otherwise: it was erased before. `id` for the history. */
void refuse_all(struct decision *decision, int64_t member, int64_t id);

/* The state that was loaded for subject `index`. STATUS_BUSY `engine.again` when it is of somebody else: the member came to
 * be in this very batch. */
enum status customers_state(const struct decision *decision, struct customer_load *load, int index,
                            struct customer_state **out, struct error *err);

/* The distinct search keys of a profile and identifiers of `member`, in the arena. */
struct text *customers_search_keys(struct arena *arena, const struct profile *profile,
                                   const struct customer_state *state, int64_t member, size_t *count);

/* Writes the difference between two sets of keys. */
void customers_search_change(struct decision *decision, int64_t member, struct text *before, size_t before_count,
                             struct text *after, size_t after_count);

/* Whether the members of a merged person agreed: what was said last since the last merge; before it the strictest counts. */
struct consent_view {
    struct consent consent;
    int64_t member;
};
const struct consent *consent_fold(const struct consent_view *consents, size_t count, struct text channel,
                                   struct text purpose, int64_t merged_at);

#endif
