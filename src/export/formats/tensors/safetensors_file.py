"""A safetensors file of samples, written while they come, in memory that does not grow with their texts.

Three tensors: `offsets` (int64, one more than there are samples), `token_length` (int32) and `samples` (uint8): the
UTF-8 of every sample's JSON, one after the other, sample i being samples[offsets[i]:offsets[i + 1]]. The texts stand
last, so that all others can be put before them when the length of each is known.
Layout: huggingface/safetensors, README "Format": u64 length of the header | header (JSON, may end in blanks) | tensors.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from src.errors import ExportError

TENSORS = ("offsets", "token_length", "samples")
_HEADER_BYTES = 1024  # a multiple of 8, so that the numbers stand where processors like them
_READ_ROWS = 2_000


class SafetensorsFile:
    """One file that is to hold `rows` samples."""

    def __init__(self, path: Path, rows: int, metadata: Mapping[str, str]) -> None:
        self.path, self.rows, self.metadata = path, rows, metadata
        self._offsets, self._token_lengths = array("q", [0]), array("i")
        self._stream = path.open("xb")
        self._stream.seek(8 + _HEADER_BYTES + self._before_texts)

    @property
    def _before_texts(self) -> int:
        return 8 * (self.rows + 1) + 4 * self.rows

    def add(self, samples: Sequence[bytes], token_lengths: Sequence[int]) -> None:
        end = self._offsets[-1]
        for sample in samples:
            end += len(sample)
            self._offsets.append(end)
        self._token_lengths.extend(token_lengths)
        self._stream.write(b"".join(samples))

    def close(self) -> None:
        """Raises ExportError when not as many samples came as were announced."""
        if self._stream.closed:
            return
        if len(self._token_lengths) != self.rows:
            raise ExportError(f"{self.path}: {len(self._token_lengths)} of {self.rows} samples came.")
        self._stream.seek(0)
        self._stream.write(_HEADER_BYTES.to_bytes(8, "little") + self._header())
        self._stream.write(_little_endian(self._offsets))
        self._stream.write(_little_endian(self._token_lengths))
        self._stream.close()

    def abort(self) -> None:
        with suppress(OSError):
            self._stream.close()

    def _header(self) -> bytes:
        ends = (8 * (self.rows + 1), self._before_texts, self._before_texts + self._offsets[-1])
        kinds = (("I64", self.rows + 1), ("I32", self.rows), ("U8", self._offsets[-1]))
        begins = (0, *ends[:2])
        header: dict[str, object] = {"__metadata__": dict(self.metadata)}
        for name, (kind, length), begin, end in zip(TENSORS, kinds, begins, ends, strict=True):
            header[name] = {"dtype": kind, "shape": [length], "data_offsets": [begin, end]}
        text = json.dumps(header, separators=(",", ":")).encode()
        return text.ljust(_HEADER_BYTES)


def read_samples(path: Path) -> Iterator[bytes]:
    """Each sample's JSON, by the safetensors library. Raises ExportError for what it refuses or what contradicts."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            yield from _samples(file, path)
    except (SafetensorError, OSError) as error:
        raise ExportError(f"{path}: safetensors cannot read it ({error}).") from error


def metadata_of(path: Path) -> dict[str, str]:
    """What the header says beside the tensors. Raises ExportError."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ExportError(f"{path}: safetensors cannot read it ({error}).") from error


def _samples(file: Any, path: Path) -> Iterator[bytes]:
    from msgspec import DecodeError
    from msgspec.json import decode

    if sorted(file.keys()) != sorted(TENSORS):
        raise ExportError(f"{path}: holds {', '.join(file.keys())} and not {', '.join(TENSORS)}.")
    offsets, lengths = file.get_tensor("offsets").tolist(), file.get_tensor("token_length").tolist()
    texts = file.get_slice("samples")
    in_order = offsets == sorted(offsets) and offsets[:1] == [0]
    if len(offsets) != len(lengths) + 1 or not in_order or [offsets[-1]] != texts.get_shape():
        raise ExportError(f"{path}: its tensors do not belong together.")
    for first in range(0, len(lengths), _READ_ROWS):
        last = min(first + _READ_ROWS, len(lengths))
        piece = texts[offsets[first] : offsets[last]].tobytes()
        for index in range(first, last):
            sample = piece[offsets[index] - offsets[first] : offsets[index + 1] - offsets[first]]
            try:
                token_length = decode(sample)["token_length"]
            except (DecodeError, UnicodeDecodeError, RecursionError, KeyError, TypeError) as error:
                raise ExportError(f"{path}: sample {index + 1} is not as it was written ({error!r}).") from error
            if token_length != lengths[index]:
                raise ExportError(f"{path}: the token_length of sample {index + 1} is not that of its text.")
            yield sample


def _little_endian(numbers: array[int]) -> bytes:
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    return numbers.tobytes()
