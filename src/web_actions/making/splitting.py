"""Divide steps among train, validation and test so that no session (or site) falls into two splits."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from src.config.web_action_settings import WebActionSettings
from src.dataset.splitting.split_ids import split_ids
from src.dataset.splitting.split_in_order import split_in_order
from src.web_actions.making.filters import host_of, seconds
from src.web_actions.making.samples import StepRow

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NAN = float("nan")


@dataclass(frozen=True, slots=True)
class StepLeakage:
    """What lies in more than one split: sessions, prompts (goal and DOM) and sites, and DOMs that are the same
    character by character whatever the goal. `sessions` and `prompts` are always 0, `sites` when split by site.
    """

    sessions: int
    prompts: int
    sites: int
    doms: int

    @property
    def is_free(self) -> bool:
        return not (self.sessions or self.prompts)

    def to_json(self) -> dict[str, int]:
        return asdict(self)


class Numbers:
    """A number for each different label, from 0 on."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, label: Hashable) -> int:
        return self._known.setdefault(label, len(self._known))


@dataclass(slots=True)
class SplitFacts:
    """What of each row decides its split: a few numbers, so that a million rows take little memory."""

    settings: WebActionSettings
    _ids: array[int] = field(default_factory=lambda: array("Q"))
    _sessions: array[int] = field(default_factory=lambda: array("q"))
    _sites: array[int] = field(default_factory=lambda: array("q"))
    _strata: array[int] = field(default_factory=lambda: array("q"))
    _times: array[float] = field(default_factory=lambda: array("d"))
    _prompts: array[int] = field(default_factory=lambda: array("Q"))
    _doms: array[int] = field(default_factory=lambda: array("Q"))
    _session_numbers: Numbers = field(default_factory=Numbers)
    _site_numbers: Numbers = field(default_factory=Numbers)
    _stratum_numbers: Numbers = field(default_factory=Numbers)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row: StepRow) -> None:
        from xxhash import xxh3_64_intdigest

        dom = row.text[: row.text.index("</DOM>")]
        prompt = xxh3_64_intdigest(f"{row.goal}\0{dom}".encode())
        self._ids.append(int(row.id[1:17], 16))
        self._sessions.append(self._session_numbers.of((row.source_sha256 or row.source_file, row.session)))
        self._sites.append(self._site_numbers.of(host_of(row.site)))
        self._strata.append(self._stratum_numbers.of(_stratum(row, self.settings.stratify_by)))
        self._times.append(_NAN if (at := seconds(row.time)) is None else at)
        self._prompts.append(prompt)
        self._doms.append(xxh3_64_intdigest(dom.encode()))

    def divide(self, shares: Sequence[float], seed: int) -> NDArray[np.int8]:
        """For each row in order 0 (train), 1 (validation) or 2 (test). Totals follow the shares as units allow.

        A unit is a session or a site, together with those that ask the same (goal and DOM). The same rows and seed
        give the same splits.
        """
        import numpy as np

        units = self.units()
        if self.settings.split == "time":
            names = [f"{number:016x}" for number in self._ids]
            return split_in_order(names, shares, np.frombuffer(self._times), units, seed)
        strata = np.frombuffer(self._strata, np.int64) if self.settings.split == "stratified" else None
        return split_ids(np.frombuffer(self._ids, np.uint64), shares, strata, units, seed)

    def units(self) -> NDArray[np.int64]:
        """A number for each row, the same for those that must stay together."""
        import numpy as np

        by_site = self.settings.split_by == "site"
        unit = np.frombuffer(self._sites if by_site else self._sessions, np.int64)
        parents = list(range(int(unit.max()) + 1 if len(unit) else 0))
        for first, other in _pairs(np.frombuffer(self._prompts, np.uint64), unit):
            one, two = _root(parents, first), _root(parents, other)
            parents[max(one, two)] = min(one, two)
        roots = np.array([_root(parents, number) for number in range(len(parents))], np.int64)
        return np.unique(roots[unit], return_inverse=True)[1].astype(np.int64) if len(unit) else unit

    def leakage(self, placed: NDArray[np.int8]) -> StepLeakage:
        """What lies in two splits, counted afterwards."""
        import numpy as np

        return StepLeakage(
            sessions=_in_two(np.frombuffer(self._sessions, np.int64), placed),
            prompts=_in_two(np.frombuffer(self._prompts, np.uint64), placed),
            sites=_in_two(np.frombuffer(self._sites, np.int64), placed),
            doms=_in_two(np.frombuffer(self._doms, np.uint64), placed),
        )


def _stratum(row: StepRow, fields: Sequence[str]) -> tuple[object, ...]:
    values = {"site": host_of(row.site), "workflow": row.workflow, "action": row.action.kind, "success": row.success}
    return tuple(values[name] for name in fields)


def _pairs(labels: NDArray[np.uint64], unit: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Different units that have a label in common: each with the first unit of that label."""
    import numpy as np

    order = np.argsort(labels, kind="stable")
    label, of_unit = labels[order], unit[order]
    starts = np.flatnonzero(np.concatenate([[True], label[1:] != label[:-1]])) if len(label) else order
    first = np.repeat(of_unit[starts], np.diff(np.append(starts, len(label))))
    apart = first != of_unit
    found = np.unique(np.stack([first[apart], of_unit[apart]], axis=1), axis=0)
    return [(int(one), int(other)) for one, other in found.tolist()]


def _in_two(labels: NDArray[np.int64] | NDArray[np.uint64], placed: NDArray[np.int8]) -> int:
    """How many labels stand in more than one split."""
    import numpy as np

    codes = np.unique(labels, return_inverse=True)[1].ravel()
    seen = np.bincount(codes * 3 + placed, minlength=3 * (int(codes.max()) + 1 if len(codes) else 0)).reshape(-1, 3)
    return int(((seen > 0).sum(axis=1) > 1).sum())


def _root(parents: list[int], number: int) -> int:
    while parents[number] != number:
        parents[number] = parents[parents[number]]
        number = parents[number]
    return number
