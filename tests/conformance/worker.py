"""Runs the rendered SQL of one dialect on its engine, fixture by fixture, in the engine's own virtual environment.

    worker.py DIALECT FOLDER [FIXTURE…]

Reads target/conformance/expected/*.json and the files rendered for each fixture, kind and batch; writes one line of
JSON for each fixture and kind to FOLDER/results/DIALECT.jsonl.
"""

import importlib.util
import json
import pathlib
import re
import sys
import time
import traceback

import compare
import sql

HERE = pathlib.Path(__file__).parent
KINDS = ["table", "view", "incremental", "dynamic_table"]


def load(dialect):
    # By path: an engine's file has the name of the engine's own package.
    spec = importlib.util.spec_from_file_location(f"engine_{dialect}", HERE / "engines" / f"{dialect}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lands_as(ddl, column):
    """What Segment calls a column: where the warehouse reserves the name, with `_` in front."""
    stands = lambda name: re.search(rf'^\s+["`\[]?{re.escape(name)}["`\]]?\s', ddl, re.MULTILINE)
    return f"_{column}" if stands(f"_{column}") and not stands(column) else column


def land(engine, batch, known, ddl):
    """What Segment does: adds a column with its first value, and rows."""
    for name, table in batch["landed"].items():
        where = f"{engine.quote(batch['space'])}.{engine.quote(name)}"
        quote = lambda column: engine.quote(lands_as(ddl, column))
        for column, kind in table["columns"]:
            if name in known and column not in known[name]:
                engine.run(f"ALTER TABLE {where} {getattr(engine, 'ADD', 'ADD COLUMN')} {quote(column)} {engine.TYPES[kind]}")
        known[name] = {column for column, _ in table["columns"]}
        cell = getattr(engine, "cell", None) or (
            lambda value, kind: sql.literal(value, kind, engine.TYPES, getattr(engine, "BACKSLASH", False))
        )
        used = [[column, kind] for column, kind in table["columns"] if any(row.get(column) is not None for row in table["rows"])]
        for statement in sql.insert(where, used, table["rows"], quote, cell):
            engine.run(statement)


def gained(batch, before):
    """Columns that models have gained with this batch's project."""
    for name, table in batch["expected"].items():
        old = {column for column, _ in before["expected"].get(name, table)["columns"]} if before else None
        for column, kind in table["columns"]:
            if old is not None and column not in old:
                yield name, column, kind


def check(engine, batch, what):
    for name, table in batch["expected"].items():
        got = engine.rows(f"{engine.quote(batch['models_schema'])}.{engine.quote(name)}", table["columns"])
        differing = compare.difference(name, table["columns"], table["rows"], got)
        if differing:
            raise AssertionError(f"{what}: {name} differs\n{differing}")


def fixture(engine, fixture, kind, folder):
    """Lands, refreshes and compares, batch after batch; a last refresh after which nothing landed changes nothing."""
    first = fixture["batches"][0]
    engine.fresh(sorted({first["space"], first["models_schema"]}))
    known, before = {}, None
    for number, batch in enumerate(fixture["batches"]):
        files = sorted((folder / fixture["name"] / kind / str(number)).glob("*.sql"))
        texts = [(file, sql.statements(file.read_text(), getattr(engine, "SEPARATOR", None))) for file in files]
        is_ddl = lambda file: file.name.startswith("00_") or "landed_tables" in file.name
        if number == 0:
            for file, statements in texts:
                if is_ddl(file):
                    execute(engine, file, statements)
        if kind != "view" and not getattr(engine, "ADDS_COLUMNS", True):
            for name, column, logical in gained(batch, before):
                engine.add_column(batch["models_schema"], name, column, logical)
        if kind == "view" and hasattr(engine, "add_view_column"):
            for name in sorted({name for name, _, _ in gained(batch, before)}):
                engine.add_view_column(batch["models_schema"], name)
        land(engine, batch, known, "".join(file.read_text() for file in files if "landed_tables" in file.name))
        last = number + 1 == len(fixture["batches"])
        is_slow = getattr(engine, "SLOW", False)
        # Once more by the files where it was the schedule, and the other way round.
        for again in range(2 if last and not is_slow else 1):
            is_scheduled = has_schedule(engine, texts) and (number > 0) != bool(again)
            for file, statements in texts:
                if not (is_slow and is_ddl(file)):
                    execute(engine, file, [one for one in statements if not is_scheduled or shapes(one)])
            if is_scheduled:
                engine.refresh_by_schedule()
            check(engine, batch, f"after batch {number + 1}" + (", once more" if again else ""))
        before = batch


def has_schedule(engine, texts):
    return hasattr(engine, "refresh_by_schedule") and any(file.name.endswith("_schedule.sql") for file, _ in texts)


def shapes(statement):
    """Whether a statement is none that a schedule repeats."""
    code = sql.without_comments(statement).strip()
    return re.match(r"CREATE (?!OR REPLACE TEMP)|ALTER ", code) is not None


def execute(engine, file, statements):
    for statement in statements:
        try:
            engine.run(statement)
        except Exception as error:
            raise RuntimeError(f"{file.name}: {type(error).__name__}: {str(error)[:1500]}\nin\n{statement[:3000]}") from error


def how(module, kind):
    return module.HOW[kind] if isinstance(module.HOW, dict) else module.HOW


def main():
    dialect, folder, only = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    module = load(dialect)
    engine = module.Engine()
    expected = [json.loads(path.read_text()) for path in sorted((folder / "expected").glob("*.json"))]
    # A slow engine takes fixtures of one project together, the others each by itself.
    is_joined = getattr(module, "SLOW", False) or getattr(module, "JOINED", False)
    joined = {name for one in expected for name in one.get("members", [])} if is_joined else set()
    expected = [one for one in expected if one["name"] not in joined and ("members" not in one or joined)]
    with open(folder / "results" / f"{dialect}.jsonl", "w") as out:
        for one in expected:
            members = one.get("members", [one["name"]])
            if only and not set(only) & {one["name"], *members}:
                continue
            for kind in KINDS:
                rendered = folder / "rendered" / dialect / one["name"] / kind
                if not rendered.exists():
                    continue
                began = time.time()
                if kind in getattr(module, "TOO_LONG", {}).get(one["name"], []):
                    continue
                refused = rendered / "refused"
                result = {"fixture": one["name"], "kind": kind, "how": how(module, kind), "why": None}
                if refused.exists():
                    result.update(how="refused", why=refused.read_text())
                else:
                    try:
                        fixture(engine, one, kind, folder / "rendered" / dialect)
                    except Exception as error:
                        result.update(how="failed", why=str(error) or traceback.format_exc())
                result["seconds"] = round(time.time() - began, 2)
                for member in members:
                    out.write(json.dumps({**result, "fixture": member}) + "\n")
                out.flush()
    if hasattr(engine, "close"):
        engine.close()


if __name__ == "__main__":
    main()
