/*
 * reactions_store.h: reactions: what follows from journal rows after their commit, by commands of their own.
 *
 * A reaction is a const table entry of the feature that owns it; src/server/reactions.c lists them. One thread of the server
 * follows the journal for all of them, within a second, each with a cursor of its own; what a process that has no such thread
 * writes (an import from the command line) is followed before it ends, by reactions_drain. A row may be given to a reaction
 * more than once: reaction.h says how its commands make nothing of that.
 *
 *     static const char *const kinds[] = {"purchase", "return", "void", NULL};
 *
 *     static enum status greet(struct reaction_call *call, const struct journal_row *row, struct error *err)
 *     {
 *         if (row->member == 0)
 *             return STATUS_OK;
 *         struct command *command = reaction_command(call, row, NULL, &greet_type, sizeof(struct greet));
 *         ((struct greet *)command->body)->purchase = row->id;
 *         return STATUS_OK;
 *     }
 *
 *     const struct reaction greetings_reaction = {.name = "greetings", .kinds = kinds, .idle = no_greetings, .react = greet};
 *
 * What a reaction does depends on the row, its recorded_at and the definitions in force then: never on when it ran.
 */
#ifndef PATRON_FEATURES_REACTIONS_REACTIONS_STORE_H
#define PATRON_FEATURES_REACTIONS_REACTIONS_STORE_H

#include "engine/engine.h"
#include "features/programme/programme.h"
#include "features/reactions/reaction.h"

enum { REACTIONS_MAX = 64, REACTION_PAGE = 128 /* rows of a bucket that are read at once */ };

/* One pass of one reaction. */
struct reaction_call {
    const struct reaction *reaction;
    struct engine *engine;
    const struct programme_set *programmes;
    struct storage_session *session; /* reads the state after the rows */
    struct arena *arena;             /* lives until the commands are decided */
    struct command **commands;       /* posted so far */
    size_t command_count, command_capacity;
    void *user; /* the reaction's own: NULL at the beginning of the pass */
};

struct reaction {
    const char *name;         /* "challenges": the key in storage, never to change */
    const char *const *kinds; /* of rows, NULL at the end; NULL: all kinds */
    /* Nothing is published that it could do: rows are passed over unread. NULL: never. */
    bool (*idle)(const struct programme_set *programmes);
    /* The same as the database says, asked once a pass before its rows are read. NULL: always. */
    enum status (*needed)(struct reaction_call *call, bool *out, struct error *err);
    /*
     * Called for each row in the order of its bucket; the row comes without its lines, movements and detail. Posts commands.
     * An error stops this reaction until the next pass.
     */
    enum status (*react)(struct reaction_call *call, const struct journal_row *row, struct error *err);
};

/*
 * Posts a command of `type` with a zeroed body of `body_size` bytes and claim 0 of REACTION_CLAIM (and room for
 * COMMAND_CLAIMS_MAX); subject 0 is the row's member; of a row without one its bucket is the command's. `part` (NULL, or of
 * the arena) tells several commands that follow from one row apart.
 */
struct command *reaction_command(struct reaction_call *call, const struct journal_row *row, const char *part,
                                 const struct command_type *type, size_t body_size);

/* ---- following ---- */

struct reactions; /* used by one thread at a time */

enum status reactions_new(struct engine *engine, const struct reaction *const *list, size_t count,
                          struct reactions **out, struct error *err);
/* Keeps how far it came. Accepts NULL. */
void reactions_free(struct reactions *reactions);

/*
 * One page of each bucket for each reaction. `*behind` tells whether there may be more now. A reaction that fails stays where
 * it is, the others go on: the first error. A command that is refused for good is logged and passed over.
 */
enum status reactions_pass(struct reactions *reactions, bool *behind, struct error *err);

/* Follows all that is in the journal now, and what comes of it. */
enum status reactions_drain(struct engine *engine, const struct reaction *const *list, size_t count, struct error *err);

/* ---- for people ---- */

struct reaction_figures {
    struct text name;
    int64_t behind; /* rows of the journal that it has before it */
};
enum status reactions_read(struct storage_session *session, struct arena *arena, struct reaction_figures **out,
                           size_t *count, struct error *err);

#endif
