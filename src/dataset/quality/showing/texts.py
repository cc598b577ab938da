"""Figures in words, the same for page and terminal."""

from __future__ import annotations

from collections.abc import Mapping

from src.dataset.pages.texts import number
from src.dataset.quality.report import Metric, State

_WORDS: Mapping[State, str] = {
    "ok": "in order",
    "warn": "warns",
    "fail": "fails",
    "info": "for information",
    "not computed": "not computed",
}


def state_word(state: State) -> str:
    return _WORDS[state]


def value_of(metric: Metric) -> str:
    """ "3.2 % of samples", "0.82 (0 to 1)", "not computed"."""
    if metric.value is None:
        return "not computed"
    if metric.unit.startswith("%"):
        return f"{number(metric.value)} {metric.unit}"
    return f"{number(metric.value)} ({metric.unit})"


def limits_of(metric: Metric) -> str:
    warn = f"warns {metric.warn_when}" if metric.warn_when else ""
    fail = f"fails {metric.fail_when}" if metric.fail_when else ""
    return "; ".join(part for part in (warn, fail) if part)


def details_of(metric: Metric) -> list[tuple[str, str]]:
    return [(name, _told(value)) for name, value in metric.details.items()]


def _told(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_told(item)}" for key, item in value.items())
    if isinstance(value, float) and 0 < abs(value) < 1:
        return f"{value:.3g}"
    return number(value) if isinstance(value, int | float) else str(value or "")
