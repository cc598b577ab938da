"""Verbs on exports: export, verify, diff, trace."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.verbs.result import DONE, FAILED, Result
from src.errors import UsageError

if TYPE_CHECKING:
    from src.export.versions.folder_diff import VersionsDiff


def export(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.verbs.jobs.steps import export_once
    from src.export.formats import EXPORT_FORMATS

    names = [part.strip() for part in (arguments.formats or "").split(",") if part.strip()]
    unknown = [name for name in names if name not in EXPORT_FORMATS]
    if unknown:
        raise UsageError(f"--formats: '{unknown[0]}' is not a format; use {', '.join(EXPORT_FORMATS)}.")
    output = app.settings(_given(arguments)).output
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
    return export_once(app, stored, names or None, output, arguments.qa)


def verify(app: App, arguments: argparse.Namespace) -> Result:
    from src.export.manifests.verifying import verify_folder

    problems = verify_folder(arguments.folder)
    for problem in problems:
        app.screen.error(f"  {problem}")
    if problems:
        app.screen.error(f"{arguments.folder} is not what was exported: {len(problems):,} problem(s).")
    else:
        app.screen.success(f"{arguments.folder} is whole: every file is as it was written.")
    told = [{"path": one.path, "kind": one.kind, "message": one.message} for one in problems]
    return FAILED if problems else DONE, {"folder": str(arguments.folder), "ok": not problems, "problems": told}


def diff(app: App, arguments: argparse.Namespace) -> Result:
    from src.export.versions.folder_diff import diff_versions

    found = diff_versions(arguments.old, arguments.new)
    for line in found.lines():
        app.screen.say(line)
    return DONE, {"old": str(arguments.old), "new": str(arguments.new), **diff_as_json(found)}


def diff_as_json(found: VersionsDiff) -> dict[str, Any]:
    return {
        "difference": asdict(found.difference) if found.difference else None,
        "note": found.note,
        "settings": {name: list(values) for name, values in found.settings.items()},
        "formats": {name: list(values) for name, values in found.formats.items()},
        "lines": found.lines(),
    }


def trace(app: App, arguments: argparse.Namespace) -> Result:
    from src.pipeline.tracing.trace import trace as trace_sample

    settings = app.settings()
    passwords = {name: word.get_secret_value() for name, word in settings.ingestion.passwords.items()}
    found = trace_sample(
        arguments.sample,
        app.workspace(arguments.input),
        export=arguments.export,
        dataset=arguments.dataset or "",
        passwords=passwords,
    )
    draw = {"verified": app.screen.success, "differs": app.screen.error, "not possible": app.screen.warning}
    app.screen.title(f"{found.sample_id} of {found.dataset}")
    for step in found.steps:
        line = f"  {step.what.ljust(9)} {step.value}" + (f"  [{step.check}]" if step.check else "")
        draw.get(step.check, app.screen.say)(line + (f" {step.remark}" if step.remark else ""))
    answer: dict[str, Any] = found.to_json()
    return DONE if found.holds else FAILED, answer


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the output."""
    given = {
        "output.organize_by": arguments.organize_by,
        "output.organize_as": arguments.organize_as,
        "output.shard_rows": arguments.shard_rows,
    }
    return {key: value for key, value in given.items() if value is not None}
