"""Measure the quality of a dataset: one pass over the samples, and searches of their own for what needs all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from src.analysis.language.detection import language_detector
from src.analysis.pii.redaction.masking import mask_value
from src.config.qa_settings import MetricName, QASettings
from src.dataset.duplicates.finding import find_duplicates
from src.dataset.duplicates.report import DuplicateReport
from src.dataset.duplicates.sides import Samples
from src.dataset.quality.bias.representation import Representation
from src.dataset.quality.bias.swaps import SwappedGroups
from src.dataset.quality.bias.tone import GroupTone
from src.dataset.quality.checks.answers import Answers
from src.dataset.quality.checks.encoding import Encoding
from src.dataset.quality.checks.grounding import Grounding, Verbatim
from src.dataset.quality.checks.languages import Languages
from src.dataset.quality.checks.lengths import AnswerLength, TokenLength
from src.dataset.quality.checks.relevance import Relevance
from src.dataset.quality.facts import Facts, TextFacts
from src.dataset.quality.harm.overlap import benchmark_metric, duplicate_metrics, split_metric
from src.dataset.quality.harm.privacy import Privacy, cleaner
from src.dataset.quality.harm.safety import Safety
from src.dataset.quality.judging.grading import grade
from src.dataset.quality.judging.rubric import Judge
from src.dataset.quality.measuring.check import Check
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import GROUPS, Flag, Metric, QAReport
from src.dataset.quality.scores import NAMES, ScoreSheet
from src.dataset.quality.variety.balance import Balance
from src.dataset.quality.variety.diversity import Diversity
from src.records import Sample

PassageOf = Callable[[Sample], str | None]
_PROGRESS_EVERY = 500


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known around a dataset. Whatever is left out makes a figure that is not computed, and says so.

    `passage_of` gives the text a sample was made from: for an identified sample that of its origin's span, else that
    of its passage (chunk), as sources.py finds it; None where it is not at hand. `prompts` are the texts of the prompt
    files, `token_limit` what the model takes, `canaries` strings planted in documents, `against` a benchmark file.
    `judge` grades samples. `known` gives, for a sample by its position, the facts of each of its messages, where others
    found them; it is asked in order. `find_duplicates` looks for them where another way than the usual one is wanted.
    """

    passage_of: PassageOf = lambda sample: None
    prompts: Sequence[str] = ()
    token_limit: int | None = None
    canaries: Sequence[str] = ()
    against: Path | None = None
    judge: Judge | None = None
    known: Callable[[int], Sequence[TextFacts]] | None = None
    find_duplicates: Callable[[Samples], DuplicateReport] = find_duplicates


@dataclass(slots=True)
class _Run:
    book: FlagBook
    facts: Facts
    checks: list[Check]
    skipped: frozenset[MetricName]
    held_out: int = 0
    trained: int = 0
    metrics: list[Metric] = field(default_factory=list)

    def wants(self, *names: MetricName) -> bool:
        return not self.skipped.issuperset(names)


def assess(
    samples: Sequence[Sample],
    settings: QASettings,
    around: Surroundings | None = None,
    *,
    name: str = "",
    progress: Callable[[int], None] = lambda done: None,
) -> QAReport:
    """The QA report of the samples, which are gone through several times and never held in memory.

    Held are about 50 bytes and its id for each sample, and what the search for duplicates holds (see there). `progress`
    is told how many samples were looked at. Raises UsageError for a benchmark file that cannot be read.
    """
    around = around or Surroundings()
    facts = Facts(settings.pii)
    book = FlagBook(ScoreSheet(settings.score.weights), settings.listed, cleaner(facts.find_pii, mask_value))
    run = _Run(book, facts, _checks(book, settings, around, facts), frozenset(settings.skip))
    for view in _views(samples, run, around):
        for check in run.checks:
            check.look(view)
        if (view.position + 1) % _PROGRESS_EVERY == 0:
            progress(view.position + 1)
    for check in run.checks:
        run.metrics += check.finish()
    _search(samples, settings, around, run)
    return QAReport(
        name, len(book.scores), _ordered(run), _wanted_flags(run), book.scores, settings.score.least, _how(around)
    )


def _checks(book: FlagBook, settings: QASettings, around: Surroundings, facts: Facts) -> list[Check]:
    """The checks whose figures are wanted."""
    limits, skipped = settings.thresholds, frozenset(settings.skip)
    makers: list[tuple[type[Check], Callable[[], Check]]] = [
        (TokenLength, lambda: TokenLength(book, limits, around.token_limit)),
        (AnswerLength, lambda: AnswerLength(book, limits)),
        (Languages, lambda: Languages(book, limits, facts.detector(), settings.language)),
        (Encoding, lambda: Encoding(book, limits)),
        (Answers, lambda: Answers(book, limits, around.prompts)),
        (Relevance, lambda: Relevance(book, limits)),
        (Grounding, lambda: Grounding(book, limits)),
        (Verbatim, lambda: Verbatim(book, limits)),
        (Diversity, lambda: Diversity(book, limits)),
        (Balance, lambda: Balance(book, limits)),
        (Safety, lambda: Safety(book, limits, around.canaries, facts)),
        (Privacy, lambda: Privacy(book, limits, settings.pii, facts.find_pii, mask_value)),
        (Representation, lambda: Representation(book, limits)),
        (GroupTone, lambda: GroupTone(book, limits)),
        (SwappedGroups, lambda: SwappedGroups(book, limits)),
    ]
    return [make() for kind, make in makers if not skipped.issuperset(kind.names)]


def _views(samples: Sequence[Sample], run: _Run, around: Surroundings) -> Iterator[View]:
    needs_passage = run.wants("groundedness", "new_figures", "new_names", "verbatim", "injection")
    for sample in samples:
        run.held_out += sample.split in ("validation", "test")
        run.trained += sample.split == "train"
        position = run.book.scores.add(sample.id)
        if around.known is not None:
            texts = (message.content for message in sample.messages)
            run.facts.known = dict(zip(texts, around.known(position), strict=True))
        yield View(sample, position, around.passage_of(sample) if needs_passage else None)
    run.facts.known = {}


def _search(samples: Sequence[Sample], settings: QASettings, around: Surroundings, run: _Run) -> None:
    """What is looked for in all samples at once."""
    limits, book, count = settings.thresholds, run.book, len(run.book.scores)
    if run.wants("exact_duplicates", "near_duplicates"):
        run.metrics += duplicate_metrics(samples, count, book, limits, around.find_duplicates)
    if run.wants("split_overlap"):
        run.metrics.append(split_metric(samples, run.held_out, run.trained, book, limits.split_overlap))
    if run.wants("benchmark_overlap"):
        run.metrics.append(benchmark_metric(samples, count, around.against, book, limits.benchmark_overlap))
    if run.wants("judge"):
        run.metrics.append(grade(samples, settings.judge_samples, around.passage_of, around.judge, book, limits.judge))


def _ordered(run: _Run) -> tuple[Metric, ...]:
    wanted = [metric for metric in run.metrics if metric.name not in run.skipped]
    return tuple(sorted(wanted, key=lambda metric: (GROUPS.index(metric.group), NAMES.index(metric.name))))


def _wanted_flags(run: _Run) -> dict[MetricName, list[Flag]]:
    return {name: flags for name, flags in run.book.flags().items() if name not in run.skipped}


def _how(around: Surroundings) -> str:
    parts = [f"Languages by {language_detector().how}", f"{len(around.prompts)} prompt files"]
    if around.token_limit:
        parts.append(f"a limit of {around.token_limit:,} tokens")
    if around.against:
        parts.append(f"compared with {around.against.name}")
    return "; ".join(parts)
