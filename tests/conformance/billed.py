"""Whether the comments about bytes in BigQuery's files are true: which columns of landed tables are read, and where in all
partitions, as GoogleSQL's analyser resolves the files' statements.

Nothing here says how BigQuery prunes. A scan counts as pruned when its own filter compares the load time with variables and
has no subquery.
"""

import pathlib
import re

import sql

RENDERED = pathlib.Path(__file__).resolve().parents[1] / "rendered"

# How the projects of tests/rendered/ keep their models.
FOLDERS = ["bigquery", "views/bigquery", "scheduled/bigquery"]
TRAITS = {"email", "plan", "lifetime_value", "is_vip", "order"}
SCHEMA = "acme"


def check(engine):
    """Runs what is rendered for review, on empty tables, and compares each file's comment with its statements."""
    said = 0
    for folder in FOLDERS:
        engine.fresh([SCHEMA])
        for statement in sql.statements((RENDERED / "sandbox" / "bigquery" / "landed_tables.sql").read_text()):
            engine.run(statement)
        files = {path.name: path for path in [*(RENDERED / "bigquery").glob("*.sql"), *(RENDERED / folder).glob("*.sql")]}
        for name, path in sorted(files.items()):
            text = path.read_text()
            with engine.reading() as read:
                for statement in sql.statements(text):
                    engine.run(statement)
                if name.endswith("_schedule.sql"):
                    engine.refresh_by_schedule()
            whole, pruned = comment(text)
            if whole and path.parent == RENDERED / folder:
                said += 1
                assert (whole, pruned) == scanned(read), f"{path}: its comment says {whole, pruned}, its statements {scanned(read)}"
    assert said >= 10, f"few files say what is billed: {said}"


def comment(text):
    """What a file's comment says: columns by table, in all partitions and in new ones."""
    found = ({}, {})
    place = 0
    for line in text.splitlines():
        if line.startswith("-- and in the partitions"):
            place = 1
        if named := re.fullmatch(rf"--   {SCHEMA}\.(\w+):", line):
            table = named[1]
        elif listed := re.fullmatch(r"--     (\w+(?: \w+)?(?:, \w+(?: \w+)?)*)", line):
            columns = set(listed[1].split(", "))
            found[place][table] = columns - {"every trait"} | (TRAITS if "every trait" in columns else set())
    return found


def scanned(read):
    """What statements scan, as `comment`. The history of new traits is read in full once, which is said in words; whether a
    table has a row at all is asked without a column."""
    found = ({}, {})
    for table, columns, condition in read:
        if table in LANDED and columns and "window_history_until" not in condition:
            is_pruned = "uuid_ts" in condition and "window_" in condition and "subquery" not in condition
            place = found[is_pruned]
            place.setdefault(table, set()).update(columns)
    return found


LANDED = {"id_graph_updates", "external_id_mapping_updates", "identifies"}


def scans(message, condition=""):
    """The table scans of a resolved statement: table, columns, and the filter right above."""
    if message.DESCRIPTOR.name == "ResolvedTableScanProto":
        yield message.table.name, {column.name for column in message.parent.column_list}, condition
        return
    is_filter = message.DESCRIPTOR.name == "ResolvedFilterScanProto"
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        above = str(message.filter_expr) if is_filter and field.name == "input_scan" else ""
        passes = condition if message.DESCRIPTOR.name.startswith("Any") else above
        for one in value if field.is_repeated else [value]:
            yield from scans(one, passes)
