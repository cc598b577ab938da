"""The verb `validate`: its reports on the screen and as JSON.

The object of a report: file, provider, model, split, ok; bytes, lines, rows, formats (rows of each); tokens,
token_exactness, average_tokens, longest {line, tokens}; counts (of errors, warnings and notes), rules (findings of
each). `findings` holds one object for all equal findings, the worst first: severity, rule, place (a path without
indices), count, source, and line, path and message of the first one; `examples` are the first 20 as {line, path,
message}. Line 0 is the whole file. With --validation-file the report on that file stands in `validation`, and `ok` is
true when both are good. With --fix the report is that on the copy, and `fix` holds output, list_of_changes (null where
nothing had to be changed) and changes, the number of each.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from src.cli.app import App
from src.cli.display import ByteBar
from src.errors import UsageError
from src.providers import find_provider
from src.providers.token_counter import TokenCounter, counter_for
from src.providers.validation.fixing.file_fixing import FixReport, fix_file, fixed_path
from src.providers.validation.report import ValidationReport
from src.providers.validation.row_checks import CheckTask
from src.providers.validation.tally import Group
from src.providers.validation.validator import split_of, validate_file, validate_pair
from src.providers.validation.workers.worker_pool import PROCESSES_FROM_BYTES

LINES_SHOWN = 5


def check_files(app: App, arguments: argparse.Namespace) -> dict[str, Any]:
    """Check the file, or the repaired copy of it, and its validation file; draws the reports and gives the object."""
    path: Path = arguments.file
    provider, model, form = arguments.provider, arguments.model, arguments.format
    if arguments.validation_file is not None and arguments.fix is not None:
        raise UsageError("--fix repairs one file at a time; leave --validation-file out.")
    with _counter(app, arguments) as counter:
        if arguments.validation_file is not None:
            both = path, arguments.validation_file
            pair = validate_pair(*both, provider, model, form=form, counter=counter, progress=_bar(path, counter))
            for report in pair:
                draw_report(app, report)
            first, second = map(report_as_json, pair)
            return {**first, "ok": all(report.ok for report in pair), "validation": second}
        fixed = _fix(app, arguments) if arguments.fix is not None else None
        checked = fixed.output or path if fixed else path
        bar = _bar(checked, counter)
        split = split_of(path)
        report = validate_file(checked, provider, model, form=form, split=split, counter=counter, progress=bar)
    draw_report(app, report)
    return report_as_json(report) | ({"fix": _fix_as_json(fixed)} if fixed else {})


@contextmanager
def _counter(app: App, arguments: argparse.Namespace) -> Iterator[TokenCounter | None]:
    """What counts instead of the model's own tokenizer, if the user wants that."""
    if arguments.count_online is None:
        yield None
        return
    if arguments.provider != "anthropic":
        raise UsageError(
            f"--count-online is for anthropic; tokens of {arguments.provider} are counted on this machine."
        )
    from src.providers.clients.online_counting import COUNTED_AS, counts_by_anthropic

    model = arguments.count_online or COUNTED_AS
    with counts_by_anthropic(app.settings().system, app.environment(), model) as ask:
        target = arguments.model or find_provider("anthropic").get_models()[0]
        counter = counter_for("anthropic", target, ask, asked_of=model)
        app.screen.say(f"Tokens: {counter.note}.")
        yield counter


def _fix(app: App, arguments: argparse.Namespace) -> FixReport:
    judge = find_provider(arguments.provider)
    model = judge.facts(arguments.model or judge.get_models()[0]).id
    # Without a name after --fix.
    output = arguments.fix if arguments.fix != Path() else fixed_path(arguments.file)
    report = fix_file(CheckTask(arguments.file, arguments.provider, model, arguments.format), output)
    if report.output is None:
        app.screen.say(f"{arguments.file}: nothing that has one right answer is to be fixed; no copy was written.")
        return report
    app.screen.success(f"{report.output}: the repaired copy; what was changed stands in {report.list_of_changes}")
    app.screen.table(("changes", "what"), [(count, change) for change, count in report.changes.most_common()])
    return report


def _fix_as_json(fixed: FixReport) -> dict[str, Any]:
    return {
        "output": str(fixed.output) if fixed.output else None,
        "list_of_changes": str(fixed.list_of_changes) if fixed.list_of_changes else None,
        "changes": dict(fixed.changes),
    }


def _bar(path: Path, counter: TokenCounter | None) -> Callable[[int, int], None]:
    """A progress bar where it takes long enough for one."""
    bar = ByteBar(f"Checking {path.name}")
    return lambda done, total: bar(done, total) if counter or total >= PROCESSES_FROM_BYTES else None


def draw_report(app: App, report: ValidationReport) -> None:
    """What was found, a line for all equal findings, then in words what to do and whose rule it is."""
    screen = app.screen
    screen.say(f"{report.path}: {_measures(report)}")
    sources = list(dict.fromkeys(group.source for group in report.groups if group.source))
    if len(report.groups) > 1:
        rows = [_row(group, sources) for group in report.groups]
        screen.table(("severity", "count", "rule", "where", "lines", "source"), rows)
    draw = {"error": screen.error, "warning": screen.warning, "note": screen.say}
    for group in report.groups:
        draw[group.severity](_in_words(group, sources))
    for number, source in enumerate(sources, start=1):
        screen.say(f"  [{number}] {source}")
    target = f"{report.provider} / {report.model}"
    counts = ", ".join(f"{count:,} {name}{'s' * (count != 1)}" for name, count in report.severity_counts.items())
    if report.ok:
        screen.success(f"OK for {target}" + (f" ({counts})" if counts else ""))
    else:
        screen.error(f"INVALID for {target}: {counts}")


def report_as_json(report: ValidationReport) -> dict[str, Any]:
    """The object that the module's first lines describe."""
    tokens, line = report.longest
    return {
        "file": str(report.path),
        "provider": report.provider,
        "model": report.model,
        "split": report.split,
        "ok": report.ok,
        "bytes": report.bytes,
        "lines": report.lines,
        "rows": report.rows,
        "formats": dict(report.formats),
        "tokens": report.tokens,
        "token_exactness": report.exactness,
        "average_tokens": round(report.average_tokens, 1) if report.average_tokens is not None else None,
        "longest": {"line": line, "tokens": tokens},
        "counts": {name: report.severity_counts.get(name, 0) for name in ("error", "warning", "note")},
        "rules": dict(report.rule_counts),
        "findings": [_group_as_json(group) for group in report.groups],
    }


def _group_as_json(group: Group) -> dict[str, Any]:
    examples = [{"line": one.line, "path": one.path, "message": one.message} for one in group.examples]
    return {
        "severity": group.severity,
        "rule": group.rule,
        "place": group.place,
        "count": group.count,
        "source": group.source,
        **examples[0],
        "examples": examples,
    }


def _measures(report: ValidationReport) -> str:
    average = report.average_tokens
    tokens = f"{report.tokens:,} tokens ({report.exactness})"
    each = f", {average:,.0f} an example, at most {report.longest[0]:,} (line {report.longest[1]:,})" if average else ""
    formats = " and ".join(report.formats)
    return f"{report.rows:,} examples{' of ' + formats if formats else ''}, {tokens}{each}"


def _row(group: Group, sources: Sequence[str]) -> Sequence[object]:
    lines = [f"{one.line:,}" for one in group.examples[:LINES_SHOWN] if one.line]
    more = " ..." if group.count > len(lines) and lines else ""
    number = f"[{sources.index(group.source) + 1}]" if group.source else ""
    return group.severity, group.count, group.rule, group.place or "-", ", ".join(lines) + more or "file", number


def _in_words(group: Group, sources: Sequence[str]) -> str:
    first = group.examples[0]
    where = f"line {first.line}" if first.line else "file"
    place = f" {first.path}" if first.path else ""
    more = f" ({group.count - 1:,} more like it)" if group.count > 1 else ""
    number = f" [{sources.index(group.source) + 1}]" if group.source else ""
    return f"  {group.severity} {where}{place}: {first.message}{more} [{group.rule}]{number}"
