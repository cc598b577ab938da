"""Groups of texts by topic, with names: spherical k-means over TF-IDF vectors (Dhillon and Modha 2001).

The centres are learned from a sample of the texts and then every text goes to its nearest one, so that a million texts
take two passes and little memory. The same texts and seed give the same groups.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from src.analysis.topics.keywords import topic_words
from src.analysis.topics.term_weights import TermWeights
from src.analysis.topics.vectors import Vectors, vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_TOPIC = -1
OTHER = "(other)"
SAMPLE_TEXTS, MOST_TERMS, MOST_TOPICS = 20_000, 4096, 24
_ROUNDS, _STARTS = 25, 4
# Centres as alike as that are one topic; a text as far from every centre as that belongs to none.
_ALIKE, _FAR = 0.5, 0.05
_TERMS_OF_A_TOPIC, _WORDS_OF_A_NAME = 10, 3
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Topic:
    """A group. `name` is made of its first terms, and no other topic has it; `share` is of all texts."""

    name: str
    terms: tuple[str, ...]
    texts: int
    share: float


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics, largest first; labels[i] is the number of text i's topic, NO_TOPIC where it has none.

    `cohesion` is the mean cosine of a text with the centre of its topic: near 0 the groups mean nothing.
    """

    topics: tuple[Topic, ...]
    labels: NDArray[np.int16]
    cohesion: float

    def name_of(self, text: int) -> str:
        label = int(self.labels[text])
        return OTHER if label == NO_TOPIC else self.topics[label].name


def find_topics(texts: Callable[[], Iterable[str]], wanted: int | None = None, seed: int = 42) -> Topics:
    """Group the texts, which `texts()` gives anew each time it is called (twice).

    `wanted` topics are tried, by default as many as the square root of half the texts, 24 at most; those that prove
    alike become one. Held in memory are two bytes a text and what was learned from 20,000 of them.
    """
    import numpy as np

    learned, sample = _learn(texts(), seed)
    terms = _terms(learned)
    weights = np.array([learned.weight(term) for term in terms])
    places = {term: place for place, term in enumerate(terms)}
    vectors = vectors_of(sample, places, weights)
    if not len(vectors):
        return Topics((), np.full(learned.texts, NO_TOPIC, np.int16), 0.0)
    count = wanted or min(MOST_TOPICS, max(2, round((len(vectors) / 2) ** 0.5)))
    centres = _merged(_centres(vectors, min(count, len(vectors)), len(terms), seed), vectors)
    labels, cohesion = _labels(texts(), learned.texts, centres, places, weights)
    return _named(labels, cohesion, centres, terms)


def _learn(texts: Iterable[str], seed: int) -> tuple[TermWeights, list[Counter[str]]]:
    """Word counts over all texts, and the words of a fair sample of them."""
    learned, sample, chance = TermWeights(), list[Counter[str]](), random.Random(seed)  # noqa: S311 - no secret
    for text in texts:
        words = learned.learn(text)
        if len(sample) < SAMPLE_TEXTS:
            sample.append(words)
        elif (place := chance.randrange(learned.texts)) < SAMPLE_TEXTS:
            sample[place] = words
    return learned, sample


def _terms(learned: TermWeights) -> list[str]:
    """The words that stand in several texts, and not in most of them."""
    most = max(2, learned.texts // 2)
    known = [(word, count) for word, count in learned.texts_with.items() if 2 <= count <= most]
    return [word for word, _ in sorted(known, key=lambda pair: (-pair[1], pair[0]))[:MOST_TERMS]]


def _centres(vectors: Vectors, count: int, width: int, seed: int) -> NDArray[np.float32]:
    """The best of a few k-means, each from its own far-apart rows."""
    import numpy as np

    best, found = -1.0, np.zeros((0, width), np.float32)
    for start in range(_STARTS):
        centres = _first_centres(vectors, count, width, np.random.default_rng(seed + start))
        for _ in range(_ROUNDS):
            labels = vectors.times(centres).argmax(axis=1)
            moved = _to_length_one(vectors.sums(labels, len(centres), width))
            still = np.allclose(moved, centres, atol=1e-4)
            centres = moved
            if still:
                break
        total = float(vectors.times(centres).max(axis=1).sum())
        if total > best:
            best, found = total, centres
    return found


def _first_centres(vectors: Vectors, count: int, width: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """k-means++: each next one is drawn the likelier, the farther it is from those before."""
    import numpy as np

    chosen = [vectors.dense(int(chance.integers(len(vectors))), width)]
    nearest = vectors.times(np.array(chosen))[:, 0]
    while len(chosen) < count:
        away = np.clip(1 - nearest, 0, None).astype(np.float64) ** 2
        if away.sum() < 1e-6:
            break
        chosen.append(vectors.dense(int(chance.choice(len(vectors), p=away / away.sum())), width))
        nearest = np.maximum(nearest, vectors.times(np.array(chosen[-1:]))[:, 0])
    return np.array(chosen)


def _merged(centres: NDArray[np.float32], vectors: Vectors) -> NDArray[np.float32]:
    """The centres without empty ones, those that are alike as one."""
    import numpy as np

    while len(centres) > 1:
        labels = vectors.times(centres).argmax(axis=1)
        sizes = np.bincount(labels, minlength=len(centres))
        if not sizes.all():
            centres = centres[sizes > 0]
            continue
        alike = np.triu(centres @ centres.T, 1)
        if alike.max() < _ALIKE:
            break
        one, other = np.unravel_index(int(alike.argmax()), alike.shape)
        labels[labels == other] = one
        centres = _to_length_one(vectors.sums(labels, len(centres), centres.shape[1]))
    return centres


def _to_length_one(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return scaled


def _labels(
    texts: Iterable[str],
    count: int,
    centres: NDArray[np.float32],
    places: dict[str, int],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.int16], float]:
    import numpy as np

    labels = np.full(count, NO_TOPIC, np.int16)
    remaining, first, total, near = iter(texts), 0, 0.0, 0
    while some := list(islice(remaining, _AT_ONCE)):
        vectors = vectors_of(_counted(some), places, weights)
        if len(vectors):
            cosines = vectors.times(centres)
            best, cosine = cosines.argmax(axis=1), cosines.max(axis=1)
            inside = cosine >= _FAR
            labels[first + vectors.rows[inside]] = best[inside]
            total, near = total + float(cosine[inside].sum()), near + int(inside.sum())
        first += len(some)
    return labels, round(total / near, 3) if near else 0.0


def _counted(texts: Iterable[str]) -> Iterator[Counter[str]]:
    return (Counter(topic_words(text)) for text in texts)


def _named(labels: NDArray[np.int16], cohesion: float, centres: NDArray[np.float32], terms: list[str]) -> Topics:
    """The topics by size, named after what sets each apart from the others."""
    import numpy as np

    sizes = np.bincount(labels[labels >= 0], minlength=len(centres))
    order = [int(place) for place in np.argsort(-sizes, kind="stable") if sizes[place]]
    renumbered = np.full(len(centres) + 1, NO_TOPIC, np.int16)
    renumbered[order] = np.arange(len(order))
    others = (centres.sum(axis=0) - centres) / max(1, len(centres) - 1)
    topics, taken = [], set[str]()
    for place in order:
        best = np.argsort(-(centres[place] - others[place]), kind="stable")[:_TERMS_OF_A_TOPIC]
        own = tuple(terms[term] for term in best if centres[place, term] > 0)
        topics.append(Topic(_name(own, taken), own, int(sizes[place]), round(int(sizes[place]) / len(labels), 4)))
    return Topics(tuple(topics), renumbered[labels], cohesion)


def _name(terms: tuple[str, ...], taken: set[str]) -> str:
    """The first words, more of them where another topic has that name; not "pump" beside "pumps"."""
    different: list[str] = []
    for term in terms:
        if not any(term[:5] == other[:5] for other in different):
            different.append(term)
    for words in range(_WORDS_OF_A_NAME, len(different) + 1):
        if (name := ", ".join(different[:words])) not in taken:
            break
    else:
        name = ", ".join(different) or OTHER
    number = 2
    while name in taken:
        name, number = f"{name.partition(' #')[0]} #{number}", number + 1
    taken.add(name)
    return name
