"""What a trainer without packed tokens does for every record: parse the line, tokenise its texts, put 8 together.

python -m benchmarks.packing.checks.on_the_fly LINES TOKENIZER

Runs in an environment that has `tokenizers`, the library under transformers. Prints CPU seconds a round, and the ids'
digest. No chat template and no mask: less than a trainer does.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time

# One thread: parallel ones take more CPU time, not less.
os.environ["TOKENIZERS_PARALLELISM"] = "false"

_ROUNDS, _BATCH = 5, 8


def main(lines_path: str, tokenizer_path: str) -> int:
    from tokenizers import Tokenizer

    encode = Tokenizer.from_file(tokenizer_path).encode
    with open(lines_path, "rb") as stream:
        lines = stream.readlines()
    seconds = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        batches = []
        for at in range(0, len(lines), _BATCH):
            batch = []
            for line in lines[at : at + _BATCH]:
                ids: list[int] = []
                for message in json.loads(line)["messages"]:
                    ids += encode(message["content"], add_special_tokens=False).ids
                batch.append(ids)
            batches.append(batch)
        seconds.append(time.process_time() - start)
    digest = hashlib.sha256(json.dumps(batches).encode()).hexdigest()
    print(json.dumps({"seconds": seconds, "digest": digest}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
