"""Pack a JSONL file of any provider's format as token ids and loss masks, ready to train on."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from src.errors import FormatError, PackError, UsageError
from src.export.packing.tokens.arrow_file.token_writer import TokenWriter
from src.export.packing.tokens.source_rows import SourceRow, read_examples
from src.export.packing.tokens.templates import template_for
from src.export.packing.tokens.templates.rendering import TRAIN_ON, Rendering, TrainOn
from src.export.packing.tokens.token_encoders import TokenEncoder, check_tokenizer, load_encoder, refuse_huge_gaps
from src.export.packing.tokens.token_metadata import TokenMetadata, length_statistics
from src.export.packing.writing.rejects import Rejects
from src.persistence.durable_files import incomplete_path, sweep_incomplete, sync_file, sync_folder
from src.providers.formats.training_example import TrainingExample
from src.version import VERSION

Progress = Callable[[int, int], None]
# Examples wait until they have so many characters, and are then encoded together, on all cores.
_TOGETHER = 1 << 19
LINES_NAMED = 20


@dataclass(slots=True)
class LeftOut:
    """Examples that were left out for one reason: how many, and the lines of the first twenty."""

    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PackedTokens:
    """What was packed. `left_out` are examples that are not in the file, `rejected` the lines that hold none.

    `truncated` examples are in it without their ends. `metadata` is what the file says of itself.
    """

    path: Path
    records: int
    tokens: int
    trained_tokens: int
    left_out: tuple[LeftOut, ...]
    truncated: int
    rejected: int
    rejects_path: Path | None
    file_bytes: int
    metadata: TokenMetadata


def pack_tokens(
    input_path: Path | str,
    output_path: Path | str,
    *,
    tokenizer: str,
    train_on: TrainOn = "assistant",
    max_tokens: int | None = None,
    truncate: bool = False,
    format: str | None = None,  # noqa: A002 - the word users know from `convert` and `validate`
    skip_invalid: bool = False,
    overwrite: bool = False,
    on_progress: Progress = lambda done, total: None,
) -> PackedTokens:
    """Write the examples of a JSONL file as an Arrow IPC file of token ids and loss masks.

    Each row is read in `format` or, without one, in the first format that recognises it and finds nothing wrong.
    Examples the template cannot write, without anything to learn, or longer than `max_tokens` are left out and counted;
    with `truncate` the long ones lose their ends instead. Lines that hold no example are refused with their numbers
    and reasons or, with `skip_invalid`, left out, counted and written to OUT.rejects.jsonl.

    The same input gives the same bytes. The file appears when it is complete and on the disk.
    Raises UsageError for arguments that make no sense, tokenizers whose ids are not public and a target that exists
    without `overwrite`; PackError for malformed lines and what cannot be read or written.
    """
    source, target = Path(input_path), Path(output_path)
    _check_arguments(tokenizer, train_on, max_tokens, truncate)
    _check_paths(source, target, overwrite)
    try:
        with _workspace(target) as work:
            choices = _Choices(train_on, max_tokens, truncate, skip_invalid)
            packing = _Packing(load_encoder(tokenizer), choices, work)
            return _run(packing, source, target, work, format, on_progress)
    except OSError as error:
        raise PackError(f"{error.filename or target}: cannot be read or written: {error.strerror or error}.") from error


def _check_arguments(tokenizer: str, train_on: str, max_tokens: int | None, truncate: bool) -> None:
    check_tokenizer(tokenizer)
    if train_on not in TRAIN_ON:
        raise UsageError(f"'{train_on}' cannot be trained on; use one of {', '.join(TRAIN_ON)}.")
    if max_tokens is not None and max_tokens < 1:
        raise UsageError(f"at most {max_tokens} tokens leave nothing to pack; give a number from 1.")
    if truncate and max_tokens is None:
        raise UsageError("to cut long examples, say at how many tokens.")


def _check_paths(source: Path, target: Path, overwrite: bool) -> None:
    if not source.is_file():
        raise UsageError(f"{source} is not a file; name a JSONL file you may read.")
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the file to be packed itself; name another one to write.")
    if target.is_dir() or (target.exists() and not overwrite):
        raise UsageError(f"{target} exists already; name another file, or allow it to be overwritten.")


@contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    """A hidden folder beside the target, gone afterwards."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep_incomplete(target.parent)
    work = incomplete_path(target)
    work.mkdir()
    try:
        yield work
    finally:
        for left in work.iterdir():
            left.unlink()
        work.rmdir()


def _run(
    packing: _Packing, source: Path, target: Path, work: Path, form: str | None, on_progress: Progress
) -> PackedTokens:
    before = _identity(source)
    digest = _sha256(source)
    try:
        done = 0
        for row in read_examples(source, form):
            packing.add(row)
            if (done := done + len(row.raw) + 1) >> 20 != (done - len(row.raw) - 1) >> 20:
                on_progress(min(done, before[0]), before[0])
        packing.finish()
    finally:
        packing.writer.close()
    if packing.refused:
        raise PackError(
            f"{source.name}: {packing.rejects.count:,} lines hold no example: {packing.rejects.told()}. Repair them "
            "(`validate --fix`), or leave them out with --skip-invalid."
        )
    if _identity(source) != before:
        raise PackError(f"{source} was changed while it was read; pack it again.")
    on_progress(before[0], before[0])
    metadata = packing.metadata(source.name, before[0], digest)
    packing.writer.publish(work / "tokens", metadata)
    return _published(packing, metadata, target, work)


def _published(packing: _Packing, metadata: TokenMetadata, target: Path, work: Path) -> PackedTokens:
    rejects, rejects_path = packing.rejects.close(), None
    if rejects is not None:
        rejects_path = target.with_name(f"{target.name}.rejects.jsonl")
        sync_file(rejects)
        os.replace(rejects, rejects_path)
    sync_file(work / "tokens")
    os.replace(work / "tokens", target)
    sync_folder(target.parent)
    return PackedTokens(
        target,
        metadata.records,
        metadata.tokens,
        metadata.trained_tokens,
        tuple(packing.left_out.values()),
        packing.truncated,
        packing.rejects.count,
        rejects_path,
        target.stat().st_size,
        metadata,
    )


@dataclass(frozen=True, slots=True)
class _Choices:
    """The user's choices."""

    train_on: TrainOn
    max_tokens: int | None
    truncate: bool
    skip_invalid: bool


class _Packing:
    """The state of packing one file. Examples wait in `_waiting` until they are encoded together."""

    def __init__(self, encoder: TokenEncoder, choices: _Choices, work: Path) -> None:
        self.encoder, self.template, self.choices = encoder, template_for(encoder), choices
        self.rejects = Rejects(work / "rejects" if choices.skip_invalid else None)
        self.writer = TokenWriter(work / "spool", 2 if encoder.size <= 1 << 16 else 4)
        self.left_out: dict[str, LeftOut] = {}
        self.truncated = self.trained = 0
        self.lengths: Counter[int] = Counter()
        self._waiting: list[tuple[int, Rendering]] = []
        self._bytes = 0

    @property
    def refused(self) -> bool:
        """Whether there will be no file, for a line that holds no example."""
        return self.rejects.count > 0 and not self.choices.skip_invalid

    def add(self, row: SourceRow) -> None:
        """Take a row of the source. Raises PackError."""
        if row.example is None:
            self.rejects.add(row.line, row.raw, row.reason)
        elif not self.refused:
            try:
                self._waiting.append((row.line, self._rendered(row.example)))
                self._bytes += len(row.raw)
            except FormatError as error:
                self._leave_out(row.line, str(error))
            if self._bytes >= _TOGETHER:
                self._encode()

    def finish(self) -> None:
        self._encode()
        self.writer.finish()

    def metadata(self, source: str, size: int, sha256: str) -> TokenMetadata:
        """What there is to say of the file that was packed."""
        tokens = sum(length * times for length, times in self.lengths.items())
        return TokenMetadata(
            tokenizer=self.encoder.name,
            vocabulary_size=self.encoder.size,
            vocabulary_sha256=self.encoder.sha256,
            special_ids=dict(self.encoder.specials),
            template=self.template.name,
            train_on=self.choices.train_on,
            records=sum(self.lengths.values()),
            tokens=tokens,
            trained_tokens=self.trained,
            batches=self.writer.batches,
            tool_version=VERSION,
            trained_share=round(self.trained / tokens, 4) if tokens else 0.0,
            lengths=length_statistics(self.lengths),
            max_tokens=self.choices.max_tokens,
            truncated=self.truncated,
            left_out={one.reason: one.count for one in self.left_out.values()},
            rejected=self.rejects.count,
            source=source,
            source_bytes=size,
            source_sha256=sha256,
        )

    def _rendered(self, example: TrainingExample) -> Rendering:
        """Raises FormatError with the reason for examples that are left out."""
        rendering = self.template.render(example)
        if example.extras.get("only_last") is True:  # mistral-finetune's own word for it
            rendering.weighs[:-1] = [False] * (len(rendering.weighs) - 1)
        if not any(rendering.learnt(self.choices.train_on)):
            raise FormatError("nothing to learn: the answers have the weight 0")
        refuse_huge_gaps(text for text, _ in rendering.pieces if isinstance(text, str))
        return rendering

    def _encode(self) -> None:
        if self.refused:
            self._waiting = []
        texts = [text for _, rendering in self._waiting for text, _ in rendering.pieces if isinstance(text, str)]
        encoded = iter(self.encoder.encode(texts))
        for line, rendering in self._waiting:
            ids, mask = array("I"), bytearray()
            learnt = rendering.learnt(self.choices.train_on)
            for (payload, _), counts in zip(rendering.pieces, learnt, strict=True):
                tokens = next(encoded) if isinstance(payload, str) else payload
                ids.extend(tokens)
                mask += (b"\1" if counts else b"\0") * len(tokens)
            self._write(line, ids, mask)
        self._waiting, self._bytes = [], 0

    def _write(self, line: int, ids: array[int], mask: bytearray) -> None:
        most = self.choices.max_tokens
        too_long = most is not None and len(ids) > most
        if too_long and not self.choices.truncate:
            self._leave_out(line, f"more than {most:,} tokens")
            return
        if too_long:
            del ids[most:], mask[most:]
        trained = mask.count(1)
        if not trained:
            self._leave_out(line, "nothing to learn in what is left of it" if too_long else "nothing to learn")
            return
        self.truncated += too_long
        self.trained += trained
        self.lengths[len(ids)] += 1
        self.writer.add(line, ids, bytes(mask))

    def _leave_out(self, line: int, reason: str) -> None:
        one = self.left_out.setdefault(reason, LeftOut(reason))
        one.count += 1
        if len(one.lines) < LINES_NAMED:
            one.lines.append(line)


def _identity(path: Path) -> tuple[int, int]:
    """What changes when a file is written."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
