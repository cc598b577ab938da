"""The one order of the stages: ingestion, agent, validation, split, database, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from src.agents import AGENTS
from src.agents.base_agent import Workbench
from src.analysis.keywords import keywords_for
from src.config.settings import SplitSettings
from src.dataset.splitter import SplitPlan, split_dataset, summarize_split
from src.errors import LLMError, PersistenceError
from src.export.exporter import ExportResult, export_dataset
from src.export.manifest import Generation, build_manifest
from src.ingestion.file_processor import read_files
from src.persistence.backup import create_backup
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.progress import Listener, Progress, WatchedClient, silent
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers import PROVIDERS
from src.providers.clients.chat_client import ChatClient
from src.providers.token_counter import counter_for
from src.providers.validator import validate_samples
from src.records import Dataset, Document, Issue, RunReport, Sample
from src.version import VERSION

ChooseSplit = Callable[[Dataset], SplitPlan | None]
# A small model on two cores reads about 140 tokens a second and does best with a few sentences (measured 2026-11-21).
PASSAGE_TOKENS_LOCAL = 120
PASSAGE_TOKENS_REMOTE = 600


@dataclass(slots=True)
class Run:
    """One run and what it has so far. Each stage can be called once, in the order of the methods."""

    plan: RunPlan
    workspace: Workspace
    report: RunReport
    listener: Listener = silent
    documents: list[Document] = field(default_factory=list)
    dataset: Dataset | None = None
    dataset_id: str = ""
    interrupted: bool = False

    def ingest(self) -> None:
        """Read every file. A file that cannot be read becomes an Issue; Ctrl-C keeps what was read."""
        files = self.plan.files
        try:
            for number, document in enumerate(read_files(files, self.workspace.input_dir, self.report)):
                if document is not None:
                    self.documents.append(document)
                self.listener(Progress("ingestion", number + 1, len(files), files[number].name))
        except KeyboardInterrupt:
            self.interrupted = True
        self.report.count("documents", len(self.documents))
        self.report.count("characters", sum(len(document.text) for document in self.documents))

    def generate(self, client: ChatClient | None) -> Dataset:
        """Run the agent. Ctrl-C and a fatal LLM error end it; what was made until then is kept."""
        settings, size = self.plan.settings, self.plan.size.size
        samples: list[Sample] = []

        def tell() -> None:
            self.listener(Progress("generation", len(samples), size, self._tokens()))

        agent = AGENTS[settings.mode](self._workbench(WatchedClient(client, tell) if client else None))
        try:
            if not self.interrupted:
                tell()
                for sample in agent.run(self.documents, size):
                    samples.append(sample)
                    tell()
        except KeyboardInterrupt:
            self.interrupted = True
        except LLMError as error:
            self.report.error("LLM", str(error))
        self.dataset = self._finished(samples)
        return self.dataset

    def validate(self) -> None:
        """Take out the samples the provider would refuse, counted by rule, and check the identified ones' text."""
        dataset = self._dataset()
        refused: dict[int, str] = {}
        for finding in validate_samples(dataset.samples, dataset.provider, dataset.model):
            if finding.line == 0:
                continue  # how many there are is judged after the split
            if finding.severity == "error":
                refused.setdefault(finding.line, finding.rule)
            where = f"sample {finding.line}"
            self.report.issues.append(Issue(finding.severity, where, finding.message))
        for rule in refused.values():
            self.report.drop(f"refused by {dataset.provider}: {rule}")
        accepted = [sample for number, sample in enumerate(dataset.samples, 1) if number not in refused]
        texts = {document.id: document for document in self.documents}
        kept = [sample for sample in accepted if self._stands_in_source(sample, texts)]
        self.dataset = dataset.with_samples(kept)
        self.report.count("samples", len(kept))

    def split(self, choose: ChooseSplit) -> None:
        """Ask how to split and do it, then judge the size of each split. None as the answer leaves all in train."""
        dataset = self._dataset()
        plan = choose(dataset) if len(dataset) else None
        if plan is not None:
            self.dataset = split_dataset(dataset, plan)
        judge = PROVIDERS[dataset.provider]
        for part in summarize_split(self._dataset()):
            for finding in judge.check_size(part.samples, dataset.model, part.split or "train"):
                where = f"{part.split or 'train'}.jsonl"
                self.report.issues.append(Issue(finding.severity, where, finding.message))

    def save(self) -> str:
        """Write the dataset to SQLite in one transaction and back the database up; gives the dataset's id."""
        dataset = self._dataset()
        self.listener(Progress("saving", 0, len(dataset)))
        with DatasetStore(self.workspace.database) as store:
            self.dataset_id = store.save_dataset(
                dataset, clean_config(self.plan), self.report, dataset_id=self.dataset_id or None
            )
        try:
            create_backup(self.workspace.database)
        except PersistenceError as error:
            # The dataset itself is safe; a missing copy is no reason to lose the export, too.
            self.report.warn("backup", str(error))
        self.listener(Progress("saving", len(dataset), len(dataset)))
        return self.dataset_id

    def export(self, formats: Sequence[str] | None = None) -> ExportResult:
        """Write the dataset as files. Raises ExportError."""
        result = export_stored(self._dataset(), self.workspace, clean_config(self.plan), self.report, formats)
        self.report.files += result.files
        return result

    def _workbench(self, client: ChatClient | None) -> Workbench:
        settings = self.plan.settings
        counter = counter_for(settings.provider, settings.model)
        local = self.plan.agent is not None and self.plan.agent.is_local
        return Workbench(
            report=self.report,
            settings=settings.agent,
            prompts=self.workspace.prompts,
            count_tokens=counter.count_text,
            client=client,
            passage_tokens=PASSAGE_TOKENS_LOCAL if local else PASSAGE_TOKENS_REMOTE,
            seed=settings.split.seed,
            instructions=self.plan.instructions,
            llm_stage=self.plan.llm_stage,
            small_model=local,
        )

    def _finished(self, samples: Sequence[Sample]) -> Dataset:
        """The samples with topic keywords and token counts."""
        settings = self.plan.settings
        counter = counter_for(settings.provider, settings.model)
        self.report.counts["token exactness: " + counter.exactness] = 1
        keywords = keywords_for([" ".join(message.content for message in sample.turns) for sample in samples])
        finished = [
            replace(sample, topic_keywords=words, token_length=counter.count_messages(sample.messages))
            for sample, words in zip(samples, keywords, strict=True)
        ]
        if len(finished) < self.plan.size.size and not self.interrupted:
            self.report.warn("size", self._why_fewer(len(finished)))
        return Dataset(settings.output_name, settings.provider, settings.model, settings.mode, finished)

    def _why_fewer(self, made: int) -> str:
        found = self.report.counts["conversations found"]
        if self.plan.settings.mode == "identify":
            return (
                f"{self.plan.size.size} samples were asked for; the documents hold {found} conversations, {made} kept."
            )
        return f"{self.plan.size.size} samples were asked for, {made} were made; see what was left out and why."

    def _stands_in_source(self, sample: Sample, documents: Mapping[str, Document]) -> bool:
        """Compare an identified sample's turns, after all stages, with the text of its source."""
        if sample.origin.method != "identified":
            return True
        document = documents[sample.origin.document_id]
        pairs = zip(sample.turns, sample.origin.turn_spans, strict=True)
        if all(turn.content == "\n".join(document.text_of(piece) for piece in pieces) for turn, pieces in pairs):
            self.report.count("turns verified word for word", len(sample.turns))
            return True
        self.report.drop("identified turn differs from its source")
        self.report.error(
            sample.id, "An identified turn differs from its source, so it is left out; please report this."
        )
        return False

    def _tokens(self) -> str:
        used = self.report.counts["LLM input tokens"] + self.report.counts["LLM output tokens"]
        return f"{used:,} tokens" if used else ""

    def _dataset(self) -> Dataset:
        if self.dataset is None:
            raise ValueError("generate() comes first")
        return self.dataset


def export_stored(
    dataset: Dataset,
    workspace: Workspace,
    config: Mapping[str, Any],
    report: RunReport | None = None,
    formats: Sequence[str] | None = None,
) -> ExportResult:
    """Write a dataset as files with its statistics and manifest. Raises ExportError.

    `config` is what clean_config gives.
    """
    output = config.get("output", {})
    chosen = formats or (["jsonl", "csv"] if output.get("include_csv", True) else ["jsonl"])
    counter = counter_for(dataset.provider, dataset.model)
    manifest = build_manifest(
        dataset,
        tool_version=VERSION,
        token_exactness=counter.exactness,
        generation=Generation(**(config.get("generation") or {"provider": "", "model": "", "is_local": False})),
        config={key: value for key, value in config.items() if key != "generation"},
        report=report,
    )
    return export_dataset(
        dataset,
        workspace.output_dir,
        PROVIDERS[dataset.provider].format_example,
        formats=tuple(chosen),
        include_stats=bool(output.get("include_stats", True)),
        token_exactness=counter.exactness,
        manifest={**manifest, "tokenizer": counter.tokenizer, "counts": dict(report.counts) if report else {}},
    )


def settings_split(settings: SplitSettings) -> SplitPlan | None:
    """The split that config.yaml asks for, None when it is switched off."""
    if not settings.enabled:
        return None
    return SplitPlan(settings.shares, settings.strategy, settings.weight_by, settings.seed)


def clean_config(plan: RunPlan) -> dict[str, Any]:
    """The settings and the LLM of a run, as stored and exported: no key, no path of this machine."""
    settings = plan.settings.model_dump(mode="json")
    settings["system"]["local_model_path"] = ""
    agent = plan.agent
    generation = Generation(agent.provider, agent.model, agent.is_local) if agent else Generation("", "", False)
    return {**settings, "generation": asdict(generation)}
