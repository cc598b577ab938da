"""The formats an export can be written in, by name, and the table that stands beside them."""

from src.export.formats.custom.template import CustomTemplate
from src.export.formats.export_format import ExportFormat
from src.export.formats.lines.json_array import JsonArray
from src.export.formats.lines.jsonl import Jsonl
from src.export.formats.lines.provider_rows import RowFormatExport
from src.export.formats.metadata_writer import MetadataWriter
from src.export.formats.tabular.csv_files import Csv
from src.export.formats.tabular.huggingface import HuggingFace
from src.export.formats.tabular.parquet import Parquet
from src.export.formats.tensors.pytorch import PyTorch
from src.export.formats.tensors.tfrecord import TFRecord
from src.providers.formats.registry import FORMATS

__all__ = ["EXPORT_FORMATS", "MetadataWriter"]

EXPORT_FORMATS: dict[str, ExportFormat] = {
    "jsonl": Jsonl(),
    "json": JsonArray(),
    "csv": Csv(),
    "parquet": Parquet(),
    "huggingface": HuggingFace(),
    "tfrecord": TFRecord(),
    "pytorch": PyTorch(),
    "template": CustomTemplate(),
    # Samples are conversations: rows for preferences, graders or raw text cannot be made of them.
    **{name: RowFormatExport(form) for name, form in FORMATS.items() if form.abilities.kinds[0] == "conversation"},
}
