"""Self-BLEU: how much each of some texts is like all the others together (Y. Zhu and others, Texygen, SIGIR 2018)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

_ORDERS = 4
_Grams = Counter[tuple[str, ...]]


def self_bleu(texts: Sequence[Sequence[str]]) -> float | None:
    """The mean BLEU-4 of each text (as words) against all others, 0 to 100; None for fewer than two texts.

    Counted as sacrebleu counts sentences (exponential smoothing, closest length), at once instead of one by one.
    """
    kept = [words for words in texts if words]
    if len(kept) < 2:
        return None
    clipped = [_matches(kept, order) for order in range(1, _ORDERS + 1)]
    scores = [_bleu(len(words), [found[at] for found in clipped], _closest(kept, at)) for at, words in enumerate(kept)]
    return round(100 * sum(scores) / len(scores), 2)


def _matches(texts: Sequence[Sequence[str]], order: int) -> list[tuple[int, int]]:
    """For each text the n-grams that stand in another one, as often as they stand there at most, and all of them."""
    counts: list[_Grams] = [Counter(zip(*(words[n:] for n in range(order)), strict=False)) for words in texts]
    # The highest count of each n-gram, whose it is, and the highest of the others.
    best: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for owner, grams in enumerate(counts):
        for gram, count in grams.items():
            first, whose, second = best.get(gram, (0, -1, 0))
            best[gram] = (count, owner, first) if count > first else (first, whose, max(second, count))
    found = []
    for owner, grams in enumerate(counts):
        matched = 0
        for gram, count in grams.items():
            first, whose, second = best[gram]
            matched += min(count, second if whose == owner else first)
        found.append((matched, sum(grams.values())))
    return found


def _closest(texts: Sequence[Sequence[str]], at: int) -> int:
    """The length of the other text that is nearest in length, the shorter one among equals."""
    own = len(texts[at])
    return min((abs(len(words) - own), len(words)) for number, words in enumerate(texts) if number != at)[1]


def _bleu(length: int, matches: Sequence[tuple[int, int]], reference: int) -> float:
    total, smooth = 0.0, 1.0
    for matched, count in matches:
        if not count:
            continue
        if not matched:
            smooth *= 2
        total += math.log(matched / count if matched else 1 / (smooth * count))
    orders = sum(1 for _, count in matches if count)
    penalty = 1.0 if length >= reference else math.exp(1 - reference / length)
    return penalty * math.exp(total / orders) if orders else 0.0
