"""What was proved and how, as a table of Markdown."""

BEGINS = "<!-- conformance: written by tests/conformance/run.py --update -->"
ENDS = "<!-- /conformance -->"


def cell(results):
    """One fixture on one dialect: the word only when every kind that the dialect renders was proved."""
    if not results or any(result["how"] == "failed" for result in results):
        return "failed" if results else "not run"
    ran = [result for result in results if result["how"] != "refused"]
    if not ran:
        return "refused"
    kinds = {}
    for result in ran:
        kinds.setdefault(result["how"], []).append(result["kind"])
    seen = {result["kind"] for result in results}
    if len(kinds) > 1 or len(seen) < 3:
        return "; ".join(f"{how} ({', '.join(of)})" for how, of in kinds.items())
    word = ran[0]["how"]
    refused = [result["kind"] for result in results if result["how"] == "refused"]
    return f"{word}, no {' or '.join(refused)}" if refused else word


def table(dialects, fixtures, found):
    rows = [["fixture", *dialects], ["---"] * (len(dialects) + 1)]
    for fixture in fixtures:
        row = [fixture["name"]]
        for dialect in dialects:
            row.append(cell([one for one in found.get(dialect, []) if one["fixture"] == fixture["name"]]))
        rows.append(row)
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def keeping(old, new, dialects):
    """The new table with the old one's columns of these dialects."""
    def cells(table):
        return [line.strip("| ").split(" | ") for line in table.strip().splitlines()]

    rows = cells(new)
    before = {row[0]: dict(zip(cells(old)[0], row)) for row in cells(old)}
    for row in rows:
        for index, dialect in enumerate(rows[0][1:], 1):
            if dialect in dialects:
                row[index] = before.get(row[0], {}).get(dialect, row[index])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def differs(page, table, update, unknown=()):
    """Whether the page's table is another one; `update` puts this one there. Of dialects that are `unknown`, nothing is
    said: what the page has stays."""
    text = page.read_text()
    before, rest = text.split(BEGINS)
    old, after = rest.split(ENDS)
    table = keeping(old, table, unknown)
    wanted = f"{before}{BEGINS}\n\n{table}\n\n{ENDS}{after}"
    if update and wanted != text:
        page.write_text(wanted)
        return False
    return wanted != text
