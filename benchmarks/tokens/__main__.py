"""How fast tokens are counted beside the fastest exact engines, and whether others count the same.

python -m benchmarks.tokens [TOKENIZER ...] [--rounds N]      (make bench-tokens)

Throughput is in MB of UTF-8 a second by the wall clock, of our counter and of the bare engines in turn in the same
process, all warm: medians, and the median of the rounds' ratios; "first pass" is ours with its loading. The
bar is 0.9 of the fastest engine. The torture text must be counted as by a second implementation and as by the
providers' own library, without one exception. Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from benchmarks.generation.figures import say_where
from benchmarks.tokens import corpora
from benchmarks.tokens.engines import Rival, fastest, library, second
from src.providers.token_counter import TokenCounter
from src.providers.tokenizers import FETCH, TOKENIZERS

COUNTED = ("o200k_base", "cl100k_base", "llama3", "mistral-tekken", "mistral-v3", "gemma3", "claude-3")
BAR = 0.9
ROUNDS = 21
# A corpus is counted as often as it takes to have so many bytes in a round.
ROUND_BYTES = 2_000_000


def main() -> int:
    chosen = _arguments()
    say_where()
    wanted = [name for name in chosen.tokenizers or COUNTED if _is_here(name)]
    speeds = {"short chats": corpora.short_chats(), "long documents": corpora.long_documents()}
    for title, texts in speeds.items():
        print(f"{title}: {len(texts):,} texts, {_bytes(texts) / 1e6:.2f} MB")
    print(f"\n{'tokenizer':<16}{'texts':<16}{'first pass':>11}{'ours':>9}{'fastest':>9}  {'bar':>5}{'ratio':>7}")
    met = [_compare_speed(name, title, texts, chosen.rounds) for name in wanted for title, texts in speeds.items()]
    texts = corpora.torture()
    print(f"\ntorture text: {len(texts):,} texts, {_bytes(texts) / 1e6:.2f} MB; differing counts, bar 0")
    met += [_compare_counts(name, other, texts) for name in wanted for other in (second(name), library(name))]
    return 0 if all(met) and len(wanted) else 1


def _compare_speed(name: str, title: str, texts: list[str], rounds: int) -> bool:
    counter = _Measured(TokenCounter(TOKENIZERS[name]).count)
    first = counter.megabytes_a_second(texts, 1)
    counter.count(texts * (12_000_000 // _bytes(texts) + 1))  # from here on there is much text
    rivals = [_Measured(rival.count, rival.name) for rival in fastest(name)]
    for rival in rivals:
        rival.count(texts)
    times = ROUND_BYTES // _bytes(texts) + 1
    slow = rivals[0].name == "ctok"
    taken = []
    for number in range(2 if slow else rounds):
        order = (counter, *rivals) if number % 2 else (*rivals, counter)
        speeds = {one.name: one.megabytes_a_second(texts, 1 if slow else times) for one in order}
        taken.append([speeds[one.name] for one in (counter, *rivals)])
    ours, *theirs = (statistics.median(column) for column in zip(*taken, strict=True))
    best = max(range(len(rivals)), key=theirs.__getitem__)
    ratio = statistics.median(row[0] / row[1 + best] for row in taken)
    missed = "  MISSED" if ratio < BAR else ""
    print(
        f"{name:<16}{title:<16}{first:>11.1f}{ours:>9.1f}{theirs[best]:>9.1f}  {BAR:>5}{ratio:>7.2f}"
        f"  {rivals[best].name}{missed}"
    )
    return not missed


def _compare_counts(name: str, other: Rival, texts: list[str]) -> bool:
    """Ours with little text and with much (another engine counts then), and the other's."""
    truth = list(other.count(texts))
    plain = TokenCounter(TOKENIZERS[name]).count
    small = [count for start in range(0, len(texts), 500) for count in plain(texts[start : start + 500])]
    plain(["warm " * 3_000_000])
    differing = [
        (text, found, true)
        for text, *found, true in zip(texts, small, plain(texts), truth, strict=True)
        if found != [true, true]
    ]
    print(f"{name:<16}{other.name:<34}{len(differing):>6}{'  MISSED' if differing else ''}")
    for text, found, true in differing[:5]:
        print(f"    {text[:90]!r}: ours {found}, {other.name} {true}")
    return not differing


class _Measured:
    """A way to count, with its speed."""

    def __init__(self, count: Callable[[Sequence[str]], Sequence[int]], name: str = "ours") -> None:
        self.count = count
        self.name = name

    def megabytes_a_second(self, texts: list[str], times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            self.count(texts)
        return _bytes(texts) * times / (time.perf_counter() - began) / 1e6


def _bytes(texts: Sequence[str]) -> int:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def _is_here(name: str) -> bool:
    here = TOKENIZERS[name].is_here()
    if not here:
        print(f"{name}: not on this machine, left out ({FETCH if name == 'gemma3' else 'pip install'})")
    return here


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokens", description=__doc__)
    parser.add_argument("tokenizers", nargs="*", metavar="TOKENIZER", help=f"of {', '.join(COUNTED)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
