"""What became of the rows of a converted file, on the screen and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from src.cli.app import App
from src.errors import UsageError
from src.providers import PROVIDERS
from src.providers.formats.convert import ConversionReport, RuleCount
from src.providers.formats.registry import FORMATS, find_format
from src.providers.formats.row_format import RowFormat


def formats_named(name: str) -> list[RowFormat]:
    """The formats of a provider, or the one format of that name. Raises UsageError that names what there is."""
    if name in PROVIDERS:
        return PROVIDERS[name].formats
    if name not in FORMATS:
        known = f"a provider ({', '.join(PROVIDERS)}) or a format ({', '.join(FORMATS)})"
        raise UsageError(f"'{name}' is neither a provider nor a row format; use {known}.")
    return [find_format(name)]


def draw_conversion(app: App, report: ConversionReport) -> None:
    screen = app.screen
    read_as = ", ".join(f"{name} {count:,}" for name, count in report.formats_read.items()) or "nothing"
    screen.say(f"{report.source}: {report.read:,} rows read ({read_as})")
    for count in _in_order(report.choices):
        draw = screen.warning if count.severity == "warning" else screen.say
        draw(f"  {count.severity}, {count.count:,} rows ({_lines(count)}): {count.message} [{count.rule}]")
    for count in _in_order(report.left_out):
        screen.error(f"  left out, {count.count:,} rows ({_lines(count)}): {count.message} [{count.rule}]")
    if report.written:
        screen.success(f"{report.target}: {report.written:,} rows written as {report.target_format}")
    else:
        screen.error(f"Nothing could be written, so there is no {report.target}.")


def conversion_as_json(report: ConversionReport) -> dict[str, Any]:
    return {
        "source": str(report.source),
        "target": str(report.target) if report.written else None,
        "format": report.target_format,
        "read": report.read,
        "written": report.written,
        "formats_read": dict(report.formats_read),
        "choices": [asdict(count) for count in _in_order(report.choices)],
        "left_out": [asdict(count) for count in _in_order(report.left_out)],
    }


def _in_order(counts: dict[Any, RuleCount]) -> list[RuleCount]:
    return sorted(counts.values(), key=lambda count: (-count.count, count.rule))


def _lines(count: RuleCount) -> str:
    more = ", ..." if count.count > len(count.lines) else ""
    return f"line {', '.join(f'{line:,}' for line in count.lines)}{more}"
