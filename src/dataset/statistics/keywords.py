"""The keywords of samples, any number each and of any vocabulary: counted in parts that lie in temporary files."""

from __future__ import annotations

import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING

from xxhash import xxh3_64_intdigest

from src.dataset.spools.parted_spool import PartedSpool
from src.dataset.statistics.results import Part
from src.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.uint64]
    Integers = NDArray[np.int64]

_PARTS, _HELD = 16, 1 << 17  # keywords
_AT_ONCE = 1 << 14
_MOST_KNOWN = 1 << 15  # names that were written lately
_IN_MEMORY = 1 << 20  # bytes


class Keywords:
    """Every sample's keywords with its tokens and turns.

    They are known by hashes of 64 bits: of a million datasets with five million different keywords, one takes two
    keywords for one. Raises UsageError when the disk is full.
    """

    def __init__(self) -> None:
        self._codes, self._figures = array("Q"), array("Q")
        self._parts = PartedSpool(_PARTS, 2, _HELD)
        self._names = _NameFile()

    def add(self, names: Iterable[str], tokens: int, turns: int) -> None:
        """Count a sample. Both numbers have to be below 2^31."""
        figures = tokens << 32 | turns
        for name in dict.fromkeys(names):
            self._codes.append(self._names.code(name))
            self._figures.append(figures)
        if len(self._codes) >= _AT_ONCE:
            self._sort_in()

    def counted(self, most: int) -> tuple[dict[str, Part], Part, int]:
        """The `most` frequent keywords, the most frequent first; all others together; and how many there are in all.

        Among equally frequent ones the alphabet decides on the order, their hashes on which of them are listed.
        """
        import numpy as np

        self._sort_in()
        kept: Sequence[Integers | Codes] = (np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int64))
        different = samples = tokens = 0
        for part in range(_PARTS):
            found = _counted(*self._parts.read(part))
            different += len(found[0])
            samples += int(found[1].sum())
            tokens += int(found[2].sum())
            codes, counts, sums = (np.concatenate(both) for both in zip(kept, found, strict=True))
            chosen = np.lexsort((codes, -counts))[:most]
            kept = codes[chosen], counts[chosen], sums[chosen]
        names = self._names.of(kept[0].tolist())
        listed = [
            (name, Part(*figures)) for name, *figures in zip(names, kept[1].tolist(), kept[2].tolist(), strict=True)
        ]
        listed.sort(key=lambda one: (-one[1].samples, one[0]))
        rest = Part(samples - int(kept[1].sum()), tokens - int(kept[2].sum()))
        return dict(listed), rest, different

    def samples_of(self, names: Iterable[str]) -> Mapping[str, tuple[Integers, Integers]]:
        """The tokens and the turns of the samples that have each of the keywords."""
        import numpy as np

        self._sort_in()
        by_part: dict[int, list[tuple[str, int]]] = {}
        for name in names:
            code = _code(name)
            by_part.setdefault(code % _PARTS, []).append((name, code))
        found = {}
        for part, wanted in by_part.items():
            codes, figures = self._parts.read(part)
            for name, code in wanted:
                own = figures[codes == np.uint64(code)]
                found[name] = (own >> np.uint64(32)).astype(np.int64), (own & np.uint64(0xFFFFFFFF)).astype(np.int64)
        return found

    def _sort_in(self) -> None:
        import numpy as np

        if self._codes:
            self._parts.add(np.frombuffer(self._codes, np.uint64), np.frombuffer(self._figures, np.uint64))
            self._codes, self._figures = array("Q"), array("Q")


def _counted(codes: Codes, figures: Codes) -> tuple[Codes, Integers, Integers]:
    """The different codes, how often each occurs, and its tokens."""
    import numpy as np

    order = np.argsort(codes)
    codes = codes[order]
    starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
    tokens = (figures[order] >> np.uint64(32)).astype(np.int64)
    sums = np.add.reduceat(tokens, starts) if len(starts) else tokens
    return codes[starts], np.diff(np.append(starts, len(codes))), sums


def _code(name: str) -> int:
    return xxh3_64_intdigest(name.encode("utf-8", "surrogatepass"))


class _NameFile:
    """Names by their codes, in a temporary file once they take a megabyte; frequent ones may stand there repeatedly."""

    def __init__(self) -> None:
        self._lately: dict[str, int] = {}
        self._waiting: list[bytes] = []
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def code(self, name: str) -> int:
        """The name's code; from now on, of() knows it."""
        code = self._lately.get(name)
        if code is None:
            code = self._lately[name] = _code(name)
            self._waiting.append(name.encode("utf-8", "surrogatepass"))
            if len(self._lately) == _MOST_KNOWN:
                self._write()
        return code

    def of(self, codes: Sequence[int]) -> list[str]:
        """The names that were given these codes."""
        names = dict.fromkeys(codes, "")
        for encoded in self._all():
            code = xxh3_64_intdigest(encoded)
            if code in names:
                names[code] = encoded.decode("utf-8", "surrogatepass")
        return [names[code] for code in codes]

    def _all(self) -> Iterator[bytes]:
        from msgspec import msgpack

        self._write()
        self._file.seek(0)
        while head := self._file.read(4):
            yield from msgpack.decode(self._file.read(int.from_bytes(head, "little")), type=list[bytes])

    def _write(self) -> None:
        from msgspec import msgpack

        block = msgpack.encode(self._waiting)
        self._lately, self._waiting = {}, []
        try:
            self._file.seek(0, 2)
            self._file.write(len(block).to_bytes(4, "little") + block)
        except OSError as error:
            raise UsageError(
                f"so many keywords need a temporary file in {tempfile.gettempdir()}: {error.strerror}. "
                "Free some space, or set TMPDIR to another folder."
            ) from error
