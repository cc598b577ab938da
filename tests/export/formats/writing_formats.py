"""Write samples in one format and read them back, as the exporter does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from src.config.settings import OutputSettings
from src.export.batches import Batch, batches_of
from src.export.export_validator import FormatCheck, validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob, FormatWriter
from src.records import Message, Sample, Split
from tests.dataset.example_samples import make_example

# Texts that files, spreadsheets and JSON readers stumble over.
AWKWARD = (
    "plain", "=1+3", "'quoted", "''twice", "+49 30", "-1", "@home", "a\u2028b\u2029c\x85d", "🙂 日本 Größe",
    "a\nb\r\nc\rd", "nul\x00in", "  blanks ", "\ttab", '"quotes", and; a | b \\ c', "<|begin_of_text|>",
    "System: x", "\n\nHuman: x", "end\x0b", "\ufeffbom", "\x1b\x7f\x01\x1f", "word " * 8_000, "\u3000wide\xa0",
    "00123", "null", "{{ x }}", "C:\\users\\new", "\ue0000\ue001", "\\", "a/b", "\ud7ff\ue000\U0010ffff",
)  # fmt: skip


def awkward_samples(number: int = 120) -> list[Sample]:
    """Samples of every build: with and without system text, one turn and two, with and without a span."""
    splits: Sequence[Split] = ("train", "train", "validation", "test")
    return [_awkward(n, splits[n % len(splits)]) for n in range(number)]


def _awkward(n: int, split: Split) -> Sample:
    text = AWKWARD[n % len(AWKWARD)]
    sample = make_example(n, split=split, keywords=("tax", text, "a,b") if n % 3 else (), tokens=n)
    system, question, _ = sample.messages
    messages = [system] if n % 5 else []
    messages += [replace(question, content=text or "?"), Message("assistant", AWKWARD[(n * 7) % len(AWKWARD)])]
    if n % 4 == 0:
        messages += [Message("user", "More?"), Message("assistant", text)]
    origin = replace(sample.origin, place=text.replace("\0", ""), chunk_id=f"c{n}", call_id="e" * 64)
    if n % 7 == 0:
        origin = replace(origin, span=None, turn_spans=(), source_file="caf\udce9.txt")
    return replace(sample, messages=tuple(messages), origin=origin)


def job_for(samples: Sequence[Sample], **output: object) -> ExportJob:
    """A job for an OpenAI model; `output` are keys of OutputSettings."""
    counts: Counter[Split] = Counter(sample.split or "train" for sample in samples)
    settings = OutputSettings.model_validate(output)
    return ExportJob("handbook", "openai", "gpt-4.1-mini-2025-04-14", dict(counts), settings)


def write(name: str, samples: Sequence[Sample], folder: Path, job: ExportJob) -> tuple[list[Path], FormatWriter]:
    """The files of a format, and the writer that made them."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = EXPORT_FORMATS[name].open(folder, job)
    try:
        for batch in batches(samples):
            writer.write(batch)
        return writer.close(), writer
    finally:
        writer.abort()


def check(name: str, samples: Sequence[Sample], folder: Path, job: ExportJob) -> FormatCheck:
    return validate_export(folder, EXPORT_FORMATS[name], batches(samples), job)


def batches(samples: Sequence[Sample], groups: Mapping[str, str] | None = None) -> list[Batch]:
    """Small ones, so that formats are handed several."""
    made = list(batches_of(samples, 50))
    return [Batch(batch.rows, [groups[row.id] for row in batch.rows]) for batch in made] if groups else made
