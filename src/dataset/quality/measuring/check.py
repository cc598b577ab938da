"""What every check does: look at one sample after the other, then give its figures."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from src.config.qa_settings import Limits, MetricName, ThresholdSettings
from src.dataset.quality.measuring.catalog import CATALOG, About
from src.dataset.quality.measuring.flag_book import FlagBook
from src.dataset.quality.measuring.view import View
from src.dataset.quality.report import Metric, State

NO_LIMITS = Limits()


class Check(ABC):
    """A check with the figures it gives. It flags samples while it looks at them, or when it is finished."""

    names: tuple[MetricName, ...]

    def __init__(self, book: FlagBook, thresholds: ThresholdSettings) -> None:
        self.book = book
        self.thresholds = thresholds

    @abstractmethod
    def look(self, view: View) -> None:
        """Take note of the next sample."""

    @abstractmethod
    def finish(self) -> Sequence[Metric]:
        """The figures, after the last sample."""

    def limits(self, name: str) -> Limits:
        found = getattr(self.thresholds, name, NO_LIMITS)
        return found if isinstance(found, Limits) else NO_LIMITS

    def share(
        self,
        name: MetricName,
        of: int,
        *,
        flagged: int | None = None,
        note: str = "",
        details: Mapping[str, object] | None = None,
    ) -> Metric:
        """The share of flagged samples (or of `flagged` answers) among `of`, in percent."""
        count = self.book.counts[name] if flagged is None else flagged
        if not of:
            return not_computed(name, note or "there is nothing to look at.")
        return make_metric(name, 100 * count / of, self.limits(name), count, of, note, details or {})


def make_metric(
    name: MetricName,
    value: float,
    limits: Limits,
    flagged: int = 0,
    of: int = 0,
    note: str = "",
    details: Mapping[str, object] | None = None,
    state: State | None = None,
) -> Metric:
    """The figure with the state that its limits give; "info" where it has none."""
    about = CATALOG[name]
    return Metric(
        name,
        about.group,
        about.title,
        round(value, 4),
        about.unit,
        state or state_of(value, limits, about.low_is_bad),
        _told(limits.warn, about),
        _told(limits.fail, about),
        flagged,
        of,
        note,
        details or {},
        about.explanation,
        about.accuracy,
    )


def not_computed(name: MetricName, why: str) -> Metric:
    """The figure that could not be computed, and why."""
    about = CATALOG[name]
    return Metric(
        name, about.group, about.title, None, about.unit, "not computed", note=why, explanation=about.explanation
    )


def state_of(value: float, limits: Limits, low_is_bad: bool = False) -> State:
    """Limits that are met exactly are kept."""
    if limits.warn is None and limits.fail is None:
        return "info"
    sign = -1 if low_is_bad else 1
    if limits.fail is not None and sign * value > sign * limits.fail:
        return "fail"
    return "warn" if limits.warn is not None and sign * value > sign * limits.warn else "ok"


def worst(*states: State) -> State:
    order: tuple[State, ...] = ("fail", "warn", "ok", "info")
    return next((state for state in order if state in states), "not computed")


def _told(limit: float | None, about: About) -> str:
    if limit is None:
        return ""
    return f"{'below' if about.low_is_bad else 'above'} {limit:g}{' %' if about.unit.startswith('%') else ''}"
