/*
 * to_sql.h: what every row must meet for which an expression is true, in SQL: a filter that may let too many through, never too
 * few. The expression itself decides those.
 */
#ifndef PATRON_RULES_TO_SQL_H
#define PATRON_RULES_TO_SQL_H

#include "rules/rules.h"

enum rule_column_kind {
    RULE_COLUMN_NUMBER,  /* the fact is column / scale */
    RULE_COLUMN_INSTANT, /* microseconds; the fact is null at 0 */
    RULE_COLUMN_TEXT,    /* the fact is null when it is empty */
    RULE_COLUMN_TEXTS,   /* the fact is a list of texts: sql compares one of them */
};

/*
 * Where the value of a fact lies. `sql` is a condition with one % in the place of the comparison, such as "s.spend %" or
 * "EXISTS (SELECT 1 FROM tag AS t WHERE t.bucket = s.bucket AND t.member = s.member AND t.tag %)".
 */
struct rule_column {
    size_t slot;
    enum rule_column_kind kind;
    const char *sql;
    double scale;  /* RULE_COLUMN_NUMBER */
    bool indirect; /* `sql` holds when one of several rows does: it is not turned round, and null is not looked for */
};

struct rule_sql {
    const struct rule_column *columns;
    size_t column_count;
    int64_t now;           /* of the evaluations */
    bool lasting;          /* what time alone may make true later is let through, too */
    size_t first_argument; /* the number of the first placeholder */
};

/* For SQLite (?1) and PostgreSQL ($1). Empty texts: every row may be one. */
struct rule_filter {
    struct text sqlite, postgres;
    struct text *arguments; /* texts, some perhaps not asked for any more; all else is in the condition itself */
    size_t argument_count;
};

/*
 * `source` has compiled before (in the same environment); otherwise the filter is empty. Everything lies in `arena`, which has
 * RULE_COMPILE_BYTES to give.
 */
void rule_to_sql(struct arena *arena, const struct rule_source *source, const struct rule_sql *sql,
                 struct rule_filter *out);

#endif
