"""What a run will do, worked out before it starts and before anything is paid for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from src.config.environment import Environment
from src.config.settings import Settings, SystemSettings
from src.errors import IngestionError, UsageError
from src.ingestion.file_processor import find_files
from src.ingestion.sniff import ACCEPTED, detect_kind
from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.store import Store
from src.providers import PROVIDERS
from src.providers.base_provider import SizeDecision
from src.providers.clients.batch import batch_support
from src.providers.clients.client_factory import AgentChoice, choose_agent
from src.providers.clients.models.prices import Price, price_of, with_override
from src.records import Issue, RunReport


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folders and files of a run, how its database is opened, and what may work for it."""

    input_dir: Path
    output_dir: Path
    database: Path
    prompts: Path
    opener: Callable[[Path], Store] = DatasetStore
    system: Callable[[], SystemSettings] = SystemSettings

    def open_store(self) -> Store:
        """The datasets kept so far. Use it with `with`. Raises PersistenceError."""
        return self.opener(self.database)

    @property
    def extracts(self) -> Path:
        """Beside the database: the text of the documents read so far, so that none is read twice."""
        return self.database.with_name("extracted_text")

    @property
    def engine(self) -> Path:
        """Beside the database: parts of work that is shared among processes or nodes, which must all see it."""
        return self.database.with_name("engine")

    @property
    def journal(self) -> Path:
        """Beside the database: every answer of an LLM, so that none is paid for twice."""
        return self.database.with_name(f"{self.database.stem}.journal.db")


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Files by kind, the size after the provider's cap, and the LLM, None where the mode needs none.

    `price` is the LLM's, None where it is not known (or none is needed).
    """

    settings: Settings
    files: tuple[Path, ...]
    kinds: Mapping[str, int]
    size: SizeDecision
    agent: AgentChoice | None
    issues: tuple[Issue, ...]
    llm_stage: bool = False
    instructions: str = ""
    price: Price | None = None


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
            f"No documents in {workspace.input_dir}: put files there ({ACCEPTED}), or "
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
    price = _price(agent, settings.system) if agent else None
    if agent is not None and settings.system.batch:
        report.note("batch", "answers come within a day; Ctrl-C leaves the job at the provider, a resume fetches it.")
    if agent is not None and settings.system.batch and batch_support(agent.provider):
        raise UsageError(f"system.batch: {batch_support(agent.provider)} Set it to false, or choose another LLM.")
    return RunPlan(
        settings, tuple(files), _kinds(files), size, agent, tuple(report.issues), llm_stage, instructions, price
    )


def plan_llm(settings: Settings, environment: Environment) -> RunPlan:
    """The plan of work that asks an LLM about stored samples: no documents, nothing to be made.

    Raises LLMError when no LLM is set up, UsageError for a budget that could not be kept.
    """
    now = settings.model_copy(update={"system": settings.system.model_copy(update={"batch": False})})
    agent = choose_agent(now.system, environment)
    return RunPlan(now, (), {}, SizeDecision(0, ""), agent, (), price=_price(agent, now.system))


def _price(agent: AgentChoice, system: SystemSettings) -> Price | None:
    """The LLM's price. Raises UsageError for a budget in USD that could not be kept, and for an impossible batch."""
    known = price_of(agent.provider, agent.model, agent.host)
    price = with_override(known, system.price_per_million_input, system.price_per_million_output)
    if price is None and system.budget_usd is not None:
        raise UsageError(
            f"system.budget_usd cannot be kept: the price of {agent.model} is not known. Set "
            "system.price_per_million_input and system.price_per_million_output, or use system.budget_tokens."
        )
    return price


def _kinds(files: list[Path]) -> Counter[str]:
    kinds: Counter[str] = Counter()
    for path in files:
        try:
            kinds[detect_kind(path)] += 1
        except IngestionError:
            kinds["unreadable"] += 1
    return kinds
