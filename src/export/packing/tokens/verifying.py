"""Verify a token file from end to end: every checksum, every id, and what the metadata says of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from src.errors import PackError
from src.export.packing.tokens.arrow_file.token_batches import TokenArrays
from src.export.packing.tokens.token_dataset import TokenDataset
from src.export.packing.tokens.token_metadata import TokenMetadata, length_statistics


class Check(NamedTuple):
    """What was checked, whether it is so, and what was found."""

    check: str
    ok: bool
    text: str


@dataclass(slots=True)
class _Found:
    """What was counted in the batches that could be read."""

    records: int = 0
    tokens: int = 0
    trained: int = 0
    largest_id: int = -1
    last_line: int = 0
    bad_masks: int = 0
    unordered: int = 0
    lengths: Counter[int] = field(default_factory=Counter)

    def add(self, arrays: TokenArrays) -> None:
        import numpy as np

        self.records += len(arrays.lines)
        self.tokens += len(arrays.input_ids)
        self.trained += int(np.count_nonzero(arrays.loss_mask == 1))
        self.bad_masks += int(np.count_nonzero(arrays.loss_mask > 1))
        self.largest_id = max(self.largest_id, int(arrays.input_ids.max(initial=0)))
        lines = np.concatenate([[self.last_line], arrays.lines])
        self.unordered += int(np.count_nonzero(lines[1:] <= lines[:-1]))
        self.last_line = int(lines[-1])
        values, times = np.unique(np.diff(arrays.offsets), return_counts=True)
        self.lengths.update(dict(zip(values.tolist(), times.tolist(), strict=True)))


def verify_tokens(path: Path | str) -> list[Check]:
    """What is right and wrong with a token file, of which nothing is taken on trust."""
    try:
        dataset = TokenDataset(path)
    except PackError as error:
        return [Check("structure", False, str(error))]
    metadata, found, damaged = dataset.metadata, _Found(), []
    structure = Check("structure", True, f"{dataset.record_batches} record batches, {metadata.tokenizer}")
    for number in range(dataset.record_batches):
        try:
            found.add(dataset.record_batch(number))
        except PackError as error:
            damaged.append(str(error))
    told = "; ".join(damaged[:5]) or f"every one of {dataset.record_batches} record batches is as it was written"
    return [structure, Check("checksums", not damaged, told), *_checks(metadata, found)]


def _checks(metadata: TokenMetadata, found: _Found) -> list[Check]:
    below = found.largest_id < metadata.vocabulary_size
    share = round(found.trained / found.tokens, 4) if found.tokens else 0.0
    return [
        Check("token ids", below, f"the largest id is {found.largest_id}; {metadata.vocabulary_size} ids are known"),
        Check("loss masks", not found.bad_masks, f"{found.bad_masks} are neither 0 nor 1"),
        Check("source lines", not found.unordered, f"{found.unordered} are out of order"),
        _same("records", found.records, metadata.records),
        _same("tokens", found.tokens, metadata.tokens),
        _same("trained tokens", found.trained, metadata.trained_tokens),
        _same("trained share", share, metadata.trained_share),
        _same("lengths", length_statistics(found.lengths), metadata.lengths),
    ]


def _same(check: str, found: object, said: object) -> Check:
    return Check(check, found == said, f"{found}" if found == said else f"{found}, but the metadata says {said}")
