"""Print the figures of the families as they come, and the bars at the end."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.detection.families import EXTRA, TABLES, TEXT, Family
from benchmarks.detection.measure import Negatives
from benchmarks.detection.scoring import Score
from benchmarks.generation.figures import Figure, show

SHOWN = 12  # misses of a family, and false conversations
BARS = {TEXT: 0.95, TABLES: 0.99}
PRECISION, FALSE_PER_MB, SPEED, NEGATIVE_MB = 0.98, 0.05, 5.0, 20.0
COLUMNS = "{:<34}{:>6} {:>6} {:>6} {:>6} {:>6} {:>4} {:>8} {:>6}"
HEADER = COLUMNS.format("", "turns", "prec.", "recall", "F1", "convF1", "cut", "unproven", "MB/s")


@dataclass(frozen=True)
class AtLeast(Figure):
    """A figure that must reach its bar."""

    @property
    def met(self) -> bool:
        return self.value >= self.bar

    def line(self) -> str:
        verdict = "ok" if self.met else "MISSED"
        measured, bar = f"{self.value:.3f} {self.unit}".rstrip(), f"bar >= {self.bar:g} {self.unit}".rstrip()
        ratio = f"{self.value / self.bar:.2f} of the bar"
        return f"{verdict:<7} {self.name:<46} {measured:>12}   {bar:<20} {ratio:<16} {self.note}".rstrip()


class _Row(NamedTuple):
    name: str
    score: Score
    group: str


class Report:
    """Rows as they are measured; `close` prints the figures and says whether all bars are met."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.rows: list[_Row] = []
        self.none_there: Negatives | None = None

    def family(self, family: Family, score: Score) -> None:
        self.row(family.name, score, family.group)

    def row(self, name: str, score: Score, group: str) -> None:
        if not self.rows:
            print(HEADER)
        self.rows.append(_Row(name, score, group))
        print(_line(name, score), " " + _faults(score) if group != EXTRA else f" {_faults(score)} (not in the bars)")
        if self.verbose:
            for miss in score.misses[:SHOWN]:
                print(f"    {miss}")
            if len(score.misses) > SHOWN:
                print(f"    ... and {len(score.misses) - SHOWN} more")

    def negatives(self, found: Negatives) -> None:
        self.none_there = found
        print(f"\n{found.megabytes:.1f} MB without conversations in {found.files} files: {found.false} found, "
              f"slowest file {found.slowest[0]:.2f} s ({found.slowest[1]}), {found.unread} files not read")  # fmt: skip
        for example in found.examples[: SHOWN * 4 if self.verbose else 0]:
            print(f"    {example}")

    def close(self) -> bool:
        counted = [row for row in self.rows if row.group != EXTRA]
        total = Score()
        for row in self.rows:
            total.add(row.score)
        print(f"{_line('all files together', total)}  {_faults(total)}")
        print(f"{total.gold_conversations} conversations, {total.found_conversations} found\n")
        figures: list[Figure] = []
        for group, bar in BARS.items():
            of_group = [row.score for row in counted if row.group == group]
            if of_group:
                found = [score.precision for score in of_group if score.found_turns]
                figures += [
                    AtLeast(
                        f"turn-F1, {group}", _mean([s.f1 for s in of_group]), bar, note=f"{len(of_group)} families"
                    ),
                    AtLeast(f"precision, {group}", _mean(found), PRECISION, note=f"{len(found)} with a find"),
                ]
        figures += [
            Figure("turns cut off", sum(row.score.truncated for row in counted), 0, exactly=True),
            Figure("turns without provenance", total.unproven, 0, exactly=True),
            AtLeast("speed on conversations", _rate(total.bytes, total.seconds), SPEED, "MB/s", note="CPU seconds"),
        ]
        return show("Conversations", [*figures, *self._negative_figures()])

    def _negative_figures(self) -> list[Figure]:
        if (none := self.none_there) is None:
            return []
        return [
            AtLeast("text without conversations", none.megabytes, NEGATIVE_MB, "MB"),
            Figure("false conversations per MB", none.false / max(none.megabytes, 1e-9), FALSE_PER_MB),
            Figure("false turns without provenance", none.unproven, 0, exactly=True),
            AtLeast("speed on text without conversations", _rate(none.bytes, none.seconds), SPEED, "MB/s"),
        ]


def _line(name: str, score: Score) -> str:
    precision = f"{score.precision:.3f}" if score.found_turns else "-"
    shares = (f"{share:.3f}" for share in (score.recall, score.f1, score.conversation_f1))
    rate = f"{_rate(score.bytes, score.seconds):.1f}"
    return COLUMNS.format(name, score.gold_turns, precision, *shares, score.truncated, score.unproven, rate)


def _faults(score: Score) -> str:
    return ", ".join(f"{count} {fault}" for fault, count in score.faults.most_common() if count)


def _mean(values: list[float]) -> float:
    return statistics.fmean(values) if values else 0.0


def _rate(size: int, seconds: float) -> float:
    return size / 1e6 / seconds if seconds else 0.0
