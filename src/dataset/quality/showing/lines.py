"""The QA report as lines for a terminal."""

from __future__ import annotations

from src.config.qa_settings import MetricName
from src.dataset.quality.report import GROUPS, QAReport, State
from src.dataset.quality.showing.texts import limits_of, value_of

_MARKS: dict[State, str] = {"ok": "ok", "warn": "WARNS", "fail": "FAILS", "info": "info", "not computed": "-"}
_TITLE, _VALUE = 33, 30


def report_lines(report: QAReport, *, everything: bool = False) -> list[str]:
    """A line for each figure, by group; those in order and not computed ones are only counted unless `everything`."""
    lines = [f"QA report of {report.dataset}: {report.samples:,} samples"]
    for group in GROUPS:
        metrics = [metric for metric in report.metrics if metric.group == group]
        shown = metrics if everything else [metric for metric in metrics if metric.state in ("warn", "fail")]
        ok = sum(metric.state == "ok" for metric in metrics)
        missing = sum(metric.state == "not computed" for metric in metrics)
        lines.append(f"{group}: {len(metrics)} figures, {ok} in order, {missing} not computed")
        for metric in shown:
            mark, limits = _MARKS[metric.state], limits_of(metric)
            told = metric.note if metric.value is None else limits
            lines.append(f"  {mark:<6} {metric.title[:_TITLE]:<{_TITLE}} {value_of(metric):<{_VALUE}} {told}".rstrip())
    below = report.scores.count_below(report.least_score)
    lines.append(f"{below:,} samples have a score below {report.least_score:g}; the mean is {report.scores.mean()}.")
    return lines


def flag_lines(report: QAReport, name: MetricName, most: int = 20) -> list[str]:
    """A line for each of the first flags of a figure: sample, place and why."""
    flags = report.flags.get(name, ())
    found = [f"{flag.sample_id}  {flag.place}: {flag.note}" for flag in flags[:most]]
    if len(flags) > most:
        found.append(f"and {len(flags) - most} more listed places; qa_report.json has them all")
    return found
