"""Which folder, or which value of a column, each sample of an organised export goes to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from src.export.batches import Batch, StoredRows, batches_of
from src.records import Sample, Split

# The rows of a batch -> the group of each, a name that is fit for a folder.
NameGroups = Callable[[Batch], Sequence[str]]
# A batch, and the folder its rows go to, "" for none.
Part = tuple[str, Batch]


class Organizer:
    """Divides batches by the groups that `name_groups` gives; without it, all rows stay together.

    `prefix` names the folder that holds the groups' folders; "" makes the groups a column.
    """

    def __init__(self, name_groups: NameGroups | None = None, prefix: str = "") -> None:
        self._name_groups = name_groups
        self.prefix = prefix

    def whole(self, batch: Batch) -> Batch:
        """The batch with the group of each row."""
        return Batch(batch.rows, self._name_groups(batch)) if self._name_groups else batch

    def parts(self, batch: Batch) -> list[Part]:
        """A batch that whole() gave, by folder; rows of a folder keep their order."""
        if not self._name_groups or not self.prefix:
            return [("", batch)]
        members: dict[str, list[int]] = defaultdict(list)
        for index, group in enumerate(batch.groups):
            members[group].append(index)
        return [
            (f"{self.prefix}/{group}", Batch([batch.rows[i] for i in rows], [group] * len(rows)))
            for group, rows in members.items()
        ]

    def batches(self, samples: Sequence[Sample] | StoredRows) -> Iterator[Batch]:
        return map(self.whole, batches_of(samples))

    def count(self, samples: Sequence[Sample] | StoredRows) -> dict[str, dict[Split, int]]:
        """How many samples of each split there are, by folder."""
        counts: dict[str, Counter[Split]] = defaultdict(Counter)
        for batch in self.batches(samples):
            for folder, part in self.parts(batch):
                counts[folder].update(part.splits)
        return {folder: dict(own) for folder, own in counts.items()}
