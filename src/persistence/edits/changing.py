"""Change single samples of a stored dataset, and take changes back. Each call is one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from src.errors import UsageError
from src.persistence.edits.change_tables import CHUNK, ChangeTables, Logged, Placed
from src.persistence.edits.records import ChangedSample, Edit, Note, StoredChange
from src.persistence.models import SampleRow, row_to_sample, sample_to_row
from src.persistence.stores.store import Store
from src.records import Sample


def change_samples(store: Store, ref: str, edits: Iterable[Edit], note: Note) -> StoredChange:
    """Make all the edits or none, as one change with both versions of each sample.

    Nothing but the samples named is written. An edited sample stays in its place, a new one comes last. Whoever is
    reading the dataset is told to start again. `edits` may be long; they must not read the dataset themselves. Raises
    UsageError for a sample that is not there (any more), an id that another sample has, and no edit at all.
    """
    with store.change_tables(ref) as tables:
        return tables_changed(tables, edits, note)


def tables_changed(tables: ChangeTables, edits: Iterable[Edit], note: Note) -> StoredChange:
    """The same within a transaction."""
    change = _Change(tables, tables.new_change(note))
    remaining = iter(edits)
    while chunk := list(islice(remaining, CHUNK)):
        change.make(_placed(tables, chunk))
    return change.finish()


def list_changes(store: Store, ref: str) -> list[StoredChange]:
    """The dataset's changes, newest first."""
    with store.change_tables(ref, reads=True) as tables:
        return tables.changes()


def changed_samples(store: Store, ref: str, number: int) -> Iterator[ChangedSample]:
    """Both versions of each sample of a change, the last first."""
    with store.change_tables(ref, reads=True) as tables:
        _known(tables, number)
        for entries in tables.logged(number):
            for entry in entries:
                yield _both(tables, entry)


def history_of(store: Store, ref: str, sample_id: str) -> list[ChangedSample]:
    """What a sample was before and became, from its first version on, whichever of its ids is given."""
    with store.change_tables(ref, reads=True) as tables:
        found: dict[tuple[int, int], Logged] = {}
        waiting, seen = [sample_id], {sample_id}
        while waiting:
            for entry in tables.history(waiting.pop()):
                found[entry.change, entry.sequence] = entry
                ids = {row.id for row in (entry.before, entry.after) if row is not None}
                waiting += ids - seen
                seen |= ids
        return [_both(tables, found[key]) for key in sorted(found)]


def samples_by_id(store: Store, ref: str, ids: Sequence[str]) -> dict[str, Sample]:
    """Those of the samples that are there, found by an index."""
    with store.change_tables(ref, reads=True) as tables:
        found = tables.find(ids)
        return {sample_id: row_to_sample(placed.row, tables.stored.mode) for sample_id, placed in found.items()}


def ids_of_job(store: Store, ref: str, job: str) -> set[str]:
    """The ids, before and after, of all samples that a job changed: what need not be done again when it goes on."""
    with store.change_tables(ref, reads=True) as tables:
        return set(tables.ids_of_job(job))


def undo(store: Store, ref: str, numbers: Sequence[int], who: str, why: str = "") -> StoredChange:
    """Take back changes, the newest first: every sample is again what it was, byte for byte, in its place.

    That is a change itself, and can be undone. Reviews that were decided by them are open again. Raises UsageError,
    and changes nothing, when one of them was undone already, a later change touched the same sample, or the dataset
    was saved anew since.
    """
    with store.change_tables(ref) as tables:
        known = {change.number: change for change in tables.changes()}
        taken_back = [_undoable(_among(known, number, tables)) for number in sorted(set(numbers), reverse=True)]
        if not taken_back:
            raise UsageError(f"dataset '{tables.stored.name}' has no change that could be undone.")
        wanted = [change.number for change in taken_back]
        change = _Change(tables, tables.new_change(Note("undo", who, why or _said(taken_back)), wanted))
        for number in wanted:
            for entries in tables.logged(number):
                change.take_back(entries)
        tables.mark_undone(wanted, change.number)
        for undone in taken_back:
            # Undoing an undo: what that had taken back holds again.
            tables.mark_undone(undone.undoes, 0)
        tables.reopen_reviews(wanted)
        return change.finish()


def undoable(changes: Sequence[StoredChange], since: int = 0) -> list[int]:
    """The numbers of the changes from `since` on that hold, newest first. Undo takes all of them, or the first."""
    return [
        change.number
        for change in changes
        if change.number >= since and change.kind != "undo" and not change.undone_by and not change.earlier
    ]


class _Change:
    """A change on its way: writes rows and history together and adds up the totals."""

    def __init__(self, tables: ChangeTables, number: int) -> None:
        self.number = number
        self._tables = tables
        self._samples = self._sequence = self._more_samples = self._more_tokens = 0

    def make(self, entries: Sequence[tuple[int, SampleRow | None, SampleRow | None]]) -> None:
        """Let the rows `before` at positions be `after`, none of them twice."""
        tables = self._tables
        came = [Placed(position, after) for position, _, after in entries if after is not None]
        self._refuse_taken(came, {before.id for _, before, _ in entries if before is not None})
        tables.remove([position for position, before, _ in entries if before is not None])
        tables.write(came)
        tables.open_gaps(position for position, before, after in entries if before is not None and after is None)
        tables.close_gaps(position for position, before, _ in entries if before is None)
        first = self._sequence
        tables.log(Logged(self.number, first + n, *entry) for n, entry in enumerate(entries))
        self._sequence += len(entries)
        for _, before, after in entries:
            self._more_samples += (after is not None) - (before is not None)
            self._more_tokens += (after.token_length if after else 0) - (before.token_length if before else 0)

    def take_back(self, entries: Sequence[Logged]) -> None:
        for run in _distinct(entries):
            there = self._tables.at([entry.position for entry in run])
            for entry in run:
                if there.get(entry.position) != entry.after:
                    raise UsageError(self._in_the_way(entry))
            self.make([(entry.position, entry.after, entry.before) for entry in run])

    def finish(self) -> StoredChange:
        if not self._sequence:
            raise UsageError("there is nothing to change.")
        self._tables.finish_change(self.number, self._sequence)
        self._tables.add_totals(self._more_samples, self._more_tokens)
        return _known(self._tables, self.number)

    def _in_the_way(self, entry: Logged) -> str:
        later = self._tables.last_at(entry.position, self.number)
        name = (entry.after or entry.before or SampleRow("", "", 0, "", "", None, "")).id
        return f"sample {name} was changed again by change {later}; undo that one first."

    def _refuse_taken(self, came: Sequence[Placed], gone: set[str]) -> None:
        ids = [placed.row.id for placed in came]
        repeated = next((one for one in ids if ids.count(one) > 1), None) if len(set(ids)) < len(ids) else None
        taken = repeated or next((one for one in self._tables.find(ids) if one not in gone), None)
        if taken is not None:
            raise UsageError(f"sample {taken}: the dataset has a sample of this id already; nothing was changed.")


def _distinct(entries: Sequence[Logged]) -> Iterator[list[Logged]]:
    """The entries in runs that hold no position twice: an undo of several changes does."""
    run: dict[int, Logged] = {}
    for entry in entries:
        if entry.position in run:
            yield list(run.values())
            run = {}
        run[entry.position] = entry
    yield list(run.values())


def _placed(tables: ChangeTables, edits: Sequence[Edit]) -> list[tuple[int, SampleRow | None, SampleRow | None]]:
    """Where each edit happens, the row there and the one that will be."""
    old = [edit.old_id for edit in edits if edit.old_id is not None]
    if len(set(old)) < len(old):
        twice = next(one for one in old if old.count(one) > 1)
        raise UsageError(f"sample {twice} is to be changed twice at once; nothing was changed.")
    found = tables.find(old)
    new = tables.next_position()
    entries: list[tuple[int, SampleRow | None, SampleRow | None]] = []
    for edit in edits:
        after = sample_to_row(edit.sample) if edit.sample is not None else None
        if edit.old_id is None:
            entries.append((new, None, after))
            new += 1
        elif edit.old_id in found:
            entries.append((found[edit.old_id].position, found[edit.old_id].row, after))
        else:
            raise UsageError(
                f"sample {edit.old_id} is not in dataset '{tables.stored.name}' (any more); nothing was changed."
            )
    return entries


def _known(tables: ChangeTables, number: int) -> StoredChange:
    return _among({change.number: change for change in tables.changes()}, number, tables)


def _among(known: Mapping[int, StoredChange], number: int, tables: ChangeTables) -> StoredChange:
    if number not in known:
        last = f"its changes are 1 to {max(known)}" if known else "it has none"
        raise UsageError(f"dataset '{tables.stored.name}' has no change {number}; {last}.")
    return known[number]


def _undoable(change: StoredChange) -> StoredChange:
    if change.undone_by:
        raise UsageError(f"change {change.number} was undone already, by change {change.undone_by}.")
    if change.earlier:
        raise UsageError(
            f"change {change.number} was made before the dataset was saved anew (split again, for one) and cannot be "
            "undone; both versions of its samples stand in the history."
        )
    return change


def _said(changes: Sequence[StoredChange]) -> str:
    return "undo of " + ", ".join(f"{change.number} ({change.kind})" for change in changes[:20])


def _both(tables: ChangeTables, entry: Logged) -> ChangedSample:
    mode = tables.stored.mode
    before = row_to_sample(entry.before, mode) if entry.before else None
    after = row_to_sample(entry.after, mode) if entry.after else None
    return ChangedSample(entry.change, before, after)
