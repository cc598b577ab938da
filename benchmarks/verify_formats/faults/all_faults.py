"""Every faulty row and every faulty file."""

from __future__ import annotations

from benchmarks.verify_formats.faults.bedrock import bedrock_rows
from benchmarks.verify_formats.faults.fault import BadBytes, BadRow
from benchmarks.verify_formats.faults.mistral import mistral_rows
from benchmarks.verify_formats.faults.open_models import open_rows
from benchmarks.verify_formats.faults.openai_chat import openai_rows
from benchmarks.verify_formats.faults.openai_more import openai_more_rows
from benchmarks.verify_formats.faults.vertex import vertex_rows
from benchmarks.verify_formats.faults.whole_files import bad_files
from src.providers.formats.registry import FORMATS

PARTS = (openai_rows, openai_more_rows, mistral_rows, vertex_rows, bedrock_rows, open_rows)


def bad_rows() -> list[BadRow]:
    """Those whose format this program has."""
    return [bad for part in PARTS for bad in part() if bad.form in FORMATS]


def bad_bytes() -> list[BadBytes]:
    return [bad for bad in bad_files() if bad.form in FORMATS]
