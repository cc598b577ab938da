"""Runs of n words as numbers, and where in a text they stand."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.analysis.hashing import stirred
from src.analysis.words import UNSPACED
from src.dataset.duplicates.contamination.texts import Text
from src.dataset.duplicates.near.shingles import hash_words, runs_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

# A part of a benchmark's record with fewer words is found too easily to tell anything.
FEWEST_WORDS = 5
_FACTOR = 0x9E3779B97F4A7C15
_WORD = re.compile(r"\w+")
_NO_SPACE = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Grams:
    """Runs of words: run i stands in text owners[i], starts with word places[i] of it and has lengths[i] words."""

    codes: Codes
    owners: Numbers
    places: Numbers
    lengths: Numbers


def grams_of(texts: Sequence[Text], n: int, whole_parts: bool) -> Grams:
    """The runs of n words of each text, or all of it where it has fewer; with `whole_parts` its short parts, too."""
    import numpy as np

    many = np.array([len(text.parts) for text in texts], np.int64)
    words = hash_words([part for text in texts for _, part in text.parts])
    bounds = words.starts[np.concatenate([np.zeros(1, np.int64), np.cumsum(many)])]
    owner = np.repeat(np.arange(len(texts)), np.diff(bounds))
    runs = runs_of(words.codes, n)
    at = np.flatnonzero(owner[: len(runs)] == owner[n - 1 :])
    begins, ends = bounds[:-1], bounds[1:]
    if whole_parts:
        long_enough = np.diff(words.starts) >= FEWEST_WORDS
        begins = np.concatenate([begins, words.starts[:-1][long_enough]])
        ends = np.concatenate([ends, words.starts[1:][long_enough]])
    found = [(runs[at], at, np.full(len(at), n))]
    for length in range(1, n):
        short = np.unique(begins[ends - begins == length])
        found.append((_whole(words.codes, short, length), short, np.full(len(short), length)))
    codes, starts, lengths = (np.concatenate(part) for part in zip(*found, strict=True))
    return Grams(codes, owner[starts], starts - bounds[:-1][owner[starts]], lengths)


def _whole(codes: Codes, starts: Numbers, length: int) -> Codes:
    import numpy as np

    whole = np.full(len(starts), length, np.uint64)
    for offset in range(length):
        whole *= np.uint64(_FACTOR)
        whole += codes[starts + offset]
    return stirred(whole)


def place_in(text: Text, first: int, count: int) -> str:
    """Where words number `first` to `first + count` of a text stand: "message 2, characters 10 to 24"."""
    spans = [(label, *span) for label, part in text.parts for span in _word_spans(part)]
    label, start, _ = spans[first]
    last_label, _, last_end = spans[first + count - 1]
    if label == last_label:
        return f"{label}, characters {start} to {last_end}"
    return f"{label}, character {start} to {last_label}, character {last_end}"


def word_count(part: str) -> int:
    import numpy as np

    return int(np.diff(hash_words([part]).starts)[0])


def _word_spans(part: str) -> list[tuple[int, int]]:
    """The range of each word's characters; where a letter is written as several, that of all up to the next space."""
    plain = part.lower() if part.isascii() else unicodedata.normalize("NFKC", part).casefold()
    if len(plain) == len(part):
        spans = list(_spans_in(plain))
        if len(spans) == word_count(part):
            return spans
    return [run.span() for run in _NO_SPACE.finditer(part) for _ in range(word_count(run.group()))]


def _spans_in(plain: str) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(plain):
        at = word.start()
        for run in UNSPACED.finditer(plain, *word.span()):
            if run.start() > at:
                yield at, run.start()
            at = run.end()
            for start in range(run.start(), max(run.start() + 1, run.end() - 1)):
                yield start, min(start + 2, run.end())
        if at < word.end():
            yield at, word.end()
