"""Synapse's SQL on Postgres, translated, after each statement has passed the grammar of Transact-SQL and a list of what
dedicated pools lack.

The translation is this file: names in brackets, types, the collation, temporary tables, conditions on what exists, and
functions, which are made in Postgres under their own names where it lacks them. Queries are not touched otherwise.
Landed columns of text are given a collation that ignores case, as a pool's own does: so a comparison that names no
collation finds Jane equal to jane here as well, and fails the fixture that is about it.
"""

import re

import cluster
import sql as text
from grammar import Grammar

HOW = "emulated"

# What Postgres lacks.
PREPARE = """
CREATE EXTENSION pgcrypto;
CREATE COLLATION latin1_general_100_bin2_utf8 FROM "C";
CREATE COLLATION of_the_pool (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE FUNCTION hashbytes(text, text) RETURNS bytea LANGUAGE sql AS $$ SELECT digest(convert_to($2, 'UTF8'), $1) $$;
CREATE FUNCTION sysutcdatetime() RETURNS timestamp LANGUAGE sql AS $$ SELECT now() AT TIME ZONE 'UTC' $$;
CREATE FUNCTION dateadd_second(bigint, timestamp) RETURNS timestamp LANGUAGE sql AS $$ SELECT $2 + $1 * interval '1 second' $$;
CREATE FUNCTION converted(bytea, integer) RETURNS text LANGUAGE sql AS $$ SELECT upper(encode($1, 'hex')) $$;
CREATE FUNCTION converted(double precision, integer) RETURNS text LANGUAGE sql AS $$ SELECT to_char($1, '9.9999999999999999EEEE') $$;
CREATE FUNCTION converted(timestamp, integer) RETURNS text LANGUAGE sql AS $$ SELECT CAST($1 AS text) $$;
CREATE FUNCTION switchoffset(timestamptz, text) RETURNS timestamp LANGUAGE sql AS $$ SELECT $1 AT TIME ZONE 'UTC' $$;
CREATE FUNCTION converted(bigint) RETURNS text LANGUAGE sql AS $$ SELECT CAST($1 AS text) $$;
CREATE OPERATOR + (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat);
"""

# Literals are taken out before, and stand as their number between two of these.
MARK = "\x01"
LITERAL = rf"{MARK}\d+{MARK}"
TOKEN = re.compile(r"N?'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]")

# In the order in which they apply.
TRANSLATED = [
    # Settings of a session that Postgres does not have.
    (rf"\ASET (?:QUOTED_IDENTIFIER ON|DATEFORMAT ymd|XACT_ABORT ON)\Z", ""),
    # Conditions on what exists, and what is done under them.
    (rf"IF OBJECT_ID\({LITERAL}, {LITERAL}\) IS NULL\s+EXEC \({LITERAL}\)", ""),
    (
        rf"IF OBJECT_ID\(({LITERAL}), {LITERAL}\) IS NULL AND OBJECT_ID\(({LITERAL}), {LITERAL}\) IS NOT NULL\s+RENAME OBJECT (\S+) TO (\S+)",
        r"DO $do$ BEGIN IF to_regclass(\1) IS NULL AND to_regclass(\2) IS NOT NULL THEN ALTER TABLE \3 RENAME TO \4; END IF; END $do$",
    ),
    (rf"IF OBJECT_ID\({LITERAL}, {LITERAL}\) IS NULL\s+CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),
    # A view goes by names, and does not hold what it reads. Those that fall with a table are made again behind it.
    (rf"IF OBJECT_ID\({LITERAL}(?:, {LITERAL})?\) IS NOT NULL\s+DROP TABLE (\S+)", r"DROP TABLE IF EXISTS \1 CASCADE"),
    (r"\ADROP TABLE (\S+)\Z", r"DROP TABLE \1 CASCADE"),
    (
        rf"IF NOT EXISTS \(\s*SELECT 1\s+FROM sys\.columns AS c\s+WHERE c\.object_id = OBJECT_ID\({LITERAL}\)\s+AND c\.name = {LITERAL}\s*\)\s*ALTER TABLE (\S+) ADD",
        r"ALTER TABLE \1 ADD COLUMN IF NOT EXISTS",
    ),
    (
        rf"IF NOT EXISTS \(\s*SELECT 1\s+FROM sys\.columns AS c\s+WHERE c\.object_id = OBJECT_ID\(({LITERAL})\)\s+AND c\.name = ({LITERAL})\s*\)\s*((?s:DELETE FROM .*))",
        r"\3 AND NOT EXISTS (SELECT 1 FROM pg_attribute AS c WHERE c.attrelid = CAST(\1 AS regclass) AND c.attname = \2 AND NOT c.attisdropped)",
    ),
    (r"\ARENAME OBJECT (\S+) TO (\S+)\Z", r"ALTER TABLE \1 RENAME TO \2"),
    (r"\AALTER VIEW (\S+) AS", r"DROP VIEW IF EXISTS \1 CASCADE; CREATE VIEW \1 AS"),
    # Where rows stand.
    (r"WITH \(DISTRIBUTION = (?:HASH \([^()]*\)|ROUND_ROBIN), (?:HEAP|CLUSTERED COLUMNSTORE INDEX)\)", ""),
    # Tables of the session.
    (r"CREATE TABLE #", "CREATE TEMPORARY TABLE #"),
    (r"#(\w+)", r'"#\1"'),
    # Types and what is made of values.
    (r"CONVERT\(\s*varchar\((?:26|40)\), ", "converted("),
    (r"\bvarchar\(8000\)", "text"),
    (r"\bdatetime2\([67]\)", "timestamp"),
    (r"\bdatetimeoffset\b", "timestamptz"),
    (r"\b(?:bit|tinyint)\b", "smallint"),
    (r"\bfloat\b", "double precision"),
    (r"\bDATEADD\(second, ", "dateadd_second("),
]


def translate(code):
    """A statement as Postgres takes it."""
    literals = []

    def name_or_literal(match):
        token = match.group()
        if token.startswith("["):
            return '"' + token[1:-1].replace("]]", "]").replace('"', '""') + '"'
        literals.append(token.removeprefix("N"))
        return f"{MARK}{len(literals) - 1}{MARK}"

    code = TOKEN.sub(name_or_literal, code)
    if found := re.fullmatch(rf"IF SCHEMA_ID\({LITERAL}\) IS NULL\s+EXEC \({MARK}(\d+){MARK}\)", code):
        inner = literals[int(found[1])][1:-1].replace("''", "'")
        return translate(inner).replace("CREATE SCHEMA", "CREATE SCHEMA IF NOT EXISTS", 1)
    code = with_nulls_in_place(code)
    for pattern, replacement in TRANSLATED:
        code = re.sub(pattern, replacement, code)
    return re.sub(rf"{MARK}(\d+){MARK}", lambda match: literals[int(match[1])], code)


def with_nulls_in_place(code):
    """NULL is the least value to Transact-SQL, and the greatest to Postgres."""
    done, rest = "", code
    while found := re.search(r"\bORDER BY\b", rest):
        done, rest = done + rest[: found.end()], rest[found.end() :]
        depth, start = 0, 0
        for end, character in enumerate(rest + ")"):
            depth += {"(": 1, ")": -1}.get(character, 0)
            if depth < 0 or (depth == 0 and character == ","):
                term = rest[start:end].rstrip()
                done += term + (" NULLS LAST" if term.endswith(" DESC") else " NULLS FIRST") + rest[end : end + 1]
                start = end + 1
            if depth < 0:
                break
        rest = rest[start:]
    return done + rest


class Engine(cluster.Database):
    PREPARE = PREPARE
    SEPARATOR = "GO"
    ADDS_COLUMNS = True
    # As Segment adds columns: in the pool's own collation.
    TYPES = {
        "varchar": "text COLLATE of_the_pool",
        "timestamp": "timestamp",
        "integer": "bigint",
        "float": "double precision",
        "boolean": "smallint",
    }

    def __init__(self):
        self.grammar = Grammar("synapse")
        self.grammar.controls()
        super().__init__()

    def fresh(self, schemas):
        super().fresh(schemas)
        # What is made before anything lands are landed tables.
        self.landed = set()
        self.is_landing = True

    def run(self, statement):
        code = text.without_comments(statement).strip()
        # What the suite lands is no rendered SQL.
        if code.startswith(('INSERT INTO "', 'ALTER TABLE "')):
            self.is_landing = False
            return super().run(code)
        self.grammar.check(code)
        translated = translate(code)
        if translated.strip():
            super().run(translated)
        if found := re.match(r"CREATE TABLE IF NOT EXISTS (\S+)", translated):
            self.is_landing = self.is_landing and found[1] not in self.landed
            if self.is_landing:
                self.landed.add(found[1])
                self.as_segment_makes_it(found[1])

    def as_segment_makes_it(self, table):
        """Segment says nothing of collations: its columns have the pool's own."""
        columns = self.connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND atttypid = 'text'::regtype", [table]
        ).fetchall()
        changes = ", ".join(f"ALTER COLUMN {self.quote(name)} TYPE text COLLATE of_the_pool" for (name,) in columns)
        self.connection.execute(f"ALTER TABLE {table} {changes}")

    def cell(self, value, kind):
        """A landed value as SQL."""
        if value is None:
            return "NULL"
        if kind == "boolean":
            return str(int(value))
        if kind in ("integer", "float"):
            return repr(value)
        return "'" + str(value).replace("'", "''") + "'"
