"""Very many numbers in a row: in memory while they are few, in a temporary file that nobody else sees from then on."""

from __future__ import annotations

import tempfile
import weakref
from io import FileIO
from typing import TYPE_CHECKING

from src.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# 64 MB.
IN_MEMORY = 1 << 23
_BYTES = 8


class Spool:
    """Numbers of 64 bits that are added in parts and read by place. `in_memory` is how many are held at most."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._parts: list[Codes] = []
        self._file: FileIO | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def add(self, numbers: Codes) -> None:
        """Raises UsageError when the disk is full."""
        self._parts.append(numbers)
        self._length += len(numbers)
        if self._file is not None or self._length > self._in_memory:
            self._write()

    def read(self, start: int, stop: int) -> Codes:
        """The numbers from one place up to another."""
        import numpy as np

        if self._file is None:
            return self._all()[start:stop]
        numbers = np.empty(stop - start, np.uint64)
        self._file.seek(start * _BYTES)
        if self._file.readinto(numbers.view(np.uint8).data) != numbers.nbytes:
            raise UsageError(f"a temporary file in {tempfile.gettempdir()} was cut off while it was used; start again.")
        return numbers

    def gather(self, starts: Numbers, counts: Numbers) -> Codes:
        """The numbers of several stretches, one after the other."""
        import numpy as np

        if self._file is None:
            before = np.cumsum(counts) - counts
            places: Numbers = np.repeat(starts - before, counts) + np.arange(int(counts.sum()))
            return self._all()[places]
        ends = (starts + counts).tolist()
        parts = [self.read(start, end) for start, end in zip(starts.tolist(), ends, strict=True)]
        return np.concatenate([np.empty(0, np.uint64), *parts])

    def close(self) -> None:
        """Let go of the numbers; the file is gone."""
        self._parts = []
        self._length = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _all(self) -> Codes:
        import numpy as np

        if len(self._parts) != 1:
            self._parts = [np.concatenate([np.empty(0, np.uint64), *self._parts])]
        return self._parts[0]

    def _write(self) -> None:
        import numpy as np

        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="numbers-", buffering=0)  # noqa: SIM115
                weakref.finalize(self, self._file.close)
            self._file.seek(0, 2)
            for part in self._parts:
                left = part.view(np.uint8).data
                while left:
                    left = left[self._file.write(left) :]
        except OSError as error:
            raise UsageError(
                f"so many samples need {self._length * _BYTES / 1e6:,.0f} MB of a temporary file in "
                f"{tempfile.gettempdir()}: {error.strerror}. Free some space, or set TMPDIR to another folder."
            ) from error
        self._parts = []
