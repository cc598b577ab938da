"""All Documents of a run as a sequence that keeps only the last few in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import overload

from src.ingestion.extracts.extract_file import Contents, Part, load_document, part_ids
from src.records import Document

_KEPT = 4


@dataclass(frozen=True, slots=True)
class Extract:
    """One read file: its name below the input folder, what is known of it, and where its text is kept."""

    source_file: str
    path: Path
    contents: Contents

    def documents(self) -> Iterator[Document]:
        """Its Documents, loaded one by one. Raises IngestionError when the kept text is damaged."""
        for document_id, part in zip(part_ids(self.contents), self.contents.parts, strict=True):
            yield load_document(self.path, document_id, part, self.source_file)


@dataclass(slots=True)
class Shelf(Sequence[Document]):
    """Documents in the order their files were added, loaded when asked for; the last four stay in memory."""

    _slots: list[tuple[str, Extract, Part]] = field(default_factory=list)
    _by_id: dict[str, int] = field(default_factory=dict)
    _loaded: OrderedDict[int, Document] = field(default_factory=OrderedDict)
    characters: int = 0

    def add(self, extract: Extract) -> None:
        for document_id, part in zip(part_ids(extract.contents), extract.contents.parts, strict=True):
            self._by_id[document_id] = len(self._slots)
            self._slots.append((document_id, extract, part))
        self.characters += extract.contents.characters

    def __len__(self) -> int:
        return len(self._slots)

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | Sequence[Document]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        if number in self._loaded:
            self._loaded.move_to_end(number)
            return self._loaded[number]
        document_id, extract, part = self._slots[number]
        document = load_document(extract.path, document_id, part, extract.source_file)
        self._loaded[number] = document
        while len(self._loaded) > _KEPT:
            self._loaded.popitem(last=False)
        return document

    def by_id(self) -> Mapping[str, Document]:
        """The documents by their ids, loaded when looked up."""
        return _ById(self)

    def find(self, document_id: str) -> Document:
        """Raises KeyError when no document has this id."""
        return self[self._by_id[document_id]]

    @property
    def ids(self) -> Sequence[str]:
        return [document_id for document_id, _, _ in self._slots]


@dataclass(frozen=True, slots=True)
class _ById(Mapping[str, Document]):
    shelf: Shelf

    def __getitem__(self, document_id: str) -> Document:
        return self.shelf.find(document_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self.shelf.ids)

    def __len__(self) -> int:
        return len(self.shelf)
