#!/usr/bin/python3
"""queries.py: makes the registry of queries and migrations (queries.h, queries.c) from the .sql files of the source tree.

    queries.py --tree src --owners engine,api,customers,... --symbol storage_schema --header queries.h --code queries.c

A .sql file in the folder of an owner holds queries:

    -- name: member_load
    -- params: bucket bigint, id bigint         (named parameters :bucket, :id; not with :rows)
    -- dialect: sqlite                          (only where the engines differ; then both follow)
    SELECT ...;

and becomes `extern const struct storage_query query_customers_member_load;`. A file migrations/NNN_name.sql of an
owner is a migration. sql_expand.py says how each engine's text is made. Everything is tried on an empty SQLite
database here, so that a mistake stops the build with file and line.
"""
import argparse
import hashlib
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sql_expand  # noqa: E402
from sql_expand import SqlError  # noqa: E402

LITERAL_MAX = 4000  # compilers promise 4,095 characters for one literal


class Query:
    def __init__(self, owner, name, path, line):
        self.owner, self.name, self.path, self.line = owner, name, path, line
        self.parameters, self.bodies, self.dialect = [], {}, None

    def add_parameters(self, text, number):
        for part in text.split(","):
            words = part.split()
            if len(words) != 2 or words[1] not in sql_expand.TYPES:
                fail(self.path, number, f"'{part.strip()}' is not a name and a type (bigint, text, bytea)")
            self.parameters.append((words[0], words[1]))

    def add_line(self, line, number):
        self.bodies.setdefault(self.dialect, (number, []))[1].append(line)

    def finish(self):
        bodies = {dialect: body for dialect, body in self.bodies.items() if "".join(body[1]).strip()}
        if set(bodies) not in ({None}, {"sqlite", "postgres"}):
            fail(self.path, self.line, f"{self.name} needs one statement, or one for sqlite and one for postgres")
        self.sqlite, self.sqlite_line = self.expand(bodies.get("sqlite") or bodies[None], sql_expand.to_sqlite)
        self.postgres, _ = self.expand(bodies.get("postgres") or bodies[None], sql_expand.to_postgres)

    def expand(self, body, writer):
        number, lines = body
        try:
            tokens = sql_expand.tokenize("\n".join(lines))
            for token in tokens:
                if token.text == ";":
                    raise SqlError("a query is one statement", token.line)
            rows = sql_expand.Rows(tokens)
            self.rows = rows.found
            if rows.found and self.parameters and self.parameters != rows.columns:
                raise SqlError("a query has :rows or -- params", 0)
            if rows.found:
                self.parameters = rows.columns
            used = {token.text[1:] for token in tokens if token.kind == "parameter"}
            for name, _ in [] if rows.found else self.parameters:
                if name not in used:
                    raise SqlError(f"parameter :{name} is not used", 0)
            self.writes = is_write(tokens)
            return writer(tokens, [] if rows.found else self.parameters), number
        except SqlError as error:
            fail(self.path, number + error.line, f"{self.name}: {error}")


class Migration:
    def __init__(self, owner, number, name, path):
        self.owner, self.number, self.name, self.path = owner, number, name, path
        source = read(path)
        self.checksum = hashlib.sha256(source.encode()).hexdigest()
        try:
            statements = sql_expand.split_statements(source)
            self.sqlite_statements = [
                (tokens[0].line + 1, sql_expand.table_definition(tokens, True))
                for tokens, dialect in statements if dialect != "postgres"]
            self.sqlite = "".join(text + ";\n" for _, text in self.sqlite_statements)
            self.postgres = "".join(
                sql_expand.table_definition(tokens, False) + ";\n"
                for tokens, dialect in statements if dialect != "sqlite")
        except SqlError as error:
            fail(path, error.line + 1, error)


def fail(path, line, message):
    sys.exit(f"{path}:{line}: error: {message}")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_write(tokens):
    first = tokens[0].key() if tokens else ""
    if first == "WITH":
        place = sql_expand.find(tokens, 1, {"SELECT", "INSERT", "UPDATE", "DELETE"})
        first = tokens[place].key() if place < len(tokens) else ""
    if first not in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        raise SqlError("a query begins with SELECT, INSERT, UPDATE, DELETE or WITH", 0)
    return first != "SELECT"


def read_queries(owner, path):
    queries, query = [], None
    for number, line in enumerate(read(path).split("\n"), 1):
        marker = re.match(r"--\s*(name|params|dialect):\s*(.*?)\s*$", line)
        if marker and marker.group(1) == "name":
            if not re.fullmatch(r"[a-z][a-z0-9_]*", marker.group(2)):
                fail(path, number, f"'{marker.group(2)}' is not a name")
            query = Query(owner, marker.group(2), path, number)
            queries.append(query)
        elif query is None:
            if line.strip() and not line.startswith("--"):
                fail(path, number, "a statement before the first -- name:")
        elif marker and marker.group(1) == "params":
            query.add_parameters(marker.group(2), number)
        elif marker:
            if marker.group(2) not in ("sqlite", "postgres") or marker.group(2) in query.bodies:
                fail(path, number, "the dialect is sqlite or postgres, once each")
            query.dialect = marker.group(2)
            query.bodies[query.dialect] = (number + 1, [])
        else:
            # Comment lines stay as empty lines, so that line numbers in messages are right.
            query.add_line("" if line.lstrip().startswith("--") else line, number)
    for query in queries:
        query.finish()
    return queries


def read_tree(tree, owners):
    """All queries and migrations of the owners' folders, and every path that the result depends on."""
    queries, migrations, paths = [], [], []
    for folder, folders, files in os.walk(tree):
        folders.sort()
        name = os.path.basename(folder)
        paths.append(folder)
        for file in sorted(file for file in files if file.endswith(".sql")):
            path = os.path.join(folder, file)
            paths.append(path)
            owner = os.path.basename(os.path.dirname(folder)) if name == "migrations" else name
            if owner not in owners:
                fail(path, 1, f"'{owner}' is not one of the owners of SQL ({', '.join(owners)})")
            if name != "migrations":
                queries += read_queries(owner, path)
                continue
            parts = re.fullmatch(r"([0-9]{3})_([a-z0-9_]+)\.sql", file)
            if not parts:
                fail(path, 1, "a migration is named NNN_name.sql")
            migrations.append(Migration(owner, int(parts.group(1)), parts.group(2), path))
    queries.sort(key=lambda query: (owners.index(query.owner), query.name))
    migrations.sort(key=lambda migration: (owners.index(migration.owner), migration.number))
    for group, key in ((queries, lambda q: (q.owner, q.name)), (migrations, lambda m: (m.owner, m.number))):
        seen = {}
        for entry in group:
            if key(entry) in seen:
                fail(entry.path, getattr(entry, "line", 1), f"{key(entry)} is also in {seen[key(entry)]}")
            seen[key(entry)] = entry.path
    return queries, migrations, paths


def try_on_sqlite(queries, migrations):
    database = sqlite3.connect(":memory:")
    for migration in migrations:
        for line, statement in migration.sqlite_statements:
            try:
                database.execute(statement)
            except sqlite3.Error as error:
                fail(migration.path, line, f"{error}\n    {statement}")
    for query in queries:
        values = [None] * len(query.parameters)
        try:
            database.execute("EXPLAIN " + query.sqlite, values)
        except sqlite3.Error as error:
            fail(query.path, query.sqlite_line, f"{query.name}: {error}\n    {query.sqlite}")


def print_plans(queries, path):
    """As they run in a database that Patron has made, which holds what the planner is told."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        for query in queries:
            print(f"{query.owner}.{query.name}\n    {query.sqlite}")
            for step in database.execute("EXPLAIN QUERY PLAN " + query.sqlite, [None] * len(query.parameters)):
                print(f"        {step[3]}")


# ---- the C files ----

def literal(name, text):
    """The declaration of a static string; one too long for a literal is written as numbers."""
    data = text.encode()
    if len(data) <= LITERAL_MAX:
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("?", "\\?")
        return f'static const char {name}[] = "{escaped}";\n'
    lines = [", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
    return f"static const char {name}[] = {{\n" + ",\n".join(lines) + ", 0};\n"



def write_header(symbol, queries):
    guard = f"PATRON_{symbol.upper()}_QUERIES_H"
    out = [f"/* The queries and migrations of {symbol}; made by tools/queries.py. */\n#ifndef {guard}\n#define {guard}\n\n"
           '#include "storage/storage.h"\n\n']
    for query in queries:
        columns = ", ".join(f"{name} {type_}" for name, type_ in query.parameters)
        out.append(f"extern const struct storage_query query_{query.owner}_{query.name};"
                   f" /* {'rows ' if query.rows else ''}({columns}) */\n")
    out.append(f"\nextern const struct storage_schema {symbol};\n\n#endif\n")
    return "".join(out)


def write_code(symbol, header, queries, migrations):
    out = [f"/* The queries and migrations of {symbol}; made by tools/queries.py. */\n#include \"{header}\"\n\n"]
    for i, query in enumerate(queries):
        types = ", ".join(sql_expand.TYPES[type_] for _, type_ in query.parameters) or "STORAGE_NULL"
        out.append(f"static const enum storage_type types_{i}[] = {{{types}}};\n")
        out.append(literal(f"sqlite_{i}", query.sqlite))
        out.append(literal(f"postgres_{i}", query.postgres))
        out.append(f"const struct storage_query query_{query.owner}_{query.name} = {{\n"
                   f'    "{query.owner}.{query.name}", sqlite_{i}, postgres_{i}, types_{i}, {len(query.parameters)},\n'
                   f"    {'true' if query.rows else 'false'}, {'true' if query.writes else 'false'}, {i}}};\n\n")
    for i, migration in enumerate(migrations):
        out.append(literal(f"migration_sqlite_{i}", migration.sqlite))
        out.append(literal(f"migration_postgres_{i}", migration.postgres))
    names = "".join(f"    &query_{query.owner}_{query.name},\n" for query in queries) or "    NULL,\n"
    steps = "".join(
        f'    {{"{m.owner}", {m.number}, "{m.name}", "{m.checksum}", migration_sqlite_{i}, migration_postgres_{i}}},\n'
        for i, m in enumerate(migrations)) or "    {NULL, 0, NULL, NULL, NULL, NULL},\n"
    out.append(f"\nstatic const struct storage_query *const queries[] = {{\n{names}}};\n"
               f"\nstatic const struct storage_migration migrations[] = {{\n{steps}}};\n"
               f"\nconst struct storage_schema {symbol} = {{queries, {len(queries)}, migrations, {len(migrations)}}};\n")
    return "".join(out)


def replace_file(path, text):
    """Leaves an unchanged file alone, so that nothing is compiled again for it."""
    if not os.path.exists(path) or read(path) != text:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--owners", required=True, help="names of folders, in the order in which they migrate")
    parser.add_argument("--symbol", default="storage_schema")
    parser.add_argument("--header")
    parser.add_argument("--code")
    parser.add_argument("--depfile")
    parser.add_argument("--plans", metavar="DATABASE", help="print how each query runs in this SQLite database")
    options = parser.parse_args()
    queries, migrations, paths = read_tree(options.tree, options.owners.split(","))
    try_on_sqlite(queries, migrations)
    if options.plans:
        print_plans(queries, options.plans)
    if options.header:
        replace_file(options.header, write_header(options.symbol, queries))
    if options.code:
        header = os.path.basename(options.header)
        replace_file(options.code, write_code(options.symbol, header, queries, migrations))
    if options.depfile:
        tools = [os.path.abspath(__file__), os.path.abspath(sql_expand.__file__)]
        with open(options.depfile, "w", encoding="utf-8") as file:
            file.write(f"{options.header} {options.code}: " + " ".join(p.replace(" ", "\\ ") for p in paths + tools) + "\n")


if __name__ == "__main__":
    main()
