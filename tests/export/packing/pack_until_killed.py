"""Fork processes that pack without end, and kill each at a random moment; after each, what is there must be whole.

`python -m tests.export.packing.pack_until_killed FOLDER CODEC SHARDS KILLS` prints how each state was found, as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import lz4.block  # noqa: F401
import msgspec  # noqa: F401
import orjson  # noqa: F401
import zstandard  # noqa: F401

from src.errors import PackError
from src.export.packing.container.pack_manifest import manifest_path, read_pack_manifest
from src.export.packing.dataset_packer import DatasetPacker
from src.export.packing.reading.pack import open_pack
from tests.export.packing.records import write_jsonl

COUNTS = (150, 220)


def sources(folder: Path) -> list[Path]:
    return [
        write_jsonl(folder / f"{count}.jsonl", [b'{"of": %d, "n": %d}' % (count, number) for number in range(count)])
        for count in COUNTS
    ]


def state(target: Path) -> str:
    """What a reader finds: one of the two datasets, nothing yet, or an error; never a mixture."""
    try:
        with open_pack(target) as pack:
            of = {value["of"] for frame in range(pack.frames) for value in pack.values(frame)}
            beside = manifest_path(target)
            if beside.exists() and read_pack_manifest(beside).records != len(pack):
                return "manifest of the other"
            return f"whole {len(pack)}" if len(pack) in COUNTS and of == {len(pack)} else "mixture"
    except PackError as error:
        return "absent" if "no such file" in str(error) else "refused"


def main(folder: Path, codec: str, shards: int | None, kills: int) -> dict[str, int]:
    chance, found = random.Random(5), Counter[str]()
    both, target = sources(folder), folder / "packed"
    DatasetPacker().pack(both[0], target, codec, shards=shards, overwrite=True)
    for number in range(kills):
        child = os.fork()
        if child == 0:
            packs = number
            while True:
                DatasetPacker().pack(both[packs % 2], target, codec, shards=shards, frame_records=16, overwrite=True)
                packs += 1
        time.sleep(chance.uniform(0.004, 0.08))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found[state(target)] += 1
        found["left over"] += bool(list(folder.glob(".packed.*")))
    DatasetPacker().pack(both[0], target, codec, shards=shards, overwrite=True)
    found["hidden at the end"] = len(list(folder.glob(".*")))
    found["at the end"] = state(target) == "whole 150"
    return dict(found)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) or None, int(sys.argv[4]))))
