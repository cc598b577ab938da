"""Full samples as Arrow tables with a fixed schema, and Arrow tables as full samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import canonical, fact_columns, field_names, has_group
from src.export.formats.split_files import positions_by_split

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

# What a row group gathers before it is compressed and written.
_GROUP_ROWS = 20_000
_GROUP_BYTES = 32 << 20
_READ_ROWS = 2_000
# So many small parts of batches wait to be merged.
_MOST_VIEWS = 16
# Columns with few different values. In the others nearly every value is another one: a dictionary is filled with them
# in vain, which takes a fifth of the time of writing.
_REPEATED = (
    "split", "messages.list.element.role", "topic_keywords.list.element", "source_file", "method", "place",
    "document_id", "span.list.element", "turn_spans.list.element.list.element.list.element", "chunk_id", "prompt_id",
    "model", "edited_from", "group",
)  # fmt: skip


def schema_of(job: ExportJob, metadata: Mapping[str, str]) -> pa.Schema:
    """The columns of a full sample. Fixed, since what is guessed from a shard with empty columns fits no other."""
    return _schema(field_names(job)).with_metadata(dict(metadata))


@lru_cache(maxsize=2)
def _schema(names: tuple[str, ...]) -> pa.Schema:
    import pyarrow as pa

    special = {
        "messages": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
        "token_length": pa.int64(),
        "topic_keywords": pa.list_(pa.string()),
        "span": pa.list_(pa.int64()),
        "turn_spans": pa.list_(pa.list_(pa.list_(pa.int64()))),
    }
    return pa.schema([(name, special.get(name, pa.string())) for name in names])


def columns_of(batch: Batch, positions: Sequence[int], job: ExportJob) -> pa.RecordBatch:
    """Consecutive samples of one split of a batch as columns, their schema without metadata.

    The whole batch is made into columns once, for all formats; what is given is a view that keeps all of them.
    """
    columns, places = batch.once(("columns", has_group(job)), lambda: _make_columns(batch, job))
    return columns.slice(places[positions[0]], len(positions))


def _make_columns(batch: Batch, job: ExportJob) -> tuple[pa.RecordBatch, dict[int, int]]:
    """The samples split by split, and where each stands then."""
    import pyarrow as pa

    order = list(chain.from_iterable(positions_by_split(batch).values()))
    facts, schema = fact_columns(batch), _schema(field_names(job))
    # In one step for each column; of a single position it would give no tuple.
    arranged = itemgetter(*order) if len(order) > 1 else tuple
    arrays = [
        _messages(batch, order, field.type)
        if field.name == "messages"
        else pa.array(arranged(facts[field.name]), field.type)
        for field in schema
    ]
    columns = pa.RecordBatch.from_arrays(arrays, schema=schema)
    return columns, {position: place for place, position in enumerate(order)}


def _messages(batch: Batch, order: Sequence[int], kind: pa.ListType) -> pa.Array:
    """Read by Arrow, which makes no Python objects of the texts. What it refuses is read as everywhere else."""
    import pyarrow as pa
    import pyarrow.json as pj

    contents = batch.columns.content
    # In one copy, as a batch has half a megabyte; what stands around the lines is cut off without another.
    joined = b'}\n{"messages":'.join([b"", *[contents[position] for position in order], b""])
    lines = pa.py_buffer(joined)[2 : -len(b'{"messages":')]
    wanted = pj.ParseOptions(explicit_schema=pa.schema([("messages", kind)]), unexpected_field_behavior="error")
    try:
        reading = pj.ReadOptions(use_threads=False, block_size=lines.size + 1)
        # The reader of whole tables takes 80 us more for a batch.
        with pj.open_json(pa.BufferReader(lines), reading, wanted) as reader:
            found = reader.read_next_batch().column(0)
    except (pa.ArrowException, ValueError, OverflowError, StopIteration):
        return _decoded_messages([batch.messages[position] for position in order], kind)
    turns = found.values
    if len(found) != len(batch) or any(a.null_count for a in (found, turns, turns.field(0), turns.field(1))):
        return _decoded_messages([batch.messages[position] for position in order], kind)
    return found


def _decoded_messages(conversations: Sequence[Sequence[Mapping[str, str]]], kind: pa.ListType) -> pa.Array:
    """Built column by column, which takes a third of the time that dicts take."""
    import pyarrow as pa

    offsets = [0]
    for messages in conversations:
        offsets.append(offsets[-1] + len(messages))
    roles = pa.array([message["role"] for messages in conversations for message in messages], pa.string())
    contents = pa.array([message["content"] for messages in conversations for message in messages], pa.string())
    items = pa.StructArray.from_arrays([roles, contents], fields=list(kind.value_type))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items, type=kind)


class ParquetFile:
    """One Parquet file being written, a row group at a time. Each page has its checksum."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self.path, self.schema = path, schema
        self.rows = self.bytes = 0
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = self._waiting_bytes = self._views = 0
        repeated = [name for name in _REPEATED if name.split(".")[0] in schema.names]
        self._writer = pq.ParquetWriter(
            path, schema, compression="zstd", use_dictionary=repeated,
            write_page_index=True, write_page_checksum=True, store_schema=True,
        )  # fmt: skip

    @property
    def held_bytes(self) -> int:
        """What the waiting rows keep in memory."""
        return sum(columns.get_total_buffer_size() for columns in self._waiting)

    def add(self, batch: Batch, positions: Sequence[int], job: ExportJob) -> None:
        """Add the samples at these positions of a batch, consecutive ones of a split."""
        columns = columns_of(batch, positions, job)
        self._waiting.append(columns)
        self._waiting_rows += columns.num_rows
        self._waiting_bytes += columns.nbytes
        self._views += len(positions) * 2 < len(batch)
        if self._views == _MOST_VIEWS:
            self._merge_views()
        if self._waiting_rows >= _GROUP_ROWS or self._waiting_bytes >= _GROUP_BYTES:
            self._write_group()

    def close(self) -> None:
        self._write_group()
        self._writer.close()

    def abort(self) -> None:
        self._waiting.clear()
        try:
            self._writer.close()
        except OSError:
            return  # the failure that led here

    def _merge_views(self) -> None:
        """Copy small parts together: they keep the batches they came with, and many of them take long to write."""
        import pyarrow as pa

        self._waiting[-_MOST_VIEWS:] = pa.Table.from_batches(self._waiting[-_MOST_VIEWS:]).combine_chunks().to_batches()
        self._views = 0

    def _write_group(self) -> None:
        import pyarrow as pa

        if self._waiting:
            table = pa.Table.from_batches(self._waiting).replace_schema_metadata(self.schema.metadata)
            self._writer.write_table(table, row_group_size=table.num_rows)
            self.rows += self._waiting_rows
            self.bytes += self._waiting_bytes
        self._waiting, self._waiting_rows, self._waiting_bytes, self._views = [], 0, 0, 0


def read_rows(path: Path) -> Iterator[bytes]:
    """Each row of a Parquet file in canonical form, its checksums verified. Raises ExportError."""
    import pyarrow as pa

    try:
        with _opened(path) as file:
            for batch in _batches_of(file):
                columns = [column.to_pylist() for column in batch.columns]
                for values in zip(*columns, strict=True):
                    yield canonical(dict(zip(batch.schema.names, values, strict=True)))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ExportError(f"{path}: pyarrow cannot read it ({error}).") from error


def metadata_of(path: Path) -> dict[str, str]:
    """What stands in the schema of a Parquet file beside the columns. Raises ExportError."""
    import pyarrow as pa

    try:
        with _opened(path) as file:
            return {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ExportError(f"{path}: pyarrow cannot read it ({error}).") from error


def _batches_of(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    """Group by group: asked for all of them, pyarrow 26 keeps what it has read, 0.4 GB of a million samples."""
    for group in range(file.num_row_groups):
        yield from file.iter_batches(batch_size=_READ_ROWS, row_groups=[group], use_threads=False)


def _opened(path: Path) -> pq.ParquetFile:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, page_checksum_verification=True)
