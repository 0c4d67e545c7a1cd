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

DENY["synapse"] = [
    r"::",
    r"\|\|",
    r"\bRECURSIVE\b",
    # A common table expression stands before SELECT only, and within CREATE TABLE or VIEW.
    r"\A\s*INSERT\b.*?\bWITH\s+\w+\s+AS\s*\(",
    r"[(]\s*WITH\s+\w+\s+AS\s*\(",
    r"\b(?:TRUE|FALSE)\b",
    r"\bIS\s+(?:NOT\s+)?DISTINCT\s+FROM\b",
    r"\b(?:GREATEST|LEAST|DATETRUNC)\s*\(",
    r"\bNULLS\s+(?:FIRST|LAST)\b",
    r"\bCREATE\s+(?:TABLE|VIEW|SCHEMA)\s+IF\b",
    r"\bDROP\s+\w+\s+IF\b",
    r"\bCREATE\s+OR\s+(?:REPLACE|ALTER)\b",
    r"\bCREATE\s+TEMP(?:ORARY)?\b",
    r"\bADD\s+COLUMN\b",
    r"\bUSING\s*\(",
    r"\bDELETE\s+FROM\s+\S+\s+USING\b",
    r"\bDELETE\s+FROM\s+\S+\s+AS\b",
    r"\b(?:UNIQUE|PRIMARY\s+KEY)\b(?!(?s:.*)\bNOT\s+ENFORCED\b)",
    r"\bFILTER\s*\(",
    r"\bQUALIFY\b",
    r"\bLATERAL\b",
    r"\bLIMIT\b",
    r"\bRETURNING\b",
    r"\bON\s+CONFLICT\b",
    r"\bCOMMENT\s+ON\b",
    r"\b(?:DIST|SORT)KEY\b",
    r"\bCLUSTER\s+BY\b",
    r"\bINTERVAL\b",
    r"\bmax\s*\(\s*CAST\([^()]*\bAS\s+bit\)",
    # Rows beside rows: one at a time.
    r"\bVALUES\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*,",
    r"\b(?:boolean|text|timestamptz|double\s+precision)\b(?=\s*[,)\n])",
]

SQLFLUFF = {"redshift": "redshift", "snowflake": "snowflake", "synapse": "tsql"}


def expressions(code):
    """The common table expressions of a statement: name, text, and what stands behind the bracket that closes it."""
    for found in re.finditer(r"\b(\w+)\s*(?:\([\w\s,]*\)\s*)?AS\s*\(", code, re.I):
        depth = 1
        for end in range(found.end(), len(code)):
            depth += {"(": 1, ")": -1}.get(code[end], 0)
            if depth == 0:
                yield found[1], code[found.end() : end], code[end + 1 :].lstrip()
                break


def no_expressions_there(code):
    """Pools know no recursion, and a common table expression before SELECT only."""
    for name, inside, behind in expressions(code):
        if re.search(rf"\b(?:FROM|JOIN)\s+{name}\b", inside, re.I):
            raise ValueError(f"synapse has no recursion: {name}")
        if found := re.match(r"(?:INSERT|UPDATE|DELETE|MERGE)\b", behind, re.I):
            raise ValueError(f"synapse has no common table expression before {found.group()}")


# What a pattern cannot say.
CHECKS = {"synapse": no_expressions_there}


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
        if self.dialect in CHECKS:
            CHECKS[self.dialect](bare)
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
