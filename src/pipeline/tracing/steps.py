"""What a trace says: one Step for each link of the chain, and whether it still holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

Check = Literal["verified", "differs", "not possible", ""]
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Step:
    """One link: `what` it is, its `value`, and what became of checking it, with the reason in `remark`.

    "" where there is nothing to check; "not possible" where what is needed for it is not here any more.
    """

    what: str
    value: str
    check: Check = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A sample's chain, from where it was exported to the call it came from. `dataset` says where it was found."""

    sample_id: str
    dataset: str
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing differs from what the lineage says."""
        return all(step.check != "differs" for step in self.steps)

    def to_json(self) -> dict[str, object]:
        """The same as plain values."""
        return {
            "sample": self.sample_id,
            "dataset": self.dataset,
            "holds": self.holds,
            "steps": [asdict(step) for step in self.steps],
        }


def shortened(text: str) -> str:
    """A text on one line, as long as a person reads."""
    line = " ".join(text[: 4 * _SHOWN].split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}..."


def first_problem(problems: Iterator[str]) -> str:
    """The first of the problems, "" when there is none."""
    return next((problem for problem in problems if problem), "")
