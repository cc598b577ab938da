"""What a script of a few lines does to the same file: json.loads and tiktoken, row by row, no checks. Needs no network.

python -m benchmarks.validate.peer FILE
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from src.providers.tokenizers.engines import PATTERNS
from src.providers.tokenizers.vocabularies import vocabulary_file
from src.providers.tokenizers.vocabulary_counter import load_counter


def main(path: Path) -> None:
    count = load_counter(vocabulary_file("o200k_base"), "o200k_base", PATTERNS["o200k_base"])
    began, before = time.perf_counter(), time.process_time()
    tokens = 0
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            tokens += 3 + sum(4 + count(message["content"]) for message in json.loads(line)["messages"])
    wall, cpu = time.perf_counter() - began, time.process_time() - before
    print(json.dumps({"wall": wall, "cpu": cpu, "tokens": tokens}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
