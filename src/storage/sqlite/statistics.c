/* statistics.c: what SQLite's planner is told of the tables, in place of what it would guess. */
#include "storage/sqlite/sqlite.h"

/*
 * Of an index of several columns SQLite takes its first to leave ten rows, and then sees no reason to use a better one. Every
 * key begins with the bucket, of which there are 64. The figures are the same for every database, however small, so that a
 * plan that was looked at is the plan that runs (sqlite.org/fileformat2.html#stat1tab; a million rows a table, and for the
 * columns after the bucket what SQLite guesses of the first ones).
 */
static const char tell[] =
    "ANALYZE sqlite_schema;"
    "DELETE FROM sqlite_stat1;"
    "INSERT INTO sqlite_stat1 (tbl, idx, stat)"
    " SELECT t.name, CASE WHEN i.origin = 'pk' AND t.wr THEN t.name ELSE i.name END,"
    " CASE WHEN i.partial THEN 524288 ELSE 1048576 END || ' ' || ("
    "  SELECT group_concat(CASE WHEN i.\"unique\" AND c.seqno = c.last THEN 1"
    "   WHEN c.seqno = 0 AND c.name = 'bucket' THEN 16384 ELSE MAX(10 - c.seqno, 5) END, ' ')"
    "  FROM (SELECT seqno, name, MAX(seqno) OVER () AS last FROM pragma_index_info(i.name) ORDER BY seqno) AS c)"
    " FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS i"
    " WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

bool sqlite_is_told(struct driver_connection *connection)
{
    return sqlite3_table_column_metadata(sqlite_of(connection)->database, "main", "sqlite_stat1", NULL, NULL, NULL,
                                         NULL, NULL, NULL) == SQLITE_OK;
}

enum status sqlite_tell(struct driver_connection *connection, struct error *err)
{
    return sqlite_run(sqlite_of(connection), tell, "statistics", err);
}
