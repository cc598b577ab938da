"""A vocabulary of ranks, as tiktoken has it, as the tokenizer.json that `tokenizers` reads: the same ids from both."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

# As in the tokenizer.json of meta-llama/Llama-3.1-8B
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def write_tokenizer(path: Path, ranks: dict[bytes, int]) -> None:
    """Llama 3's, from its ranks."""
    letters = _letters()
    vocabulary = {"".join(letters[byte] for byte in token): rank for token, rank in ranks.items()}
    pairs = (_halves(token, rank, ranks) for token, rank in sorted(ranks.items(), key=lambda item: item[1]))
    merges = [["".join(letters[byte] for byte in half) for half in pair] for pair in pairs if pair]
    split = {"type": "Split", "pattern": {"Regex": _LLAMA3}, "behavior": "Isolated", "invert": False}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    content: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, byte_level]},
        "decoder": byte_level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges, "ignore_merges": True},
    }
    path.write_text(json.dumps(content), "utf-8")


def _halves(token: bytes, rank: int, ranks: dict[bytes, int]) -> tuple[bytes, bytes] | None:
    """The two tokens that this one is merged of; None for a single byte, or where merging does not lead to it."""
    parts = [bytes([byte]) for byte in token]
    while len(parts) > 2:
        joined = [ranks.get(left + right, rank) for left, right in pairwise(parts)]
        least = min(joined)
        if least >= rank:
            return None
        at = joined.index(least)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _letters() -> dict[int, str]:
    """The printable sign that stands for each byte, as in GPT-2's encoder.py."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {**{byte: chr(byte) for byte in plain}, **{byte: chr(256 + at) for at, byte in enumerate(others)}}
