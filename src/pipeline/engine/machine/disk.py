"""Whether what a run will write fits on the disk, asked before it starts."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from src.errors import UsageError

# Text kept of a file, by what its name says, in shares of its size (assumed, on the safe side):
# plain text is kept whole with an index, of PDF and office files much is pictures, fonts and layout.
_PLAIN = {".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".log", ".html", ".htm", ".xml", ".srt", ".vtt", ".eml"}
_SHARE_PLAIN, _SHARE_OTHER = 1.2, 0.3
# A stored sample with its origin and index, and as much again for the journal of the call it was made by.
SAMPLE_BYTES = 3_000
ANSWER_BYTES = 6_000
# What must be left, so that the machine lives.
SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Need:
    """So many bytes will be written below a folder, which need not be there yet."""

    what: str
    folder: Path
    size: int


def run_needs(
    files: Sequence[Path], extracts: Path, database: Path, output: Path, samples: int, asks: bool
) -> list[Need]:
    """What a run writes at most: text of its files, samples in the database and its backup, an export, answers."""
    stored = samples * SAMPLE_BYTES
    needs = [
        Need("extracted text", extracts, sum(_text_bytes(path) for path in files)),
        Need("the database and its backup", database.parent, 2 * stored),
        Need("the export", output, stored),
    ]
    return [*needs, Need("the answers", database.parent, samples * ANSWER_BYTES)] if asks else needs


def export_needs(output: Path, content_bytes: int, formats: int, spool: Path | None = None) -> list[Need]:
    """What an export writes: the content in every format, and lineage; with `spool`, a copy to read back from."""
    needs = [Need("the export", output, int(content_bytes * (0.5 + 1.2 * formats)))]
    return [*needs, Need("a copy of the samples", spool, int(1.5 * content_bytes))] if spool is not None else needs


def refuse_what_does_not_fit(needs: Iterable[Need]) -> None:
    """Raises UsageError where a disk has less free than will be written to it."""
    by_disk: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        by_disk[_there(need.folder).stat().st_dev].append(need)
    for together in by_disk.values():
        total, free = sum(need.size for need in together), free_bytes(together[0].folder)
        if total + SPARE_BYTES > free:
            told = ", ".join(f"{need.what} {told_bytes(need.size)} in {need.folder}" for need in together if need.size)
            raise UsageError(
                f"Not started: it will not fit on the disk. It takes about {told_bytes(total)} ({told}), and "
                f"{told_bytes(free)} are free. Free some space, or put --db or --output on another disk."
            )


def free_bytes(folder: Path) -> int:
    """The bytes free for this user on the disk of a folder, which need not be there yet."""
    return shutil.disk_usage(_there(folder)).free


def told_bytes(size: float) -> str:
    """As people say it: "1.2 GB"."""
    for unit in ("bytes", "KB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    folder = folder.absolute()
    return next((path for path in (folder, *folder.parents) if path.exists()), Path(folder.anchor))


def _text_bytes(path: Path) -> int:
    try:
        size = path.stat().st_size
    except OSError:  # whoever reads it says what is wrong
        return 0
    return int(size * (_SHARE_PLAIN if path.suffix.lower() in _PLAIN else _SHARE_OTHER))
