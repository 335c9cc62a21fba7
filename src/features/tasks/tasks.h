/*
 * tasks.h: a thing to do: who has it until when, what came of it, and the commands that open and change it. Pure.
 *
 * Who has an overdue task follows from the times of its holders alone: the ladder of its reason is written down with the task,
 * each step with the instant from which it holds. So nothing has to run for a task to rise, and no answer depends on when
 * anything ran; the journal gets each step once, dated that instant, with the next change or from tasks_note.
 */
#ifndef PATRON_FEATURES_TASKS_TASKS_H
#define PATRON_FEATURES_TASKS_TASKS_H

#include "engine/decide.h"
#include "features/programme/programme.h"

enum {
    TASK_TEXT_MAX = 2000,
    TASK_REFERENCE_MAX = 500,
    TASK_PROOF_BYTES_MAX = 64 * 1024,
    TASK_STEPS_MAX = 8,
    TASK_OUTCOMES_MAX = 20,
    TASK_LEVELS_MAX = 16,
    TASK_HOLDERS_MAX = 200, /* times that one task may change hands */
    TASK_MINUTES_MAX = 366 * 24 * 60,
    TASK_REASONS_MAX = 1000,
};

/* Stored as numbers: never renumber. From TASK_DONE on a task is closed. */
enum task_state { TASK_OPEN = 0, TASK_TAKEN = 1, TASK_DONE = 2, TASK_DROPPED = 3 };
enum task_priority { TASK_LOW = 0, TASK_NORMAL = 1, TASK_HIGH = 2, TASK_URGENT = 3 };
extern const char *const task_state_names[], *const task_priority_names[]; /* "open" ..., "low" ...; end with NULL */

/* ---- reasons: configuration ---- */

/* So long after it was due, a task rises to a place so many levels above its own, or to a role there. */
struct task_step {
    int64_t after_minutes;
    int64_t above;
    struct text role; /* empty: whoever works at the place */
};

struct task_reason {
    struct text code, name;
    int64_t version;
    int priority;
    int64_t due_minutes;         /* after the opening; 0: no due time by itself */
    struct text role;            /* at the task's place, when nobody else is named */
    bool proof;                  /* done only with a reference or an attachment */
    const struct text *outcomes; /* codes that "done" may name; none: any */
    size_t outcome_count;
    const struct task_step *steps; /* ascending by after_minutes */
    size_t step_count;
};

const struct task_reason *task_reason_find(const struct programme_set *set, struct text code); /* NULL: not declared */

/* Steps as the database keeps them: "240:1:,1440:2:finance". False for anything else. */
bool task_ladder_read(struct arena *arena, struct text ladder, struct task_reason *out);
struct text task_ladder_write(struct arena *arena, const struct task_reason *reason);

/* ---- tasks ---- */

/* A person, or whoever has the role at the place, or works there. All empty: nobody yet. */
struct task_owner {
    struct text person; /* the name of a user */
    struct text place, role;
};

struct task_holder {
    int64_t number;
    int64_t from_at, until_at;
    int64_t step; /* of the ladder, from 1; 0: given by somebody */
    struct task_owner owner;
};

struct task {
    int64_t id, version; /* id: of the journal row that opened it */
    int64_t member;      /* 0: of nobody */
    struct text store, reason, text;
    int64_t priority, state;
    int64_t opened_at;
    struct text opened_by;
    int64_t due_at;    /* INSTANT_NEVER: no due time */
    int64_t closed_at; /* INSTANT_NEVER: not closed */
    struct text closed_by, outcome, outcome_text, reference, media;
    int64_t noted; /* the last step that the journal has */
    struct task_holder *holders;
    size_t holder_count, holder_capacity;
};

/* Who has it at `at`. Never NULL for a task that was opened. */
const struct task_holder *task_holder_at(const struct task *task, int64_t at);

/* Neither done nor dropped, and its due time is over. */
bool task_overdue(const struct task *task, int64_t at);

/* `minutes` after the midnight that begins `day`, by the clock of the place; 1440 is the end of the day. */
int64_t task_due_local(const struct programme_set *set, struct text place, int32_t day, int minutes, int64_t now);

/* ---- opening, for decisions of other features ---- */

/* The kind of the claim by which the same cause opens one task only. Its key names the cause: "birthday:mbr:2026". */
#define TASK_CLAIM "task"

struct task_spec {
    const struct member *member; /* NULL: of nobody; then the row goes to `bucket` */
    int bucket;
    struct text reason, text, store;
    struct task_owner owner; /* empty: the reason's role at the store */
    int priority;            /* -1: the reason's */
    int64_t due_at;          /* 0: by the reason; INSTANT_NEVER: none */
    struct text opened_by;
    const struct claim_key *claim; /* one of the command's, of kind TASK_CLAIM; NULL: every call opens one */
};

/*
 * Opens the task: journal row "task", its rows, and its ladder. With a claim that is held nothing happens: `*existed`, and
 * out->id is of the task that was opened then. STATUS_INVALID `task.reason`, `task.place`, `task.owner`.
 */
enum status task_open(struct decision *decision, const struct command *command, const struct task_spec *spec,
                      struct task *out, bool *existed, struct error *err);

/* ---- commands ---- */

struct open_task { /* subject 0: the member, if any; otherwise the command's bucket; claim 0, if any: TASK_CLAIM */
    struct task_spec spec;
    struct task task; /* result; of one that existed the id only */
    bool existed;
    int64_t at; /* result: when it was decided */
};

enum task_action { TASK_TAKE, TASK_ASSIGN, TASK_CHANGE, TASK_FINISH, TASK_DROP, TASK_NOTE };
struct change_task { /* event 0: the task's id; subject 0: by that event */
    enum task_action action;
    int64_t version;         /* expected; 0: any. Otherwise STATUS_STALE `task.version` */
    struct text by;          /* TASK_TAKE, TASK_FINISH, TASK_DROP: the name of the person */
    struct task_owner owner; /* TASK_ASSIGN */
    /* TASK_CHANGE */
    int64_t due_at;          /* 0: as it is; INSTANT_NEVER: none */
    int priority;            /* -1: as it is */
    const struct text *text; /* NULL: as it is */
    /* TASK_FINISH, TASK_DROP */
    struct text outcome, outcome_text, reference;
    struct text media, content; /* of the attachment; empty: none */
    struct task task;           /* as loaded; id 0: there is none */
    struct task result;
    int64_t at; /* when it was decided */
};

extern const struct command_type open_task_type, change_task_type;

/* A change_task command in `arena`; and which task a command of the type is about. */
struct command *change_task_command(struct arena *arena, int64_t task, enum task_action action);
void change_task_name(struct command *command, int64_t task);

/* A copy with all its texts in `arena`. */
void task_copy(struct arena *arena, const struct task *task, struct task *out);

/* tasks_store.c */
enum status change_task_load(struct load_context *context, struct command **commands, size_t count, struct error *err);
void store_task(struct decision *decision, const struct task *task);
void store_task_holders(struct decision *decision, const struct task *task);
void store_task_proof(struct decision *decision, const struct task *task, struct text content);

#endif
