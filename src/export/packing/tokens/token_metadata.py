"""What a token file says about itself: one JSON text in the schema's metadata, with a checksum of its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from src.errors import PackError

FORMAT_VERSION = 1
# Keys of the schema's metadata, and of a record batch's.
METADATA_KEY, METADATA_CHECKSUM_KEY, BATCH_CHECKSUM_KEY = "ftdb.tokens", "ftdb.tokens.xxh3_64", "xxh3_64"
# So many records or tokens, whichever comes first, make a record batch.
BATCH_RECORDS, BATCH_TOKENS = 1024, 1 << 20


@dataclass(frozen=True, slots=True)
class TokenMetadata:
    """`batches` are runs of record batches, as [records in each, number of them]. Ids are below `vocabulary_size`.

    `special_ids` hold those the template uses, with "<pad>" the one to fill up with. `lengths` are min, mean, p50, p95
    and max of the tokens of a record; `trained_share` is `trained_tokens` of `tokens`. `left_out` counts examples by
    reason, `rejected` lines that hold none.
    """

    tokenizer: str
    vocabulary_size: int
    vocabulary_sha256: str
    special_ids: dict[str, int]
    template: str
    train_on: str
    records: int
    tokens: int
    trained_tokens: int
    batches: list[list[int]]
    format_version: int = FORMAT_VERSION
    tool_version: str = ""
    trained_share: float = 0.0
    lengths: dict[str, float] = field(default_factory=dict)
    max_tokens: int | None = None
    truncated: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    rejected: int = 0
    source: str = ""
    source_bytes: int = 0
    source_sha256: str = ""

    @property
    def bytes_per_id(self) -> int:
        """2 where every id fits 16 bits, else 4."""
        return 2 if self.vocabulary_size <= 1 << 16 else 4

    @property
    def pad_id(self) -> int:
        return self.special_ids["<pad>"]

    def batch_records(self) -> list[int]:
        """The records in each record batch."""
        return [records for records, times in self.batches for _ in range(times)]

    def as_schema_metadata(self) -> dict[str, str]:
        """What stands in the schema."""
        text = json.dumps(asdict(self), sort_keys=True)
        return {METADATA_KEY: text, METADATA_CHECKSUM_KEY: _checksum(text)}


def read_metadata(pairs: Mapping[bytes, bytes], most_batches: int) -> TokenMetadata:
    """What a schema's metadata says. Raises PackError, without a file's name, where it is not what was written."""
    text, checksum = pairs.get(METADATA_KEY.encode()), pairs.get(METADATA_CHECKSUM_KEY.encode())
    if text is None or checksum is None or len(pairs) != 2:
        raise PackError("it is no token file of this program (its schema does not hold the metadata of one)")
    if checksum.decode("ascii", "replace") != _checksum(text.decode("utf-8", "replace")):
        raise PackError("its metadata is damaged (the checksum differs)")
    try:
        content = json.loads(text)
        version = content["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PackError(f"its metadata cannot be read ({error!r})") from error
    if type(version) is not int or version > FORMAT_VERSION:
        raise PackError(f"it is of format version {version!r}; this program reads {FORMAT_VERSION}: update it")
    if not _is_whole(content):
        raise PackError("its metadata is not that of a token file")
    metadata = TokenMetadata(**content)
    _check_counts(metadata, most_batches)
    return metadata


def run_lengths(values: Sequence[int]) -> list[list[int]]:
    """[value, times] for each run of the same value."""
    runs: list[list[int]] = []
    for value in values:
        if runs and runs[-1][0] == value:
            runs[-1][1] += 1
        else:
            runs.append([value, 1])
    return runs


def length_statistics(lengths: Counter[int]) -> dict[str, float]:
    """min, mean, p50, p95 and max of values that are counted; {} without any."""
    count = sum(lengths.values())
    if not count:
        return {}
    ordered = sorted(lengths.items())
    mean = sum(length * times for length, times in ordered) / count
    middle = {f"p{share}": _at(ordered, count * share / 100) for share in (50, 95)}
    return {"min": ordered[0][0], "mean": round(mean, 2), **middle, "max": ordered[-1][0]}


def _at(ordered: Sequence[tuple[int, int]], rank: float) -> int:
    seen = 0
    for value, times in ordered:
        seen += times
        if seen >= rank:
            return value
    return ordered[-1][0]


def _checksum(text: str) -> str:
    from xxhash import xxh3_64_hexdigest

    return str(xxh3_64_hexdigest(text.encode("utf-8", "replace")))


def _is_whole(content: Any) -> bool:
    """Whether all keys are there, and no others, with values that can be worked with."""
    numbers = ("vocabulary_size", "records", "tokens", "trained_tokens")
    if not isinstance(content, dict) or content.keys() != {one.name for one in fields(TokenMetadata)}:
        return False
    runs, ids = content["batches"], content["special_ids"]
    return (
        all(_is_count(content[name]) for name in numbers)
        and isinstance(runs, list)
        and all(isinstance(run, list) and len(run) == 2 and all(map(_is_count, run)) for run in runs)
        and isinstance(ids, dict)
        and all(map(_is_count, ids.values()))
        and "<pad>" in ids
    )


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 62


def _check_counts(metadata: TokenMetadata, batches: int) -> None:
    """The runs are only drawn out when they fit what is really there."""
    if sum(times for _, times in metadata.batches) != batches:
        raise PackError("its metadata does not name the record batches that it holds")
    if sum(records * times for records, times in metadata.batches) != metadata.records:
        raise PackError("the records of its batches do not add up to those it names")
