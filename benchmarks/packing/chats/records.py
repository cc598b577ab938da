"""Write chat records as OpenAI's `messages` lines: sizes, turns and languages as in real fine-tuning files.

Mean 920 bytes, half of them under 750, one in twenty over 2,100, none over 6,300; 3.7 messages a record.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

from benchmarks.packing.chats.texts import MixedTexts, Texts

SEED = 20261121
RECORDS = 200_000
_MEDIAN, _SIGMA, _LEAST, _MOST = 776.0, 0.628, 150.0, 6_000.0
_WITH_SYSTEM, _TWO_TURNS, _THREE_TURNS = 0.6, 0.35, 0.1
_SYSTEMS, _SYSTEM_SIZE = 3_000, 110
# What a record and a message take besides their texts, escapes included.
_RECORD_BYTES, _MESSAGE_BYTES = 14, 43


def write_records(path: Path, records: int = RECORDS, seed: int = SEED, texts: Texts | None = None) -> str:
    """The file's SHA-256. The same seed gives the same bytes; fewer records are the first of more."""
    digest = hashlib.sha256()
    with path.open("wb", buffering=1 << 20) as stream:
        for line in record_lines(records, seed, texts):
            stream.write(line)
            digest.update(line)
    return digest.hexdigest()


def record_lines(records: int, seed: int = SEED, texts: Texts | None = None) -> Iterator[bytes]:
    """The lines themselves, each with its newline."""
    texts = texts or MixedTexts(seed)
    chance = random.Random(seed)
    systems = [texts.text(int(_SYSTEM_SIZE * (0.4 + 1.2 * chance.random()))) for _ in range(_SYSTEMS)]
    for _ in range(records):
        record = {"messages": _messages(chance, texts, systems)}
        yield json.dumps(record, ensure_ascii=False).encode("utf-8") + b"\n"


def _messages(chance: random.Random, texts: Texts, systems: list[str]) -> list[dict[str, str]]:
    left = min(_MOST, max(_LEAST, chance.lognormvariate(0, _SIGMA) * _MEDIAN)) - _RECORD_BYTES
    messages = []
    if chance.random() < _WITH_SYSTEM:
        messages.append({"role": "system", "content": systems[int(chance.random() * len(systems))]})
        left -= len(messages[0]["content"].encode()) + _MESSAGE_BYTES
    kind = chance.random()
    turns = 3 if kind < _THREE_TURNS else 2 if kind < _THREE_TURNS + _TWO_TURNS else 1
    for turn in range(turns, 0, -1):
        share = left / turn * (0.6 + 0.8 * chance.random() if turn > 1 else 1)
        left -= share
        share -= 2 * _MESSAGE_BYTES
        asked = share * (0.12 + 0.36 * chance.random())
        messages.append({"role": "user", "content": texts.text(max(12, int(asked)))})
        messages.append({"role": "assistant", "content": texts.text(max(16, int(share - asked)))})
    return messages
