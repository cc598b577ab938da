"""One number a sample, for a million samples: arrays that grow, and names as numbers."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labelled = tuple[NDArray[np.int64], NDArray[np.int64]]

_PIECE = 1 << 17  # samples


class Names:
    """Numbers from 0 on for names, in order of appearance."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, int] = defaultdict(count().__next__)

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, name: str) -> int:
        return self._numbers[name]

    def all(self) -> list[str]:
        return list(self._numbers)


class Labels:
    """The name each sample has of one kind, such as its source. Four bytes a sample."""

    def __init__(self) -> None:
        self.names = Names()
        self._labels = array("i")

    def add(self, name: str) -> None:
        self._labels.append(self.names.number(name))

    def numbers(self) -> NDArray[np.int64]:
        """The number of each sample's name."""
        return numbers_of(self._labels)

    def pieces(self) -> Iterator[Labelled]:
        """The samples and the numbers of their names."""
        import numpy as np

        for start in range(0, len(self._labels), _PIECE):
            numbers = numbers_of(self._labels[start : start + _PIECE])
            yield np.arange(start, start + len(numbers)), numbers


class ManyLabels:
    """The names each sample has of one kind, any number of them, such as its keywords."""

    def __init__(self) -> None:
        self.names = Names()
        self._labels = array("i")
        self._how_many = array("i")

    def add(self, names: Iterable[str]) -> None:
        numbers = [self.names.number(name) for name in dict.fromkeys(names)]
        self._labels.extend(numbers)
        self._how_many.append(len(numbers))

    def pieces(self) -> Iterator[Labelled]:
        """The samples, each as often as it has names, and the numbers of these names."""
        import numpy as np

        at = 0
        for start in range(0, len(self._how_many), _PIECE):
            how_many = numbers_of(self._how_many[start : start + _PIECE])
            samples = np.repeat(np.arange(start, start + len(how_many)), how_many)
            yield samples, numbers_of(self._labels[at : at + len(samples)])
            at += len(samples)


def numbers_of(column: array[Any]) -> NDArray[np.int64]:
    """A copy of the column."""
    import numpy as np

    return np.frombuffer(column, column.typecode).astype(np.int64) if column else np.zeros(0, np.int64)
