"""Many sample ids in little memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload


class IdList(Sequence[str]):
    """Ids in the order they were added: their letters and eight bytes each, where a list of texts takes ninety."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        self._letters = bytearray()
        self._ends = array("Q", [0])
        for sample_id in ids:
            self.append(sample_id)

    def append(self, sample_id: str) -> None:
        self._letters += sample_id.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __iter__(self) -> Iterator[str]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else [self._at(place) for place in places]

    def _at(self, place: int) -> str:
        return self._letters[self._ends[place] : self._ends[place + 1]].decode("utf-8", "surrogatepass")
