"""Batches of 8 that are ready to train on, against parsing and tokenising the same lines on the fly."""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
from itertools import chain, islice
from pathlib import Path
from typing import Any

from benchmarks.generation.figures import Figure
from benchmarks.packing.checks.bars import AtLeast
from benchmarks.packing.checks.byte_pairs import write_tokenizer
from benchmarks.packing.checks.validation import interleaved
from benchmarks.packing.contenders.contender import BATCH
from benchmarks.packing.contenders.serve import consume
from benchmarks.packing.rows import ROUNDS
from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError, python_for
from src.export.packing.tokens.token_dataset import TokenDataset
from src.export.packing.tokens.token_encoders import load_encoder
from src.export.packing.tokens.token_packer import pack_tokens
from src.providers.tokenizers.vocabularies import read_vocabulary, vocabulary_file

_TOKENIZER = "llama3"
_SAMPLE = 2_000
# So many are tokenised within a minute; what a batch takes does not depend on their number.
_MOST_PACKED = 50_000
_PEER = Checker("tokenizers 0.23.3", "packing-tokenizers", (), ("tokenizers==0.23.3",))
_ROOT = Path(__file__).resolve().parents[3]


def figures(source: Path, records: int, folder: Path) -> tuple[list[Figure], list[str]]:
    """Ratios of what a record takes, and how it was measured."""
    some, packed = folder / "tokens.jsonl", folder / "tokens.arrow"
    with source.open("rb") as stream:
        lines = list(islice(stream, min(records, _MOST_PACKED)))
    some.write_bytes(b"".join(lines))
    made = pack_tokens(some, packed, tokenizer=_TOKENIZER, format="openai-chat", overwrite=True)
    taken = _in_batches(packed, made.records)
    encoded = _encoded_by_tiktoken(lines[:_SAMPLE])
    peer = _by_tokenizers(lines[:_SAMPLE], folder, encoded["digest"])
    slow = peer.get("us", encoded["us"])
    remarks = [
        f"on the fly: json.loads and {_TOKENIZER}'s ids, {_SAMPLE:,} records, scaled a record: {_told(peer)}",
        f"tiktoken, the same ids: {encoded['us']:.0f} us a record; padded {encoded['us'] / taken['padded']:.0f} x, "
        f"views {encoded['us'] / taken['views']:.0f} x that",
        f"packed: {made.records:,} records, {made.tokens:,} tokens, {packed.stat().st_size / 1e6:.1f} MB; "
        "every batch's checksum is verified in each round",
    ]
    return [
        AtLeast("padded batches, x parse and tokenise", slow / taken["padded"], 300, note=_each(taken["padded"])),
        AtLeast("views, x parse and tokenise", slow / taken["views"], 1_000, note=_each(taken["views"])),
    ], remarks


def _told(peer: dict[str, Any]) -> str:
    return f"tokenizers {peer['us']:.0f} us a record" if "us" in peer else f"tokenizers not here ({peer['reason']})"


def _each(microseconds: float) -> str:
    return f"{microseconds:.3f} us a record"


def _in_batches(packed: Path, records: int) -> dict[str, float]:
    """Microseconds a record. A view is taken of both arrays of each batch."""

    def padded() -> None:
        consume(TokenDataset(packed).padded_batches(BATCH))

    def views() -> None:
        for batch in TokenDataset(packed).batches(BATCH):
            _ = batch.input_ids, batch.loss_mask

    seconds = interleaved(ROUNDS, {"padded": padded, "views": views}.items())
    return {name: 1e6 * each / records for name, each in seconds.items()}


def _encoded_by_tiktoken(lines: list[bytes]) -> dict[str, Any]:
    encode = load_encoder(_TOKENIZER).encode
    batches: list[list[list[int]]] = []

    def run() -> None:
        batches.clear()
        for at in range(0, len(lines), BATCH):
            messages = [json.loads(line)["messages"] for line in lines[at : at + BATCH]]
            encoded = [encode([message["content"] for message in one]) for one in messages]
            batches.append([list(chain.from_iterable(texts)) for texts in encoded])

    seconds = interleaved(ROUNDS, [("tiktoken", run)])["tiktoken"]
    digest = hashlib.sha256(json.dumps(batches).encode()).hexdigest()
    return {"us": 1e6 * seconds / len(lines), "digest": digest}


def _by_tokenizers(lines: list[bytes], folder: Path, digest: str) -> dict[str, Any]:
    """What a trainer's own library takes, or why that is not known. Its ids are to be tiktoken's."""
    try:
        python = python_for(_PEER)
    except NotInstalledError as error:
        return {"reason": str(error)}
    sample, tokenizer = folder / "sample.jsonl", folder / "tokenizer.json"
    sample.write_bytes(b"".join(lines))
    write_tokenizer(tokenizer, read_vocabulary(vocabulary_file(_TOKENIZER)))
    command = [str(python), "-m", "benchmarks.packing.checks.on_the_fly", str(sample), str(tokenizer)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=_ROOT, env={**os.environ})
    if done.returncode:
        return {"reason": done.stderr.strip()[-200:]}
    found = json.loads(done.stdout)
    if found["digest"] != digest:
        return {"reason": "its ids are not those of tiktoken"}
    return {"us": 1e6 * statistics.median(found["seconds"]) / len(lines)}
