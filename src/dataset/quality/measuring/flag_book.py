"""Which samples are flagged and why: all counted and marked, the first of each figure written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from src.config.qa_settings import MetricName
from src.dataset.quality.report import Flag
from src.dataset.quality.scores import ScoreSheet

_LONGEST_NOTE = 200


class FlagBook:
    """The flags of a dataset. A sample counts once for each figure, however often it is flagged.

    Notes quote samples, so `clean` takes what is personal out of them.
    """

    def __init__(self, scores: ScoreSheet, listed: int, clean: Callable[[str], str]) -> None:
        self.scores = scores
        self.clean = clean
        self.counts: Counter[MetricName] = Counter()
        self._listed = listed
        self._flags: dict[MetricName, list[Flag]] = {}

    def flag(self, position: int, metric: MetricName, place: str, note: str, confidence: float | None = None) -> None:
        """Note a flag of the sample at this position."""
        if self.scores.mark(position, metric):
            self.counts[metric] += 1
        flags = self._flags.setdefault(metric, [])
        if len(flags) < self._listed:
            # Before it is cut: half an address would not be known for one.
            note = self.clean(note)
            note = note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 3]}..."
            flags.append(Flag(self.scores.id_at(position), metric, place, note, confidence))

    def flag_id(
        self, sample_id: str, metric: MetricName, place: str, note: str, confidence: float | None = None
    ) -> None:
        """The same for what is known by its id; samples of other datasets are passed over."""
        position = self.scores.position_of(sample_id)
        if position is not None:
            self.flag(position, metric, place, note, confidence)

    def flags(self) -> dict[MetricName, list[Flag]]:
        return {name: list(flags) for name, flags in self._flags.items()}
