"""The raw libraries: each is given rows in memory, in the shape it wants, and writes them to one file."""

from __future__ import annotations

import csv
import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import plain_records, raw_turns, records_of
from src.export.formats.lines.provider_rows import lines_for_format, lines_for_provider
from src.export.formats.tabular.arrow_tables import schema_of
from src.export.formats.tabular.csv_cells import cells_of

TEMPLATE = "{{ id }}\n{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}\n"


class Peer(Protocol):
    def __init__(self, folder: Path, job: ExportJob) -> None: ...
    def rows_of(self, batch: Batch) -> Sequence[Any]:
        """What is prepared before the clock runs."""

    def write(self, rows: Sequence[Any]) -> None: ...
    def close(self) -> None: ...


class JsonLines:
    """json.dumps and a text file, for the rows of any provider."""

    library = "json.dumps"

    def __init__(self, folder: Path, job: ExportJob, name: str = "jsonl") -> None:
        maker = lines_for_provider(job.provider, job.model) if name == "jsonl" else lines_for_format(name)
        self.lines = maker.lines
        self.stream = (folder / "rows.jsonl").open("w", encoding="utf-8")

    def rows_of(self, batch: Batch) -> list[Any]:
        lines = (line.text for line in self.lines(raw_turns(batch)))
        return [json.loads(line) for line in lines if line is not None]

    def write(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.stream.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        self.stream.close()


class _Records:
    """Peers that are given full samples as dicts."""

    def __init__(self, folder: Path, job: ExportJob) -> None:
        self.folder, self.job = folder, job

    def rows_of(self, batch: Batch) -> Sequence[Any]:
        return plain_records(batch, self.job)


class JsonArray(_Records):
    library = "json.dumps"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job)
        self.stream = (folder / "rows.json").open("w", encoding="utf-8")
        self.stream.write("[")

    def write(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.stream.write(json.dumps(row, ensure_ascii=False) + ",\n")

    def close(self) -> None:
        self.stream.write("{}]")
        self.stream.close()


class Csv(_Records):
    library = "csv.writer"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job)
        self.stream = (folder / "rows.csv").open("w", encoding="utf-8", newline="")
        self.table = csv.writer(self.stream)

    def rows_of(self, batch: Batch) -> Sequence[Any]:
        pairs = zip(records_of(batch, self.job), batch.messages, strict=True)
        return [cells_of(record, messages, False, False) for record, messages in pairs]

    def write(self, rows: Sequence[Any]) -> None:
        self.table.writerows(rows)

    def close(self) -> None:
        self.stream.close()


class Parquet(_Records):
    library = "pyarrow from dicts"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        import pyarrow.parquet as pq

        super().__init__(folder, job)
        self.schema = schema_of(job, {})
        # As ours is written: checksums, an index, and (20,000 rows are given at a time) row groups of the same size.
        # Not as ours: pyarrow's own choice of dictionaries, for every column. Ours leaves out columns of unlike values.
        self.writer = pq.ParquetWriter(
            folder / "rows.parquet", self.schema, compression="zstd", write_page_index=True, write_page_checksum=True
        )

    def write(self, rows: Sequence[Any]) -> None:
        import pyarrow as pa

        self.writer.write_table(pa.Table.from_pylist(rows, self.schema))

    def close(self) -> None:
        self.writer.close()


class TFRecord(_Records):
    """protobuf's own messages, framed: what the package tfrecord and TensorFlow's Python writer do."""

    library = "protobuf and google-crc32c"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job)
        self.example = example_class()
        self.stream = (folder / "rows.tfrecord").open("wb")

    def rows_of(self, batch: Batch) -> Sequence[Any]:
        made = []
        for record in plain_records(batch, self.job):
            texts = {"messages": json.dumps(record["messages"]), "turn_spans": json.dumps(record["turn_spans"])}
            made.append({**record, **texts, "system": "", "user": "", "assistant": ""})
            for message in record["messages"]:
                made[-1][message["role"]] = message["content"]
        return made

    def write(self, rows: Sequence[Any]) -> None:
        from google_crc32c import value

        for row in rows:
            example = self.example()
            for name, content in row.items():
                values = content if isinstance(content, list) else [content]
                feature = example.features.feature[name]
                if isinstance(values[0], int):
                    feature.int64_list.value.extend(values)
                else:
                    feature.bytes_list.value.extend(text.encode() for text in values)
            record = example.SerializeToString(deterministic=True)
            head = struct.pack("<Q", len(record))
            sums = [((one >> 15 | one << 17) + 0xA282EAD8) & 0xFFFFFFFF for one in (value(head), value(record))]
            self.stream.write(head + struct.pack("<I", sums[0]) + record + struct.pack("<I", sums[1]))

    def close(self) -> None:
        self.stream.close()


class Safetensors(_Records):
    library = "json.dumps and safetensors"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        super().__init__(folder, job)
        self.files = 0

    def write(self, rows: Sequence[Any]) -> None:
        import numpy as np
        from safetensors.numpy import save_file

        texts = [json.dumps(row, ensure_ascii=False).encode() for row in rows]
        tensors = {
            "samples": np.frombuffer(b"".join(texts), np.uint8),
            "offsets": np.cumsum([0, *map(len, texts)]),
            "token_length": np.array([row["token_length"] for row in rows], np.int32),
        }
        save_file(tensors, self.folder / f"rows-{self.files}.safetensors")
        self.files += 1

    def close(self) -> None:
        return


class Template(_Records):
    library = "jinja2"

    def __init__(self, folder: Path, job: ExportJob) -> None:
        from jinja2 import Environment

        super().__init__(folder, job)
        self.template = Environment(autoescape=False).from_string(TEMPLATE)
        self.stream = (folder / "rows.txt").open("w", encoding="utf-8")

    def write(self, rows: Sequence[Any]) -> None:
        for row in rows:
            self.stream.write(self.template.render(row))

    def close(self) -> None:
        self.stream.close()


PEERS: dict[str, Any] = {
    "json": JsonArray,
    "csv": Csv,
    "parquet": Parquet,
    "huggingface": Parquet,
    "tfrecord": TFRecord,
    "pytorch": Safetensors,
    "template": Template,
}


def example_class() -> Any:
    """tf.train.Example as a protobuf class, made of its description."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="tf", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    for name, kind in (("BytesList", kinds.TYPE_BYTES), ("Int64List", kinds.TYPE_INT64)):
        made = file.message_type.add(name=name)
        made.field.add(name="value", number=1, type=kind, label=kinds.LABEL_REPEATED)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for name, number, kind in (("bytes_list", 1, ".tf.BytesList"), ("int64_list", 3, ".tf.Int64List")):
        feature.field.add(
            name=name, number=number, type=kinds.TYPE_MESSAGE, type_name=kind, label=kinds.LABEL_OPTIONAL, oneof_index=0
        )
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    entry.field.add(
        name="value", number=2, type=kinds.TYPE_MESSAGE, type_name=".tf.Feature", label=kinds.LABEL_OPTIONAL
    )
    inner = ".tf.Features.FeatureEntry"
    features.field.add(name="feature", number=1, type=kinds.TYPE_MESSAGE, type_name=inner, label=kinds.LABEL_REPEATED)
    example = file.message_type.add(name="Example")
    example.field.add(
        name="features", number=1, type=kinds.TYPE_MESSAGE, type_name=".tf.Features", label=kinds.LABEL_OPTIONAL
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tf.Example"))
