"""Repeat the run that a config lock describes, or say everything that stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from src.config.config_lock import Lock, read_lock
from src.config.environment import Environment
from src.config.loader import build_settings
from src.config.lock_differences import Difference, compare_lock
from src.config.settings import ModelSettings, Settings
from src.errors import UsageError
from src.pipeline.locking.building import build_lock
from src.pipeline.locking.portable import at_home
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.providers import PROVIDERS
from src.providers.models.catalog import use_models
from src.records import Issue

_MOST_TOLD = 60


def locked_plan(
    file: Path,
    current: Settings,
    environment: Environment,
    workspace: Workspace,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[RunPlan, Lock]:
    """The plan of the run that a lock describes, and the lock of that plan here and now.

    Keys, addresses, passwords and where things are kept come from `current` and the environment, all else from the
    lock; `overrides` ("system.concurrency": 4) stand above both. What cannot change the result is told in the plan's
    issues. Raises UsageError that names every difference that can, and what plan_run raises.
    """
    lock = read_lock(file)
    settings = _settings(lock, current, overrides or {}, file.name)
    run, asked = lock["run"], _asking_the_same(settings, lock["agent"])
    plan = plan_run(asked, environment, workspace, llm_stage=run["llm_stage"], instructions=run["instructions"])
    plan = replace(plan, settings=settings)
    now = build_lock(plan, workspace, lock["created_at"])
    now |= {key: lock[key] for key in ("earlier_splits", "source_times") if key in lock}
    told = refuse_if_different(lock, now, file)
    return replace(plan, issues=(*plan.issues, *told)), now


def refuse_if_different(lock: Lock, now: Lock, file: Path) -> list[Issue]:
    """What differs without changing the result. Raises UsageError that lists all that could change it."""
    found = compare_lock(lock, now)
    refused = [one for one in found if one.weight == "refused"]
    if refused:
        listed = "".join(f"\n  - {one}" for one in refused[:_MOST_TOLD])
        more = f"\n  - and {len(refused) - _MOST_TOLD:,} more" if len(refused) > _MOST_TOLD else ""
        raise UsageError(
            f"The run was not started: it would not be the one of {file} ({len(refused):,} difference(s)):"
            f"{listed}{more}{_install(refused)}"
        )
    return [Issue("note", f"lock: {one.what}", one.message) for one in found]


def _install(refused: Iterable[Difference]) -> str:
    wanted = [one.remedy for one in refused if one.remedy]
    return f"\n  The packages: pip install {' '.join(wanted)}" if wanted else ""


def _settings(lock: Lock, current: Settings, overrides: Mapping[str, Any], source: str) -> Settings:
    """Raises ConfigError when this version does not know the lock's settings."""
    values = at_home(lock["settings"], current.model_dump(mode="json"))
    for dotted, value in overrides.items():
        section, _, key = dotted.rpartition(".")
        (values[section] if section else values)[key] = value
    settings = build_settings(values, _known_models, source)
    passwords = {"passwords": current.ingestion.passwords}
    return settings.model_copy(update={"ingestion": settings.ingestion.model_copy(update=passwords)})


def _known_models(own: Mapping[str, list[ModelSettings]]) -> dict[str, list[str]]:
    use_models(own)
    return {name: provider.known_models() for name, provider in PROVIDERS.items()}


def _asking_the_same(settings: Settings, agent: Mapping[str, Any] | None) -> Settings:
    """The settings with the LLM named that "auto" stood for."""
    if agent is None:
        return settings
    named = {"agentic_llm": agent["provider"], "agentic_model": agent["model"]}
    return settings.model_copy(update={"system": settings.system.model_copy(update=named)})
