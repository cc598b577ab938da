"""The config lock of a run: its settings and the hashes of all it reads."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from src.agents.create_agent import CreateAgent, HybridCreateAgent
from src.agents.free_agent import PROMPT_FILE, free_prompt
from src.agents.llm_stage import LineMarker
from src.agents.prompt_library import load_instructions, load_prompt
from src.config.config_lock import Lock, make_lock, settings_hash
from src.config.program_state import ROOT
from src.config.settings import Settings
from src.errors import IngestionError
from src.ingestion.document_reader import display_name, hash_file
from src.ingestion.extracts.extract_cache import ExtractCache
from src.pipeline.locking.portable import TEMPLATE_KEYS, portable
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers.clients.client_factory import AgentChoice
from src.providers.clients.local.model_store import LOCAL_MODELS
from src.providers.token_counter import counter_for

_UNKNOWN_TOKENIZER = {"name": "", "exactness": ""}


def build_lock(plan: RunPlan, workspace: Workspace, created_at: str = "") -> Lock:
    """The lock of a run as it would be made now. Files that were read before and have not changed are not read again.

    `created_at` is that of the lock being repeated, "" for now.
    """
    settings = plan.settings
    counter = counter_for(settings.provider, settings.model)
    return make_lock(
        portable(settings.model_dump(mode="json")),
        run={"llm_stage": plan.llm_stage, "instructions": plan.instructions},
        agent=_agent(plan.agent, settings) if plan.agent is not None else None,
        tokenizer={"name": counter.tokenizer, "exactness": counter.exactness},
        prompts=_prompts(plan, workspace.prompts),
        facts=_facts(),
        files=_template_files(settings.output.model_dump(mode="json")),
        inputs=_inputs(plan, workspace),
        created_at=created_at,
    )


def lock_for_export(config: Mapping[str, Any], output: Mapping[str, Any] | None = None, created_at: str = "") -> Lock:
    """The lock of a stored dataset, with the `output` section that its export really follows.

    `config` is what was stored with it. A dataset stored before locks were kept gets one without input files, which
    no run can follow; `created_at` is its time. One that was changed since its run has the number of its `changes`.
    """
    lock: Lock = copy.deepcopy(config["lock"]) if config.get("lock") else _lock_of_old(config, created_at)
    if config.get("changes"):
        lock["changes"] = config["changes"]
    if output is not None:
        lock["settings"]["output"] = portable({"output": output})["output"]
        lock["settings_sha256"] = settings_hash(lock["settings"])
        lock["files"] = _template_files(output)
    return lock


def _agent(agent: AgentChoice, settings: Settings) -> dict[str, Any]:
    return {
        "provider": agent.provider,
        "model": agent.model,
        "is_local": agent.is_local,
        "model_file": _model_file(agent, settings) if agent.is_local else None,
    }


def _model_file(agent: AgentChoice, settings: Settings) -> dict[str, Any] | None:
    """The embedded model's file: its known hash, or of a file of the user's (gigabytes) the size."""
    if not settings.system.local_model_path:
        known = LOCAL_MODELS[agent.model]
        return {"sha256": known.sha256, "bytes": known.bytes}
    path = Path(settings.system.local_model_path)
    return {"sha256": "", "bytes": path.stat().st_size if path.is_file() else 0}


def _prompts(plan: RunPlan, prompts: Path) -> dict[str, Any]:
    """The prompt files of the mode, by their path below the folder of the prompts."""
    mode = plan.settings.mode
    by_mode = {"create": [CreateAgent.prompt_file], "hybrid": [HybridCreateAgent.prompt_file]}
    names = [f"system/{name}" for name in by_mode.get(mode, [])]
    names += [f"system/{LineMarker.prompt_file}"] if plan.llm_stage and mode in ("identify", "hybrid") else []
    used = {name: {"id": load_prompt(prompts / name).id, "sha256": hash_file(prompts / name)} for name in names}
    file = prompts / PROMPT_FILE
    if mode == "free" and not plan.instructions.strip() and file.is_file():
        used[PROMPT_FILE] = {"id": free_prompt(load_instructions(file)).id, "sha256": hash_file(file)}
    return used


def _facts() -> dict[str, str]:
    """The SHA-256 of the data files about models, limits and prices."""
    found = sorted((ROOT / "src" / "providers").rglob("*.yaml"))
    return {path.relative_to(ROOT).as_posix(): hash_file(path) for path in found}


def _template_files(output: Mapping[str, Any]) -> dict[str, Any]:
    template = output.get("template") or {}
    if "template" not in (output.get("formats") or ()):
        return {}
    return {f"output.template.{key}": _file(Path(template[key])) for key in TEMPLATE_KEYS if template.get(key)}


def _inputs(plan: RunPlan, workspace: Workspace) -> dict[str, Any]:
    cache, root = ExtractCache.open(workspace.extracts), workspace.input_dir
    return {display_name(path, root): _file(path, cache.known_hash(path)) for path in plan.files}


def _file(path: Path, sha256: str = "") -> dict[str, Any]:
    """Size and hash; empty for a file that cannot be read, which is told where it is read."""
    try:
        return {"sha256": sha256 or hash_file(path), "bytes": path.stat().st_size}
    except (OSError, IngestionError):
        return {"sha256": "", "bytes": 0}


def _lock_of_old(config: Mapping[str, Any], created_at: str) -> Lock:
    settings = portable(
        {**Settings().model_dump(mode="json"), **{k: v for k, v in config.items() if k != "generation"}}
    )
    made = config.get("generation") or {}
    agent = {**made, "model_file": None} if made.get("provider") else None
    return make_lock(
        settings,
        run={"llm_stage": False, "instructions": ""},
        agent=agent,
        tokenizer=_UNKNOWN_TOKENIZER,
        prompts={},
        facts=_facts(),
        files={},
        inputs=None,
        created_at=created_at,
    )
