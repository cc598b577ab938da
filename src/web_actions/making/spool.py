"""Rows on disk: while a dataset is made, and as the lines of its JSONL files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, overload

from src.records import SPLITS, Sample, Split
from src.web_actions.making.samples import StepRow, sample_of

if TYPE_CHECKING:
    from typing_extensions import Self

_BUFFER = 1 << 20


class RowWriter:
    """Appends rows to a new file, one JSON object a line. Use it with `with`."""

    def __init__(self, path: Path) -> None:
        from msgspec.json import Encoder

        self.rows = 0
        self._encode = Encoder().encode
        self._stream: IO[bytes] = path.open("xb", buffering=_BUFFER)

    def write(self, row: StepRow) -> None:
        self._stream.write(self._encode(row) + b"\n")
        self.rows += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()


def read_rows(path: Path) -> Iterator[StepRow]:
    """The rows of a file, one at a time."""
    from msgspec.json import Decoder

    decode = Decoder(StepRow).decode
    with path.open("rb", buffering=_BUFFER) as stream:
        for line in stream:
            yield decode(line)


@dataclass(frozen=True)
class WrittenSamples(Sequence[Sample]):
    """The chat samples of a folder's JSONL files, in the order of the splits, read whenever they are gone through."""

    folder: Path
    rows: Mapping[Split, int]

    def __len__(self) -> int:
        return sum(self.rows.values())

    def __iter__(self) -> Iterator[Sample]:
        for split in SPLITS:
            if self.rows.get(split):
                for row in read_rows(self.folder / f"{split}.jsonl"):
                    yield sample_of(row, split)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        return list(self)[index]
