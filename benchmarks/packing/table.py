"""The one table: our packed datasets, the plain files and the peers, in CPU time of the same run."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.packing.fleet import Measured
from benchmarks.packing.rows import ORJSON, STDLIB

_COLUMNS = (
    "format", "n", "MB", "write s", "import ms", "first ms", "dicts s", "x stdlib", "x orjson", "batches s", "x stdlib",
    "random us", "shuffled us", "RSS MB",
)  # fmt: skip


def lines_of(measured: Mapping[str, Measured]) -> list[str]:
    """The table, ready to print; what could not be measured stands below with its reason."""
    base, fast = (measured[name].median("dicts") for name in (STDLIB, ORJSON))
    rows = [_COLUMNS]
    for one in measured.values():
        if one.values:
            rows.append(_row(one, base, fast))
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    lines = ["  " + "  ".join(_padded(cell, widths[at], at) for at, cell in enumerate(row)).rstrip() for row in rows]
    return lines + [f"  not here: {one.row.name} ({one.trouble})" for one in measured.values() if one.trouble]


def _row(one: Measured, base: float | None, fast: float | None) -> tuple[str, ...]:
    dicts, batches = one.median("dicts"), one.median("batches")
    return (
        one.row.name,
        str(len(one.values.get("dicts", ()))),
        _number(one.median("size"), 1e-6, 1),
        _number(one.median("write"), 1, 2),
        _number(one.median("import"), 1e3, 0),
        _number(one.median("first"), 1e3, 2),
        _number(dicts, 1, 3),
        _times(base, dicts),
        _times(fast, dicts),
        _number(batches, 1, 3),
        _times(base, batches),
        _number(one.median("random"), 1e6, 1),
        _number(one.median("shuffled"), 1e6, 1),
        _number(one.median("memory"), 1, 0),
    )


def _number(value: float | None, factor: float, digits: int) -> str:
    return "-" if value is None else f"{value * factor:,.{digits}f}"


def _times(base: float | None, value: float | None) -> str:
    return f"{base / value:.2f}" if base and value else "-"


def _padded(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if column else cell.ljust(width)
