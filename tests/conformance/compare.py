"""Rows side by side, as multisets."""

from collections import Counter

from sql import moment


def comparable(table, row, columns):
    """A row without its NULLs, in one spelling a value."""
    cells = []
    for name, kind in columns:
        value = row.get(name)
        if value is None:
            continue
        if kind == "timestamp":
            value = moment(value)
        elif kind == "boolean":
            value = bool(value)
        elif kind == "float":
            value = float(value)
        elif kind == "integer":
            value = int(value)
        elif table == "long_traits" and name == "value":
            # The definition says text, not which: 2.5e0 is 2.5, and a moment is the same with and without +00.
            value = as_text(value)
        cells.append((name, value))
    return tuple(sorted(cells, key=lambda cell: cell[0]))


def as_text(value):
    try:
        return float(value)
    except ValueError:
        pass
    try:
        return moment(value)
    except ValueError:
        return value


def difference(table, columns, expected, got):
    """The rows that differ as text, or None. `-` is missing, `+` is too much."""
    counts = Counter(comparable(table, row, columns) for row in expected)
    counts.subtract(comparable(table, row, columns) for row in got)
    differing = sorted(((row, count) for row, count in counts.items() if count), key=repr)
    if not differing:
        return None
    lines = [f"  {'-' if count > 0 else '+'} {dict(row)}" for row, count in differing[:12]]
    if len(differing) > 12:
        lines.append(f"  … {len(differing) - 12} rows more")
    return "\n".join(lines)
