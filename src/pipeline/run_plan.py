"""What a run will do, worked out before it starts and before anything is paid for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from src.config.environment import Environment
from src.config.settings import Settings
from src.errors import IngestionError, UsageError
from src.ingestion.file_processor import detect_kind, find_files
from src.providers import PROVIDERS
from src.providers.base_provider import SizeDecision
from src.providers.clients.client_factory import AgentChoice, choose_agent
from src.records import Issue, RunReport


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders and files of a run."""

    input_dir: Path
    output_dir: Path
    database: Path
    prompts: Path


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Files by kind, the size after the provider's cap, and the LLM, None where the mode needs none."""

    settings: Settings
    files: tuple[Path, ...]
    kinds: Mapping[str, int]
    size: SizeDecision
    agent: AgentChoice | None
    issues: tuple[Issue, ...]
    llm_stage: bool = False
    instructions: str = ""


def plan_run(
    settings: Settings,
    environment: Environment,
    workspace: Workspace,
    *,
    llm_stage: bool = False,
    instructions: str = "",
) -> RunPlan:
    """Look at the input folder, the provider's limits and the keys.

    Raises UsageError when the input folder is missing or holds no file that can be read, and LLMError
    when the mode needs an LLM that is not set up.
    """
    report = RunReport()
    if not workspace.input_dir.is_dir():
        raise UsageError(f"The input folder {workspace.input_dir} does not exist; create it or give --input.")
    files = find_files(workspace.input_dir, report)
    if not files:
        found = "".join(f"\n  - {issue.where}: {issue.message}" for issue in report.issues)
        raise UsageError(
            f"No documents in {workspace.input_dir}: put PDF, DOCX, TXT, CSV, XLSX or PPTX files there, or "
            f"try the bundled samples in context_files/samples.{found}"
        )
    provider = PROVIDERS[settings.provider]
    size = provider.validate_dataset_size(settings.dataset_size, settings.model)
    if size.message:
        report.warn("dataset_size", size.message)
    warning = provider.lifecycle_warning(settings.model)
    if warning:
        report.warn("model", warning)
    needs_llm = settings.mode != "identify" or llm_stage
    if settings.mode == "hybrid" and settings.agent.hybrid.generation_ratio == 0:
        needs_llm = llm_stage
    agent = choose_agent(settings.system, environment) if needs_llm else None
    return RunPlan(settings, tuple(files), _kinds(files), size, agent, tuple(report.issues), llm_stage, instructions)


def _kinds(files: list[Path]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for path in files:
        try:
            kinds[detect_kind(path)] += 1
        except IngestionError:
            kinds["unreadable"] += 1
    return kinds
