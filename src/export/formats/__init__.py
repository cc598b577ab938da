"""The files an export is made of, by format name."""

from src.export.formats.csv_formatter import write_csv
from src.export.formats.formatter import Formatter
from src.export.formats.jsonl_formatter import write_jsonl

FORMATTERS: dict[str, Formatter] = {"jsonl": write_jsonl, "csv": write_csv}
