"""The verbs without the menu. Each gives its exit code and the object that --json prints."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from src.cli.app import App
from src.cli.display import Screen
from src.errors import BuilderError, ConfigError, LLMError, UsageError
from src.pipeline.interruption import interrupt_safely

if TYPE_CHECKING:
    from src.config.settings import Settings
    from src.persistence.journal_records import JournaledRun
    from src.pipeline.orchestrator import Run
    from src.pipeline.run_plan import RunPlan, Workspace

Result = tuple[int, dict[str, Any]]
_LISTED = ("id", "name", "mode", "provider", "model", "total_samples", "total_tokens", "created_at")
# 75 is EX_TEMPFAIL of sysexits.h: try again later.
DONE, FAILED, WRONG_USAGE, PAUSED, INTERRUPTED = 0, 1, 2, 75, 130


def run_verb(app: App, arguments: argparse.Namespace) -> int:
    """Carry out the chosen verb and give the exit code; errors are said in one message."""
    interrupt_safely()
    errors = Screen(sys.stderr, no_color=not app.screen.color)
    try:
        code, answer = VERBS[arguments.verb](app, arguments)
    except KeyboardInterrupt:
        code, answer = INTERRUPTED, {"error": "interrupted"}
        errors.warning("\nInterrupted.")
    except (ConfigError, UsageError) as error:
        code, answer = WRONG_USAGE, {"error": str(error)}
    except BuilderError as error:
        code, answer = FAILED, {"error": str(error)}
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the one door: a script gets a message and an exit code
        code, answer = FAILED, {"error": app.unexpected(error)}
    if code in (FAILED, WRONG_USAGE) and "error" in answer:
        errors.error(answer["error"])
    if arguments.json:
        print(json.dumps({"exit_code": code, **answer}, ensure_ascii=False), file=sys.stdout, flush=True)
    return code


def _run(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.generation import execute, prepare_llm, read_documents, show_plan, show_summary
    from src.cli.screens.export_screen import show_export
    from src.pipeline.orchestrator import settings_split

    plan, workspace, earlier = _plan(app, arguments)
    show_plan(app, plan, workspace)
    run = read_documents(plan, workspace, earlier)
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
    if run.dataset_id and not run.interrupted and (run.stats.calls or not run.stopped):
        result = run.export()
        folder = result.folder
        show_export(app, result)
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


def _settings(app: App, arguments: argparse.Namespace) -> Settings:
    """The settings in effect. Raises ConfigError that names the command line where config.yaml is not to blame."""
    try:
        return app.settings(_overrides(app, arguments))
    except ConfigError as error:
        app.settings()
        raise ConfigError(error.problems, "the command line") from error


def _refuse_changes(arguments: argparse.Namespace) -> None:
    """A resumed run asks what it asked before; an option that says otherwise is not passed over in silence."""
    fixed = ("mode", "provider", "model", "size", "seed", "name", "instructions", "llm_stage")
    unset = (None, "")
    given = [
        f"--{name.replace('_', '-')}"
        for name in fixed
        if getattr(arguments, name) not in unset and getattr(arguments, name) is not False
    ]
    if given:
        raise UsageError(
            f"{', '.join(given)} cannot be changed while a run is resumed. Leave it out, or start a new run: "
            "calls that ask the same are answered from the journal."
        )


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
        "spending": [asdict(stage) for stage in run.spending],
        "dataset_id": run.dataset_id,
        "name": dataset.name,
        "provider": dataset.provider,
        "model": dataset.model,
        "mode": dataset.mode,
        "samples": len(dataset),
        "tokens": sum(sample.token_length for sample in dataset),
        "splits": {name: samples for name, samples, _ in split_rows(dataset)},
        "methods": {m: sum(s.origin.method == m for s in dataset) for m in ("identified", "created", "free")},
        "folder": str(folder) if folder else None,
        "files": [str(path) for path in report.files],
        "counts": dict(report.counts),
        "left_out": {reason: count for reason, count in report.dropped.items() if count},
        "issues": [{"severity": i.severity, "where": i.where, "message": i.message} for i in report.issues],
        "interrupted": run.interrupted,
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


def _list(app: App, arguments: argparse.Namespace) -> Result:
    from src.persistence.sqlite_client import DatasetStore

    with DatasetStore(app.database) as store:
        stored = store.list_datasets()
    app.screen.table(
        ("id", "name", "mode", "provider", "model", "samples", "tokens", "created (UTC)"),
        [(i.id, i.name, i.mode, i.provider, i.model, i.total_samples, i.total_tokens, i.created_at) for i in stored],
    )
    return DONE, {"datasets": [{name: getattr(item, name) for name in _LISTED} for item in stored]}


def _stats(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.statistics_screen import draw_statistics, statistics_of
    from src.persistence.sqlite_client import DatasetStore
    from src.providers.models.training_cost import training_costs

    with DatasetStore(app.database) as store:
        dataset = store.load_dataset(arguments.dataset)
    statistics = statistics_of(dataset)
    draw_statistics(app, dataset, statistics)
    costs = training_costs(dataset.samples, dataset.provider, dataset.model)
    answer = {"dataset": dataset.name, "statistics": statistics.to_json()}
    return DONE, {**answer, "training_costs": [asdict(cost) for cost in costs]}


def _export(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.export_screen import export, show_export
    from src.export.formats import FORMATTERS
    from src.persistence.sqlite_client import DatasetStore

    formats = tuple(part.strip() for part in arguments.formats.split(",")) if arguments.formats else None
    unknown = [name for name in formats or () if name not in FORMATTERS]
    if unknown:
        raise UsageError(f"--formats: '{unknown[0]}' is not a format; use {', '.join(FORMATTERS)}.")
    with DatasetStore(app.database) as store:
        stored = store.find_dataset(arguments.dataset)
        dataset = store.load_dataset(stored.id)
    result = export(app, stored, dataset, formats)
    show_export(app, result)
    return DONE, {"folder": str(result.folder), "version": result.version, "files": [str(p) for p in result.files]}


def _validate(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.validation_table import check_files

    app.take_up_own_models()
    answer = check_files(app, arguments)
    return DONE if answer["ok"] else FAILED, answer


def _convert(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.conversion_table import conversion_as_json, draw_conversion, formats_named
    from src.providers.formats.convert import convert_file

    source, target = formats_named(arguments.source_format), formats_named(arguments.target_format)
    report = convert_file(arguments.file, arguments.target, source, target, arguments.overwrite)
    draw_conversion(app, report)
    return DONE if report.written == report.read else FAILED, conversion_as_json(report)


def _models(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.models_table import draw_models, models_as_json
    from src.providers import PROVIDERS

    app.take_up_own_models()
    names = [arguments.provider] if arguments.provider else list(PROVIDERS)
    draw_models(app, names)
    return DONE, models_as_json(names)


def _config(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.settings_screen import flat, shown
    from src.config.environment import KEY_NAMES

    settings = app.settings().model_dump(mode="json")
    environment = app.environment()
    keys = {name: environment.keys[p].masked() if p in environment.keys else "not set" for p, name in KEY_NAMES.items()}
    for key, value in flat(settings):
        app.screen.say(f"{key.ljust(34)} {shown(value)}")
    for name, state in keys.items():
        app.screen.say(f"{name.ljust(34)} {state}")
    return DONE, {"settings": settings, "keys": keys, "base_urls": dict(environment.base_urls)}


def _model(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.display import ByteBar
    from src.providers.clients.local.model_store import DEFAULT_MODEL, fetch_model

    name = arguments.name or DEFAULT_MODEL
    path = fetch_model(name, ByteBar(f"Fetching {name}"))
    app.screen.success(f"{name} is ready: {path}")
    return DONE, {"model": name, "path": str(path)}


def _tokenizers(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.display import ByteBar
    from src.providers.token_counter import fetch_tokenizers

    fetched = fetch_tokenizers(ByteBar("Fetching the tokenizer of Gemini"))
    for name, path in fetched:
        app.screen.success(f"{name} is ready: {path}")
    return DONE, {"tokenizers": {name: str(path) for name, path in fetched}}


def _journal(app: App, arguments: argparse.Namespace) -> Result:
    from src.cli.screens.journal_screen import forget, prune, show_journal

    if arguments.action == "prune":
        return DONE, prune(app, arguments.older_than)
    if arguments.action == "forget":
        return DONE, forget(app, arguments.run)
    return DONE, show_journal(app)


def _restore(app: App, arguments: argparse.Namespace) -> Result:
    from src.persistence.backup import list_backups, restore_backup

    backups = {path.name: path for path in list_backups(app.database)}
    if arguments.backup is None:
        app.screen.say("Backups, the newest first:" if backups else f"{app.database} has no backups.")
        for name in backups:
            app.screen.say(f"  {name}")
        return DONE, {"backups": list(backups)}
    chosen = next(iter(backups), "") if arguments.backup == "latest" else arguments.backup
    if chosen not in backups:
        raise UsageError(f"There is no backup '{arguments.backup}'; `restore` without a name lists them.")
    kept = restore_backup(app.database, backups[chosen])
    app.screen.success(f"{app.database} is now as it was in {chosen}.")
    if kept:
        app.screen.say(f"The state before is kept as {kept}.")
    return DONE, {"restored": chosen, "kept": str(kept) if kept else None}


VERBS: dict[str, Callable[[App, argparse.Namespace], Result]] = {
    "run": _run,
    "list": _list,
    "stats": _stats,
    "export": _export,
    "validate": _validate,
    "convert": _convert,
    "config": _config,
    "model": _model,
    "models": _models,
    "tokenizers": _tokenizers,
    "restore": _restore,
    "journal": _journal,
}
