"""What is kept of changes to stored samples, and of decisions about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from src.records import Sample

ChangeKind = Literal["edit", "add", "delete", "repair", "curate", "review", "undo"]
Decision = Literal["open", "accepted", "rejected", "edited"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to become of one sample: another in its place, none (deleted), or a new one where `old_id` is None."""

    old_id: str | None
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Note:
    """Who changes samples and why. Changes of one `job` (a repair that went on after a stop) belong together."""

    kind: ChangeKind
    who: str
    why: str
    job: str = ""


@dataclass(frozen=True, slots=True)
class StoredChange:
    """One act on a dataset, however many samples it touched. `number` counts the dataset's changes from 1.

    `made_at` is "YYYY-MM-DD HH:MM:SS.mmm" in UTC. `undone_by` is the change that took it back, 0 while it holds;
    `undoes` are the changes that this one took back. One that is `earlier` was made before the dataset was saved anew
    as a whole: it is kept to be read and can no longer be undone.
    """

    number: int
    kind: ChangeKind
    who: str
    why: str
    job: str
    made_at: str
    samples: int
    undone_by: int
    undoes: tuple[int, ...]
    earlier: bool


@dataclass(frozen=True, slots=True)
class ChangedSample:
    """A sample before and after a change; None where there was none."""

    change: int
    before: Sample | None
    after: Sample | None


@dataclass(frozen=True, slots=True)
class Review:
    """A sample in the review queue. `number` is its place in the queue, `change` that of its decision, or 0."""

    number: int
    sample_id: str
    reason: str
    decision: Decision = "open"
    note: str = ""
    who: str = ""
    decided_at: str = ""
    change: int = 0
