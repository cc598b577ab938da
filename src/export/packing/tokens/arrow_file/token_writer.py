"""Write a token file: record batches to a file beside it at first, since the schema in front names all that follows."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from src.errors import PackError
from src.export.packing.tokens.arrow_file.token_batches import TokenArrays, batch_checksum, columns
from src.export.packing.tokens.token_metadata import (
    BATCH_CHECKSUM_KEY,
    BATCH_RECORDS,
    BATCH_TOKENS,
    TokenMetadata,
    run_lengths,
)

if TYPE_CHECKING:
    import pyarrow as pa


class TokenWriter:
    """Gathers records into batches at `spool`; `publish` writes the file. Memory does not grow with their number."""

    def __init__(self, spool: Path, bytes_per_id: int) -> None:
        self._spool, self._bytes_per_id = spool, bytes_per_id
        self._batch_records: list[int] = []
        self._clear()
        self._sink: pa.NativeFile | None = None
        self._writer: pa.RecordBatchFileWriter | None = None

    @property
    def batches(self) -> list[list[int]]:
        """Runs of [records in a batch, number of such batches]."""
        return run_lengths(self._batch_records)

    def add(self, line: int, ids: array[int], mask: bytes) -> None:
        """Add a record. Raises PackError."""
        self._lines.append(line)
        self._ids.extend(ids)
        self._mask += mask
        self._offsets.append(len(self._ids))
        if len(self._lines) >= BATCH_RECORDS or len(self._ids) >= BATCH_TOKENS:
            self._flush()

    def finish(self) -> None:
        """No more records follow. Raises PackError."""
        if self._lines:
            self._flush()
        self.close()

    def close(self) -> None:
        """Let go of the spool. Safe to call twice."""
        for stream in (self._writer, self._sink):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._writer = self._sink = None

    def publish(self, path: Path, metadata: TokenMetadata) -> None:
        """Write all records to `path`, which is complete, but not yet on the disk, when this returns."""
        import pyarrow as pa

        schema = _schema(self._bytes_per_id).with_metadata(metadata.as_schema_metadata())
        with (
            _pyarrows(path),
            pa.OSFile(str(path), "wb") as sink,
            pa.ipc.new_file(sink, schema, options=_options()) as writer,
        ):
            for number, batch in enumerate(self._spooled()):
                checksum = batch_checksum(number, _arrays(batch))
                writer.write_batch(batch, custom_metadata={BATCH_CHECKSUM_KEY: checksum})

    def _spooled(self) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        if not self._batch_records:
            return
        with pa.OSFile(str(self._spool)) as source, pa.ipc.open_file(source) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)

    def _flush(self) -> None:
        import numpy as np
        import pyarrow as pa

        with _pyarrows(self._spool):
            if self._writer is None:
                self._sink = pa.OSFile(str(self._spool), "wb")
                self._writer = pa.ipc.new_file(self._sink, _schema(self._bytes_per_id), options=_options())
            schema = _schema(self._bytes_per_id)
            ids = np.frombuffer(self._ids, np.uint32).astype(f"<u{self._bytes_per_id}")
            mask = np.frombuffer(bytes(self._mask), np.uint8)
            offsets = pa.array(np.frombuffer(self._offsets, np.int32))
            lists = [
                pa.ListArray.from_arrays(offsets, pa.array(values), type=schema.field(place).type)
                for place, values in enumerate((ids, mask))
            ]
            lines = pa.array(np.frombuffer(self._lines, np.int64))
            self._writer.write_batch(pa.RecordBatch.from_arrays([*lists, lines], schema=schema))
        self._batch_records.append(len(self._lines))
        self._clear()

    def _clear(self) -> None:
        self._lines, self._ids, self._offsets, self._mask = array("q"), array("I"), array("i", [0]), bytearray()


def _schema(bytes_per_id: int) -> pa.Schema:
    import pyarrow as pa

    def items(kind: pa.DataType) -> pa.DataType:
        return pa.list_(pa.field("item", kind, nullable=False))

    kinds = {"input_ids": items(pa.uint16() if bytes_per_id == 2 else pa.uint32()), "loss_mask": items(pa.uint8())}
    names = [column.name for column in columns(bytes_per_id)]
    return pa.schema([pa.field(name, kinds.get(name, pa.int64()), nullable=False) for name in names])


def _options() -> pa.ipc.IpcWriteOptions:
    import pyarrow as pa

    return pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V5, compression=None, use_threads=False)


def _arrays(batch: pa.RecordBatch) -> TokenArrays:
    ids, mask, lines = batch.columns
    values = [array.to_numpy(zero_copy_only=True) for array in (lines, ids.offsets, ids.values, mask.values)]
    return TokenArrays(*values)


@contextmanager
def _pyarrows(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except pa.ArrowException as error:
        raise PackError(f"{path.name}: pyarrow cannot write it ({error}).") from error
    except OSError as error:
        raise PackError(f"{path}: cannot be written: {error.strerror or error}.") from error
