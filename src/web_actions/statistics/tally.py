"""Figures about the steps of a dataset in one pass; a few numbers are kept of each step."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from src.dataset.statistics.outliers import Extremes
from src.dataset.statistics.results import Interval, Outliers, Part, Spread
from src.dataset.statistics.spreads import histogram, spread_of
from src.records import Split
from src.web_actions.making.filters import host_of
from src.web_actions.making.samples import StepRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NOT_KNOWN = "(not known)"
_SUCCESS = {True: "yes", False: "no", None: NOT_KNOWN}
LARGEST_SITES = 200


@dataclass(frozen=True, slots=True)
class Lengths:
    """Whole numbers of steps or sessions: their spread, a histogram, and who stands out."""

    spread: Spread
    histogram: tuple[Interval, ...]
    outliers: Outliers


@dataclass(frozen=True, slots=True)
class WebStatistics:
    """Figures about the steps, by the names of their kinds; the largest part first.

    `tokens` are of the chat samples, `dom_recorded` and `dom_pruned` characters, `steps` the steps of a session in the
    dataset. `site_tokens` are the spreads of the largest sites.
    """

    samples: int
    sessions: int
    total_tokens: int
    token_exactness: str
    by_site: Mapping[str, Part]
    by_workflow: Mapping[str, Part]
    by_action: Mapping[str, Part]
    by_success: Mapping[str, Part]
    by_split: Mapping[str, Part]
    tokens: Lengths
    dom_recorded: Lengths
    dom_pruned: Lengths
    steps: Lengths
    site_tokens: Mapping[str, Spread]

    def to_json(self) -> dict[str, object]:
        return asdict(self)


@dataclass(slots=True)
class _Numbers:
    """The numbers of one kind, and who has the most extreme ones."""

    values: array[int] = field(default_factory=lambda: array("q"))
    extremes: Extremes = field(default_factory=Extremes)

    def add(self, name: str, value: int) -> None:
        self.values.append(value)
        self.extremes.add(name, value)

    def lengths(self) -> Lengths:
        import numpy as np

        ordered = np.sort(np.frombuffer(self.values, np.int64))
        spread = spread_of(ordered)
        return Lengths(spread, histogram(ordered), self.extremes.outliers(ordered, spread))


@dataclass(slots=True)
class StepTally:
    """Counts rows as they come. `add` wants each row once, the rows of a session one after the other."""

    _parts: dict[str, dict[str, Part]] = field(
        default_factory=lambda: {kind: {} for kind in ("site", "workflow", "action", "success", "split")}
    )
    _tokens: _Numbers = field(default_factory=_Numbers)
    _recorded: _Numbers = field(default_factory=_Numbers)
    _pruned: _Numbers = field(default_factory=_Numbers)
    _steps: _Numbers = field(default_factory=_Numbers)
    _sites: array[int] = field(default_factory=lambda: array("q"))
    _site_numbers: dict[str, int] = field(default_factory=dict)
    _session: tuple[str, str] = ("", "")
    _in_session: int = 0

    def add(self, row: StepRow, recorded: int, pruned: int) -> None:
        """Count a row whose DOM had `recorded` characters before and `pruned` after it was pruned."""
        site = host_of(row.site) or NOT_KNOWN
        kinds = {
            "site": site,
            "workflow": row.workflow or NOT_KNOWN,
            "action": row.action.kind,
            "success": _SUCCESS[row.success],
        }
        for kind, name in kinds.items():
            _count(self._parts[kind], name, row.tokens)
        self._tokens.add(row.id, row.tokens)
        self._recorded.add(row.id, recorded)
        self._pruned.add(row.id, pruned)
        self._sites.append(self._site_numbers.setdefault(site, len(self._site_numbers)))
        self._count_session((row.source_file, row.session))

    def count_split(self, split: Split, tokens: int) -> None:
        """Rows get their split later."""
        _count(self._parts["split"], split, tokens)

    def statistics(self, token_exactness: str) -> WebStatistics:
        self._count_session(("", ""))
        tokens = self._tokens.lengths()
        return WebStatistics(
            samples=len(self._tokens.values),
            sessions=len(self._steps.values),
            total_tokens=sum(self._tokens.values),
            token_exactness=token_exactness,
            by_site=_largest_first(self._parts["site"]),
            by_workflow=_largest_first(self._parts["workflow"]),
            by_action=_largest_first(self._parts["action"]),
            by_success=_largest_first(self._parts["success"]),
            by_split=self._parts["split"],
            tokens=tokens,
            dom_recorded=self._recorded.lengths(),
            dom_pruned=self._pruned.lengths(),
            steps=self._steps.lengths(),
            site_tokens=self._site_spreads(),
        )

    def _count_session(self, session: tuple[str, str]) -> None:
        if session != self._session:
            if self._in_session:
                self._steps.add(self._session[1], self._in_session)
            self._session, self._in_session = session, 0
        self._in_session += 1

    def _site_spreads(self) -> dict[str, Spread]:
        import numpy as np

        site, tokens = np.frombuffer(self._sites, np.int64), np.frombuffer(self._tokens.values, np.int64)
        order = np.lexsort((tokens, site))
        ordered: NDArray[np.int64] = tokens[order]
        ends = np.cumsum(np.bincount(site, minlength=len(self._site_numbers))).tolist()
        largest = list(_largest_first(self._parts["site"]))[:LARGEST_SITES]
        starts = [0, *ends]
        return {
            name: spread_of(ordered[starts[n] : starts[n + 1]]) for name in largest for n in [self._site_numbers[name]]
        }


def _count(parts: dict[str, Part], name: str, tokens: int) -> None:
    part = parts.setdefault(name, Part())
    part.samples += 1
    part.tokens += tokens


def _largest_first(parts: Mapping[str, Part]) -> dict[str, Part]:
    return dict(sorted(parts.items(), key=lambda item: (-item[1].samples, item[0])))
