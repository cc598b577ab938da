"""What the messages of samples say about a dataset: characters and tokens of each role, words, repeats, languages."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from xxhash import xxh3_64_intdigest

from src.dataset.duplicates.sides import BETWEEN, normalised
from src.dataset.statistics.columns import Labels, numbers_of
from src.dataset.statistics.results import Duplicates, NotComputed, RoleFigures, Roles, Vocabulary
from src.dataset.statistics.spreads import spread_of
from src.dataset.statistics.words.vocabulary import VocabularyTally
from src.records import Role

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CountTokens = Callable[[Sequence[str]], Sequence[int]]
LanguageOf = Callable[[str], str]

_ROLES: tuple[Role, ...] = get_args(Role)
_AT_ONCE = 500
# What tells a language: enough, and not so much that a million long samples take hours.
_LANGUAGE_CHARACTERS = 1_000
_SHARED_OUT = "a sample's tokens, shared out by the characters of its messages"
_COUNTED = "counted with the dataset's tokenizer, without what stands around messages"


class MessageTally:
    """Counts the messages of samples that come one after the other. About 25 bytes a sample.

    `count_tokens` counts texts without any framing; without it a sample's tokens are shared out by characters.
    `language_of` names the language of a text, "" where it cannot tell.
    """

    def __init__(self, count_tokens: CountTokens | None, language_of: LanguageOf | None) -> None:
        self.languages = Labels()
        self._count_tokens = count_tokens
        self._language_of = language_of
        self._waiting: list[Sequence[tuple[Role, str]]] = []
        self._messages = dict.fromkeys(_ROLES, 0)
        self._characters = dict.fromkeys(_ROLES, 0)
        self._weights: Mapping[Role, array[int]] = {role: array("i") for role in _ROLES}
        self._hashes = array("Q")
        self._words = VocabularyTally()

    def add(self, messages: Sequence[tuple[Role, str]]) -> None:
        """Count the messages of one sample."""
        self._waiting.append(messages)
        if len(self._waiting) >= _AT_ONCE:
            self._count()

    @property
    def samples(self) -> int:
        return len(self._weights["user"]) + len(self._waiting)

    def vocabulary(self) -> Vocabulary | NotComputed:
        self._count()
        return self._words.vocabulary()

    def duplicates(self) -> Duplicates:
        """Exact ones, as src.dataset.duplicates finds them.

        By hashes of 64 bits: of forty million datasets of a million samples, one has a false pair.
        """
        import numpy as np

        self._count()
        hashes = np.sort(np.frombuffer(self._hashes, np.uint64)) if self._hashes else np.zeros(0, np.uint64)
        new = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)])
        groups = np.diff(np.append(new, len(hashes)))
        repeats = len(hashes) - len(new)
        return Duplicates(repeats, round(repeats / max(1, self.samples), 6), int(groups.max(initial=0)))

    def roles(self, tokens: NDArray[np.int64]) -> Roles:
        """The figures of each role that occurs; `tokens` are those of the samples, in the same order."""
        import numpy as np

        self._count()
        columns = {role: numbers_of(self._weights[role]) for role in _ROLES if self._messages[role]}
        if self._count_tokens is None and columns:
            whole = np.maximum(1, np.sum(list(columns.values()), axis=0))
            columns = {role: np.rint(tokens * weights / whole).astype(np.int64) for role, weights in columns.items()}
        figures: dict[str, RoleFigures] = {role: self._figures(role, column) for role, column in columns.items()}
        return Roles(_COUNTED if self._count_tokens else _SHARED_OUT, figures)

    def _figures(self, role: Role, tokens: NDArray[np.int64]) -> RoleFigures:
        import numpy as np

        present = np.sort(tokens[numbers_of(self._weights[role]) > 0])
        return RoleFigures(
            self._messages[role], self._characters[role], int(tokens.sum()), len(present), spread_of(present)
        )

    def _count(self) -> None:
        samples, self._waiting = self._waiting, []
        if not samples:
            return
        self._count_roles(samples)
        for messages in samples:
            spoken = [text for role, text in messages if role != "system"]
            plain = normalised(BETWEEN.join(spoken))
            if plain.strip("\0 "):  # nothing said is no repeat
                self._hashes.append(xxh3_64_intdigest(plain.encode("utf-8", "surrogatepass")))
            for text in spoken:
                self._words.add(text)
            if self._language_of is not None:
                self.languages.add(self._language_of("\n".join(spoken)[:_LANGUAGE_CHARACTERS]) or "unknown")

    def _count_roles(self, samples: Sequence[Sequence[tuple[Role, str]]]) -> None:
        texts = [text for messages in samples for _, text in messages]
        lengths = list(map(len, texts))
        weights = iter(self._count_tokens(texts) if self._count_tokens else lengths)
        sizes = iter(lengths)
        for messages in samples:
            own = dict.fromkeys(_ROLES, 0)
            for role, _ in messages:
                self._messages[role] += 1
                self._characters[role] += next(sizes)
                own[role] += next(weights)
            for role, weight in own.items():
                self._weights[role].append(weight)
