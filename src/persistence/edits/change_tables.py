"""The statements on one dataset's samples, changes and reviews, within a transaction that is open."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from src.errors import PersistenceError
from src.persistence.edits.records import ChangeKind, Decision, Note, Review, StoredChange
from src.persistence.models import Row, SampleRow, StoredDataset, checked_rows, digest_of

CHUNK = 500
_CHANGE = "number, kind, who, why, job, made_at, samples, undone_by, undoes, samples_key"
_REVIEW = "number, sample_id, reason, decision, note, who, decided_at, change"


class Placed(NamedTuple):
    """A row and its position in the dataset."""

    position: int
    row: SampleRow


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry of the history: the row at a position before and after."""

    change: int
    sequence: int
    position: int
    before: SampleRow | None
    after: SampleRow | None


class ChangeTables(ABC):
    """What is written here holds when the transaction ends, all of it or nothing. `now` is the time of the change."""

    def __init__(self, stored: StoredDataset, place: str, now: str) -> None:
        self.stored = stored
        self.place = place
        self.now = now
        self._dataset = {"dataset": stored.id}
        self._key = {"key": stored.samples_key}

    @abstractmethod
    def run(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows that a statement gives; its values are written :name."""

    @abstractmethod
    def run_many(self, statement: str, values: Sequence[Mapping[str, Any]]) -> None: ...

    @abstractmethod
    def rows_by_id(self, ids: Sequence[str]) -> Iterator[Row]:
        """Position, columns and digest of those that are there."""

    @abstractmethod
    def rows_at(self, positions: Sequence[int]) -> Iterator[Row]: ...

    @abstractmethod
    def remove(self, positions: Sequence[int]) -> None: ...

    @abstractmethod
    def write(self, rows: Sequence[Placed]) -> None:
        """Insert rows at positions that hold none."""

    @abstractmethod
    def last_position(self) -> int:
        """The highest position that holds a row; -1 without one."""

    def find(self, ids: Iterable[str]) -> dict[str, Placed]:
        wanted = list(ids)
        found = (row for at in range(0, len(wanted), CHUNK) for row in self.rows_by_id(wanted[at : at + CHUNK]))
        return {placed.row.id: placed for placed in self._checked(found)}

    def at(self, positions: Sequence[int]) -> dict[int, SampleRow]:
        return {placed.position: placed.row for placed in self._checked(self.rows_at(positions))}

    def next_position(self) -> int:
        """Behind every sample there is or was, so that a deleted one can come back to its place."""
        ((gap,),) = self.run("SELECT max(position) FROM sample_gaps WHERE samples_key = :key", self._key)
        return max(self.last_position(), -1 if gap is None else int(gap)) + 1

    def gaps(self) -> list[int]:
        query = "SELECT position FROM sample_gaps WHERE samples_key = :key ORDER BY position"
        return [int(position) for (position,) in self.run(query, self._key)]

    def open_gaps(self, positions: Iterable[int]) -> None:
        values = [{**self._key, "position": position} for position in positions]
        self.run_many("INSERT INTO sample_gaps (samples_key, position) VALUES (:key, :position)", values)

    def close_gaps(self, positions: Iterable[int]) -> None:
        values = [{**self._key, "position": position} for position in positions]
        self.run_many("DELETE FROM sample_gaps WHERE samples_key = :key AND position = :position", values)

    def add_totals(self, samples: int, tokens: int) -> None:
        """The dataset's sums, and that its samples are others than those that somebody may be reading."""
        self.run(
            "UPDATE datasets SET total_samples = total_samples + :samples, total_tokens = total_tokens + :tokens, "
            "revision = revision + 1 WHERE id = :dataset",
            {**self._dataset, "samples": samples, "tokens": tokens},
        )

    def new_change(self, note: Note, undoes: Sequence[int] = ()) -> int:
        """Its number; how many samples it touched is written by finish_change()."""
        query = "SELECT coalesce(max(number), 0) + 1 FROM sample_changes WHERE dataset_id = :dataset"
        number = int(self.run(query, self._dataset)[0][0])
        self.run(
            f"INSERT INTO sample_changes (dataset_id, {_CHANGE}) VALUES "  # noqa: S608 - constants
            "(:dataset, :number, :kind, :who, :why, :job, :now, 0, 0, :undoes, :key)",
            {
                **self._dataset, **self._key, "number": number, "kind": note.kind, "who": note.who, "why": note.why,
                "job": note.job, "now": self.now, "undoes": ",".join(map(str, undoes)),
            },
        )  # fmt: skip
        return number

    def finish_change(self, number: int, samples: int) -> None:
        values = {**self._dataset, "number": number, "samples": samples}
        self.run(
            "UPDATE sample_changes SET samples = :samples WHERE dataset_id = :dataset AND number = :number", values
        )

    def mark_undone(self, numbers: Iterable[int], by: int) -> None:
        values = [{**self._dataset, "number": number, "by": by} for number in numbers]
        self.run_many(
            "UPDATE sample_changes SET undone_by = :by WHERE dataset_id = :dataset AND number = :number", values
        )

    def changes(self) -> list[StoredChange]:
        """Newest first."""
        query = f"SELECT {_CHANGE} FROM sample_changes WHERE dataset_id = :dataset ORDER BY number DESC"  # noqa: S608
        return [self._change(row) for row in self.run(query, self._dataset)]

    def log(self, entries: Iterable[Logged]) -> None:
        self.run_many(
            "INSERT INTO changed_samples "
            "(dataset_id, change, sequence, position, before_id, after_id, before_row, after_row) "
            "VALUES (:dataset, :change, :sequence, :position, :before_id, :after_id, :before_row, :after_row)",
            [
                {
                    **self._dataset, "change": entry.change, "sequence": entry.sequence, "position": entry.position,
                    "before_id": entry.before.id if entry.before else None,
                    "after_id": entry.after.id if entry.after else None,
                    "before_row": _as_json(entry.before), "after_row": _as_json(entry.after),
                }
                for entry in entries
            ],
        )  # fmt: skip

    def logged(self, change: int) -> Iterator[list[Logged]]:
        """The entries of a change, the last first, in lists of CHUNK at most."""
        below = 2**62
        while entries := self._logged("change = :change AND sequence < :below", {"change": change, "below": below}):
            yield entries
            below = entries[-1].sequence

    def history(self, sample_id: str) -> list[Logged]:
        """The entries in which a sample of this id came or went, the oldest first."""
        entries = self._logged("(before_id = :sample OR after_id = :sample)", {"sample": sample_id})
        return sorted(entries, key=lambda entry: (entry.change, entry.sequence))

    def last_at(self, position: int, below: int = 2**62) -> int:
        """The newest change that touched the position; 0 for none."""
        query = "SELECT max(change) FROM changed_samples WHERE dataset_id = :dataset AND position = :position"
        ((change,),) = self.run(f"{query} AND change < :below", {**self._dataset, "position": position, "below": below})
        return int(change or 0)

    def ids_of_job(self, job: str) -> Iterator[str]:
        """Of every sample that a job changed, before and after, as far as that holds."""
        query = (
            "SELECT before_id, after_id FROM changed_samples WHERE dataset_id = :dataset AND change IN "
            "(SELECT number FROM sample_changes WHERE dataset_id = :dataset AND job = :job AND undone_by = 0)"
        )
        for row in self.run(query, {**self._dataset, "job": job}):
            yield from filter(None, row)

    def add_reviews(self, reviews: Iterable[tuple[str, str]]) -> int:
        """Put samples and reasons at the end of the queue; those that stand in it stay there. How many are new."""
        query = "SELECT coalesce(max(number), 0), count(*) FROM sample_reviews WHERE dataset_id = :dataset"
        last, before = self.run(query, self._dataset)[0]
        values = [
            {**self._dataset, "sample": sample_id, "reason": reason, "number": number}
            for number, (sample_id, reason) in enumerate(reviews, int(last) + 1)
        ]
        self.run_many(
            "INSERT INTO sample_reviews "
            "(dataset_id, sample_id, number, reason, decision, note, who, decided_at, change) "
            "VALUES (:dataset, :sample, :number, :reason, 'open', '', '', '', 0) ON CONFLICT DO NOTHING",
            values,
        )
        return int(self.run(query, self._dataset)[0][1]) - int(before)

    def reviews(self, decision: Decision | None, after: int, limit: int) -> list[Review]:
        query = f"SELECT {_REVIEW} FROM sample_reviews WHERE dataset_id = :dataset AND number > :after"  # noqa: S608
        only = "" if decision is None else " AND decision = :decision"
        values = {**self._dataset, "after": after, "limit": limit}
        rows = self.run(
            f"{query}{only} ORDER BY number LIMIT :limit", {**values, **({"decision": decision} if decision else {})}
        )
        return [_review(row) for row in rows]

    def review_counts(self) -> dict[str, int]:
        query = "SELECT decision, count(*) FROM sample_reviews WHERE dataset_id = :dataset GROUP BY decision"
        return {str(decision): int(count) for decision, count in self.run(query, self._dataset)}

    def review_of(self, sample_id: str) -> Review | None:
        query = f"SELECT {_REVIEW} FROM sample_reviews WHERE dataset_id = :dataset AND sample_id = :sample"  # noqa: S608
        rows = self.run(query, {**self._dataset, "sample": sample_id})
        return _review(rows[0]) if rows else None

    def write_review(self, review: Review) -> None:
        self.run(
            "UPDATE sample_reviews SET decision = :decision, note = :note, who = :who, decided_at = :at, "
            "change = :change WHERE dataset_id = :dataset AND sample_id = :sample",
            {
                **self._dataset, "sample": review.sample_id, "decision": review.decision, "note": review.note,
                "who": review.who, "at": review.decided_at, "change": review.change,
            },
        )  # fmt: skip

    def reopen_reviews(self, changes: Iterable[int]) -> None:
        """Those that were decided by these changes are open again."""
        values = [{**self._dataset, "change": change} for change in changes]
        self.run_many(
            "UPDATE sample_reviews SET decision = 'open', note = '', who = '', decided_at = '', change = 0 "
            "WHERE dataset_id = :dataset AND change = :change",
            values,
        )

    def _logged(self, condition: str, values: Mapping[str, Any]) -> list[Logged]:
        rows = self.run(
            "SELECT change, sequence, position, before_row, after_row FROM changed_samples "  # noqa: S608 - constants
            f"WHERE dataset_id = :dataset AND {condition} ORDER BY sequence DESC LIMIT {CHUNK}",
            {**self._dataset, **values},
        )
        return [
            Logged(int(change), int(sequence), int(position), self._from_json(before), self._from_json(after))
            for change, sequence, position, before, after in rows
        ]

    def _checked(self, rows: Iterable[Row]) -> list[Placed]:
        found = list(rows)
        checked = checked_rows((row[1:] for row in found), self.place)
        return [Placed(int(row[0]), kept) for row, kept in zip(found, checked, strict=True)]

    def _from_json(self, text: str | None) -> SampleRow | None:
        if text is None:
            return None
        try:
            values = json.loads(text)
        except ValueError as error:
            raise PersistenceError(
                f"{self.place}: the history of dataset {self.stored.id} cannot be read ({error}); put back a backup."
            ) from error
        return checked_rows([values], f"{self.place}: history")[0]

    def _change(self, row: Row) -> StoredChange:
        number, kind, who, why, job, made_at, samples, undone_by, undoes, key = row
        return StoredChange(
            int(number), cast(ChangeKind, kind), who, why, job, made_at, int(samples), int(undone_by),
            tuple(map(int, undoes.split(","))) if undoes else (), key != self.stored.samples_key,
        )  # fmt: skip


def _as_json(row: SampleRow | None) -> str | None:
    return None if row is None else json.dumps([*row, str(digest_of(row))], ensure_ascii=False, separators=(",", ":"))


def _review(row: Row) -> Review:
    number, sample_id, reason, decision, note, who, decided_at, change = row
    return Review(int(number), sample_id, reason, decision, note, who, decided_at, int(change))
