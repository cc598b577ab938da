"""Find what of validation, test or a benchmark stands in the training samples, too: runs of n words they share.

A text is touched when one of its runs of n words stands in a training sample (GPT-3, arXiv:2005.14165, appendix C,
with n from 8 to 13), and contaminated when 70 % of them do (PaLM, arXiv:2204.02311, section 8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from src.dataset.duplicates.contamination.grams import Grams, grams_of, place_in
from src.dataset.duplicates.contamination.texts import (
    MOST_CHARACTERS,
    Text,
    in_batches,
    texts_of_file,
    texts_of_samples,
)
from src.dataset.duplicates.sides import Samples
from src.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Codes = NDArray[np.uint64]

LEAST_WORDS, MOST_WORDS = 8, 13
MOSTLY = 0.7
MOST_LISTED = 1_000
# The other side is indexed in parts of so many runs (24 bytes each); the training samples are read for each part.
GRAMS_AT_A_TIME = 1 << 22
# A run that so many texts of the other side have, and so large a share of them, belongs to their template.
_TEMPLATE_TEXTS, _TEMPLATE_SHARE = 5, 0.1
_CHARACTERS_OF_WORD = 6


@dataclass(frozen=True, slots=True)
class Overlap:
    """A text of the other side and the training sample that has most of what they share.

    `share` is the share of the text's runs of words that stand in any training sample; the places are those of the
    first shared run.
    """

    text: str
    text_place: str
    sample_id: str
    sample_place: str
    share: float


@dataclass(frozen=True, slots=True)
class Contamination:
    """What of the `texts` of the other side is known from the `samples` for training.

    `touched` texts share a run of `n` words (or all of them, when they have fewer), `contaminated` ones 70 % of their
    runs. `not_compared` have no word, or only runs of words that are their template's (`template_runs`). `overlaps`
    lists those with the largest share.
    """

    against: str
    n: int
    samples: int
    texts: int
    not_compared: int
    template_runs: int
    touched: int
    contaminated: int
    overlaps: tuple[Overlap, ...]

    @property
    def share(self) -> float:
        """The share of texts that are touched."""
        return self.touched / self.texts if self.texts else 0.0

    def to_json(self) -> dict[str, object]:
        """The same as plain values that json.dumps takes."""
        overlaps = [{**asdict(one), "share": round(one.share, 4)} for one in self.overlaps]
        return {**asdict(self), "share": round(self.share, 6), "overlaps": overlaps}


def find_contamination(
    samples: Samples,
    against: Literal["splits"] | Path | Samples = "splits",
    *,
    n: int = MOST_WORDS,
    most: int = MOST_LISTED,
    grams_at_a_time: int = GRAMS_AT_A_TIME,
) -> Contamination:
    """What the samples share with a benchmark file, other samples, or (validation and test with train) each other.

    Samples are gone through several times and never held together: 100 MB, and 1 byte a text of the other side.
    Short fields of a benchmark file count as shared where they are a whole message. Raises UsageError for n out of 8
    to 13, for samples that can be gone through only once, and for a file that cannot be read.
    """
    if not LEAST_WORDS <= n <= MOST_WORDS:
        raise UsageError(f"runs of {n} words are not compared; use {LEAST_WORDS} to {MOST_WORDS}.")
    if isinstance(samples, Iterator) or isinstance(against, Iterator):
        raise UsageError("contamination is looked for in samples that can be gone through more than once.")
    train, others, name = _sides(samples, against)
    found = _Found(n, isinstance(against, Path))
    for part in found.parts(others(), grams_at_a_time):
        found.compare(part, train())
    overlaps = sorted(found.overlaps, key=lambda one: (-one.share, one.text_number))[:most]
    return Contamination(
        against=name,
        n=n,
        samples=found.samples if found.texts else sum(1 for _ in train()),
        texts=found.texts,
        not_compared=found.not_compared,
        template_runs=found.template_runs,
        touched=len(found.overlaps),
        contaminated=sum(one.share >= MOSTLY for one in found.overlaps),
        overlaps=tuple(_with_places(overlaps, train, others, found)),
    )


def _sides(
    samples: Samples, against: Literal["splits"] | Path | Samples
) -> tuple[Callable[[], Iterator[Text]], Callable[[], Iterator[Text]], str]:
    if isinstance(against, Path):
        return lambda: texts_of_samples(samples), lambda: texts_of_file(against), against.name
    if isinstance(against, str):
        held_out = ("validation", "test")
        train = {"train"}
        return lambda: texts_of_samples(samples, train), lambda: texts_of_samples(samples, held_out), "validation, test"
    return lambda: texts_of_samples(samples), lambda: texts_of_samples(against), "other samples"


@dataclass(frozen=True, slots=True)
class _Touched:
    """A text and a sample by their numbers, and the run of words that is the first they share."""

    text_number: int
    sample_number: int
    code: int
    share: float


@dataclass(frozen=True, slots=True)
class _Index:
    """Runs of words sorted by their codes: run i stands in text owners[i], as number places[i]."""

    codes: Codes
    owners: Numbers
    places: Numbers


class _Found:
    """What was found so far, part by part of the other side."""

    def __init__(self, n: int, whole_parts: bool) -> None:
        self._n = n
        self._whole_parts = whole_parts
        self.samples = self.texts = self.not_compared = self.template_runs = 0
        self.overlaps: list[_Touched] = []

    def grams(self, texts: Sequence[Text]) -> Grams:
        return grams_of(texts, self._n, self._whole_parts)

    def parts(self, others: Iterable[Text], most: int) -> Iterator[_Index]:
        """The other side in parts of about so many runs."""
        held: list[Grams] = []
        first = self.texts
        for batch in in_batches(others, min(MOST_CHARACTERS, most * _CHARACTERS_OF_WORD)):
            held.append(self._renumbered(self.grams(batch)))
            self.texts += len(batch)
            if sum(len(grams.codes) for grams in held) >= most:
                yield self._index(held, first)
                held, first = [], self.texts
        if held:
            yield self._index(held, first)

    def _renumbered(self, grams: Grams) -> Grams:
        return Grams(grams.codes, grams.owners + self.texts, grams.places, grams.lengths)

    def _index(self, held: Sequence[Grams], first: int) -> _Index:
        """The different runs of each text, without those of a template."""
        import numpy as np

        codes = np.concatenate([grams.codes for grams in held])
        owners = np.concatenate([grams.owners for grams in held])
        places = np.concatenate([grams.places for grams in held])
        order = np.lexsort((places, owners, codes))
        codes, owners, places = codes[order], owners[order], places[order]
        new = np.append(True, (codes[1:] != codes[:-1]) | (owners[1:] != owners[:-1]))[: len(codes)]
        codes, owners, places = codes[new], owners[new], places[new]
        starts = np.flatnonzero(np.append(True, codes[1:] != codes[:-1])[: len(codes)])
        many = np.diff(np.append(starts, len(codes)))
        template = many >= max(_TEMPLATE_TEXTS, _TEMPLATE_SHARE * (self.texts - first))
        self.template_runs += int(template.sum())
        kept = ~np.repeat(template, many)
        self.not_compared += self.texts - first - len(np.unique(owners[kept]))
        return _Index(codes[kept], owners[kept], places[kept])

    def compare(self, index: _Index, train: Iterable[Text]) -> None:
        """Note which texts of the index are touched by the training samples."""
        import numpy as np

        distinct = np.flatnonzero(np.append(True, index.codes[1:] != index.codes[:-1])[: len(index.codes)])
        codes = index.codes[distinct]
        known_from = np.full(len(codes), -1, np.int64)
        first = 0
        for batch in in_batches(train):
            grams = self.grams(batch)
            place = np.minimum(np.searchsorted(codes, grams.codes), max(0, len(codes) - 1))
            hit = np.flatnonzero(codes[place] == grams.codes) if len(codes) else np.empty(0, np.int64)
            place, sample = place[hit], grams.owners[hit] + first
            new = known_from[place] < 0
            # The last assignment stays, so the first sample comes last.
            known_from[place[new][::-1]] = sample[new][::-1]
            first += len(batch)
        self.samples = first
        self._note(index, np.repeat(known_from, np.diff(np.append(distinct, len(index.codes)))))

    def _note(self, index: _Index, known_from: Numbers) -> None:
        """For each touched text the sample that is the first with most of its runs."""
        import numpy as np

        order = np.lexsort((index.places, known_from, index.owners))
        owners, samples, codes = index.owners[order], known_from[order], index.codes[order]
        new = np.append(True, (owners[1:] != owners[:-1]) | (samples[1:] != samples[:-1]))[: len(owners)]
        starts = np.flatnonzero(new)
        counts = np.diff(np.append(starts, len(owners)))
        runs = dict(zip(*(part.tolist() for part in np.unique(owners, return_counts=True)), strict=True))
        best: dict[int, tuple[int, int, int]] = {}
        known: dict[int, int] = {}
        told = samples[starts] >= 0
        columns = (owners[starts], samples[starts], codes[starts], counts)
        for owner, sample, code, count in zip(*(column[told].tolist() for column in columns), strict=True):
            known[owner] = known.get(owner, 0) + count
            if owner not in best or count > best[owner][0]:
                best[owner] = count, sample, code
        for owner, (_, sample, code) in best.items():
            self.overlaps.append(_Touched(owner, sample, code, known[owner] / runs[owner]))


def _with_places(
    overlaps: Sequence[_Touched],
    train: Callable[[], Iterator[Text]],
    others: Callable[[], Iterator[Text]],
    found: _Found,
) -> Iterator[Overlap]:
    text_places = _places(others(), [(one.text_number, one.code) for one in overlaps], found)
    sample_places = _places(train(), [(one.sample_number, one.code) for one in overlaps], found)
    for one in overlaps:
        text, text_place = text_places[one.text_number, one.code]
        sample_id, sample_place = sample_places[one.sample_number, one.code]
        yield Overlap(text, text_place, sample_id, sample_place, one.share)


def _places(
    texts: Iterator[Text], wanted: Sequence[tuple[int, int]], found: _Found
) -> dict[tuple[int, int], tuple[str, str]]:
    """The name of each wanted text, and the place of the run of words with that code in it."""
    codes: dict[int, set[int]] = {}
    for number, code in wanted:
        codes.setdefault(number, set()).add(code)
    places: dict[tuple[int, int], tuple[str, str]] = {}
    for number, text in enumerate(texts):
        if number in codes:
            grams = found.grams([text])
            at = {code: place for place, code in reversed(list(enumerate(grams.codes.tolist())))}
            for code in codes.pop(number):
                run = at[code]
                where = place_in(text, int(grams.places[run]), int(grams.lengths[run]))
                places[number, code] = text.name, where
        if not codes:
            break
    return places
