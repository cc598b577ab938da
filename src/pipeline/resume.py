"""Find a run that did not end, and plan the same run again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from src.config.environment import Environment
from src.config.settings import Settings
from src.errors import PersistenceError, UsageError
from src.persistence.journal.journal_records import JournaledRun
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.jobs.run_lock import is_at_work, run_lock
from src.pipeline.llm.llm_session import RUN, SAVED_PLAN_VERSION, saved_input_dir
from src.pipeline.run_plan import RunPlan, Workspace, plan_run

# How fast and for how much is asked may change from session to session; what is asked may not.
_FREE_TO_CHANGE = (
    "max_retries", "timeout", "concurrency", "max_wait", "requests_per_minute", "tokens_per_minute",
    "confirm_above_usd", "base_urls",
)  # fmt: skip
# A limit that was given with the run alone still holds when the run goes on; another one takes its place.
_KEPT_UNLESS_SET = ("budget_usd", "budget_tokens", "price_per_million_input", "price_per_million_output")


def unfinished_runs(workspace: Workspace) -> list[JournaledRun]:
    """The runs that can be resumed, the newest first; those at work in another process are left out."""
    if not workspace.journal.is_file():
        return []
    with RunJournal(workspace.journal) as journal:
        return [run for run in _unfinished(journal) if not is_at_work(workspace.journal, run.id)]


def _unfinished(journal: RunJournal) -> list[JournaledRun]:
    """Those that make a dataset; a repair goes on when it is asked for again."""
    return [run for run in journal.unfinished_runs() if run.plan.get("kind", RUN) == RUN]


def find_unfinished(workspace: Workspace, ref: str) -> JournaledRun:
    """The run whose id is or starts with `ref`, or the "latest".

    Raises UsageError when there is none, several fit, or it is finished or at work in another process.
    """
    if not workspace.journal.is_file():
        raise UsageError(f"There is no unfinished run: {workspace.journal} does not exist.")
    with RunJournal(workspace.journal) as journal:
        open_runs = _unfinished(journal)
        free = [run for run in open_runs if not is_at_work(workspace.journal, run.id)]
        if ref == "latest" and (free or not open_runs):
            return _only(free[:1], "There is no unfinished run.", ())
        found = open_runs[0] if ref == "latest" else journal.find_run(ref)
    if is_at_work(workspace.journal, found.id):
        raise UsageError(f"Run {found.id} ({found.name}) is at work in another process; let it finish or stop it.")
    return _only([run for run in free if run.id == found.id], f"Run {found.id} ({found.name}) is {found.state}.", free)


def _only(runs: Sequence[JournaledRun], problem: str, others: Sequence[JournaledRun]) -> JournaledRun:
    if runs:
        return runs[0]
    listed = ", ".join(f"{run.id} ({run.name})" for run in others)
    raise UsageError(f"{problem}{f' Unfinished: {listed}.' if listed else ''}")


def abandon(workspace: Workspace, run: JournaledRun) -> None:
    """Offer the run no more. Its answers stay in the journal: the same run started anew uses them."""
    with run_lock(workspace.journal, run.id), RunJournal(workspace.journal) as journal:
        journal.end_run(run.id, "abandoned", run.note, run.dataset_id)


def plan_resume(
    run: JournaledRun,
    current: Settings,
    environment: Environment,
    workspace: Workspace,
    input_dir: Path | None = None,
) -> tuple[RunPlan, Workspace]:
    """The plan of a stored run, with the pace and the budget of the `current` settings.

    `input_dir` is where the documents are now, None where they were. Raises PersistenceError when another version
    of the program stored the run in a shape this one cannot read, and what plan_run raises.
    """
    settings = _settings(run.plan, current)
    there = replace(workspace, input_dir=input_dir or saved_input_dir(run.plan))
    plan = plan_run(
        settings,
        environment,
        there,
        llm_stage=bool(run.plan["llm_stage"]),
        instructions=str(run.plan["instructions"]),
    )
    return plan, there


def _settings(saved: Mapping[str, Any], current: Settings) -> Settings:
    try:
        if saved["version"] != SAVED_PLAN_VERSION:
            raise ValueError(f"version {saved['version']}")
        values = dict(saved["settings"])
        system = {**values["system"], "agentic_llm": saved["agent"]["provider"]}
        if not saved["settings"]["system"]["local_model_path"]:
            system["agentic_model"] = saved["agent"]["model"]
        now = current.system.model_dump(mode="json")
        changed = (*_FREE_TO_CHANGE, *(key for key in _KEPT_UNLESS_SET if now[key] is not None))
        values["system"] = {**system, **{key: now[key] for key in changed}}
        values["ingestion"] = current.ingestion.model_dump(mode="json")
        return Settings.model_validate(values).model_copy(update={"ingestion": current.ingestion})
    except (KeyError, ValueError, TypeError) as error:
        raise PersistenceError(f"The stored run cannot be resumed by this version of the program ({error}).") from error
