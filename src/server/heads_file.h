/* heads_file.h: the seals of now in a file outside the database: see features/points/heads.h. */
#ifndef PATRON_SERVER_HEADS_FILE_H
#define PATRON_SERVER_HEADS_FILE_H

#include "features/points/heads.h"
#include "foundation/error.h"
#include "storage/storage.h"

enum status heads_now(struct storage *storage, struct heads *out, struct error *err);

/* The whole file appears at once. STATUS_IO `file.write`. */
enum status heads_save(const char *path, const struct heads *heads, struct error *err);

/* Once a day: DIR/heads-2026-11-22.txt, unless it is there; the directory is made. */
enum status heads_save_day(struct storage *storage, const char *directory, int32_t day, struct error *err);

#endif
