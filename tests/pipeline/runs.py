"""Whole runs in this process: from documents to an export, with a stub for the LLM where one is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from src.export.exporter import ExportResult
from src.pipeline.orchestrator import Run
from src.pipeline.run_plan import RunPlan, Workspace
from src.pipeline.stages.splitting import settings_split
from src.providers.clients.client_factory import open_client
from src.records import RunReport, Sample
from tests.agents.support import answer_about_focus
from tests.pipeline.llm.llm_plans import ROOT, environment, new_workspace, plan
from tests.providers.clients.stub_llm import Script, StubLLM

FAQ = "\n\n".join(f"Q: What does part {i} do?\nA: It moves water in step {i}." for i in range(1, 13))
SHEET = 'question,answer\nWho repairs pumps?,Every registered dealer.\nIs there a manual?,"Yes, inside the lid."\n'


def talk_workspace(folder: Path) -> Workspace:
    """Documents that hold conversations."""
    (folder / "in" / "sub").mkdir(parents=True)
    (folder / "in" / "faq.txt").write_text(FAQ, encoding="utf-8")
    (folder / "in" / "sub" / "sheet.csv").write_text(SHEET, encoding="utf-8")
    return Workspace(folder / "in", folder / "out", folder / "memory" / "x.db", ROOT / "prompts")


def prose_workspace(folder: Path) -> Workspace:
    """Documents that hold none."""
    return new_workspace(folder)


def identify_plan(workspace: Workspace, **values: Any) -> RunPlan:
    return plan(workspace, mode="identify", **{"dataset_size": 50, **values})


def carried_out(run_plan: RunPlan, workspace: Workspace, url: str = "", lock: Any = None) -> tuple[Run, ExportResult]:
    """The run to its end, as the verb does it."""
    run = Run(run_plan, workspace, RunReport(issues=list(run_plan.issues)), lock=lock)
    client = open_client(run_plan.agent, run_plan.settings.system, environment(url)) if run_plan.agent else None
    try:
        run.ingest()
        run.generate(client)
        run.validate()
        run.split(lambda _: settings_split(run_plan.settings.split))
        run.save()
    finally:
        run.close()
        if client is not None:
            client.close()
    return run, run.export()


def samples_of(run: Run) -> list[Sample]:
    assert run.dataset is not None
    return list(run.dataset.samples)


@contextmanager
def stub(script: Script = answer_about_focus) -> Iterator[StubLLM]:
    with StubLLM(script) as server:
        yield server


def elsewhere(workspace: Workspace, folder: Path) -> Workspace:
    """The same documents, with a database and an output folder of their own."""
    return replace(workspace, output_dir=folder / "out", database=folder / "memory" / "x.db")


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file of an export."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
