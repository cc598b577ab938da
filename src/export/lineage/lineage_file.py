"""lineage.jsonl: where each exported sample stands in the export, and where it comes from."""

from __future__ import annotations

import hashlib
import mmap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from src.errors import ExportError, UsageError
from src.export.batches import Batch
from src.records import Message

LINEAGE_NAME = "lineage.jsonl"
_MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class LineageEntry:
    """One line of the file.

    `line` is the sample's number, from 1, among those of its split in the order of the export; `sha256` is
    message_hash() of its messages. `document` is the SHA-256 of the source file's bytes (from the second part of a
    very large one on followed by ".2" and so on), `span` and `turn_spans` are characters of that document's text.
    `call` is the journal's key of the answer it was made from, "" for what stands in the document; `edited_from`, in
    lines of edited samples alone, the id of the sample before.
    """

    id: str
    split: str
    line: int
    sha256: str
    source_file: str
    document: str
    place: str
    span: tuple[int, int] | None
    turn_spans: tuple[tuple[tuple[int, int], ...], ...]
    chunk: str
    method: str
    prompt: str
    model: str
    call: str
    edited_from: str = ""


class LineageWriter:
    """Writes the file of one export, batch by batch. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        from msgspec.json import Encoder

        self.path = folder / LINEAGE_NAME
        self._next_line: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))
        self._encoder = Encoder()
        self._file = self.path.open("wb")

    def write(self, batch: Batch) -> None:
        """Add the samples of the batch, in its order."""
        encode, sha256, next_line = self._encoder.encode, hashlib.sha256, self._next_line
        columns = zip(batch.rows, batch.splits, batch.origins, batch.messages, strict=True)
        # One expression and no call of ours for each row: at a million rows that is half of the time.
        entries = [
            {
                "id": row.id,
                "split": split,
                "line": next(next_line[split]),
                # msgspec writes what json.dumps does with these separators, ten times as fast; a test compares them.
                "sha256": sha256(encode(messages)).hexdigest(),
                "source_file": origin.get("source_file", row.source_file),
                "document": origin.get("document_id", ""),
                "place": origin.get("place", ""),
                "span": origin.get("span"),
                "turn_spans": origin.get("turn_spans", ()),
                "chunk": origin.get("chunk_id", ""),
                "method": origin.get("method", ""),
                "prompt": origin.get("prompt_id", ""),
                "model": origin.get("model", ""),
                "call": origin.get("call_id", ""),
                **({"edited_from": origin["edited_from"]} if "edited_from" in origin else {}),
            }
            for row, split, origin, messages in columns
        ]
        self._file.write(self._encoder.encode_lines(entries))

    def close(self) -> list[Path]:
        """Finish the file and name it."""
        self._file.close()
        return [self.path]

    def abort(self) -> None:
        """Let go of the file after a failure. Safe to call after close(), and twice."""
        self._file.close()


def message_hash(messages: Sequence[Message]) -> str:
    """The SHA-256 of json.dumps([{"role", "content"}, ...], ensure_ascii=False, separators=(",", ":")) in UTF-8."""
    from msgspec.json import encode

    return hashlib.sha256(encode([{"role": one.role, "content": one.content} for one in messages])).hexdigest()


def find_sample(folder: Path, sample_id: str) -> LineageEntry | None:
    """The entry of a sample in an export's folder (or in the file itself). Raises UsageError and ExportError."""
    return next((entry for entry in _starting_with(folder, sample_id) if entry.id == sample_id), None)


def find_samples(folder: Path, start: str) -> list[LineageEntry]:
    """The entry of this id, else the first entries whose id starts so. Raises UsageError and ExportError."""
    found: list[LineageEntry] = []
    for entry in _starting_with(folder, start):
        if entry.id == start:
            return [entry]
        if len(found) < _MOST_FOUND:
            found.append(entry)
    return found


def _starting_with(folder: Path, start: str) -> Iterator[LineageEntry]:
    path = folder / LINEAGE_NAME if folder.is_dir() else folder
    try:
        with path.open("rb") as file:
            if not path.stat().st_size:
                return
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                yield from _entries_in(content, start, path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); name the folder of an export.") from error


def _entries_in(content: mmap.mmap, start: str, path: Path) -> Iterator[LineageEntry]:
    """The lines that begin with the id: looked for as bytes, since reading a million lines as JSON takes seconds.

    Inside a text of a line the bytes cannot stand: there, each quotation mark has a backslash before it.
    """
    from msgspec import MsgspecError
    from msgspec.json import decode, encode

    wanted = b'{"id":' + encode(start)[:-1]
    at = content.find(wanted)
    while at >= 0:
        end = content.find(b"\n", at)
        line = content[at : end if end >= 0 else len(content)]
        try:
            yield decode(line, type=LineageEntry)
        except MsgspecError as error:
            raise ExportError(f"{path}: a line is damaged ({error}); export the dataset again.") from error
        at = content.find(wanted, at + len(line))
