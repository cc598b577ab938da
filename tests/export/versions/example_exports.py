"""Small real exports: files, lineage, version, changelog, Croissant and manifest, published as the exporter does."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from src.export.batches import Batch
from src.export.manifests.files import describe_files
from src.export.manifests.manifest import FormatFacts, Generation, ManifestFacts, SampleTally, write_json
from src.export.manifests.version_files import write_version_files
from src.export.versions.content import read_content
from src.export.versions.planning import VersionPlan, plan_version
from src.export.versions.publishing import publish
from src.persistence.durable_files import incomplete_path
from src.persistence.models import SampleRow
from src.records import Issue, RunReport, Split

CREATED_AT = "2026-11-21T10:00:00+00:00"
JSONL_SETTINGS = {"structure": "provider", "provider": "openai"}


@dataclass(frozen=True)
class Line:
    """A sample: what its line of lineage.jsonl and its row say."""

    id: str
    split: Split = "train"
    text: str = "Answer"
    document: str = "d" * 64
    chunk: str = "c1"
    span: tuple[int, int] | None = (3, 9)
    method: str = "created"
    prompt: str = "p1"
    source: str = "guide.pdf"

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{"role": "user", "content": f"Question {self.id}?"}, {"role": "assistant", "content": self.text}]


def lines_of(count: int, text: str = "Answer") -> list[Line]:
    splits: tuple[Split, ...] = ("train", "train", "validation", "test")
    return [Line(f"s{n:06d}", splits[n % 4], f"{text} {n}.", chunk=f"c{n}") for n in range(count)]


def write_lineage(path: Path, lines: Sequence[Line]) -> Path:
    numbers: Counter[str] = Counter()
    with path.open("w", encoding="utf-8") as stream:
        for line in lines:
            numbers[line.split] += 1
            stream.write(json.dumps(_lineage(line, numbers[line.split]), ensure_ascii=False) + "\n")
    return path


def _lineage(line: Line, number: int) -> dict[str, object]:
    content = json.dumps(line.messages, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": line.id,
        "split": line.split,
        "line": number,
        "sha256": hashlib.sha256(content.encode()).hexdigest(),
        "source_file": line.source,
        "document": line.document,
        "place": "page 2",
        "span": line.span,
        "turn_spans": [],
        "chunk": line.chunk,
        "method": line.method,
        "prompt": line.prompt,
        "model": "m1",
        "call": "",
    }


def write_rows(building: Path, lines: Sequence[Line]) -> list[Path]:
    found = []
    for split in ("train", "validation", "test"):
        rows = [json.dumps({"messages": line.messages}, ensure_ascii=False) for line in lines if line.split == split]
        if rows:
            found.append(building / f"{split}.jsonl")
            found[-1].write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return found


def facts_of(lines: Sequence[Line], formats: Mapping[str, Mapping[str, object]], **changed: object) -> ManifestFacts:
    tally = SampleTally()
    tally.add(Batch([SampleRow(line.id, "[]", 5, "", line.source, line.split, "{}") for line in lines]))
    found: dict[str, object] = {
        "name": "handbook",
        "provider": "openai",
        "model": "gpt-4.1-mini",
        "mode": "create",
        "tool_version": "0.1.0",
        "created_at": CREATED_AT,
        "tally": tally,
        "token_exactness": "exact",
        "tokenizer": "o200k_base",
        "generation": Generation("local", "small", True, {"temperature": 0.7}),
        "config": {"seed": 42, "split": {"train": 0.8}},
        "report": RunReport(Counter(files=2), Counter(duplicate=3), [Issue("warning", "a.pdf", "scanned")]),
        "leakage": {"pairs": 0, "share": 0.0},
        "formats": {
            name: FormatFacts("" if name == "jsonl" else name, settings, dict(tally.by_split), "a" * 64)
            for name, settings in formats.items()
        },
    }
    return ManifestFacts(**{**found, **changed})  # type: ignore[arg-type]


def export_version(
    folder: Path,
    lines: Sequence[Line],
    formats: Mapping[str, Mapping[str, object]] | None = None,
    **changed: object,
) -> tuple[Path, VersionPlan]:
    """The next version of a dataset in its folder, with the plan it was published by."""
    formats = formats or {"jsonl": JSONL_SETTINGS}
    folder.mkdir(parents=True, exist_ok=True)
    building = incomplete_path(folder / "v0.0.0")
    building.mkdir()
    write_lineage(building / "lineage.jsonl", lines)
    write_json(building / "statistics.json", {"samples": len(lines)})
    (building / "config_lock.json").write_text('{"seed": 42}\n')
    (building / "metadata.csv").write_bytes(
        "\ufeffsample_id,token_length\r\n".encode() + b"".join(f"{line.id},5\r\n".encode() for line in lines)
    )
    written = {name: write_rows(building, lines) if name == "jsonl" else [] for name in formats}
    content = read_content(building / "lineage.jsonl")
    facts, files = facts_of(lines, formats, **changed), describe_files(building, written)
    plan = publish(
        building,
        folder,
        lambda: plan_version(folder, lambda: content, formats),
        lambda plan: write_version_files(building, folder, facts, plan, files),
    )
    return folder / plan.version, plan
