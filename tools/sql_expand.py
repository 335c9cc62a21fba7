"""sql_expand.py: turns one shared SQL statement into what SQLite and PostgreSQL each get.

A statement is read into tokens, changed as tokens, and written again; nothing is replaced inside strings, quoted
names or comments.

    FROM :rows(bucket bigint, id bigint) AS r

PostgreSQL gets all rows at once:   FROM unnest($1::bigint[], $2::bigint[]) AS r(bucket, id)
A table joined to it is looked up row by row. The planner may not turn that around: of a table that was empty when it
planned it would read everything for each of the rows.

    SELECT ... FROM :rows(...) AS r JOIN t AS x ON y WHERE z
        ... FROM unnest(...) AS r(...) CROSS JOIN LATERAL (SELECT * FROM t AS x WHERE (y) AND (z) OFFSET 0) AS x

SQLite gets one row a step, and no table for it. `r.id` becomes `?2` everywhere, and

    INSERT INTO t (a, b) SELECT r.a, r.b FROM :rows(...) AS r [WHERE true] ...   INSERT INTO t (a, b) VALUES (?1, ?2) ...
    SELECT ... FROM :rows(...) AS r JOIN t ON x WHERE y                          SELECT ... FROM t WHERE (x) AND (y)
    SELECT ... FROM :rows(...) AS r, t WHERE y                                   SELECT ... FROM t WHERE y
    SELECT ... FROM :rows(...) AS r LEFT JOIN t ON x                             ... FROM (SELECT 1) AS r LEFT JOIN t ON x
    UPDATE t SET a = r.a FROM :rows(...) AS r WHERE y                            UPDATE t SET a = ?1 WHERE y
    DELETE FROM t USING :rows(...) AS r WHERE y                                  DELETE FROM t WHERE y
    ... IN (SELECT r.a FROM :rows(...) AS r)                                     ... IN (SELECT ?1)

so that every step is an index seek.
"""
import re

TYPES = {"bigint": "STORAGE_INTEGER", "integer": "STORAGE_INTEGER", "text": "STORAGE_TEXT", "bytea": "STORAGE_BLOB"}

TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<comment>--[^\n]*)|(?P<string>'(?:[^']|'')*')|(?P<quoted>\"(?:[^\"]|\"\")*\")"
    r"|(?P<cast>::)|(?P<parameter>:[a-z_][a-z0-9_]*)|(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<sign><<|>>|<=|>=|<>|!=|\|\||[-+*/%(),.;=<>&|\[\]])")

# What ends the list of tables of a SELECT, and what ends one condition in that list.
AFTER_TABLES = {"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "UNION", "EXCEPT", "INTERSECT", "RETURNING"}
AFTER_WHERE = AFTER_TABLES - {"WHERE"}
AFTER_CONDITION = AFTER_TABLES | {"JOIN", "INNER", "LEFT", "CROSS", ","}


class SqlError(Exception):
    """A mistake in a .sql file; `line` counts from the first line of the statement."""

    def __init__(self, message, line=0):
        super().__init__(message)
        self.line = line


class Token:
    def __init__(self, kind, text, line, spaced):
        self.kind, self.text, self.line, self.spaced = kind, text, line, spaced

    def key(self):
        return self.text.upper() if self.kind == "word" else self.text


def made(text, like):
    return Token("made", text, like.line, True)


def tokenize(source):
    tokens, position, line, spaced = [], 0, 0, False
    while position < len(source):
        match = TOKEN.match(source, position)
        if not match:
            raise SqlError(f"unexpected character {source[position]!r}", line)
        if match.lastgroup in ("space", "comment"):
            spaced = True
        else:
            tokens.append(Token(match.lastgroup, match.group(), line, spaced))
            spaced = False
        line += match.group().count("\n")
        position = match.end()
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    return tokens


def write(tokens):
    return "".join((" " if token.spaced and i else "") + token.text for i, token in enumerate(tokens))


def parse_columns(tokens, start):
    """`(name type, ...)` from tokens[start]; returns [(name, type)] and the position after it."""
    columns, i = [], start + 1
    if start >= len(tokens) or tokens[start].text != "(":
        raise SqlError(":rows needs its columns: :rows(bucket bigint, ...)", tokens[start - 1].line)
    while True:
        if i + 2 >= len(tokens) or tokens[i].kind != "word" or tokens[i + 1].text.lower() not in TYPES:
            raise SqlError("a column of :rows is a name and bigint, text or bytea", tokens[start].line)
        columns.append((tokens[i].text, tokens[i + 1].text.lower()))
        i += 3
        if tokens[i - 1].text == ")":
            return columns, i
        if tokens[i - 1].text != ",":
            raise SqlError("a comma or a closing bracket is missing in :rows(...)", tokens[i - 1].line)


class Rows:
    """Where :rows stands in a statement: tokens[first] is `:rows`, tokens[after] what follows its alias."""

    def __init__(self, tokens):
        places = [i for i, token in enumerate(tokens) if token.text == ":rows"]
        self.found = bool(places)
        if not self.found:
            return
        if len(places) > 1:
            raise SqlError("a statement has at most one :rows", tokens[places[1]].line)
        self.first = places[0]
        self.columns, i = parse_columns(tokens, self.first + 1)
        if i + 1 >= len(tokens) or tokens[i].key() != "AS" or tokens[i + 1].kind != "word":
            raise SqlError(":rows(...) is followed by AS and a name", tokens[self.first].line)
        self.alias = tokens[i + 1].text
        self.after = i + 2
        if self.first == 0 or tokens[self.first - 1].key() not in ("FROM", "USING"):
            raise SqlError(":rows must be the first table after FROM (or USING)", tokens[self.first].line)
        names = [name for name, _ in self.columns]
        if len(set(names)) < len(names):
            raise SqlError("a column of :rows is named twice", tokens[self.first].line)
        if any(token.kind == "parameter" and i != self.first for i, token in enumerate(tokens)):
            raise SqlError("a statement with :rows takes everything as columns of it", tokens[self.first].line)


def find(tokens, start, keys):
    """The first token from `start` in `keys` outside brackets; the end of the surrounding bracket or of all otherwise."""
    depth = 0
    for i in range(start, len(tokens)):
        text = tokens[i].text
        if text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
            if depth < 0:
                return i
        elif depth == 0 and tokens[i].key() in keys:
            return i
        elif depth == 0 and tokens[i].key() == "ON" and i + 1 < len(tokens) and tokens[i + 1].key() == "CONFLICT":
            return i
    return len(tokens)


def lateral(tokens, rows):
    """The tokens with the first JOIN after :rows as a lateral subquery; as they are when there is none."""
    after = tokens[rows.after:]
    if tokens[0].key() != "SELECT" or not after or after[0].key() not in ("JOIN", "INNER"):
        return tokens
    table = 1 if after[0].key() == "JOIN" else 2
    on = find(after, table, {"ON"})
    if on == len(after) or after[on].key() != "ON":
        raise SqlError("the first JOIN after :rows needs ON", after[0].line)
    end = find(after, on + 1, AFTER_CONDITION)
    condition, rest, like = after[on + 1:end], after[end:], after[on]
    if rest and rest[0].key() == "WHERE":
        stop = find(rest, 1, AFTER_WHERE)
        condition = [made("(", like)] + condition + [made(") AND (", like)] + rest[1:stop] + [made(")", like)]
        rest = rest[stop:]
    alias = after[on - 1]  # or the table's own name
    return (tokens[:rows.after] + [made("CROSS JOIN LATERAL (SELECT * FROM", like)] + after[table:on]
            + [made("WHERE", like)] + condition + [made("OFFSET 0) AS", like), made(alias.text, like)] + rest)


def to_postgres(tokens, parameters):
    rows, out, i = Rows(tokens), [], 0
    if rows.found:
        tokens = lateral(tokens, rows)
    numbers = {name: n + 1 for n, (name, _) in enumerate(parameters)}
    types = dict(parameters)
    while i < len(tokens):
        token = tokens[i]
        if rows.found and i == rows.first:
            arrays = ", ".join(f"${n + 1}::{type_}[]" for n, (_, type_) in enumerate(rows.columns))
            names = ", ".join(name for name, _ in rows.columns)
            out.append(made(f"unnest({arrays}) AS {rows.alias}({names})", token))
            i = rows.after
            continue
        if token.kind == "parameter":
            name = token.text[1:]
            if name not in numbers:
                raise SqlError(f"parameter :{name} is not in -- params", token.line)
            token = Token("made", f"${numbers[name]}::{types[name]}", token.line, token.spaced)
        out.append(token)
        i += 1
    return write(out)


def to_sqlite(tokens, parameters):
    rows = Rows(tokens)
    names = [name for name, _ in (rows.columns if rows.found else parameters)]
    if not rows.found:
        return write([numbered(token, names) if token.kind == "parameter" else token for token in tokens])
    before = row_references(tokens[:rows.first], rows.alias, names)
    after = row_references(tokens[rows.after:], rows.alias, names)
    first = after[0].key() if after else ""
    if first == ",":
        return write(before + after[1:])
    if first == "LEFT":
        return write(before + [made(f"(SELECT 1) AS {rows.alias}", tokens[rows.first])] + after)
    if first in ("JOIN", "INNER", "CROSS"):
        return write(before + without_first_join(after))
    before.pop()  # FROM or USING
    values = insert_values(before, after)
    return write(values if values else before + after)


def numbered(token, names):
    name = token.text[1:]
    if name not in names:
        raise SqlError(f"parameter :{name} is not in -- params", token.line)
    return Token("made", f"?{names.index(name) + 1}", token.line, token.spaced)


def row_references(tokens, alias, names):
    out, i = [], 0
    while i < len(tokens):
        if tokens[i].text == alias and i + 2 < len(tokens) and tokens[i + 1].text == ".":
            name = tokens[i + 2].text
            if name not in names:
                raise SqlError(f"{alias}.{name} is not a column of :rows", tokens[i].line)
            out.append(Token("made", f"?{names.index(name) + 1}", tokens[i].line, tokens[i].spaced))
            i += 3
        else:
            out.append(tokens[i])
            i += 1
    return out


def without_first_join(after):
    """`JOIN t ON x [more tables] [WHERE y] rest` becomes `t [more tables] WHERE (x) AND (y) rest`."""
    crossed = after[0].key() == "CROSS"
    after = after[1:] if after[0].key() == "JOIN" else after[2:]
    if crossed:
        return after
    on = find(after, 0, {"ON"})
    if on == len(after) or after[on].key() != "ON":
        raise SqlError("the first JOIN after :rows needs ON", after[0].line)
    end = find(after, on + 1, AFTER_CONDITION)
    condition, like = after[on + 1:end], after[on]
    after = after[:on] + after[end:]
    where = find(after, on, AFTER_TABLES)
    if where < len(after) and after[where].key() == "WHERE":
        stop = find(after, where + 1, AFTER_WHERE)
        both = condition + [made(") AND (", like)] + after[where + 1:stop]
        tail = after[stop:]
    else:
        both, tail = condition, after[where:]
    return after[:where] + [made("WHERE (", like)] + both + [made(")", like)] + tail


def insert_values(before, after):
    """INSERT INTO t (...) SELECT list [WHERE true] rest: the same with VALUES (list), or None for anything else."""
    if not before or before[0].key() != "INSERT":
        return None
    select = find(before, 0, {"SELECT"})
    if select == len(before) or before[select - 1].text != ")" or before[select + 1].key() == "DISTINCT":
        return None
    if after and after[0].key() == "WHERE":
        if len(after) < 2 or after[1].key() != "TRUE" or (len(after) > 2 and after[2].key() not in ("ON", "RETURNING")):
            return None
        after = after[2:]
    like = before[select]
    return before[:select] + [made("VALUES (", like)] + before[select + 1:] + [made(")", like)] + after


# ---- the schema ----

# INT, because INTEGER PRIMARY KEY would be the rowid, which SQLite makes up when it is NULL.
SQLITE_TYPES = {"bigint": "INT", "text": "TEXT", "bytea": "BLOB"}


def table_definition(tokens, sqlite):
    """One DDL statement: types of the engine; STRICT and WITHOUT ROWID for SQLite, COLLATE "C" for PostgreSQL."""
    out, without_rowid = [], False
    words = [token.key() for token in tokens[:2]]
    for token in tokens:
        lower = token.text.lower()
        if token.text == ":without_rowid":
            without_rowid = True
        elif token.kind == "word" and lower in SQLITE_TYPES and words[0] in ("CREATE", "ALTER"):
            if sqlite:
                out.append(Token("made", SQLITE_TYPES[lower], token.line, token.spaced))
            else:
                out.append(token)
                if lower == "text":
                    out.append(made('COLLATE "C"', token))
        elif token.kind == "parameter":
            raise SqlError(f"unknown marker {token.text}", token.line)
        else:
            out.append(token)
    if words == ["CREATE", "TABLE"] and sqlite:
        out.append(made("WITHOUT ROWID, STRICT" if without_rowid else "STRICT", tokens[-1]))
    elif without_rowid and words != ["CREATE", "TABLE"]:
        raise SqlError(":without_rowid belongs to CREATE TABLE", tokens[0].line)
    return write(out)


def split_statements(source):
    """(tokens, dialect or None) of each statement; a line `-- dialect: sqlite` is about the statement after it."""
    statements, current, dialect = [], [], None
    for number, line in enumerate(source.split("\n")):
        marker = re.match(r"--\s*dialect:\s*(\w+)\s*$", line)
        if marker:
            dialect = marker.group(1)
            if dialect not in ("sqlite", "postgres"):
                raise SqlError(f"unknown dialect {dialect}", number)
        current.append(line)
        if line.split("--")[0].rstrip().endswith(";"):
            first = number - len(current) + 1
            tokens = tokenize("\n".join(current))
            for token in tokens:
                token.line += first
            if tokens:
                statements.append((tokens, dialect))
            current, dialect = [], None
    if tokenize("\n".join(current)):
        raise SqlError("the last statement does not end with ';' at the end of a line", len(source.split("\n")) - 1)
    return statements
