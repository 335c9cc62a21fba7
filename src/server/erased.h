/* erased.h: the list of who was erased, kept outside the database so that a restore does not bring anybody back. */
#ifndef PATRON_SERVER_ERASED_H
#define PATRON_SERVER_ERASED_H

#include "engine/engine.h"
#include "foundation/error.h"

/*
 * The list is a text file beside the key file: a keyed hash and a time on each line, from which nobody can tell who it was.
 * It only grows.
 */

/* Adds to the list at `path` what the database has and it has not. STATUS_IO `erased.file`. */
enum status erased_save(struct engine *engine, const char *path, struct error *err);

/*
 * Erases again whoever is on the list at `path` and in the database, which is then from before; `*members` counts them. The
 * heads of such a database are moved on first (restore_heads). Without a file nothing is done.
 */
enum status erased_apply(struct engine *engine, const char *path, int64_t *members, struct error *err);

/* Moves every bucket's next id on by 1,000,000: ids that were given out after the backup are not given out again. */
enum status restore_heads(struct engine *engine, struct error *err);

#endif
