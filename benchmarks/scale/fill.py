"""python -m benchmarks.scale.fill DATABASE SAMPLES: a dataset "bench" saved as a stream, none of it held in memory."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import overload

from src.persistence.sqlite_client import DatasetStore
from src.records import Dataset, Message, Origin, Sample, Span, Split

_WORDS, _RECENT = 50_000, 1_000


def make_samples(number: int, seed: int = 1) -> Iterator[Sample]:
    """Questions and answers of usual length, every tenth with the words of a recent one, however many there are."""
    chance = random.Random(seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(_WORDS)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(_WORDS)))
    recent: list[list[str]] = []
    for n in range(number):
        if n % 10 or not recent:
            said = chance.choices(words, cum_weights=weights, k=chance.randint(30, 90))
        else:
            said = [*chance.choice(recent)]
            said[chance.randrange(len(said))] = chance.choice(words)
        recent[n % _RECENT : n % _RECENT + 1] = [said]
        messages = (Message("user", " ".join(said[:15])), Message("assistant", " ".join(said[15:])))
        document, place = f"{n // 5000:064x}", Span(n % 5000 * 600, n % 5000 * 600 + 600)
        origin = Origin(
            f"guide-{n // 5000}.pdf", "created", document, f"page {n % 300}", place, (), f"chunk-{n // 4}",
            "create-1a2b3c4d", "gpt-4.1-mini", f"{chance.getrandbits(256):064x}",
        )  # fmt: skip
        topics = (words[n % 300], words[n % 500], words[n % 700])
        split: Split = "validation" if n % 10 == 5 else "train"
        yield Sample(f"s{chance.getrandbits(80):020x}", messages, origin, topics, 120, split)


class Made(Sequence[Sample]):
    """So many samples, made while they are gone through."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Sample]:
        return make_samples(self.number)

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | Sequence[Sample]:
        raise TypeError("these samples can only be gone through")


if __name__ == "__main__":
    with DatasetStore(Path(sys.argv[1])) as store:
        samples = Made(int(sys.argv[2]))
        store.save_dataset(Dataset("bench", "openai", "gpt-4.1-mini-2025-04-14", "create", samples), {})
