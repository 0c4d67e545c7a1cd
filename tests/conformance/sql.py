"""Rendered files as an engine's client reads them: split into statements; landed rows as INSERT statements."""

import datetime
import re

# A text literal, a quoted name, a dollar-quoted text, a comment: what may hold a semicolon that ends nothing. And the lines
# that open and close a block, whose own semicolons end none of the file's statements.
TOKEN = re.compile(
    r"""'(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | `(?:[^`\\]|``|\\.)*` | \$\$.*?\$\$ | --[^\n]* | /\*.*?\*/ | ; | ^BEGIN$ | ^END(?=;)""",
    re.S | re.X | re.M,
)


def statements(text, separator=None):
    """The statements of a file, comments inside them kept. `separator`: a word that ends a batch on its own line."""
    if separator:
        text = re.sub(rf"^{separator}$", ";", text, flags=re.M)
    start, depth, found = 0, 0, []
    for match in TOKEN.finditer(text):
        depth += {"BEGIN": 1, "END": -1}.get(match.group(), 0)
        if match.group() == ";" and depth == 0:
            found.append(text[start : match.start()])
            start = match.end()
    found.append(text[start:])
    return [part.strip() for part in found if without_comments(part).strip()]


def inside(block):
    """The statements of the block that a statement ends with."""
    return statements(re.search(r"^BEGIN\n(.*)^END\Z", block, re.S | re.M)[1])


def without_comments(sql):
    """The statement as the engine takes it in."""
    return TOKEN.sub(lambda match: "" if match.group().startswith(("--", "/*")) else match.group(), sql)


def literal(value, kind, types, backslash=False):
    """A landed value as SQL."""
    if value is None:
        return f"CAST(NULL AS {types[kind]})"
    if kind == "boolean":
        return "TRUE" if value else "FALSE"
    if kind in ("integer", "float"):
        return repr(value) if kind == "integer" else f"CAST('{value!r}' AS {types[kind]})"
    text = str(value)
    if backslash:
        text = text.replace("\\", "\\\\").replace("'", "\\'")
    else:
        text = text.replace("'", "''")
    return f"CAST('{text}' AS {types[kind]})" if kind == "timestamp" else f"'{text}'"


def insert(table, columns, rows, quote, cell, chunk=200):
    """INSERT statements for rows, all columns of the table named."""
    names = ", ".join(quote(name) for name, _ in columns)
    for start in range(0, len(rows), chunk):
        tuples = [
            "(" + ", ".join(cell(row.get(name), kind) for name, kind in columns) + ")" for row in rows[start : start + chunk]
        ]
        yield f"INSERT INTO {table} ({names}) VALUES\n" + ",\n".join(tuples)


def moment(text):
    """A timestamp as the reference model writes it: UTC, no zone, no zeros behind the last digit."""
    text = re.sub(r"([+-]\d\d(:?\d\d)?|Z)$", "", str(text).replace("T", " ").strip())
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if len(text) > 16 else str(datetime.datetime.fromisoformat(text))
