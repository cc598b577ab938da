"""Statistics and the QA report of a stored dataset."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from src.agents.prompt_library import prompt_texts
from src.analysis.language.detection import language_detector
from src.config.qa_settings import QASettings
from src.dataset.duplicates.finding import find_duplicates
from src.dataset.quality.assessing import Surroundings, assess
from src.dataset.quality.judging.rubric import Judge
from src.dataset.quality.report import QA_HTML, QA_JSON, QAReport
from src.dataset.quality.showing.web_page import qa_page
from src.dataset.statistics import NotComputed, Statistics, StatisticsTally, TrainingPrice
from src.dataset.statistics.showing.web_page import statistics_page
from src.errors import ExportError
from src.export.batches import batches_of
from src.persistence.durable_files import incomplete_path, sync_file
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.quality import SAMPLES_WORTH_IT, assess_shared
from src.pipeline.stages.source_texts import SourceTexts
from src.providers import find_provider
from src.providers.models.training_cost import EPOCHS, price_source
from src.providers.token_counter import counter_for

_LONGER: Mapping[str, Literal["truncated", "left out", "not known"]] = {
    "truncated": "truncated", "rejected": "left out", "unpublished": "not known",
}  # fmt: skip
Done = Callable[[int], None]
_NO_SOURCES = NotComputed("the source documents were not read for these statistics")
_NOT_SEARCHED = NotComputed("near-duplicates are looked for when asked for")


@dataclass(frozen=True, slots=True)
class Depth:
    """What of the statistics is worked out; all of it takes about a minute for a million samples."""

    near_duplicates: bool = True
    sources: SourceTexts | None = None


def statistics_of_stored(
    store: Store, ref: str, depth: Depth | None = None, progress: Done = lambda done: None
) -> Statistics:
    """The statistics of a dataset; its samples are gone through and not held in memory.

    `progress` is told how many samples were counted. Raises UsageError as find_dataset does.
    """
    depth = depth or Depth()
    stored, samples = store.find_dataset(ref), store.stored_samples(ref)
    counter = counter_for(stored.provider, stored.model)
    tally = StatisticsTally(counter.count, _language_of())
    done = 0
    for batch in batches_of(samples):
        tally.add_rows(batch.rows, batch.messages, batch.origins)
        done += len(batch)
        progress(done)
    sources = depth.sources
    return tally.statistics(
        counter.exactness,
        cost=tally.cost(_price_of(stored)),
        coverage=tally.coverage(sources.documents(), sources.unreadable) if sources else _NO_SOURCES,
        near_duplicates=find_duplicates(samples).near if depth.near_duplicates else _NOT_SEARCHED,
    )


def save_statistics_page(statistics: Statistics, stored: StoredDataset, path: Path) -> None:
    """Write the page with the plots. Raises ExportError."""
    _write(path, statistics_page(statistics, stored.name, _subtitle(stored)))


def assess_stored(
    store: Store,
    ref: str,
    settings: QASettings,
    prompts: Path,
    *,
    sources: SourceTexts | None = None,
    against: Path | None = None,
    judge: Judge | None = None,
    progress: Done = lambda done: None,
    engine: Engine | None = None,
) -> QAReport:
    """The QA report of a dataset. `prompts` is the folder of the prompt files, which samples must not repeat.

    Without `sources` nothing is compared with the documents, and the report says so. An `engine` shares the work on a
    large dataset. Raises UsageError, and EngineError when a part could not be done.
    """
    stored = store.find_dataset(ref)
    around = Surroundings(
        passage_of=sources.passage_of if sources else lambda sample: None,
        prompts=prompt_texts(prompts),
        token_limit=find_provider(stored.provider).facts(stored.model).max_tokens_per_example,
        against=against,
        judge=judge,
    )
    samples = store.stored_samples(ref)
    if engine is None or (len(samples) < SAMPLES_WORTH_IT and not engine.is_cluster):
        return assess(samples, settings, around, name=stored.name, progress=progress)
    return assess_shared(engine, stored.id, samples, settings, around, name=stored.name, progress=progress)


def save_qa_report(report: QAReport, stored: StoredDataset, folder: Path) -> tuple[Path, Path]:
    """Write qa_report.json and qa_report.html into the folder. Raises ExportError."""
    json_path, html_path = folder / QA_JSON, folder / QA_HTML
    _write(json_path, json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n")
    _write(html_path, qa_page(report, _subtitle(stored)))
    return json_path, html_path


def _subtitle(stored: StoredDataset) -> str:
    return f"{stored.total_samples:,} samples for {stored.provider} / {stored.model}, stored {stored.created_at} UTC"


def _language_of() -> Callable[[str], str]:
    detector = language_detector()

    def name(text: str) -> str:
        found = detector.language_of(text)
        return found.code if found else ""

    return name


def _price_of(stored: StoredDataset) -> TrainingPrice:
    facts = find_provider(stored.provider).facts(stored.model)
    return TrainingPrice(
        provider=facts.provider,
        model=facts.id,
        usd_per_1m=facts.usd_per_1m_train,
        epochs=EPOCHS,
        source=price_source(facts),
        note="" if facts.usd_per_1m_train is not None else "no training price is published",
        limit=facts.max_tokens_per_example,
        longer=_LONGER[facts.longer_examples],
    )


def _write(path: Path, text: str) -> None:
    """The whole file or none: what stood there before stays until then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        there = incomplete_path(path)
        there.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        sync_file(there)
        os.replace(there, path)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written: {error.strerror or error}.") from error
