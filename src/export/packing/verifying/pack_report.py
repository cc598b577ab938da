"""PackReport: every check of a packed dataset, fine or not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["ok", "failed", "warning", "not checked"]
TOLD = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, how it came out, and the figures or what is wrong, for a person to read."""

    name: str
    state: State
    text: str


@dataclass(frozen=True, slots=True)
class PackReport:
    """All checks of the packed dataset at `path`, in the order in which they depend on each other."""

    path: Path
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when nothing failed; warnings are allowed."""
        return all(check.state != "failed" for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {"path": str(self.path), "ok": self.ok, "checks": [asdict(check) for check in self.checks]}


@dataclass(slots=True)
class Finder:
    """A check that is being made: counts what it finds, and keeps the first twenty texts."""

    name: str
    faults: int = 0
    doubts: int = 0
    told: list[str] = field(default_factory=list)
    wary: list[str] = field(default_factory=list)

    def fail(self, text: str) -> None:
        self.faults += 1
        if len(self.told) < TOLD:
            self.told.append(text)

    def warn(self, text: str) -> None:
        self.doubts += 1
        if len(self.wary) < TOLD:
            self.wary.append(text)

    def check(self, fine: str) -> Check:
        """What came of it; `fine` is the text when nothing was found."""
        if self.faults:
            return Check(self.name, "failed", _listed(self.told, self.faults))
        if self.doubts:
            return Check(self.name, "warning", _listed(self.wary, self.doubts))
        return Check(self.name, "ok", fine)


def not_checked(name: str, why: str) -> Check:
    return Check(name, "not checked", why)


def _listed(texts: list[str], count: int) -> str:
    more = count - len(texts)
    listed = "; ".join(text.rstrip(".") for text in texts)
    return f"{listed}; and {more:,} more." if more else f"{listed}."
