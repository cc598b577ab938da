"""Which parts of the source documents stand in samples, and which gave none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import groupby
from typing import TYPE_CHECKING

from src.dataset.statistics.columns import Column, Names
from src.dataset.statistics.results import Coverage, DocumentCoverage
from src.records import Document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_CHUNK = re.compile(r":(\d{1,9})-(\d{1,9})$")
_MOST_PLACES, _MOST_DOCUMENTS = 50, 100
_NOT_GIVEN = "it is not among the documents that could be read"


class SpanTally:
    """The places in documents that samples come from. 20 bytes a sample, in temporary files."""

    def __init__(self) -> None:
        self.without_place = 0
        self._documents = Names()
        self._columns = {name: Column() for name in ("document", "start", "end", "from", "to")}

    def add(self, document_id: str, source_file: str, span: tuple[int, int] | None, chunk_id: str) -> None:
        """A sample's origin. A chunk's id ends with the characters of its passage; without, the span is taken."""
        if span is None or not document_id:
            self.without_place += 1
            return
        named = _CHUNK.search(chunk_id)
        passage = (int(named[1]), int(named[2])) if named else span
        document = self._documents.number(f"{document_id}\0{source_file}")
        for column, value in zip(self._columns.values(), (document, *span, *passage), strict=True):
            column.append(value)

    def coverage(self, documents: Iterable[Document], unreadable: Mapping[str, str]) -> Coverage:
        """How the documents are covered; they are gone through once, parts of one file after each other.

        `unreadable` says of each source file that cannot be read any more why.
        """
        by_document = self._by_document()
        figures = _Figures()
        for source_file, parts in groupby(documents, lambda document: document.source_file):
            file = _File(source_file)
            for document in parts:
                file.add(document, by_document.pop(f"{document.id}\0{source_file}", None))
            figures.add(file)
        left = {name.partition("\0")[2]: _NOT_GIVEN for name in by_document}
        return figures.coverage(self.without_place, {**left, **unreadable})

    def _by_document(self) -> dict[str, NDArray[np.int32]]:
        """For each document the rows (start, end, from, to) of its samples."""
        import numpy as np

        numbers = self._columns["document"].all()
        order = np.argsort(numbers, kind="stable")
        rows = np.stack([self._columns[name].all()[order] for name in ("start", "end", "from", "to")], axis=1)
        ends = np.searchsorted(numbers[order], np.arange(1, len(self._documents)))
        return dict(zip(self._documents.all(), np.split(rows, ends), strict=False)) if len(numbers) else {}


@dataclass(slots=True)
class _File:
    """A source file, of as many Documents as it has parts. `places` says of each whether a sample comes from there."""

    source_file: str
    samples: int = 0
    characters: int = 0
    in_spans: int = 0
    in_passages: int = 0
    places: dict[str, bool] = field(default_factory=dict)

    def add(self, document: Document, rows: NDArray[np.int32] | None) -> None:
        starts = [block.start for block in document.blocks]
        ends = [block.end for block in document.blocks]
        self.characters += sum(ends) - sum(starts)
        used: Sequence[int] = [0] * len(starts)
        if rows is not None and starts:
            self.samples += len(rows)
            used = _characters_in(rows[:, :2], starts, ends)
            self.in_spans += sum(used)
            self.in_passages += sum(_characters_in(rows[:, 2:], starts, ends))
        for block, characters in zip(document.blocks, used, strict=True):
            self.places[block.place] = self.places.get(block.place, False) or characters > 0

    def coverage(self) -> DocumentCoverage:
        unused = [place or "(no place is named)" for place, is_used in self.places.items() if not is_used]
        return DocumentCoverage(
            self.source_file,
            self.samples,
            self.characters,
            _share(self.in_spans, self.characters),
            _share(self.in_passages, self.characters),
            len(self.places),
            tuple(unused[:_MOST_PLACES]),
            len(unused),
        )


@dataclass(slots=True)
class _Figures:
    """All files together, and the least covered of them."""

    files: int = 0
    unused_files: int = 0
    places: int = 0
    unused_places: int = 0
    characters: int = 0
    in_spans: int = 0
    in_passages: int = 0
    least: list[DocumentCoverage] = field(default_factory=list)

    def add(self, file: _File) -> None:
        covered = file.coverage()
        self.files += 1
        self.unused_files += not file.samples
        self.places += covered.places
        self.unused_places += covered.unused_places
        self.characters += file.characters
        self.in_spans += file.in_spans
        self.in_passages += file.in_passages
        self.least.append(covered)
        if len(self.least) > 2 * _MOST_DOCUMENTS:
            self.least = list(self._least())

    def coverage(self, without_place: int, not_computed: Mapping[str, str]) -> Coverage:
        return Coverage(
            self.files,
            self.unused_files,
            self.places,
            self.unused_places,
            self.characters,
            _share(self.in_spans, self.characters),
            _share(self.in_passages, self.characters),
            without_place,
            tuple(self._least()),
            dict(sorted(not_computed.items())),
        )

    def _least(self) -> Iterator[DocumentCoverage]:
        yield from nsmallest(_MOST_DOCUMENTS, self.least, key=lambda one: (one.passages, one.spans, one.source_file))


def _characters_in(spans: NDArray[np.int32], starts: Sequence[int], ends: Sequence[int]) -> list[int]:
    """How many characters of each block stand in at least one of the spans."""
    import numpy as np

    length = ends[-1]
    change = np.zeros(length + 1, np.int32)
    np.add.at(change, np.clip(spans[:, 0], 0, length), 1)
    np.add.at(change, np.clip(spans[:, 1], 0, length), -1)
    inside = np.concatenate([[0], np.cumsum(np.cumsum(change[:-1]) > 0)])
    return (inside[np.array(ends)] - inside[np.array(starts)]).tolist()  # type: ignore[no-any-return]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
