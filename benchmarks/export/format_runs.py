"""One format written once, by the product or by its raw library, in a process of its own.

python -m benchmarks.export.format_runs ours|raw|script|validate FORMAT DATABASE FOLDER
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.export.format_peers import PEERS, TEMPLATE, JsonLines
from benchmarks.export.format_rows import DatabaseRows
from benchmarks.export.format_scripts import script_for
from src.config.settings import OutputSettings
from src.export.batches import BATCH_ROWS, batches_of
from src.export.export_validator import validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.providers.formats.registry import FORMATS

# Rows that the raw library is given at a time; what makes them is not measured.
_IN_MEMORY = 20_000
# Formats whose raw library writes many rows at once.
_AT_ONCE = ("parquet", "huggingface", "pytorch")


def main(who: str, name: str, database: Path, folder: Path) -> None:
    # What a format cannot express is not to be measured.
    rows = DatabaseRows(database, name in FORMATS and FORMATS[name].abilities.single_turn)
    template = folder / "given.j2"
    template.write_text(TEMPLATE)
    output = OutputSettings()
    output = output.model_copy(update={"template": output.template.model_copy(update={"file": str(template)})})
    job = ExportJob("bench", "openai", "gpt-4.1-mini-2025-04-14", rows.count(), output)
    target = folder / ("raw" if who in ("raw", "script") else "ours")
    target.mkdir(exist_ok=True)
    measure = {"ours": _ours, "raw": _raw, "script": _script, "validate": _validate}[who]
    cpu = measure(name, rows, target, job)
    written = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    samples = sum(job.counts.values())
    print(json.dumps({"cpu": cpu, "peak_mb": _peak_mb(), "mb": written / 1e6, "samples": samples}))


def _ours(name: str, rows: DatabaseRows, folder: Path, job: ExportJob) -> float:
    _import_libraries(name)
    began = time.process_time()
    writer = EXPORT_FORMATS[name].open(folder, job)
    for batch in batches_of(rows):
        writer.write(batch)
    writer.close()
    return time.process_time() - began


def _raw(name: str, rows: DatabaseRows, folder: Path, job: ExportJob) -> float:
    """The CPU time of the raw writer alone."""
    peer = _peer(name, folder, job)
    cpu = 0.0
    for piece in _pieces(peer, rows):
        began = time.process_time()
        peer.write(piece)
        cpu += time.process_time() - began
    began = time.process_time()
    peer.close()
    return cpu + time.process_time() - began


def _script(name: str, rows: DatabaseRows, folder: Path, job: ExportJob) -> float:
    """The CPU time of the raw writer, of reading SQLite and of json.loads: what a user's own script takes."""
    peer, make = _peer(name, folder, job), script_for(name)
    first = next(iter(batches_of(rows)))
    assert [make(row) for row in first.rows] == peer.rows_of(first), "the script writes other rows"
    began = time.process_time()
    for found in rows.plain(_IN_MEMORY if name in _AT_ONCE else BATCH_ROWS):
        peer.write([make(row) for row in found])
    peer.close()
    return time.process_time() - began


def _peer(name: str, folder: Path, job: ExportJob) -> Any:
    return PEERS[name](folder, job) if name in PEERS else JsonLines(folder, job, name)


def _validate(name: str, rows: DatabaseRows, folder: Path, job: ExportJob) -> float:
    _import_libraries(name)
    began = time.process_time()
    check = validate_export(folder, EXPORT_FORMATS[name], batches_of(rows), job)
    assert not check.problems, check.problems
    return time.process_time() - began


def _pieces(peer: Any, rows: DatabaseRows) -> Iterator[list[Any]]:
    piece: list[Any] = []
    for batch in batches_of(rows):
        piece += peer.rows_of(batch)
        if len(piece) >= _IN_MEMORY:
            yield piece
            piece = []
    if piece:
        yield piece


def _import_libraries(name: str) -> None:
    """What a library costs to import is not what a row costs."""
    import google_crc32c  # noqa: F401
    import msgspec.json  # noqa: F401

    if name in ("parquet", "huggingface"):
        import pyarrow.json
        import pyarrow.parquet  # noqa: F401
    elif name == "template":
        import jinja2.sandbox  # noqa: F401
    elif name == "pytorch":
        import safetensors.numpy  # noqa: F401


def _peak_mb() -> float:
    """The most memory this process held; what getrusage says on Linux includes the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    return int(re.findall(r"VmHWM:\s+(\d+)", status.read_text())[0]) / 1e3


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
