"""A packed dataset as a stream: shuffled by seed and epoch, shared among ranks and workers, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import length_hint
from pathlib import Path
from types import TracebackType
from typing import Any

from src.errors import UsageError
from src.export.packing.container.json_lines import Decode, decode_strictly, exact_decoder, fast_decoder
from src.export.packing.reading.lazy_record import lazy_lines
from src.export.packing.reading.mixing import (
    Piece,
    Window,
    frame_counts,
    mix,
    mixed_frames,
    pieces_between,
    read_window,
    run_of_pieces,
)
from src.export.packing.reading.pack import open_pack
from src.export.packing.reading.shares import Share, checked_rank, current_share
from src.export.packing.reading.stream_position import Position, Reading, position_from
from src.export.packing.reading.torch_side import register_iterable, torch_rank, torch_worker

# Half as much again as 64 chat records take (921 bytes each, docs/packing.md); longer frames make a window of fewer.
_FRAME_ALLOWANCE = 96 << 10


class PackedStream:
    """The records of a packed dataset one after the other, as torch's iterable datasets give them.

    Every record comes exactly once an epoch, over all ranks and DataLoader workers together. Their shares differ by at
    most one record, and not at all with `drop_last`, which leaves out fewer records than there are shares. The rank is
    the given one, else that of torch.distributed where it is initialised, else there is but one.

    Without `shuffle` a share is a run of the file. With it, (seed, epoch) put the frames in a random order, shares are
    runs of that, and records are mixed within windows of `window` frames. A window that holds the whole share mixes it
    completely; otherwise records of one frame meet more often than chance would have it. A window also ends at 96 KiB
    of raw records for each of its frames, so that memory is bounded; None has no limit. A frame is unpacked once an
    epoch, at the edge of two shares twice. The order depends on the packed file, seed, epoch, window and shares alone,
    not on Python's version or the platform.

    `state_dict()` holds the next record at any moment; a stream opened alike goes on there after `load_state_dict()`.
    Records, `lazy`, `transform`, pickling and errors are those of PackedDataset. Several iterators do not disturb each
    other; the state is that of the one begun last. Raises UsageError for arguments that do not fit.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        shuffle: bool = False,
        seed: int = 0,
        window: int | None = 64,
        rank: int | None = None,
        world_size: int | None = None,
        lazy: bool = False,
        drop_last: bool = False,
        transform: Callable[[Any], Any] | None = None,
    ) -> None:
        if window is not None and window < 1:
            raise UsageError(f"A window cannot have {window} frames; give 1 or more, or None for no limit.")
        self._rank = checked_rank(rank, world_size)
        self.pack = open_pack(path)
        self.shuffle, self.seed, self.window = shuffle, seed, window
        self.lazy, self.drop_last, self.transform = lazy, drop_last, transform
        self._epoch = 0
        self._saved: Mapping[str, Any] | None = None
        self._reading: Reading | None = None
        self._read_in_worker = False
        register_iterable(PackedStream)

    def __len__(self) -> int:
        """Records an epoch has for this rank; inside a DataLoader worker, for that worker.

        With `drop_last` all workers of a rank together may give a few less.
        """
        begin, end = self._bounds(self._share())
        return end - begin

    def __iter__(self) -> Iterator[Any]:
        # Not a generator: the state must be that of this pass before its first record is asked for.
        share = self._share()
        position = self._next_position(share)
        self._saved, self._reading = None, Reading(position)
        records = self._records(self._reading, self._bounds(share)[1])
        return records if self.transform is None else map(self.transform, records)

    def __getitem__(self, place: Any) -> Any:
        """Raises UsageError: a stream has no places. torch's DataLoader asks when it does not know it for a stream."""
        raise UsageError(
            "A PackedStream is read from its beginning; for records by place use PackedDataset. If a DataLoader asked: "
            "make the stream after torch.utils.data is imported (torch 2.2 or newer)."
        )

    def set_epoch(self, epoch: int) -> None:
        """Which epoch the next pass reads: with `shuffle` each has an order of its own. Call it before every epoch.

        A loaded position in the same epoch stays. Kept DataLoader workers (persistent_workers) cannot be told; they
        count on by themselves, one epoch a pass.
        """
        if epoch < 0:
            raise UsageError(f"There is no epoch {epoch}; epochs count from 0.")
        if epoch != self._epoch:
            self._epoch, self._saved, self._reading = epoch, None, None

    def state_dict(self) -> dict[str, Any]:
        """The next record and what the order depends on, as plain values that JSON can hold.

        In a DataLoader with workers each worker has its own: use torchdata's StatefulDataLoader, which collects them.
        """
        share = self._share()
        if self._saved is not None:
            position = self._position_in(self._saved, share)
        elif self._reading is not None:
            position = self._reading.now()
        else:
            position = Position(self._epoch, self._bounds(share)[0])
        return position.as_state(self._described(share))

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the next pass begin at a saved position: the rest of its epoch, in the same order.

        Raises UsageError when it was saved with another packed file, seed, window, rank or number of ranks or workers.
        """
        position = self._position_in(state, self._share())
        self._epoch, self._saved, self._reading = position.epoch, dict(state), None

    def close(self) -> None:
        self.pack.close()

    def __enter__(self) -> PackedStream:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        # A spawned worker has no process group to ask.
        return {**self.__dict__, "_reading": None, "_rank": self._rank or torch_rank()}

    def _share(self) -> Share:
        return current_share(self._rank)

    def _bounds(self, share: Share) -> tuple[int, int]:
        return share.bounds(len(self.pack), self.drop_last)

    def _described(self, share: Share) -> dict[str, Any]:
        """What a position is worth nothing without."""
        source = "-".join(f"{part:016x}" for part in self.pack.identity)
        settings = {"seed": self.seed, "shuffle": self.shuffle, "window": self.window, "drop_last": self.drop_last}
        return {"source": source, "records": len(self.pack), **settings, **share._asdict()}

    def _position_in(self, state: Mapping[str, Any], share: Share) -> Position:
        return position_from(state, self._described(share), self._bounds(share))

    def _next_position(self, share: Share) -> Position:
        if self._saved is not None:
            position = self._position_in(self._saved, share)
        else:
            # A second pass of one worker: it was kept, and set_epoch() reached only the main process.
            self._epoch += self._read_in_worker
            position = Position(self._epoch, self._bounds(share)[0])
        self._read_in_worker = torch_worker() is not None
        return position

    def _records(self, reading: Reading, end: int) -> Iterator[Any]:
        pieces = self._pieces(reading.position, end)
        most_frames = self.window if self.shuffle else 1
        while (window := read_window(self.pack, pieces, most_frames, (most_frames or 0) * _FRAME_ALLOWANCE)).lines:
            if self.shuffle:
                mix(window.lines, f"{self._key(reading.position)}/{reading.position.start}")
            yield from self._window_records(window, reading.enter(window.lines))
            reading.leave()
            # Before the next window is read, so that there is never more than one in memory.
            window.lines.clear()

    def _pieces(self, position: Position, end: int) -> Iterator[Piece]:
        if not self.shuffle:
            return run_of_pieces(self.pack, position.start, end)
        order = mixed_frames(self.pack.frames, self._key(position))
        return pieces_between(frame_counts(self.pack), order, position.start, end)

    def _key(self, position: Position) -> str:
        return f"{self.seed}/{position.epoch}"

    def _window_records(self, window: Window, rest: Iterator[bytes]) -> Iterator[Any]:
        # Right for every line; slower, so only where a frame needs it.
        exact = any(map(self.pack.is_exact, window.frames))
        if self.lazy:
            return lazy_lines(rest, exact)
        return self._values(window, rest, exact_decoder() if exact else fast_decoder())

    def _values(self, window: Window, rest: Iterator[bytes], decoder: Decode) -> Iterator[Any]:
        while True:
            try:
                yield from map(decoder, rest)
                return
            except (ValueError, RecursionError):
                refused = window.lines[-1 - length_hint(rest)]
            yield self._strictly(window, refused)

    def _strictly(self, window: Window, line: bytes) -> Any:
        try:
            return decode_strictly(line)
        except ValueError:
            frame = next(frame for frame in window.frames if line in self.pack.lines(frame))
            return self.pack.decode(frame, line)
