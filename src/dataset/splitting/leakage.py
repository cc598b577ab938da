"""Measure what leaks from one split into another, after the split and without trusting how it was made.

What is a near-duplicate is defined in analysis/similarity.py; all across splits are found (see near_leaks.py).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.dataset.duplicates.near.shingle_sets import ShingleSets
from src.dataset.duplicates.near.shingles import HashedWords, hash_words, runs_of
from src.dataset.splitting.first_words import DEFAULT_LIMITS, Limits
from src.dataset.splitting.near_leaks import NONE, near_in_other_splits
from src.dataset.splitting.split_ids import label_code
from src.dataset.splitting.word_sets import batches_of, word_sets
from src.dataset.spools.parted_spool import PartedSpool
from src.records import SPLITS, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# GPT-3 (arXiv:2005.14165, appendix C) looked for contamination by runs of 13 words.
RUN_OF_WORDS = 13
EXAMPLES = 10
_PARTS = 32


@dataclass(frozen=True, slots=True)
class Leakage:
    """What of validation and test is known from another split. `held_out` are the samples of these two.

    `shared_chunks` and `exact_duplicates` (the same words in the same order) count pairs of samples in different
    splits. `near_duplicates` counts held-out samples with a near-duplicate in another split, of which `examples` names
    some: its id, and the other's. `shared_13_grams` is the share of held-out samples with 13 words in a row that stand
    in train, too.
    """

    samples: int
    held_out: int
    shared_chunks: int
    exact_duplicates: int
    near_duplicates: int
    shared_13_grams: float
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether no chunk, duplicate or near-duplicate lies in two splits."""
        return not (self.shared_chunks or self.exact_duplicates or self.near_duplicates)

    def to_json(self) -> dict[str, object]:
        """The same as plain values that json.dumps takes."""
        return {**asdict(self), "examples": [list(pair) for pair in self.examples]}


def measure_leakage(samples: Sequence[Sample], limits: Limits = DEFAULT_LIMITS) -> Leakage:
    """What leaks between the splits of the samples; those without a split count as train.

    The samples are gone through once. Held are about 60 bytes a sample and some ten megabytes; the words lie in
    temporary files. Raises UsageError when the disk is full.
    """
    import numpy as np

    searched = _Searched(limits.held)
    try:
        searched.add_all(samples)
        split = np.frombuffer(bytes(searched.splits), np.int8)
        chunks = np.frombuffer(searched.chunks, np.uint64)
        near = near_in_other_splits(searched.sets, split, limits)
        found = np.flatnonzero(near != NONE)
        held_out = int((split > 0).sum())
        known = searched.known_runs()
        return Leakage(
            samples=len(split),
            held_out=held_out,
            shared_chunks=_pairs_apart(chunks[chunks > 0], split[chunks > 0]),
            exact_duplicates=_pairs_apart(searched.sequences(), split),
            near_duplicates=len(found),
            shared_13_grams=round(known / held_out, 4) if held_out else 0.0,
            examples=tuple((samples[one].id, samples[int(near[one])].id) for one in found[:EXAMPLES].tolist()),
        )
    finally:
        searched.close()


class _Searched:
    """What is kept of the samples: numbers that stand for their split, passage, sequence of words, words and runs."""

    def __init__(self, held: int) -> None:
        self.splits = bytearray()
        self.chunks = array("Q")
        self.sets = ShingleSets(held)
        self._sequences: list[Codes] = []
        self._runs_of_train = PartedSpool(_PARTS, 1, held)
        self._runs_held_out = PartedSpool(_PARTS, 2, held // 4)

    def close(self) -> None:
        self.sets.close()
        self._runs_of_train.close()
        self._runs_held_out.close()

    def add_all(self, samples: Sequence[Sample]) -> None:
        done = 0
        for texts in batches_of(self._texts(samples)):
            words = hash_words(texts)
            sets = word_sets(texts, words)
            self.sets.take(sets)
            self._sequences.append(_sequences(words, sets.values, sets.counts))
            self._add_runs(words, done)
            done += len(texts)

    def _texts(self, samples: Sequence[Sample]) -> Iterator[str]:
        for sample in samples:
            self.chunks.append(label_code(sample.origin.chunk_id))
            self.splits.append(SPLITS.index(sample.split or SPLITS[0]))
            yield "\n".join(turn.content for turn in sample.turns)

    def _add_runs(self, words: HashedWords, first: int) -> None:
        import numpy as np

        runs = runs_of(words.codes, RUN_OF_WORDS)
        owner = np.repeat(np.arange(len(words.starts) - 1), np.diff(words.starts))
        whole = owner[: len(runs)] == owner[RUN_OF_WORDS - 1 :]
        held_out = np.frombuffer(self.splits[first : first + len(words.starts) - 1], np.int8)[owner[: len(runs)]] > 0
        self._runs_of_train.add(runs[whole & ~held_out])
        chosen = np.flatnonzero(whole & held_out)
        self._runs_held_out.add(runs[chosen], (owner[chosen] + first).astype(np.uint64))

    def sequences(self) -> Codes:
        """A number for each text, the same for those with the same words in the same order."""
        import numpy as np

        return np.concatenate([np.empty(0, np.uint64), *self._sequences])

    def known_runs(self) -> int:
        """How many held-out texts have a run of words that stands in a text of train, too."""
        import numpy as np

        known = np.zeros(len(self.splits), bool)
        for part in range(_PARTS):
            (trained,) = self._runs_of_train.take(part)
            asked, owner = self._runs_held_out.take(part)
            if len(trained) and len(asked):
                # Not np.isin: from numpy 2.3 on it hashes whole numbers, which takes ten times as long here.
                trained = np.sort(trained)
                found = trained[np.minimum(np.searchsorted(trained, asked), len(trained) - 1)] == asked
                known[owner[found].astype(np.int64)] = True
        return int(known.sum())


def _sequences(words: HashedWords, values: Codes, counts: Numbers) -> Codes:
    """A number for each text; a text without words has itself as its only value."""
    import numpy as np

    lengths = np.diff(words.starts)
    place = np.arange(len(words.codes)) - np.repeat(words.starts[:-1], lengths)
    codes = stirred(words.codes ^ stirred(place.astype(np.uint64)))
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes)])
    sums: Codes = running[words.starts[1:]] - running[words.starts[:-1]]
    wordless = lengths == 0
    sums[wordless] = stirred(values[(np.cumsum(counts) - counts)[wordless]])
    return sums


def _pairs_apart(code: Codes, split: NDArray[np.int8]) -> int:
    """How many pairs have the same code and different splits."""
    import numpy as np

    order = np.argsort(code)
    ordered, split = code[order], split[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    if not len(starts):
        return 0
    counts = np.stack([np.add.reduceat((split == number).astype(np.int64), starts) for number in range(3)], axis=1)
    return int((counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)).sum()) // 2
