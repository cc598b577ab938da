"""What the messages of samples say about a dataset: characters and tokens of each role, words, repeats, languages."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, get_args

from xxhash import xxh3_64_intdigest

from src.dataset.duplicates.sides import BETWEEN, normalised
from src.dataset.spools.parted_spool import PartedSpool
from src.dataset.statistics.columns import Column, Labels
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
_PARTS, _HELD = 16, 1 << 17  # hashes of what samples say
# What tells a language: enough, and not so much that a million long samples take hours.
_LANGUAGE_CHARACTERS = 1_000
_SHARED_OUT = "a sample's tokens, shared out by the characters of its messages"
_COUNTED = "counted with the dataset's tokenizer, without what stands around messages"


class MessageTally:
    """Counts the messages of samples that come one after the other. About 25 bytes a sample, in temporary files.

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
        self._weights: Mapping[Role, Column] = {role: Column() for role in _ROLES}
        self._said = PartedSpool(_PARTS, 1, _HELD)
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
        repeats = largest = 0
        for part in range(len(self._said)):
            (hashes,) = self._said.read(part)
            hashes = np.sort(hashes)
            new = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)])
            repeats += len(hashes) - len(new)
            largest = max(largest, int(np.diff(np.append(new, len(hashes))).max(initial=0)))
        return Duplicates(repeats, round(repeats / max(1, self.samples), 6), largest)

    def roles(self, tokens: Column) -> Roles:
        """The figures of each role that occurs; `tokens` are those of the samples, in the same order."""
        import numpy as np

        self._count()
        totals = dict.fromkeys(_ROLES, 0)
        present: dict[Role, list[NDArray[np.int32]]] = {role: [] for role in _ROLES if self._messages[role]}
        weights = zip(*(self._weights[role].pieces() for role in present), strict=True)
        for whole, own in zip(tokens.pieces(), weights, strict=True) if present else ():
            for role, weight, counted in zip(present, own, self._tokens_of(whole, own), strict=True):
                totals[role] += int(counted.sum())
                present[role].append(counted[weight > 0])
        figures: dict[str, RoleFigures] = {
            role: self._figures(role, totals[role], np.concatenate(parts)) for role, parts in present.items()
        }
        return Roles(_COUNTED if self._count_tokens else _SHARED_OUT, figures)

    def _tokens_of(
        self, tokens: NDArray[np.int32], weights: Sequence[NDArray[np.int32]]
    ) -> Sequence[NDArray[np.int32]]:
        """How the tokens of samples belong to their roles."""
        import numpy as np

        if self._count_tokens is not None:
            return weights
        whole = np.maximum(1, np.sum([weight.astype(np.int64) for weight in weights], axis=0))
        return [np.rint(tokens.astype(np.int64) * weight / whole).astype(np.int32) for weight in weights]

    def _figures(self, role: Role, total: int, tokens: NDArray[np.int32]) -> RoleFigures:
        tokens.sort()
        return RoleFigures(self._messages[role], self._characters[role], total, len(tokens), spread_of(tokens))

    def _count(self) -> None:
        samples, self._waiting = self._waiting, []
        if not samples:
            return
        self._count_roles(samples)
        said = array("Q")
        for messages in samples:
            spoken = [text for role, text in messages if role != "system"]
            plain = normalised(BETWEEN.join(spoken))
            if plain.strip("\0 "):  # nothing said is no repeat
                said.append(xxh3_64_intdigest(plain.encode("utf-8", "surrogatepass")))
            for text in spoken:
                self._words.add(text)
            if self._language_of is not None:
                self.languages.add(self._language_of("\n".join(spoken)[:_LANGUAGE_CHARACTERS]) or "unknown")
        import numpy as np

        self._said.add(np.frombuffer(said, np.uint64))

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
