"""Short texts with planted copies and near-copies, and splitting them without a leak, in a process of its own.

python -m benchmarks.export.split_texts COUNT      prints a JSON line
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from itertools import accumulate
from pathlib import Path

from src.analysis.similarity import is_near
from src.analysis.words import words_of
from src.dataset.splitting.leakage import measure_leakage
from src.dataset.splitting.near_groups import near_groups
from src.dataset.splitting.splitter import SplitPlan, split_dataset
from src.records import Dataset, Message, Origin, Sample

WORDS, LENGTHS = 60_000, (15, 55)


def planted(count: int) -> tuple[list[str], list[tuple[int, int]]]:
    """70 % texts of their own, 10 % copies in capitals, 20 % with up to 15 % of the words changed; and who is whose."""
    chance = random.Random(20261121)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 10))) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(WORDS)))
    texts: list[str] = []
    copies: list[tuple[int, int]] = []
    own = int(count * 0.7)
    for number in range(count):
        if number < own:
            texts.append(" ".join(chance.choices(words, cum_weights=weights, k=chance.randint(*LENGTHS))))
            continue
        source = chance.randrange(own)
        copy = texts[source].split()
        if number % 3:
            for _ in range(int(len(copy) * chance.uniform(0.01, 0.15))):
                copy[chance.randrange(len(copy))] = chance.choice(words)
        texts.append(" ".join(copy) if number % 3 else "  ".join(copy).upper() + ".")
        copies.append((number, source))
    return texts, copies


def _peak_mb() -> float:
    """The peak of this process in MB. Not ru_maxrss: Linux hands a child the peak of its parent."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1024


def main(count: int) -> None:
    texts, copies = planted(count)
    before = _peak_mb()
    start = time.process_time()
    groups = near_groups(texts)
    searched = time.process_time()
    memory = _peak_mb() - before
    near = [(a, b) for a, b in copies if is_near(set(words_of(texts[a])), " ".join(words_of(texts[b])))]
    missed = int(sum(groups[a] != groups[b] for a, b in near))
    origin = Origin("a.txt", "created", "d", "page 1")
    samples = [Sample(f"s{n:06d}", (Message("user", text),), origin) for n, text in enumerate(texts)]
    dataset = Dataset("bench", "openai", "m", "create", samples)
    marks = [time.process_time()]
    split = split_dataset(dataset, SplitPlan((0.8, 0.15, 0.05)))
    marks.append(time.process_time())
    leakage = measure_leakage(split)
    marks.append(time.process_time())
    torn = measure_leakage(split_dataset(dataset, SplitPlan((0.8, 0.15, 0.05), keep_near_duplicates_together=False)))
    found = {
        "near_s": searched - start, "near_mb": memory, "pairs": len(near), "missed": missed,
        "split_s": marks[1] - marks[0], "leak_s": marks[2] - marks[1], "leaks": leakage.to_json(),
        "torn": torn.near_duplicates, "sizes": [len(split.in_split(s)) for s in ("train", "validation", "test")],
    }  # fmt: skip
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
