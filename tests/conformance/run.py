"""The conformance suite: every dialect's own rendered SQL on an engine, held against the reference model.

    run.py [--dialect NAME]… [--fixture NAME]… [--required] [--update]

Builds idgraph, lets `tests/conformance_expected.rs` write what lands and what is expected, renders every fixture for
every dialect, makes the engines' virtual environments, and runs batch after batch. Prints what was proved and how;
without --dialect and --fixture it also holds the table in dialects/README.md against that (--update rewrites it).

Exit codes: 0, all that ran agrees; 1, something differs; 2, with --required, an engine did not run.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import matrix
import venvs

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "conformance"
FOLDER = ROOT / "target" / "conformance"
KINDS = ["table", "view", "incremental"]

# What a project says besides whose models are dynamic tables.
DYNAMIC = "dynamic_tables: { warehouse: transforming, target_lag: 15m }\n"

# What refuses no project: the templates are wrong.
OURS = ["template-failed", "rendered-sql-invalid"]

# Seconds that an engine may take for all fixtures, while others run beside it.
LIMIT = 2400


def cargo(*arguments):
    subprocess.run(["cargo", *arguments, "--quiet", "--locked"], cwd=ROOT, check=True, timeout=1800)


def rendered(project, out):
    """Renders a project into a folder; returns what idgraph says against it, if anything."""
    (out / "idgraph.yml").write_text(project)
    idgraph = [str(ROOT / "target" / "debug" / "idgraph"), "render", "--project", str(out / "idgraph.yml")]
    ran = subprocess.run([*idgraph, "--out", str(out / "sql")], capture_output=True, text=True, timeout=60)
    if ran.returncode == 0:
        # What Segment does elsewhere.
        landed = subprocess.run([*idgraph, "--landed", "--out", str(out / "landed")], capture_output=True, text=True, timeout=60)
        if landed.returncode != 0:
            sys.exit(landed.stderr)
        for file in (out / "landed").glob("*/*.sql"):
            # Before all others, by the names.
            file.rename(out / f"00_{file.name}")
        shutil.rmtree(out / "landed")
    return ran.stderr.strip() if ran.returncode != 0 else None


def kinds(dialect):
    """How models can be kept there; what keeps itself up to date, where the dialect has a template for it."""
    has_dynamic = (ROOT / "dialects" / dialect / "templates" / "dynamic_table.sql").exists()
    return [*KINDS, "dynamic_table"] if has_dynamic else KINDS


def render(dialect, fixture):
    """The files of a fixture for each kind and batch. A project that the dialect refuses is marked as refused; where it
    refuses a view of the graph alone, the graph is a table below the views."""
    for kind in fixture.get("kinds", kinds(dialect)):
        folder = FOLDER / "rendered" / dialect / fixture["name"] / kind
        for number, batch in enumerate(fixture["batches"]):
            out = folder / str(number)
            out.mkdir(parents=True)
            project = batch["project"].replace("KEPT", kind).replace("DIALECT", dialect)
            project += DYNAMIC if kind == "dynamic_table" else ""
            refusal = rendered(project, out)
            if refusal and refusal.count("error[") == refusal.count("error[view-recursive]"):
                graph = re.compile(r"(id_graph:\s+materialized: )view")
                refusal = rendered(graph.sub(r"\1table", project), out)
            if refusal and any(f"error[{code}]" in refusal for code in OURS):
                sys.exit(f"{dialect}: {fixture['name']} ({kind}) does not render:\n{refusal}")
            if refusal:
                (folder / "refused").write_text(refusal)
                break
            for file in (out / "sql" / dialect).iterdir():
                file.rename(out / file.name)
            shutil.rmtree(out / "sql")


def run(dialect, only):
    """Runs one dialect's worker. What it could not do for want of its engine is `not run`."""
    try:
        python = venvs.python(dialect, FOLDER)
    except RuntimeError as error:
        return [], str(error)
    log = FOLDER / "results" / f"{dialect}.log"
    with open(log, "w") as out:
        try:
            ran = subprocess.run(
                ["timeout", "--kill-after=10", str(LIMIT), str(python), str(HERE / "worker.py"), dialect, str(FOLDER), *only],
                stdout=out, stderr=subprocess.STDOUT,
            )
        except OSError as error:
            return [], str(error)
    results = FOLDER / "results" / f"{dialect}.jsonl"
    results = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    if ran.returncode == 0:
        return results, None
    lines = log.read_text().strip().splitlines() or ["it said nothing"]
    why = f"no end after {LIMIT} s" if ran.returncode == 124 else lines[-1]
    return results, f"the engine's process ended with {ran.returncode}: {why}"


def proved(dialect, fixtures, only):
    """Renders the fixtures for one dialect and runs them: its results, why it could not go on, and the seconds it took."""
    began = time.time()
    shutil.rmtree(FOLDER / "rendered" / dialect, ignore_errors=True)
    (FOLDER / "results" / f"{dialect}.jsonl").unlink(missing_ok=True)
    for fixture in fixtures:
        if not only or set(only) & {fixture["name"], *fixture.get("members", [])}:
            render(dialect, fixture)
    return *run(dialect, only), time.time() - began


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--dialect", action="append", default=[])
    options.add_argument("--fixture", action="append", default=[])
    options.add_argument("--required", action="store_true")
    options.add_argument("--update", action="store_true")
    chosen = options.parse_args()
    is_whole = not (chosen.dialect or chosen.fixture)

    cargo("build")
    cargo("test", "--test", "conformance_expected")
    fixtures = [json.loads(path.read_text()) for path in sorted((FOLDER / "expected").glob("*.json"))]
    known = sorted(path.parent.name for path in (ROOT / "dialects").glob("*/dialect.yml"))
    (FOLDER / "results").mkdir(parents=True, exist_ok=True)
    found, not_run, failed = {}, {}, []
    wanted = [dialect for dialect in known if not chosen.dialect or dialect in chosen.dialect]
    no_engine = {dialect: "no engine of it is set up here" for dialect in wanted if dialect not in venvs.PINNED}
    # An engine is busy on one core, most of them.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        engines = [dialect for dialect in wanted if dialect not in no_engine]
        for dialect, (results, why, seconds) in zip(engines, pool.map(lambda one: proved(one, fixtures, chosen.fixture), engines)):
            found[dialect] = results
            if why:
                not_run[dialect] = why
            wrong = [result for result in results if result["how"] == "failed"]
            failed += [(dialect, result) for result in wrong]
            print(f"{dialect}: {len(results) - len(wrong)} fine, {len(wrong)} wrong, {seconds:.0f} s", flush=True)
    shown = {}
    for dialect, result in failed:
        # Of fixtures that ran together, one is enough.
        if shown.setdefault((dialect, result["why"]), result) is not result:
            continue
        print(f"\n── {dialect}: {result['fixture']} ({result['kind']}) ──\n{result['why']}")
    table = matrix.table(known, [one for one in fixtures if "members" not in one], found)
    print(f"\n{table}")
    for dialect, why in {**no_engine, **not_run}.items():
        print(f"not run: {dialect}: {why}")
    is_stale = is_whole and matrix.differs(ROOT / "dialects" / "README.md", table, chosen.update, set(not_run))
    if is_stale:
        print("dialects/README.md says otherwise; tests/conformance/run.py --update rewrites its table")
    if failed or is_stale:
        sys.exit(1)
    if chosen.required and (no_engine or not_run):
        sys.exit(2)


if __name__ == "__main__":
    main()
