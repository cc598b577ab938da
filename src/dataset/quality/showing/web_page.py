"""The QA report as a page that opens offline: what fails first, then every figure with what it can and cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from src.dataset.pages import (
    Bin,
    Section,
    Tile,
    bars_svg,
    details,
    figure,
    histogram_svg,
    note,
    page,
    paragraph,
    table,
    tiles,
)
from src.dataset.pages.parts import Tone
from src.dataset.quality.judging.rubric import RUBRIC
from src.dataset.quality.report import GROUPS, Flag, Group, Metric, QAReport, State
from src.dataset.quality.showing.texts import details_of, limits_of, state_word, value_of

_TONES: dict[State, Tone] = {"ok": "good", "warn": "warning", "fail": "bad", "info": "plain", "not computed": "plain"}
_TITLES: dict[Group, str] = {
    "quality": "Quality",
    "safety": "Safety",
    "privacy": "Privacy",
    "bias": "Bias",
    "contamination": "Contamination",
}
_ORDER: tuple[State, ...] = ("fail", "warn", "ok", "info", "not computed")
_MOST_LOW = 50


def qa_page(report: QAReport, subtitle: str = "") -> str:
    """The HTML page of a report; `subtitle` says what it is for, or when it was made."""
    return page(f"QA report of {report.dataset}", list(_sections(report)), subtitle)


def _sections(report: QAReport) -> Iterator[Section]:
    yield Section("Verdict", list(_verdict(report)), f"{report.samples:,} samples. {report.settings_note}.")
    for group in GROUPS:
        metrics = [metric for metric in report.metrics if metric.group == group]
        if metrics:
            metrics.sort(key=lambda metric: _ORDER.index(metric.state))
            yield Section(_TITLES[group], [_overview(metrics), *_explained(metrics, report)])
    yield Section("Scores of the samples", list(_scores(report)), _about_scores(report))


def _verdict(report: QAReport) -> Iterator[Markup]:
    counts = [Tile(state_word(state), str(len(report.in_state(state))), tone=_TONES[state]) for state in _TONES]
    yield tiles(counts)
    failing, warning = report.in_state("fail"), report.in_state("warn")
    if failing:
        yield note(f"Fails: {', '.join(metric.title for metric in failing)}.", "bad")
    if warning:
        yield note(f"Warns: {', '.join(metric.title for metric in warning)}.", "warning")
    if not failing and not warning:
        yield note("No figure is beyond its limits. That is no proof of quality: read some samples.", "good")


def _overview(metrics: Sequence[Metric]) -> Markup:
    rows = [
        (metric.title, _state(metric.state), value_of(metric), _flagged(metric), limits_of(metric))
        for metric in metrics
    ]
    return table(("Figure", "State", "Value", "Flagged", "Limits"), rows)


def _state(state: State) -> Markup:
    word = state_word(state)
    return Markup("<strong>{}</strong>").format(word) if state in ("fail", "warn") else Markup("{}").format(word)


def _flagged(metric: Metric) -> str:
    return f"{metric.flagged:,} of {metric.of:,}" if metric.of else ""


def _explained(metrics: Sequence[Metric], report: QAReport) -> Iterator[Markup]:
    for metric in metrics:
        parts = [paragraph(metric.explanation)] if metric.explanation else []
        if metric.accuracy:
            parts.append(paragraph(f"Measured accuracy: {metric.accuracy}."))
        if metric.note:
            parts.append(note(metric.note))
        if metric.details:
            parts.append(table(("Part", "Value"), details_of(metric)))
        if metric.name == "judge":
            parts.append(details("The rubric", RUBRIC))
        flags = report.flags.get(metric.name, ())
        if flags:
            parts.append(_flags(flags, report, metric))
        yield details(f"{metric.title}: {value_of(metric)} ({state_word(metric.state)})", *parts)


def _flags(flags: Sequence[Flag], report: QAReport, metric: Metric) -> Markup:
    rows = [
        (flag.sample_id, flag.place, flag.note, "" if flag.confidence is None else f"{flag.confidence:.2f}")
        for flag in flags
    ]
    return table(("Sample", "Place", "Why", "Sure"), rows, f"{metric.title}: the first {len(rows):,} places")


def _scores(report: QAReport) -> Iterator[Markup]:
    bins = [Bin(place / 10, (place + 1) / 10, count) for place, count in enumerate(report.scores.histogram())]
    rows = [(f"{b.start:.1f} to {b.end:.1f}", b.amount) for b in bins]
    plot = histogram_svg(bins, "Scores", "score")
    yield figure(plot, "How many samples have which score", table(("Score", "Samples"), rows))
    counts = {metric.title: float(metric.flagged) for metric in report.metrics if metric.flagged and metric.of}
    if counts:
        yield figure(bars_svg(counts, "Flagged", 20), "What flags most samples")
    low = report.scores.below(report.least_score, _MOST_LOW)
    if low:
        rows_low = [(s.sample_id, f"{s.score:.2f}", ", ".join(s.reasons)) for s in low]
        yield table(("Sample", "Score", "Reasons"), rows_low, "Lowest scores")


def _about_scores(report: QAReport) -> str:
    below = report.scores.count_below(report.least_score)
    return (
        f"A score starts at 1, and each figure that flags the sample takes its weight off (qa.score.weights). "
        f"{below:,} of {report.samples:,} lie below {report.least_score:g}."
    )
