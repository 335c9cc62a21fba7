/*
 * reaction.h: what a command that follows from a journal row says and asks, so that the same row is followed once. Pure.
 *
 * A reaction (reactions_store.h) follows the journal and posts commands. Between such a command and the note that its row was
 * read the process may die; the row is read again then, and the command posted again. So each carries a claim that names the
 * reaction and the row, which its decision takes with what it writes:
 *
 *     static enum status greet_decide(struct decision *decision, struct command *command, struct error *err)
 *     {
 *         if (reaction_done(command))
 *             return STATUS_OK;
 *         struct journal_row *row = journal_add(...);
 *         ...
 *         reaction_keep(decision, command, row);
 *         return STATUS_OK;
 *     }
 *
 * A decision that writes nothing keeps nothing: it would do the same again.
 */
#ifndef PATRON_FEATURES_REACTIONS_REACTION_H
#define PATRON_FEATURES_REACTIONS_REACTION_H

#include "engine/decide.h"

#define REACTION_CLAIM "reaction"

/* The key of the claim: "badges:1234", and with a part "badges:1234:friend". `part` may be NULL. */
struct text reaction_key(struct arena *arena, const char *reaction, int64_t journal_id, const char *part);

/* Whether an earlier run of the command was committed. Its claim of REACTION_CLAIM is the first one of the command. */
bool reaction_done(const struct command *command);

/* Takes the claim for `row`, the first that the decision writes. */
void reaction_keep(struct decision *decision, const struct command *command, const struct journal_row *row);

#endif
