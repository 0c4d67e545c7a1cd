"""Snowflake's SQL on fakesnow, which emulates Snowflake on DuckDB, after each statement has passed Snowflake's grammar."""

import logging
import pathlib
import re
import warnings

import duckdb
import fakesnow
import snowflake.connector
from fakesnow.cursor import FakeSnowflakeCursor

import sql as text
from grammar import Grammar

# A dynamic table is made anew after every batch, as a plain table of its query: nothing shows that it keeps itself up to date.
HOW = {"table": "emulated", "view": "emulated", "incremental": "emulated", "dynamic_table": "emulated, its query only"}

DYNAMIC = re.compile(r"CREATE OR REPLACE DYNAMIC TABLE (\S+) \(.*?\nAS\n", re.S)

# It says of each comment and clustering that DuckDB has none.
logging.getLogger("sqlglot").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="fakesnow")

# A temporary table of fakesnow stands in no schema, so work tables are plain ones here.
TEMPORARY = re.compile(r"^CREATE OR REPLACE TEMPORARY TABLE")

# fakesnow breaks off a comment at a quote inside it.
COMMENT = re.compile(r"(COMMENT (?:= )?')((?:[^'\\]|\\.)*)'")


class Recorder:
    """What fakesnow makes of a statement: half of its time goes into that, and fixtures repeat most statements."""

    def __init__(self):
        self.parts = None
        translate = FakeSnowflakeCursor._transform

        def recording(cursor, expression, params):
            translated = translate(cursor, expression, params)
            if self.parts is not None:
                self.parts.append(translated)
            return translated

        FakeSnowflakeCursor._transform = recording
        self.known = {}

    def execute(self, cursor, statement):
        if statement in self.known:
            for part in self.known[statement]:
                cursor._execute(part)
            return
        self.parts = []
        cursor.execute(statement)
        self.known[statement], self.parts = self.parts, None


class Engine:
    TYPES = {
        "varchar": "varchar",
        "timestamp": "timestamp_tz",
        "integer": "number(38, 0)",
        "float": "float",
        "boolean": "boolean",
    }
    BACKSLASH = True

    def __init__(self):
        self.grammar = Grammar("snowflake")
        self.grammar.controls()
        self.recorder = Recorder()
        self.patch = fakesnow.patch()
        self.patch.__enter__()
        self.connection = snowflake.connector.connect(database="CONFORMANCE", schema="PUBLIC")
        self.cursor = self.connection.cursor()
        self.cannot()

    def cannot(self):
        """Every statement of `cannot/snowflake.sql` is one of Snowflake and fails here."""
        for statement in ("CREATE SCHEMA known_schema", "CREATE TABLE known_a (one integer)", "CREATE TABLE known_b (one integer)"):
            self.cursor.execute(statement)
        listed = text.statements((pathlib.Path(__file__).parents[1] / "cannot" / "snowflake.sql").read_text())
        for statement in listed:
            self.grammar.check(statement)
            try:
                self.cursor.execute(statement)
            except snowflake.connector.errors.Error:
                self.cursor.execute("ROLLBACK")
                continue
            raise AssertionError(f"fakesnow can do this now: {statement}")
        self.cursor.execute("BEGIN TRANSACTION")
        self.cursor.execute("INSERT INTO known_a VALUES (1)")
        try:
            self.cursor.execute("MERGE INTO known_a AS a USING known_b AS b ON a.one = b.one WHEN MATCHED THEN DELETE")
        except duckdb.TransactionException:
            self.cursor.execute("ROLLBACK")
        else:
            raise AssertionError("fakesnow can MERGE in a transaction now: run the rendered ones")

        lag = "TARGET_LAG = '1 minute' WAREHOUSE = some_warehouse"
        self.cursor.execute(f"CREATE DYNAMIC TABLE known_dynamic {lag} AS SELECT one FROM known_a")
        self.cursor.execute("INSERT INTO known_a VALUES (2)")
        if self.cursor.execute("SELECT one FROM known_dynamic WHERE one = 2").fetchall():
            raise AssertionError("fakesnow keeps a dynamic table up to date now: refresh by it")

    def fresh(self, schemas):
        # Of a fixture that failed.
        self.cursor.execute("ROLLBACK")
        for schema in schemas:
            self.cursor.execute(f"DROP SCHEMA IF EXISTS {self.quote(schema)} CASCADE")

    def run(self, sql):
        # What the suite lands is no rendered SQL.
        if sql.startswith(("INSERT INTO \"", "ALTER TABLE \"")):
            self.cursor.execute(sql)
        else:
            # fakesnow has no tasks and no scripts: the statements of the body pass the grammar and run one by one.
            if "\nCREATE OR REPLACE TASK " in f"\n{sql}":
                head, body, _ = sql.split("$$")
                self.grammar.check(f"{head}$$BEGIN RETURN 1; END;$$")
                self.scheduled = text.inside(body.strip().removesuffix(";"))
                return
            self.grammar.check(sql)
            # fakesnow has no settings of a session either.
            if sql.split("\n")[-1].startswith(("ALTER TASK ", "ALTER SESSION SET ")):
                return
            # A MERGE of fakesnow makes a table and its metadata, which one transaction cannot.
            if sql in ("BEGIN TRANSACTION", "COMMIT"):
                return
            code = TEMPORARY.sub("CREATE OR REPLACE TABLE", text.without_comments(sql).strip())
            code = DYNAMIC.sub(r"CREATE OR REPLACE TABLE \1 AS\n", code, count=1)
            code = COMMENT.sub(lambda found: found[1] + found[2].replace("\\'", "") + "'", code)
            self.recorder.execute(self.cursor, code)

    def refresh_by_schedule(self):
        """What the task does."""
        for statement in self.scheduled:
            self.run(statement)

    def quote(self, name):
        # As Segment lands it: without quotes, so in upper case.
        return '"' + name.upper().replace('"', '""') + '"'

    def rows(self, table, columns):
        cells = [f"CAST({self.quote(name)} AS varchar)" if kind == "timestamp" else self.quote(name) for name, kind in columns]
        found = self.cursor.execute(f"SELECT {', '.join(cells)} FROM {table}").fetchall()
        return [dict(zip((name for name, _ in columns), row)) for row in found]
