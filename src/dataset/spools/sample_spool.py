"""Very many samples as a sequence: the first ones in memory, all of them in a file once there are more."""

from __future__ import annotations

import json
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from src.records import SPLITS, Message, Origin, Sample, Span

if TYPE_CHECKING:
    import numpy as np
    from msgspec.json import Decoder, Encoder
    from numpy.typing import NDArray

IN_MEMORY = 20_000
_AT_ONCE = 200
_ORIGIN = tuple(field.name for field in fields(Origin))


class SampleSpool(Sequence[Sample]):
    """Samples that are added at the end. More than `in_memory` of them go to a file without a name in `folder`.

    Held are eight bytes a sample then. The file is gone with the spool, however the program ends. What comes back is
    equal to what was added, lone surrogates included.
    """

    def __init__(self, folder: Path, in_memory: int = IN_MEMORY) -> None:
        self._folder, self._in_memory = folder, in_memory
        self._held: list[Sample] = []
        self._ends = array("Q", [0])
        self._file: Any = None

    def append(self, sample: Sample) -> None:
        """Add a sample. Raises OSError when the disk is full."""
        if self._file is None:
            self._held.append(sample)
            if len(self._held) > self._in_memory:
                self._spill()
        else:
            self._write(sample)

    def __len__(self) -> int:
        return len(self._held) if self._file is None else len(self._ends) - 1

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        if self._file is None:
            return self._held[index]
        places = range(len(self))[index]
        if isinstance(places, int):
            return self._read(places, places + 1)[0]
        if places.step == 1:
            return self._read(places.start, places.stop) if places else []
        return [self._read(place, place + 1)[0] for place in places]

    def _spill(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=self._folder, prefix="spool-")  # noqa: SIM115 - it lives with the spool
        weakref.finalize(self, self._file.close)
        held, self._held = self._held, []
        for sample in held:
            self._write(sample)

    def _write(self, sample: Sample) -> None:
        line = _line_of(sample)
        self._file.write(line)
        self._ends.append(self._ends[-1] + len(line))

    def _read(self, start: int, stop: int) -> list[Sample]:
        self._file.flush()
        first, last = self._ends[start], self._ends[stop]
        if hasattr(os, "pread"):
            content = os.pread(self._file.fileno(), last - first, first)
        else:
            self._file.seek(first)
            content = self._file.read(last - first)
            self._file.seek(0, os.SEEK_END)
        return [_sample_of(line) for line in content.splitlines()]


class PickedSamples(Sequence[Sample]):
    """Some samples of a sequence, in its order, and perhaps other splits for them; nothing is copied.

    `places` are those of the samples in the sequence, None for all; `splits` are numbers of SPLITS.
    """

    def __init__(
        self, samples: Sequence[Sample], places: Sequence[int] | None, splits: NDArray[np.int8] | None = None
    ) -> None:
        self._samples, self._places, self._splits = samples, places, splits

    def __len__(self) -> int:
        return len(self._samples if self._places is None else self._places)

    def __iter__(self) -> Iterator[Sample]:
        chosen = iter(self._samples) if self._places is None else _only(self._samples, self._places)
        for number, sample in enumerate(chosen):
            yield self._placed(number, sample)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        numbers = range(len(self))[index]
        if isinstance(numbers, int):
            return self._placed(numbers, self._samples[numbers if self._places is None else self._places[numbers]])
        if self._places is None:
            some: Sequence[Sample] = self._samples[numbers.start : numbers.stop : numbers.step]
            return [self._placed(number, sample) for number, sample in zip(numbers, some, strict=True)]
        return [self[number] for number in numbers]

    def _placed(self, number: int, sample: Sample) -> Sample:
        return sample if self._splits is None else replace(sample, split=SPLITS[self._splits[number]])


def picked(samples: Sequence[Sample], places: Sequence[int]) -> Sequence[Sample]:
    """The samples at these places, in order: as a list where they are in memory anyway."""
    if len(places) == len(samples):
        return samples
    if isinstance(samples, list | tuple):
        return [samples[place] for place in places]
    return PickedSamples(samples, places)


def with_splits(samples: Sequence[Sample], splits: NDArray[np.int8]) -> Sequence[Sample]:
    """The samples with these splits, numbers of SPLITS: as a tuple where they are in memory anyway."""
    if isinstance(samples, list | tuple):
        return tuple(replace(one, split=SPLITS[at]) for one, at in zip(samples, splits.tolist(), strict=True))
    return PickedSamples(samples, None, splits)


def _only(samples: Sequence[Sample], places: Sequence[int]) -> Iterator[Sample]:
    wanted = iter(places)
    following = next(wanted, None)
    for place, sample in enumerate(samples):
        if place == following:
            yield sample
            following = next(wanted, None)
            if following is None:
                return


def _line_of(sample: Sample) -> bytes:
    try:
        return _codec()[0].encode(sample) + b"\n"
    except UnicodeEncodeError:
        # A lone surrogate: json writes it, as a list to be told by.
        return json.dumps(_plain(sample), separators=(",", ":")).encode() + b"\n"


def _sample_of(line: bytes) -> Sample:
    return _sample(json.loads(line)) if line.startswith(b"[") else _codec()[1].decode(line)


@lru_cache(maxsize=1)
def _codec() -> tuple[Encoder, Decoder[Sample]]:
    from msgspec import json as fast_json

    return fast_json.Encoder(), fast_json.Decoder(Sample)


def _plain(sample: Sample) -> list[Any]:
    origin = {name: getattr(sample.origin, name) for name in _ORIGIN}
    span = origin["span"]
    origin["span"] = [span.start, span.end] if span is not None else None
    origin["turn_spans"] = [[[piece.start, piece.end] for piece in turn] for turn in origin["turn_spans"]]
    messages = [[message.role, message.content] for message in sample.messages]
    return [sample.id, messages, origin, sample.topic_keywords, sample.token_length, sample.split]


def _sample(plain: list[Any]) -> Sample:
    sample_id, messages, origin, keywords, tokens, split = plain
    span = origin["span"]
    origin["span"] = Span(*span) if span is not None else None
    origin["turn_spans"] = tuple(tuple(Span(*piece) for piece in turn) for turn in origin["turn_spans"])
    made = tuple(Message(role, content) for role, content in messages)
    return Sample(sample_id, made, Origin(**origin), tuple(keywords), tokens, split)
