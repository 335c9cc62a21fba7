"""The tool that makes the registry: what each engine gets, and which mistakes stop the build."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import sql_expand  # noqa: E402


def both(sql, parameters=()):
    tokens = sql_expand.tokenize(sql)
    return sql_expand.to_sqlite(tokens, list(parameters)), sql_expand.to_postgres(tokens, list(parameters))


def squeeze(text):
    return text.replace("( ", "(").replace(" )", ")")


class Expansion(unittest.TestCase):
    def assert_sqlite(self, sql, expected):
        self.assertEqual(squeeze(both(sql)[0]), expected)

    def test_an_insert_of_rows_becomes_values(self):
        self.assert_sqlite("INSERT INTO t (a, b) SELECT r.b, r.a + 1 FROM :rows(a bigint, b text) AS r",
                           "INSERT INTO t (a, b) VALUES (?2, ?1 + 1)")
        self.assert_sqlite("INSERT INTO t (a) SELECT r.a FROM :rows(a bigint) AS r WHERE true ON CONFLICT DO NOTHING",
                           "INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING")
        self.assert_sqlite("INSERT INTO t (a) SELECT r.a FROM :rows(a bigint) AS r RETURNING a",
                           "INSERT INTO t (a) VALUES (?1) RETURNING a")

    def test_an_insert_with_a_condition_stays_a_select(self):
        self.assert_sqlite("INSERT INTO t (a) SELECT r.a FROM :rows(a bigint) AS r WHERE r.a > 0",
                           "INSERT INTO t (a) SELECT ?1 WHERE ?1 > 0")

    def test_postgres_gets_arrays(self):
        self.assertEqual(both("SELECT r.a FROM :rows(a bigint, b bytea) AS r WHERE r.b IS NULL")[1],
                         "SELECT r.a FROM unnest($1::bigint[], $2::bytea[]) AS r(a, b) WHERE r.b IS NULL")

    def test_postgres_looks_up_the_joined_table_row_by_row(self):
        self.assertEqual(both("SELECT u.b FROM :rows(a bigint) AS r JOIN t AS u ON u.a = r.a OR u.c WHERE u.b > 0"
                              " ORDER BY 1")[1],
                         "SELECT u.b FROM unnest($1::bigint[]) AS r(a) CROSS JOIN LATERAL (SELECT * FROM t AS u WHERE"
                         " ( u.a = r.a OR u.c ) AND ( u.b > 0 ) OFFSET 0) AS u ORDER BY 1")
        self.assertEqual(both("SELECT t.b FROM :rows(a bigint) AS r JOIN t ON t.a = r.a LEFT JOIN v ON v.a = t.a"
                              " WHERE v.x = 1")[1],
                         "SELECT t.b FROM unnest($1::bigint[]) AS r(a) CROSS JOIN LATERAL (SELECT * FROM t WHERE"
                         " t.a = r.a OFFSET 0) AS t LEFT JOIN v ON v.a = t.a WHERE v.x = 1")

    def test_the_first_join_becomes_the_only_table(self):
        self.assert_sqlite("SELECT t.x FROM :rows(a bigint) AS r JOIN t ON t.a = r.a OR t.b = 1 WHERE t.x > 0 OR t.y"
                           " ORDER BY t.x",
                           "SELECT t.x FROM t WHERE (t.a = ?1 OR t.b = 1) AND (t.x > 0 OR t.y) ORDER BY t.x")
        self.assert_sqlite("SELECT 1 FROM :rows(a bigint) AS r INNER JOIN t AS u ON u.a = r.a LEFT JOIN v ON v.a = u.a"
                           " GROUP BY 1",
                           "SELECT 1 FROM t AS u LEFT JOIN v ON v.a = u.a WHERE (u.a = ?1) GROUP BY 1")
        self.assert_sqlite("SELECT 1 FROM :rows(a bigint) AS r CROSS JOIN t WHERE t.a = r.a",
                           "SELECT 1 FROM t WHERE t.a = ?1")
        self.assert_sqlite("SELECT 1 FROM :rows(a bigint) AS r, t WHERE t.a = r.a", "SELECT 1 FROM t WHERE t.a = ?1")
        self.assert_sqlite("SELECT x FROM (SELECT t.x FROM :rows(a bigint) AS r JOIN t ON t.a = r.a) AS s WHERE x > 1",
                           "SELECT x FROM (SELECT t.x FROM t WHERE (t.a = ?1)) AS s WHERE x > 1")

    def test_a_left_join_keeps_one_row(self):
        self.assert_sqlite("SELECT r.a, t.b FROM :rows(a bigint) AS r LEFT JOIN t ON t.a = r.a",
                           "SELECT ?1, t.b FROM (SELECT 1) AS r LEFT JOIN t ON t.a = ?1")

    def test_updates_and_deletes_lose_the_table(self):
        self.assert_sqlite("UPDATE t SET x = r.x FROM :rows(a bigint, x text) AS r WHERE t.a = r.a",
                           "UPDATE t SET x = ?2 WHERE t.a = ?1")
        self.assert_sqlite("DELETE FROM t USING :rows(a bigint) AS r WHERE t.a = r.a", "DELETE FROM t WHERE t.a = ?1")
        self.assert_sqlite("DELETE FROM t WHERE (a, b) IN (SELECT r.a, r.b FROM :rows(a bigint, b bigint) AS r)",
                           "DELETE FROM t WHERE (a, b) IN (SELECT ?1, ?2)")

    def test_strings_comments_and_quoted_names_are_left_alone(self):
        self.assert_sqlite("SELECT 'it''s r.a :b', \"r.a\" FROM :rows(a bigint) AS r -- r.a\n",
                           "SELECT 'it''s r.a :b', \"r.a\"")

    def test_named_parameters_are_numbered_and_typed(self):
        sqlite, postgres = both("SELECT :b, :a, :b", [("a", "bigint"), ("b", "text")])
        self.assertEqual(sqlite, "SELECT ?2, ?1, ?2")
        self.assertEqual(postgres, "SELECT $2::text, $1::bigint, $2::text")

    def test_tables_get_the_types_of_the_engine(self):
        sql = "CREATE TABLE t (a bigint, b text, c bytea) :without_rowid"
        tokens = sql_expand.tokenize(sql)
        self.assertEqual(sql_expand.table_definition(tokens, True),
                         "CREATE TABLE t (a INT, b TEXT, c BLOB) WITHOUT ROWID, STRICT")
        self.assertEqual(sql_expand.table_definition(tokens, False),
                         'CREATE TABLE t (a bigint, b text COLLATE "C", c bytea)')


class Mistakes(unittest.TestCase):
    def run_tool(self, sql, migration="CREATE TABLE t (a bigint);\n"):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "engine", "migrations"))
            with open(os.path.join(folder, "engine", "migrations", "001_t.sql"), "w", encoding="utf-8") as file:
                file.write(migration)
            with open(os.path.join(folder, "engine", "engine.sql"), "w", encoding="utf-8") as file:
                file.write(sql)
            command = [sys.executable, os.path.join(ROOT, "tools", "queries.py"), "--tree", folder, "--owners", "engine"]
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def assert_mistake(self, sql, place, message):
        done = self.run_tool(sql)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(place, done.stderr)
        self.assertIn(message, done.stderr)

    def test_a_good_file_passes(self):
        done = self.run_tool("-- name: x\n-- params: a bigint\nSELECT a FROM t WHERE a = :a;\n")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_mistakes_name_file_and_line(self):
        self.assert_mistake("-- name: x\nSELECT 1,\n  :b;\n", "engine.sql:3:", "parameter :b")
        self.assert_mistake("-- name: x\nSELECT absent FROM t;\n", "engine.sql:2:", "no such column")
        self.assert_mistake("-- name: x\nSELECT 1; SELECT 2;\n", "engine.sql:2:", "one statement")
        self.assert_mistake("-- name: x\n-- params: a number\nSELECT :a;\n", "engine.sql:2:", "not a name and a type")
        self.assert_mistake("-- name: x\n-- params: a bigint\nSELECT 1;\n", "engine.sql:", "not used")
        self.assert_mistake("-- name: x\n\nSELECT r.c FROM :rows(a bigint) AS r;\n", "engine.sql:3:", "not a column")
        self.assert_mistake("-- name: x\nSELECT r.a FROM t JOIN :rows(a bigint) AS r ON 1 = 1;\n", "engine.sql:2:",
                            "first table")
        self.assert_mistake("-- name: x\n-- dialect: sqlite\nSELECT 1;\n", "engine.sql:1:", "one for postgres")
        self.assert_mistake("-- name: x\nSELECT 1;\n-- name: x\nSELECT 2;\n", "engine.sql:3:", "also in")
        self.assert_mistake("SELECT 1;\n", "engine.sql:1:", "before the first")
        self.assert_mistake("-- name: x\nDROP TABLE t;\n", "engine.sql:2:", "begins with")
        self.assert_mistake("-- name: x\nSELECT a ~ 1 FROM t;\n", "engine.sql:2:", "unexpected character")

    def test_a_broken_migration_names_file_and_line(self):
        done = self.run_tool("", "CREATE TABLE t (a bigint);\n\nCREATE INDEX i ON t (b);\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("001_t.sql:3:", done.stderr)


if __name__ == "__main__":
    unittest.main()
