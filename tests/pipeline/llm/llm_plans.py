"""What the tests of resuming share: a workspace with prose, a plan whose LLM is a stub, a run of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from src.config.environment import Environment, Secret
from src.config.loader import build_settings
from src.config.settings import Settings
from src.pipeline.orchestrator import Run
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.providers.clients.client_factory import open_client
from src.records import RunReport
from tests.workflows.llm_runs import KEY, prose

ROOT = Path(__file__).resolve().parents[3]
PRICES = {"price_per_million_input": 10.0, "price_per_million_output": 40.0}


def new_workspace(folder: Path) -> Workspace:
    (folder / "in").mkdir()
    for number in range(3):
        (folder / "in" / f"notes{number}.txt").write_text(prose(number), encoding="utf-8")
    return Workspace(folder / "in", folder / "out", folder / "memory" / "x.db", ROOT / "prompts")


def environment(url: str = "http://127.0.0.1:9/v1") -> Environment:
    return Environment({"openai": Secret(KEY)}, {"openai": url})


def settings(system: dict[str, Any] | None = None, **values: Any) -> Settings:
    own = {"agentic_llm": "openai", "agentic_model": "stub", "concurrency": 1, **(system or {})}
    return build_settings({"provider": "openai", "model": "gpt-4o", "dataset_size": 6, **values, "system": own})


def plan(
    workspace: Workspace, url: str = "http://127.0.0.1:9/v1", system: dict[str, Any] | None = None, **values: Any
) -> RunPlan:
    return plan_run(settings(system, **values), environment(url), workspace)


def ingested(run_plan: RunPlan, workspace: Workspace, run_id: str = "") -> Run:
    run = Run(run_plan, workspace, RunReport())
    run.run_id = run_id or run.run_id
    run.ingest()
    return run


def generated(run_plan: RunPlan, workspace: Workspace, url: str, run_id: str = "") -> Run:
    """The run up to its last call, closed as after a save that never came."""
    run = ingested(run_plan, workspace, run_id)
    assert run_plan.agent is not None
    client = open_client(run_plan.agent, run_plan.settings.system, environment(url))
    try:
        run.generate(client)
    finally:
        run.close()
        client.close()
    return run
