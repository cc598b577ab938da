"""Runs one contender once: python serve.py KIND TEXTS RESULT.

TEXTS is a JSON list; RESULT gets {"flagged": positions said to have an earlier duplicate, "pairs": [[earlier, later]]
or null, "cpu": seconds of all threads, "rss_mb": the most the process held}. Only the work is timed, not imports and
the reading of the texts. It runs in environments that have the contender alone, so nothing of ours is imported above.
"""

from __future__ import annotations

import json
import resource
import sys
import time
import unicodedata
from collections.abc import Callable

Found = tuple[list[int], "list[list[int]] | None"]
THRESHOLD, PERMUTATIONS = 0.7, 128


def tokens_of(text: str) -> set[str]:
    words = text.casefold().split()
    return {" ".join(words[at : at + 3]) for at in range(len(words) - 2)} or set(words)


def ours() -> Callable[[list[str]], Found]:
    from src.dataset.duplicates.finding import find_duplicates
    from src.dataset.duplicates.near import near_pairs  # noqa: F401 - not timed
    from src.records import Message, Origin, Sample

    origin = Origin("a.txt", "created", "d", "page 1")

    def run(texts: list[str]) -> Found:
        report = find_duplicates(
            Sample(f"s{number:020d}", (Message("user", text),), origin) for number, text in enumerate(texts)
        )
        held = report.groups.numbers
        # Which samples have an earlier duplicate themselves: exact copies, and the later text of a near pair.
        texts_and_places = zip(held.texts.tolist(), held.positions.tolist(), strict=True)
        earlier = [(first, place) for first, place in texts_and_places if first != place]
        near = held.pairs.tolist()
        copies: dict[int, list[int]] = {}
        for first, place in earlier:
            copies.setdefault(first, [first]).append(place)
        pairs = [[a, b] for group in copies.values() for at, b in enumerate(group) for a in group[:at]]
        for one, other in near:
            pairs += [sorted((a, b)) for a in copies.get(one, [one]) for b in copies.get(other, [other])]
        return sorted({later for _, later in pairs}), pairs

    return run


def exact() -> Callable[[list[str]], Found]:
    from xxhash import xxh3_128_intdigest

    def run(texts: list[str]) -> Found:
        seen: set[int] = set()
        flagged = []
        for number, text in enumerate(texts):
            plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
            key = xxh3_128_intdigest(plain.encode())
            if key in seen:
                flagged.append(number)
            seen.add(key)
        return flagged, None

    return run


def prefix_join() -> Callable[[list[str]], Found]:
    """The exact join with prefix and length filters (AllPairs) in plain Python."""

    def run(texts: list[str]) -> Found:
        from collections import Counter

        rows = [tokens_of(text) for text in texts]
        often = Counter(token for row in rows for token in row)
        order = {
            token: place for place, (token, _) in enumerate(sorted(often.items(), key=lambda item: (item[1], item[0])))
        }
        sets = [sorted(order[token] for token in row) for row in rows]
        index: dict[int, list[int]] = {}
        pairs = []
        for number in sorted(range(len(sets)), key=lambda one: len(sets[one])):
            row = sets[number]
            size = len(row)
            found = {
                other for token in row[: size - (7 * size + 9) // 10 + 1] for other in index.get(token, ())
                if 10 * len(sets[other]) >= 7 * size
            }  # fmt: skip
            mine = set(row)
            for other in found:
                common = len(mine.intersection(sets[other]))
                if 10 * common >= 7 * (size + len(sets[other]) - common):
                    pairs.append(sorted((number, other)))
            for token in row[: size - (14 * size + 16) // 17 + 1]:
                index.setdefault(token, []).append(number)
        return sorted({later for _, later in pairs}), pairs

    return run


def datasketch() -> Callable[[list[str]], Found]:
    from datasketch import MinHash, MinHashLSH

    def run(texts: list[str]) -> Found:
        tokens = [[token.encode() for token in tokens_of(text)] for text in texts]
        return _query(MinHash.bulk(tokens, num_perm=PERMUTATIONS), MinHashLSH(THRESHOLD, num_perm=PERMUTATIONS))

    return run


def datasketch_one_by_one() -> Callable[[list[str]], Found]:
    from datasketch import MinHash, MinHashLSH

    def run(texts: list[str]) -> Found:
        made = []
        for text in texts:
            one = MinHash(num_perm=PERMUTATIONS)
            one.update_batch([token.encode() for token in tokens_of(text)])
            made.append(one)
        return _query(made, MinHashLSH(THRESHOLD, num_perm=PERMUTATIONS))

    return run


def _query(sketches: list, lsh: object) -> Found:  # type: ignore[type-arg]
    flagged = []
    for number, sketch in enumerate(sketches):
        if lsh.query(sketch):  # type: ignore[attr-defined]
            flagged.append(number)
        lsh.insert(str(number), sketch)  # type: ignore[attr-defined]
    return flagged, None


def rensa() -> Callable[[list[str]], Found]:
    from rensa import RMinHashDeduplicator

    def run(texts: list[str]) -> Found:
        made = RMinHashDeduplicator(THRESHOLD, PERMUTATIONS, True, 16, 42)
        kept = made.add_pairs([(str(number), list(tokens_of(text))) for number, text in enumerate(texts)])
        return [number for number, keep in enumerate(kept) if not keep], None

    return run


KINDS = {made.__name__: made for made in (ours, exact, prefix_join, datasketch, datasketch_one_by_one, rensa)}


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def most_mb() -> float:
    """The most memory this process held. (On Linux ru_maxrss is that of the process that started it, if more.)"""
    try:
        with open("/proc/self/status", encoding="ascii") as stream:
            return next(int(line.split()[1]) for line in stream if line.startswith("VmHWM")) / (1 << 10)
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    kind, source, target = sys.argv[1:]
    with open(source, encoding="utf-8") as stream:
        texts: list[str] = json.load(stream)
    run = KINDS[kind]()
    before, wall = cpu(), time.perf_counter()
    flagged, pairs = run(texts)
    used = cpu() - before
    found = {"flagged": flagged, "pairs": pairs, "cpu": used, "wall": time.perf_counter() - wall, "rss_mb": most_mb()}
    with open(target, "w", encoding="utf-8") as stream:
        json.dump(found, stream)


if __name__ == "__main__":
    main()
