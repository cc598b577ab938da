"""Batches of records: put together, shuffled, padded. Many at once, since a call of numpy costs as much as a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from sys import getrefcount
from typing import TYPE_CHECKING, Any

from src.export.packing.tokens.arrow_file.token_batches import TokenArrays

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

IGNORED_LABEL = -100
# So many rows of padded batches are made at a time: few enough for a core's cache.
_ROWS_TOGETHER = 128
_NO_LIMIT = 1 << 62
# Flags of a byte each that are looked at together, as one number of 64 bits.
_FLAGS = 8
# References to an array that only a list holds, the question itself included.
_UNHELD = 2
_MOST_KEPT = 6
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def gathered(examples: Sequence[tuple[npt.NDArray[Any], npt.NDArray[Any]]]) -> TokenArrays:
    """Records from anywhere (ids, mask), copied together."""
    import numpy as np

    offsets = np.zeros(len(examples) + 1, np.int32)
    np.cumsum([len(ids) for ids, _ in examples], out=offsets[1:])
    ids = np.concatenate([ids for ids, _ in examples])
    mask = np.concatenate([mask for _, mask in examples])
    return TokenArrays(np.zeros(len(examples), np.int64), offsets, ids, mask)


def shuffled_order(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """The numbers below `count` in an order that seed and epoch alone decide, on every machine and numpy.

    They are ordered by SplitMix64 (Steele et al. 2014) of their place.
    """
    import numpy as np

    start = _mixed(_mixed(seed & _MASK) ^ (epoch & _MASK))
    keys = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN) + np.uint64(start)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(_FIRST)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(_SECOND)
    return np.argsort(keys ^ (keys >> np.uint64(31)), kind="stable")


def _mixed(number: int) -> int:
    number = (number + _GOLDEN) & _MASK
    number = ((number ^ (number >> 30)) * _FIRST) & _MASK
    number = ((number ^ (number >> 27)) * _SECOND) & _MASK
    return number ^ (number >> 31)


def padded_batches(
    arrays: TokenArrays, first: int, last: int, size: int, pad_id: int, max_length: int | None, memory: Memory
) -> Iterator[dict[str, npt.NDArray[np.int64]]]:
    """The records from `first` to before `last` as padded batches; see TokenDataset.padded_batches."""
    import numpy as np

    ids, mask, offsets = _cut(arrays, first, last, max_length)
    count, lengths = last - first, np.diff(offsets)
    widths = np.maximum.reduceat(lengths, np.arange(0, count, size))
    shapes = [(size, width) for width in widths.tolist()]
    shapes[-1] = (count - (len(shapes) - 1) * size, shapes[-1][1])
    empty = np.repeat(widths, size)[:count] - lengths
    # For each record, its tokens and what it is filled up with; of its tokens, those that are learnt and the others.
    filled, times = np.tile([True, False], count), np.column_stack((lengths, empty)).ravel()
    limits, limit_times, limit_ends = _label_limits(mask, offsets, empty)
    step = size * max(1, _ROWS_TOGETHER // size)
    for row in range(0, count, step):
        end = min(row + step, count)
        runs = slice(limit_ends[row], limit_ends[end])
        present = np.repeat(filled[2 * row : 2 * end], times[2 * row : 2 * end])
        input_ids, attention = memory.take(len(present)), memory.take(len(present))
        input_ids.fill(pad_id)
        input_ids[present] = ids[offsets[row] : offsets[end]]
        np.copyto(attention, present)
        # In place: one array fewer that goes through the core's cache.
        labels = np.repeat(limits[runs], limit_times[runs])
        np.minimum(labels, input_ids, out=labels)
        begin = 0
        for rows, width in shapes[row // size : -(-end // size)]:
            cells = slice(begin, begin + rows * width)
            begin = cells.stop
            yield {
                "input_ids": input_ids[cells].reshape(rows, width),
                "attention_mask": attention[cells].reshape(rows, width),
                "labels": labels[cells].reshape(rows, width),
            }
        del input_ids, attention, labels


class Memory:
    """Arrays whose memory is used again once nobody holds them: to be given fresh memory takes as long as to fill it.

    An array counts as held while anything refers to it: views, tensors made of it, and views of those.
    """

    def __init__(self) -> None:
        self._kept: list[npt.NDArray[np.int64]] = []

    def take(self, length: int) -> npt.NDArray[np.int64]:
        """An array that nobody else holds, its content anything."""
        import numpy as np

        for place in range(len(self._kept)):
            if len(self._kept[place]) >= length and getrefcount(self._kept[place]) == _UNHELD:
                return self._kept[place][:length]
        fresh = np.empty(length + length // 4, np.int64)
        self._kept = [fresh, *self._kept[: _MOST_KEPT - 1]]
        return fresh[:length]


def _cut(
    arrays: TokenArrays, first: int, last: int, max_length: int | None
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.int64]]:
    """The ids, mask and offsets of these records, none longer than `max_length`."""
    import numpy as np

    offsets = arrays.offsets[first : last + 1].astype(np.int64)
    ids, mask = (one[offsets[0] : offsets[-1]] for one in (arrays.input_ids, arrays.loss_mask))
    offsets -= offsets[0]
    lengths = np.diff(offsets)
    if max_length is None or lengths.max() <= max_length:
        return ids, mask, offsets
    kept = np.minimum(lengths, max_length)
    inside = np.repeat(np.tile([True, False], len(kept)), np.column_stack((kept, lengths - kept)).ravel())
    np.cumsum(kept, out=offsets[1:])
    return ids[inside], mask[inside], offsets


def _label_limits(
    mask: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64], empty: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], list[int]]:
    """The most that labels may be, as runs (limit, times): -100 where nothing is learnt, else more than any id.

    The smaller of an id and its limit is its label, which takes a third of the time of choosing one by the mask. Also
    given is the number of runs before each record.
    """
    import numpy as np

    changes = np.empty(-(-len(mask) // _FLAGS) * _FLAGS, bool)
    changes[len(mask) :] = False
    np.not_equal(mask[1:], mask[:-1], out=changes[1 : len(mask)])
    changes[offsets[:-1]] = True
    starts = _places_of(changes)
    # Behind the runs of each record comes that of what it is filled up with.
    before = np.searchsorted(starts, offsets) + np.arange(len(offsets))
    limits = np.full(before[-1], IGNORED_LABEL, np.int64)
    times = np.empty(before[-1], np.int64)
    of_tokens = np.ones(before[-1], bool)
    of_tokens[before[1:] - 1] = False
    limits[of_tokens] = np.where(mask[starts] != 0, _NO_LIMIT, IGNORED_LABEL)
    times[of_tokens] = np.diff(starts, append=len(mask))
    times[before[1:] - 1] = empty
    return limits, times, before.tolist()


def _places_of(flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """np.flatnonzero of flags, a multiple of eight, few of them set: looked at eight at a time, in half the time."""
    import numpy as np

    together = flags.view(np.uint64)
    eights = np.flatnonzero(together != 0)
    inside = np.flatnonzero(together[eights].view(bool))
    places: npt.NDArray[np.int64] = eights[inside // _FLAGS] * _FLAGS + inside % _FLAGS
    return places
