"""tfrecord: shards of tf.train.Example, for TensorFlow and whatever else reads TFRecord."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import (
    TURN_FIELDS,
    FullSamples,
    Record,
    canonical,
    field_names,
    records_of,
    single_turn,
)
from src.export.formats.split_files import ShardedWriter, check_shard_names, shards_of
from src.export.formats.tensors.reading_code import tfrecord_readme
from src.export.formats.tensors.tf_example import Values, read_example, write_example
from src.export.formats.tensors.tf_records import framed, read_records
from src.records import Split

SUFFIX = ".tfrecord"
# Features that hold JSON, and those that hold several values or none.
_AS_JSON = ("messages", "turn_spans")
_LISTS = ("topic_keywords", "span")
_INTEGERS = ("span", "token_length")
_NO_TURN = ("", "", "")


class TFRecord(FullSamples):
    name = "tfrecord"
    summary = "TFRecord: shards of tf.train.Example with checksums"
    folder = "tfrecord"

    def open(self, folder: Path, job: ExportJob) -> TFRecordWriter:
        return TFRecordWriter(folder, job)

    def read_back(self, folder: Path, split: Split, job: ExportJob) -> Iterator[bytes]:
        for path in shards_of(folder, split, SUFFIX):
            for number, record in enumerate(read_records(path), start=1):
                try:
                    yield canonical(_record_of(read_example(record), job))
                except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
                    raise ExportError(f"{path}: record {number} is not a sample ({error!r}).") from error

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        problems = check_shard_names(folder, job, SUFFIX)
        readme = folder / "README.md"
        if not readme.is_file() or readme.read_bytes() != tfrecord_readme(job).encode():
            problems.append("README.md: does not describe the features")
        return problems


class _Shard:
    """One open shard."""

    def __init__(self, path: Path, job: ExportJob) -> None:
        self.job = job
        self._names = field_names(job)
        self._stream: BinaryIO = path.open("xb")

    def add(self, batch: Batch, positions: Sequence[int]) -> None:
        records = records_of(batch, self.job)
        made = (_features_of(records[place], batch.messages[place], self._names) for place in positions)
        self._stream.write(b"".join([framed(write_example(features, _INTEGERS)) for features in made]))

    def close(self) -> None:
        self._stream.close()

    def abort(self) -> None:
        try:
            self._stream.close()
        except OSError:
            return  # the failure that led here


class TFRecordWriter(ShardedWriter[_Shard]):
    """{split}-00000-of-0000N.tfrecord and a README.md that shows how to parse them."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job, SUFFIX)

    def open_shard(self, path: Path, split: Split, rows: int) -> _Shard:
        return _Shard(path, self.job)

    def close(self) -> list[Path]:
        files = super().close()
        readme = self.folder / "README.md"
        readme.write_bytes(tfrecord_readme(self.job).encode())
        return [readme, *files]


def _features_of(
    record: Record, messages: Sequence[Mapping[str, str]], names: Sequence[str]
) -> dict[str, Values | bytes]:
    features: dict[str, Values | bytes] = {}
    for name in names:
        value: Any = getattr(record, name)
        if type(value) is str:
            features[name] = value.encode()
        elif type(value) is int:
            features[name] = (value,)
        elif name in _AS_JSON:
            features[name] = canonical(value)
        else:
            features[name] = [item.encode() if type(item) is str else item for item in value or ()]
    for name, text in zip(TURN_FIELDS, single_turn(messages) or _NO_TURN, strict=True):
        features[name] = text.encode()
    return features


def _record_of(features: Mapping[str, Any], job: ExportJob) -> dict[str, Any]:
    """The record in an Example. Raises ValueError where its texts are not those of its messages."""
    from msgspec.json import decode

    record: dict[str, Any] = {}
    for name in field_names(job):
        values = features[name]
        if name in _AS_JSON:
            record[name] = decode(values[0])
        elif name in _LISTS:
            record[name] = [item.decode() if isinstance(item, bytes) else item for item in values]
        else:
            record[name] = values[0].decode() if isinstance(values[0], bytes) else values[0]
    record["span"] = record["span"] or None
    texts = tuple(features[name][0].decode() for name in TURN_FIELDS)
    if texts != (single_turn(record["messages"]) or _NO_TURN) or len(features) != len(record) + len(texts):
        raise ValueError("its texts are not those of its messages")
    return record
