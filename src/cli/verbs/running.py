"""The verb `run`: documents to an exported dataset, in one go."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.verbs.result import DONE, FAILED, INTERRUPTED, PAUSED, Result
from src.errors import ConfigError, LLMError, UsageError

if TYPE_CHECKING:
    from src.config.config_lock import Lock
    from src.config.settings import Settings
    from src.persistence.journal.journal_records import JournaledRun
    from src.pipeline.orchestrator import Run
    from src.pipeline.run_plan import RunPlan, Workspace


def run(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.generation import execute, prepare_llm, read_documents, show_plan, show_summary
    from src.cli.screens.export_screen import draw_export
    from src.cli.verbs.jobs.steps import export_of_run, join_job
    from src.pipeline.stages.splitting import settings_split

    if app.job is not None and app.job.memo.get("saved"):
        return export_of_run(app)
    lock = None
    if arguments.locked is not None:
        plan, workspace, lock = _locked_plan(app, arguments)
        earlier = None
    else:
        plan, workspace, earlier = _plan(app, arguments)
    show_plan(app, plan, workspace)
    run = read_documents(plan, workspace, earlier, lock)
    join_job(app, run)
    _confirm(app, run, arguments.yes)
    client = None
    try:
        client = prepare_llm(app, plan, None if arguments.yes else app.asker)
    except LLMError as error:
        # Hybrid can still give what stands in the documents; the failure is reported and the exit code says so.
        if plan.settings.mode != "hybrid":
            raise
        app.screen.error(str(error))
    try:
        execute(app, run, client, lambda _: settings_split(plan.settings.split))
    finally:
        if client is not None:
            client.close()
    show_summary(app, run)
    folder = None
    if app.job is not None:
        # What is not complete is not exported: the attempt that completes it will be.
        code, exported = export_of_run(app) if run.dataset_id and not run.stopped else (_run_code(run), {})
        return code, {**_run_answer(run, None), **exported}
    if run.dataset_id and not run.interrupted and (run.stats.calls or not run.stopped):
        result = run.export()
        folder = result.folder
        draw_export(app, result)
    return _run_code(run), _run_answer(run, folder)


def _plan(app: App, arguments: argparse.Namespace) -> tuple[RunPlan, Workspace, JournaledRun | None]:
    """The plan the arguments ask for, or that of the unfinished run they name."""
    from src.pipeline.resume import find_unfinished, plan_resume
    from src.pipeline.run_plan import plan_run

    settings = _settings(app, arguments)
    if arguments.resume:
        _refuse_changes(arguments)
        earlier = find_unfinished(app.workspace(), arguments.resume)
        resumed = plan_resume(earlier, settings, app.environment(), app.workspace(), arguments.input)
        return (*resumed, earlier)
    workspace = app.workspace(arguments.input)
    plan = plan_run(
        settings,
        app.environment(),
        workspace,
        llm_stage=arguments.llm_stage,
        instructions=arguments.instructions,
    )
    return plan, workspace, None


def _locked_plan(app: App, arguments: argparse.Namespace) -> tuple[RunPlan, Workspace, Lock]:
    """The plan of a config_lock.json, which says everything but where the files are and what may be spent."""
    from src.pipeline.locking.locked_runs import locked_plan

    _refuse_changes(arguments, "cannot be given with --locked, which makes again what the lock describes.", ("resume",))
    workspace = app.workspace(arguments.input)
    given = _overrides(app, arguments)
    plan, lock = locked_plan(arguments.locked, app.settings(), app.environment(), workspace, given)
    return plan, workspace, lock


def _settings(app: App, arguments: argparse.Namespace) -> Settings:
    """The settings in effect. Raises ConfigError that names the command line where config.yaml is not to blame."""
    try:
        return app.settings(_overrides(app, arguments))
    except ConfigError as error:
        app.settings()
        raise ConfigError(error.problems, "the command line") from error


def _refuse_changes(arguments: argparse.Namespace, why: str = "", also: tuple[str, ...] = ()) -> None:
    """A resumed run asks what it asked before; an option that says otherwise is not passed over in silence."""
    fixed = ("mode", "provider", "model", "size", "seed", "name", "instructions", "llm_stage", *also)
    unset = (None, "")
    given = [
        f"--{name.replace('_', '-')}"
        for name in fixed
        if getattr(arguments, name) not in unset and getattr(arguments, name) is not False
    ]
    why = why or (
        "cannot be changed while a run is resumed. Leave it out, or start a new run: "
        "calls that ask the same are answered from the journal."
    )
    if given:
        raise UsageError(f"{', '.join(given)} {why}")


def _confirm(app: App, run: Run, yes: bool) -> None:
    from src.cli.generation import costs_more_than_allowed, show_estimate
    from src.cli.prompts import Back, EndOfInput

    warning = costs_more_than_allowed(show_estimate(app, run), run.plan.settings.system)
    if yes and warning:
        raise UsageError(f"Not started. {warning} Give --confirm-above USD, or a --budget-usd, to allow it.")
    if yes:
        return
    try:
        if app.asker.yes_no("\nStart?") and (not warning or app.asker.yes_no(f"{warning} Go on?", default=False)):
            return
    except (EndOfInput, Back):
        pass
    raise UsageError("Not started. Answer y, or give --yes to start without being asked.")


def _run_code(run: Run) -> int:
    if run.interrupted:
        return INTERRUPTED
    if run.stopped and run.can_resume and not any(issue.severity == "error" for issue in run.report.issues):
        return PAUSED
    stopped = any(issue.severity == "error" and issue.where == "LLM" for issue in run.report.issues)
    return FAILED if stopped or not run.dataset_id else DONE


def _run_answer(run: Run, folder: Path | None) -> dict[str, Any]:
    from src.cli.generation import split_rows

    dataset, report = run.dataset, run.report
    assert dataset is not None
    return {
        "run_id": run.run_id,
        "stopped": run.stopped,
        "resumable": run.can_resume,
        "needs_user": run.needs_user,
        "spending": [asdict(stage) for stage in run.spending],
        "dataset_id": run.dataset_id,
        "name": dataset.name,
        "provider": dataset.provider,
        "model": dataset.model,
        "mode": dataset.mode,
        "samples": len(dataset),
        "tokens": sum(sample.token_length for sample in dataset),
        "splits": {name: samples for name, samples, _ in split_rows(dataset)},
        "leakage": run.leakage.to_json() if run.leakage else None,
        "methods": {m: sum(s.origin.method == m for s in dataset) for m in ("identified", "created", "free")},
        "folder": str(folder) if folder else None,
        "files": [str(path) for path in report.files],
        "counts": dict(report.counts),
        "left_out": {reason: count for reason, count in report.dropped.items() if count},
        "issues": [{"severity": i.severity, "where": i.where, "message": i.message} for i in report.issues],
        "interrupted": run.interrupted,
        "machine": run.usage.to_json() if run.usage else None,
    }


def _overrides(app: App, arguments: argparse.Namespace) -> dict[str, Any]:
    """The settings that the command line changes; a new provider without a model takes its first one."""
    given = {
        "mode": arguments.mode,
        "provider": arguments.provider,
        "model": arguments.model,
        "dataset_size": arguments.size,
        "split.seed": arguments.seed,
        "output_name": arguments.name,
        "system.concurrency": arguments.concurrency,
        "system.budget_usd": arguments.budget_usd,
        "system.budget_tokens": arguments.budget_tokens,
        "system.confirm_above_usd": arguments.confirm_above,
    }
    if arguments.provider and not arguments.model:
        from src.providers import PROVIDERS

        configured = app.take_up_own_models().model
        models = PROVIDERS[arguments.provider].known_models()
        if configured not in models:
            given["model"] = models[0]
    return {key: value for key, value in given.items() if value is not None}
