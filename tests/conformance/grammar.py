"""Whether a statement is one of a warehouse that cannot be had here: sqlfluff's grammar, and what the grammar wrongly takes.

Each deny-list entry says what the warehouse refuses. `refused/<dialect>.sql` has statements that must be refused, so that
a grammar which takes everything is noticed.
"""

import pathlib
import re

import sql

DENY = {
    "redshift": [
        r"\bCREATE\s+(UNIQUE\s+)?INDEX\b",
        r"\bDISTINCT\s+ON\b",
        r"\bFILTER\s*\(",
        r"\barray_agg\s*\(",
        r"\bLATERAL\b",
        r"\bRETURNING\b",
        r"\bON\s+CONFLICT\b",
        r"\bCREATE\s+OR\s+REPLACE\s+(TEMP(ORARY)?\s+)?TABLE\b",
        r"\bADD\s+COLUMN\s+IF\b",
        r"\bON\s+COMMIT\b",
        r"\bCOLLATE\s+\"",
        r"\bUNION\s+(?!ALL\b)",
        r"\bctid\b",
        r"\bIS\s+(NOT\s+)?DISTINCT\s+FROM\b",
    ],
    "snowflake": [
        r"\bDISTINCT\s+ON\b",
        r"\barray_agg\s*\([^()]*\bORDER\b",
        r"\bARRAY\s*\[",
        r"^WITH\b(?s:.*)^\s*(INSERT|UPDATE|DELETE|MERGE)\b",
        r"\bWITH\s+RECURSIVE\b(?s:.*)\bUNION\s+(?!ALL\b)",
        r"\bON\s+CONFLICT\b",
    ],
}

SQLFLUFF = {"redshift": "redshift", "snowflake": "snowflake"}


class Grammar:
    def __init__(self, dialect):
        self.dialect = dialect
        self.known = set()

    def check(self, statement):
        """Raises ValueError for a statement that the warehouse would refuse."""
        code = sql.without_comments(statement).strip()
        if code in self.known:
            return
        bare = re.sub(r"'(?:[^'\\]|''|\\.)*'", "''", code)
        for pattern in DENY[self.dialect]:
            if found := re.search(pattern, bare, re.I | re.M):
                raise ValueError(f"{self.dialect} has no {found.group()}")
        # Not for all dialects: not every engine has it.
        import sqlfluff

        try:
            sqlfluff.parse(code + ";", dialect=SQLFLUFF[self.dialect])
        except sqlfluff.api.simple.APIParsingError as error:
            raise ValueError(f"sqlfluff's {self.dialect} does not parse it: {error}") from error
        self.known.add(code)

    def controls(self):
        refuses(self.dialect, self.check)


def refuses(dialect, check):
    """Every statement that must be refused, is."""
    path = pathlib.Path(__file__).parent / "refused" / f"{dialect}.sql"
    statements = sql.statements(path.read_text())
    assert len(statements) >= 10, f"{path} has few statements"
    for statement in statements:
        try:
            check(statement)
        except ValueError:
            continue
        raise AssertionError(f"{dialect}'s grammar takes what it must refuse: {statement}")
