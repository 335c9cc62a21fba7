/* write_store.h: write transactions beside the engine, for users, jobs and configuration. */
#ifndef PATRON_API_WRITE_STORE_H
#define PATRON_API_WRITE_STORE_H

#include "engine/engine.h"

enum status write_open(struct engine *engine, struct storage_session **out, struct error *err);
void write_close(struct storage_session *session); /* accepts NULL */

enum status write_begin(struct storage_session *session, struct error *err);

/* Commits when `status` is STATUS_OK, otherwise rolls back; returns what became of it. */
enum status write_end(struct storage_session *session, enum status status, struct error *err);

#endif
