"""The one order of the stages: ingestion, agent, validation, split, database, export."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from src.agents import AGENTS
from src.agents.base_agent import Agent, Workbench
from src.analysis.topics.keywords import keywords_for
from src.config.config_lock import Lock
from src.config.settings import IngestionSettings
from src.dataset.splitting.leakage import Leakage
from src.dataset.splitting.splitter import SplitPlan, summarize_split
from src.dataset.spools.sample_spool import SampleSpool, picked
from src.errors import LLMError, PersistenceError, RunPausedError
from src.export.exporter import ExportResult
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.shelf import Shelf
from src.ingestion.file_processor import ReadingPlan, read_files
from src.ingestion.isolation.jobs import Limits
from src.ingestion.pieces import ReadOptions
from src.persistence.journal.journal_records import StageSpending
from src.pipeline.engine.machine.disk import refuse_what_does_not_fit, run_needs
from src.pipeline.engine.machine.sweeping import sweep
from src.pipeline.engine.machine.watching import Usage, Watch
from src.pipeline.engine.sharing import Engine, engine_for
from src.pipeline.engine.stages.reading import reader_for
from src.pipeline.engine.stages.tokens import count_samples
from src.pipeline.interruption import first_signal_calls
from src.pipeline.llm.estimate import Estimate
from src.pipeline.llm.llm_session import LLMSession, check_budget, new_run_id, without_answered
from src.pipeline.llm.planned_calls import COUNTED_PROMPTS, estimate_plan
from src.pipeline.locking.building import build_lock
from src.pipeline.progress import Listener, Progress, silent
from src.pipeline.run_plan import RunPlan, Workspace
from src.pipeline.stages.exports import clean_config, export_stored
from src.pipeline.stages.splitting import (
    digest_of,
    earlier_splits,
    source_times,
    split_stage,
    with_split,
)
from src.providers import PROVIDERS
from src.providers.clients.chat_client import ChatClient
from src.providers.clients.flow.flow_records import FlowLimits, FlowStats
from src.providers.clients.models.prices import dollars
from src.providers.token_counter import counter_for
from src.providers.validation.validator import objection, validate_samples
from src.records import Dataset, Document, Issue, RunReport, Sample

ChooseSplit = Callable[[Dataset], SplitPlan | None]
# A small model on two cores reads about 140 tokens a second and does best with a few sentences (measured 2026-11-21).
PASSAGE_TOKENS_LOCAL = 120
PASSAGE_TOKENS_REMOTE = 600
LEAST_SECONDS_BETWEEN_NEWS = 0.1


def say_nothing(text: str) -> None:
    """For callers that do not watch."""


@dataclass(slots=True)
class Run:
    """One run and what it has so far. Each stage can be called once, in the order of the methods; then close().

    `locked` is true for a run that makes again what its `lock` describes; any other run gets its own lock.
    `stopped` says why a run ended early although it can be resumed: by the user, a budget, a long wait.
    `on_stop` is told what the user should know right after the first Ctrl-C. `wanted_id` is the dataset to be written,
    of an earlier session or of a job, "" for a new one; of a `draft` nobody has seen any split yet. `needs_user` says
    that it stopped for what will not pass by itself: a wrong key, no credit, a budget that is spent.
    """

    plan: RunPlan
    workspace: Workspace
    report: RunReport
    listener: Listener = silent
    run_id: str = field(default_factory=new_run_id)
    documents: Shelf = field(default_factory=Shelf)
    dataset: Dataset | None = None
    dataset_id: str = ""
    wanted_id: str = ""
    draft: bool = False
    needs_user: bool = False
    interrupted: bool = False
    stopped: str = ""
    lock: Lock | None = None
    locked: bool = False
    leakage: Leakage | None = None
    answered: int = 0
    on_stop: Callable[[str], None] = say_nothing
    spending: Sequence[StageSpending] = ()
    stats: FlowStats = field(default_factory=FlowStats)
    _bench: Workbench | None = None
    usage: Usage | None = None
    _session: LLMSession | None = None
    _engine: Engine | None = None
    _watch: Watch | None = None
    _told_at: float = 0.0

    def ingest(self) -> None:
        """Read every file. A file that cannot be read becomes an Issue."""
        files, ingestion = self.plan.files, self.plan.settings.ingestion
        self._prepare()
        cache = ExtractCache.open(self.workspace.extracts, ingestion.cache_mb * 2**20)
        reader = reader_for(self._shared(), self.run_id)
        extracts = read_files(files, self.workspace.input_dir, self.report, cache, reading_plan(ingestion), reader)
        for number, extract in enumerate(extracts):
            if extract is not None:
                self.documents.add(extract)
            self.listener(Progress("ingestion", number + 1, len(files), files[number].name))
        self.report.count("documents", self.report.counts["files read"])
        self.report.count("characters", self.documents.characters)
        if self.lock is None:
            self.lock = build_lock(self.plan, self.workspace)

    def estimate(self) -> Estimate | None:
        """What generating will take, from the documents just read; None when no call will be made.

        Calls that are known to have an answer in the journal are left out; `answered` is how many. Raises UsageError
        when the budget does not allow a single call.
        """
        if self.plan.agent is None:
            return None
        first = self._agent().requests(self.documents, self.plan.size.size, COUNTED_PROMPTS)
        unpaid = without_answered(self.plan, self.workspace, self.run_id, first)
        self.answered = first.planned - unpaid.planned
        check_budget(self.plan, self.workspace, self.run_id, unpaid.drawn)
        return estimate_plan(self.plan, self.workspace, unpaid)

    def generate(self, client: ChatClient | None) -> Dataset:
        """Run the agent. Ctrl-C, a limit and a fatal LLM error end it; what was made until then is kept."""
        samples = self._spool()

        def tell(now: bool = False) -> None:
            moment = time.monotonic()
            if now or moment - self._told_at > LEAST_SECONDS_BETWEEN_NEWS:
                self._told_at = moment
                self.listener(Progress("generation", len(samples), self.plan.size.size, self._detail()))

        agent = self._agent()
        if client is not None:
            self._session = LLMSession(self.plan, self.workspace, self.run_id, client, tell)
            self._workbench().dispatcher = self._session.dispatcher
            self.stats = self._session.dispatcher.stats
        tell(now=True)
        with first_signal_calls(self._stop):
            self._collect(agent, samples, tell)
        tell(now=True)
        if self._session is not None and self._session.dispatcher.left_behind():
            self.report.warn("LLM", self._session.dispatcher.left_behind())
        self._count_calls()
        self.dataset = self._finished(samples)
        return self.dataset

    def _collect(self, agent: Agent, samples: SampleSpool, tell: Callable[[], None]) -> None:
        try:
            for sample in agent.run(self.documents, self.plan.size.size):
                samples.append(sample)
                tell()
            if self._session is not None:
                self._session.dispatcher.drain()
        except KeyboardInterrupt:
            self.interrupted = True
            self.stopped = "Stopped by you"
        except RunPausedError as error:
            self.stopped = str(error)
            self.needs_user = "budget" in self.stopped
        except PersistenceError as error:
            self.stopped = f"The answer journal cannot be written: {error}"
            self.report.error("journal", self.stopped)
        except LLMError as error:
            self.stopped, self.needs_user = str(error), error.fatal
            self.report.error("LLM", str(error))
            if self._session is not None:
                self._session.dispatcher.drain()

    def _stop(self) -> None:
        """The first Ctrl-C: no new calls; a stage without calls ends at once."""
        if self._session is None or not self._session.dispatcher.in_flight:
            raise KeyboardInterrupt
        self.interrupted = True
        self.stopped = "Stopped by you"
        self._session.dispatcher.stop()
        calls = self._session.dispatcher.in_flight
        waiting = f"{calls} call{'s' if calls > 1 else ''} under way"
        self.on_stop(
            self._session.dispatcher.left_behind()
            or f"Stopping: waiting for {waiting}, at most {FlowLimits().grace:.0f} s. Ctrl-C again leaves now."
        )

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
        texts = self.documents.by_id()
        kept = array("Q")
        for place, sample in enumerate(dataset.samples):
            if place + 1 not in refused and self._stands_in_source(sample, texts):
                kept.append(place)
        self.dataset = dataset.with_samples(picked(dataset.samples, kept))
        self.report.count("samples", len(kept))

    def split(self, choose: ChooseSplit) -> None:
        """Ask how to split and do it, then judge the size of each split. None as the answer leaves all in train."""
        dataset = self._dataset()
        plan = choose(dataset) if len(dataset) else None
        self._note_split(plan)
        if plan is not None:
            self._split_by(plan)
        judge = PROVIDERS[dataset.provider]
        for part in summarize_split(self._dataset()):
            for finding in judge.check_size(part.samples, dataset.model, part.split or "train"):
                where = f"{part.split or 'train'}.jsonl"
                self.report.issues.append(Issue(finding.severity, where, finding.message))
        samples = self._dataset().samples
        places = array("Q", (place for place, one in enumerate(samples) if one.split in (None, "train")))
        training = picked(samples, places)
        size = judge.validate_dataset_size(len(training), dataset.model, judge.measure(training, dataset.model))
        if size.message:
            self.report.warn("train.jsonl", size.message)

    def _note_split(self, plan: SplitPlan | None) -> None:
        """Let the settings that are kept name the split that was chosen on the screen."""
        settings = with_split(self.plan.settings, plan)
        if settings is not self.plan.settings and len(self._dataset()):
            self.plan = replace(self.plan, settings=settings)
            if self.lock is not None:
                self.lock = build_lock(self.plan, self.workspace, self.lock["created_at"])

    def _split_by(self, plan: SplitPlan) -> None:
        """Divide the dataset; what the lock does not know yet goes into it."""
        dataset, settings = self._dataset(), self.plan.settings
        given = self.lock if self.locked else None
        earlier = earlier_splits(self.workspace, settings, given, self.wanted_id if self.draft else "")
        times = source_times(self.workspace, dataset, given) if plan.strategy == "time" else {}
        self.dataset, self.leakage = split_stage(dataset, plan, self.report, earlier, times)
        if not self.locked and self.lock is not None:
            known = earlier and any(sample.id in earlier for sample in dataset.samples)
            self.lock["earlier_splits"] = digest_of(earlier) if known else ""
            self.lock["source_times"] = times

    def save(self) -> str:
        """Write the dataset to SQLite in one transaction and back the database up; gives the dataset's id."""
        dataset = self._dataset()
        self.listener(Progress("saving", 0, len(dataset)))
        with self.workspace.open_store() as store:
            self.dataset_id = store.save_dataset(
                dataset, self._config(), self.report, dataset_id=self.dataset_id or self.wanted_id or None
            )
            try:
                store.backup()
            except PersistenceError as error:
                # The dataset itself is safe; a missing copy is no reason to lose the export, too.
                self.report.warn("backup", str(error))
        self.listener(Progress("saving", len(dataset), len(dataset)))
        return self.dataset_id

    def close(self) -> None:
        """Write down how the run ended, let go of the LLM and the engine. Call it whatever happened, also twice."""
        self._release()
        session, self._session = self._session, None
        if session is None:
            return
        try:
            self.spending = session.spending()
            done = any(stage.calls for stage in self.spending) or self.stats.replayed
            state = "finished" if not self.stopped and self.dataset_id else "stopped" if done else "abandoned"
            session.end(state, self.stopped, self.dataset_id or self.wanted_id)
        except PersistenceError as error:
            self.report.warn("journal", str(error))
        finally:
            session.close()

    @property
    def can_resume(self) -> bool:
        """Whether another session may make more of it."""
        return bool(self.stopped) and bool(self.stats.calls or self.stats.replayed)

    def export(self, formats: Sequence[str] | None = None) -> ExportResult:
        """Write the dataset as files. Raises ExportError."""
        try:
            result = export_stored(
                self._dataset(), self.workspace, self._config(), self.report, formats, engine=self._shared()
            )
        finally:
            self._release()
        self.report.files += result.files
        return result

    def _prepare(self) -> None:
        """Sweep up after runs that died, look whether this one fits on the disk, and watch what it takes.

        Raises UsageError when it does not fit.
        """
        place, plan = self.workspace, self.plan
        sweep(place.engine, place.output_dir, place.database.parent)
        asks, formats = plan.agent is not None, max(1, len(plan.settings.output.formats))
        refuse_what_does_not_fit(
            run_needs(plan.files, place.extracts, place.database, place.output_dir, plan.size.size, asks, formats)
        )
        self._watch = Watch(place.database.parent, self._shared().workers)

    def _shared(self) -> Engine:
        if self._engine is None:
            self._engine = engine_for(self.workspace)
        return self._engine

    def _release(self) -> None:
        """Let go of the processes or the cluster; they are there again when they are needed."""
        watch, self._watch = self._watch, None
        if watch is not None:
            shared = self._shared()
            self.usage = replace(watch.stop(), parts=dict(shared.parts), records_in_part=dict(shared.sizes))
        if self._engine is not None:
            self._engine.close()

    def _config(self) -> dict[str, Any]:
        """What is kept and exported of how the dataset was made."""
        leakage = {"leakage": self.leakage.to_json()} if self.leakage else {}
        return {**clean_config(self.plan), "lock": self.lock, **leakage}

    def _agent(self) -> Agent:
        return AGENTS[self.plan.settings.mode](self._workbench())

    def _workbench(self) -> Workbench:
        if self._bench is None:
            settings = self.plan.settings
            local = self.plan.agent is not None and self.plan.agent.is_local
            self._bench = Workbench(
                report=self.report,
                settings=settings.agent,
                prompts=self.workspace.prompts,
                count_tokens=counter_for(settings.provider, settings.model).count_text,
                passage_tokens=PASSAGE_TOKENS_LOCAL if local else PASSAGE_TOKENS_REMOTE,
                seed=settings.split.seed,
                instructions=self.plan.instructions,
                llm_stage=self.plan.llm_stage,
                small_model=local,
                acceptable=self._objection,
                scratch=self.workspace.engine,
            )
        return self._bench

    def _objection(self, sample: Sample) -> str:
        """Why the provider would refuse the sample, "" when it takes it."""
        settings = self.plan.settings
        rule = objection(sample, settings.provider, settings.model)
        return f"refused by {settings.provider}: {rule}" if rule else ""

    def _count_calls(self) -> None:
        stats, count = self.stats, self.report.count
        if stats.calls or stats.replayed:
            count("LLM calls", stats.calls)
            count("LLM calls answered from the journal", stats.replayed)
            count("LLM input tokens", stats.input_tokens)
            count("LLM output tokens", stats.output_tokens)
        for what, number in {
            "LLM calls tried again": stats.retries,
            "LLM calls turned away (429)": stats.rate_limited,
            "LLM calls possibly billed without an answer": stats.possibly_billed,
            "LLM calls without token figures": stats.without_figures,
        }.items():
            if number:
                count(what, number)
        if stats.replaced_workers:
            self.report.warn("LLM", f"{stats.replaced_workers} worker(s) hung or died and were replaced.")

    def _finished(self, samples: Sequence[Sample]) -> Dataset:
        """The samples with topic keywords and token counts."""
        settings = self.plan.settings
        counter = counter_for(settings.provider, settings.model)
        self.report.counts["token exactness: " + counter.exactness] = 1
        counts = count_samples(self._shared(), self.run_id, samples, settings.provider, settings.model)
        finished = self._spool()
        for sample, words, tokens in zip(samples, keywords_for(_Texts(samples)), counts, strict=True):
            finished.append(replace(sample, topic_keywords=words, token_length=tokens))
        if len(finished) < self.plan.size.size and not self.stopped and not self.interrupted:
            self.report.warn("size", self._why_fewer(len(finished)))
        return Dataset(settings.output_name, settings.provider, settings.model, settings.mode, finished)

    def _spool(self) -> SampleSpool:
        return SampleSpool(self.workspace.engine)

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

    def _detail(self) -> str:
        """Tokens and USD so far, for the progress bar."""
        stats = self.stats
        tokens = stats.input_tokens + stats.output_tokens
        parts = [f"{tokens:,} tokens"] if tokens else []
        if self._session is not None and self._session.dispatcher.describe():
            parts.insert(0, self._session.dispatcher.describe())
        if tokens and self.plan.price is not None and self.plan.agent is not None and not self.plan.agent.is_local:
            parts.append(dollars(stats.usd))
        if stats.replayed:
            parts.append(f"{stats.replayed:,} from the journal")
        return ", ".join(parts)

    def _dataset(self) -> Dataset:
        if self.dataset is None:
            raise ValueError("generate() comes first")
        return self.dataset


@dataclass(frozen=True, slots=True)
class _Texts(Collection[str]):
    """What each sample's turns say, made when it is asked for."""

    samples: Sequence[Sample]

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[str]:
        return (" ".join(message.content for message in sample.turns) for sample in self.samples)

    def __contains__(self, text: object) -> bool:
        return any(text == one for one in self)


def reading_plan(ingestion: IngestionSettings) -> ReadingPlan:
    """How the files are read, as config.yaml says."""
    options = ReadOptions(
        headers_footers=ingestion.headers_footers,
        comments=ingestion.comments,
        hidden_sheets=ingestion.hidden_sheets,
        ocr=ingestion.ocr,
        ocr_languages=ingestion.ocr_languages,
    )
    limits = Limits(ingestion.timeout_s, ingestion.memory_mb)
    passwords = {name: password.get_secret_value() for name, password in ingestion.passwords.items()}
    return ReadingPlan(limits, ingestion.workers, options, passwords)
