"""Redshift's SQL on Postgres, which it descends from, after each statement has passed Redshift's grammar.

Clauses about where rows stand are taken out; functions that Postgres lacks are made there. So the queries are the ones
that Redshift gets, and the rest is parsed alone.
"""

import re

import cluster
from grammar import Grammar
from sql import without_comments

HOW = "emulated"

FUNCTIONS = """
CREATE EXTENSION pgcrypto;
CREATE FUNCTION sha1(text) RETURNS text LANGUAGE sql AS $$ SELECT encode(digest(convert_to($1, 'UTF8'), 'sha1'), 'hex') $$;
CREATE VIEW svv_columns AS SELECT * FROM information_schema.columns;
CREATE FUNCTION dateadd_second(bigint, timestamptz) RETURNS timestamptz LANGUAGE sql AS $$ SELECT $2 + $1 * interval '1 second' $$;
"""

TRANSLATED = [
    (r"\bDISTKEY \([^)]*\)", ""),
    (r"\bSORTKEY \([^)]*\)", ""),
    (r"\bWITH NO SCHEMA BINDING\b", ""),
    (r"\bdateadd\(second, ", "dateadd_second("),
    (r"\bsysdate\b", "now()"),
    (r"\ASET enable_case_sensitive_identifier TO false\Z", ""),
    # Bound late, no view holds another.
    (r"\bDROP VIEW IF EXISTS (\S+)", r"DROP VIEW IF EXISTS \1 CASCADE"),
]


class Engine(cluster.Database):
    PREPARE = FUNCTIONS
    ADDS_COLUMNS = True
    # Redshift compares text by its bytes.
    COLLATION = "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
    TYPES = {**cluster.Database.TYPES, "varchar": "varchar(65535)"}

    def __init__(self):
        self.grammar = Grammar("redshift")
        self.grammar.controls()
        super().__init__()

    def run(self, sql):
        # What the suite lands is no rendered SQL.
        if not sql.startswith(("INSERT INTO \"", "ALTER TABLE \"")):
            self.grammar.check(sql)
        code = without_comments(sql).strip()
        for pattern, replacement in TRANSLATED:
            code = re.sub(pattern, replacement, code)
        if code:
            super().run(code)
