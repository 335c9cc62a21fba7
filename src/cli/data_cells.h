/* data_cells.h: one column of a file while it is read: codes of its levels, or numbers once there are too many. */
#ifndef PATRON_CLI_DATA_CELLS_H
#define PATRON_CLI_DATA_CELLS_H

#include "cli/data_file.h"

struct data_cells;

/* A column without rows. `comma`: 12,90 means twelve ninety. NULL without memory. */
struct data_cells *data_cells_new(bool comma);
void data_cells_free(struct data_cells *cells); /* accepts NULL */

/* Whether it has had more than DATA_LEVELS_NUMERIC levels, all numbers, and takes nothing else any more. */
bool data_cells_strict(const struct data_cells *cells);
/* Whether the column takes this cell, which the data_cells_add that follows appends. Only a strict one may refuse. */
bool data_cells_accept(struct data_cells *cells, struct text cell);
void data_cells_add(struct data_cells *cells);
void data_cells_add_missing(struct data_cells *cells, size_t count);

size_t data_cells_bytes(const struct data_cells *cells); /* of memory in use */

/* The column as arrays in `arena`, all but its name. False when the arena is full. */
bool data_cells_finish(const struct data_cells *cells, struct arena *arena, struct data_column *out);

/*
 * A number as number_plain reads it, from -1e15 to 1e15 and 0 when closer to 0 than 1e-15. Whole numbers of more than fifteen digits or with a leading zero are codes, not
 * numbers, and so is whatever has letters beyond ASCII that are no sign of a currency.
 */
bool data_number(struct text cell, bool comma, double *out);

#endif
