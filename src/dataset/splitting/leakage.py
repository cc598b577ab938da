"""Measure what leaks from one split into another, after the split and without trusting how it was made.

What is a near-duplicate is defined in analysis/similarity.py; it is searched here another way than the splitter does:
through an index of the rarest words of every sample, one sample of the smaller splits after the other (C. Xiao and
others, "Efficient similarity joins for near-duplicate detection", TODS 2011). Both ways find every pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.similarity import NEAR_DUPLICATE, decides
from src.analysis.words import NumberedWords, number_words
from src.dataset.splitting.split_ids import codes_of
from src.records import SPLITS, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# GPT-3 (arXiv:2005.14165, appendix C) looked for contamination by runs of 13 words.
RUN_OF_WORDS = 13
EXAMPLES = 10
_LEAST = Fraction(NEAR_DUPLICATE).limit_denominator(100)
_FACTOR = 0x9E3779B97F4A7C15


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


def measure_leakage(samples: Iterable[Sample]) -> Leakage:
    """What leaks between the splits of the samples; those without a split count as train. Samples are read once."""
    import numpy as np

    ids: list[str] = []
    chunks: list[str] = []
    splits: list[int] = []

    def texts() -> Iterable[str]:
        for sample in samples:
            ids.append(sample.id)
            chunks.append(sample.origin.chunk_id)
            splits.append(SPLITS.index(sample.split or SPLITS[0]))
            yield "\n".join(turn.content for turn in sample.turns)

    words = number_words(texts())
    split = np.array(splits, np.int64)
    there = np.array([bool(chunk) for chunk in chunks], bool)
    found = _near_in_other_splits(words, split)
    known = _known_runs(words, split)
    held_out = int((split > 0).sum())
    return Leakage(
        samples=len(ids),
        held_out=held_out,
        shared_chunks=_pairs_apart(codes_of(chunks, len(ids))[there], split[there]),
        exact_duplicates=_pairs_apart(_sequences(words), split),
        near_duplicates=len(found),
        shared_13_grams=round(known / held_out, 4) if held_out else 0.0,
        examples=tuple((ids[one], ids[other]) for one, other in found[:EXAMPLES]),
    )


def _pairs_apart(label: Numbers, split: Numbers) -> int:
    """How many pairs have the same label and different splits."""
    import numpy as np

    if not len(label):
        return 0
    counts = np.bincount(label * 3 + split, minlength=3 * (int(label.max()) + 1)).reshape(-1, 3)
    return int((counts.sum(axis=1) ** 2 - (counts**2).sum(axis=1)).sum()) // 2


def _sequences(words: NumberedWords) -> Numbers:
    """A number for each text, the same for those with the same words in the same order."""
    import numpy as np

    lengths = np.diff(words.starts)
    place = np.arange(len(words.words)) - np.repeat(words.starts[:-1], lengths)
    code = stirred(stirred(words.words.astype(np.uint64)) + place.astype(np.uint64))
    running = np.concatenate([np.zeros(1, np.uint64), np.cumsum(code)])
    return np.unique(running[words.starts[1:]] - running[words.starts[:-1]], return_inverse=True)[1].ravel()


def _known_runs(words: NumberedWords, split: Numbers) -> int:
    """How many held-out texts have a run of words that stands in a text of train, too."""
    import numpy as np

    total = len(words.words) - RUN_OF_WORDS + 1
    if total <= 0:
        return 0
    code = stirred(words.words.astype(np.uint64))
    runs = np.zeros(total, np.uint64)
    for offset in range(RUN_OF_WORDS):
        runs *= np.uint64(_FACTOR)
        runs += code[offset : offset + total]
    text = np.repeat(np.arange(len(split)), np.diff(words.starts))[:total]
    whole = np.arange(total) + RUN_OF_WORDS <= words.starts[1:][text]
    of_train = split[text] == 0
    # Not np.isin: from numpy 2.3 on it hashes whole numbers, which takes ten times as long here.
    trained = np.sort(runs[whole & of_train])
    if not len(trained):
        return 0
    asked = runs[whole & ~of_train]
    known = trained[np.minimum(np.searchsorted(trained, asked), len(trained) - 1)] == asked
    return len(set(text[whole & ~of_train][known].tolist()))


def _near_in_other_splits(words: NumberedWords, split: Numbers) -> list[tuple[int, int]]:
    """Each held-out text that has a near-duplicate in another split, with the first such."""
    import numpy as np

    if not (split > 0).any() or not (split != split[0]).any():
        return []
    index = _Index(words)
    found = []
    for text in np.flatnonzero(split > 0).tolist():
        other = index.first_near(text, split)
        if other is not None:
            found.append((text, other))
    return found


class _Index:
    """Which texts have a word among their rarest: of two near-duplicates, one of these words is the same."""

    def __init__(self, words: NumberedWords) -> None:
        import numpy as np

        text, word = words.distinct()
        frequency = np.bincount(word, minlength=len(words.vocabulary))
        rank = np.empty_like(frequency)
        rank[np.argsort(frequency, kind="stable")] = np.arange(len(frequency))
        text, self._words = np.divmod(np.sort(text << 32 | rank[word]), 1 << 32)
        self._starts = np.searchsorted(text, np.arange(len(words.starts)))
        self._sizes = np.diff(self._starts)
        self._few = self._sizes + 1 + -self._sizes * _LEAST.numerator // _LEAST.denominator
        self._last = self._words[self._starts[:-1] + self._few - 1]
        self._rest = self._sizes - self._few
        self._decisive = _decisive_codes(words, rank, text, self._words)
        rare = np.flatnonzero(np.arange(len(text)) - self._starts[text] < self._few[text])
        order = np.argsort(self._words[rare], kind="stable")
        self._texts = text[rare[order]]
        self._bounds = np.searchsorted(self._words[rare[order]], np.arange(len(rank) + 1)).tolist()

    def first_near(self, text: int, split: Sequence[int] | Numbers) -> int | None:
        """The first text of another split that is a near-duplicate of this one."""
        import numpy as np

        start, few = int(self._starts[text]), int(self._few[text])
        rare = self._words[start : start + few].tolist()
        met = np.concatenate([self._texts[self._bounds[word] : self._bounds[word + 1]] for word in rare])
        met = met[(self._decisive[met] == self._decisive[text]) & (np.asarray(split)[met] != split[text])]
        size = self._sizes[text]
        smaller, larger = np.minimum(size, self._sizes[met]), np.maximum(size, self._sizes[met])
        others, shared = np.unique(met[smaller * _LEAST.denominator >= larger * _LEAST.numerator], return_counts=True)
        # Beyond these rare words they share at most what is left of the one whose rare words end first.
        most = shared + np.where(self._last[text] < self._last[others], self._rest[text], self._rest[others])
        own = set(self._words[start : start + int(size)].tolist())
        for other in others[self._enough(most, size + self._sizes[others])].tolist():
            theirs = self._words[self._starts[other] : self._starts[other + 1]].tolist()
            if self._enough(len(own.intersection(theirs)), len(own) + len(theirs)):
                return int(other)
        return None

    @staticmethod
    def _enough(common: Numbers | int, both: Numbers | int) -> NDArray[np.bool_] | bool:
        """Whether so many common words, of sets that have so many together, make near-duplicates."""
        return common * _LEAST.denominator >= (both - common) * _LEAST.numerator


def _decisive_codes(words: NumberedWords, rank: Numbers, text: Numbers, ranked: Numbers) -> Codes:
    """A code of the numbers and negations of each text."""
    import numpy as np

    decisive = np.zeros(len(rank), bool)
    decisive[rank] = [decides(word) for word in words.vocabulary]
    codes = np.zeros(len(words.starts) - 1, np.uint64)
    chosen = decisive[ranked]
    np.add.at(codes, text[chosen], stirred(ranked[chosen].astype(np.uint64)))
    return codes
