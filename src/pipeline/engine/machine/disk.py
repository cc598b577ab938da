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
# A sample in the database with its origin and index. Measured 2026-11-22 over four kinds of samples, 360 to 1,470 bytes
# of text each: 430 to 1,650, which is 1.1 to 1.3 times the text. Of a run's samples nothing is known before.
SAMPLE_BYTES = 1_800
# In the files of an export, for each format and for those beside them: 0.4 to 1.7 of that, most 0.7 to 1.1.
_EXPORTED = 1.2
# The journal of the calls that a sample takes: 1.3 calls of 4.2 KB of text, with their rows and index 6 KB.
ANSWER_BYTES = 7_800
# What must be left, so that the machine lives.
SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Need:
    """So many bytes will be written below a folder, which need not be there yet."""

    what: str
    folder: Path
    size: int


def run_needs(
    files: Sequence[Path], extracts: Path, database: Path, output: Path, samples: int, asks: bool, formats: int = 1
) -> list[Need]:
    """What a run writes at most: text of its files, samples in the database and its backup, an export, answers."""
    stored = samples * SAMPLE_BYTES
    needs = [
        Need("extracted text", extracts, sum(_text_bytes(path) for path in files)),
        Need("the database and its backup", database.parent, 2 * stored + _size(database)),
        Need("the export", output, int(_EXPORTED * stored * (formats + 1))),
    ]
    return [*needs, Need("the answers", database.parent, samples * ANSWER_BYTES)] if asks else needs


def fits(needs: Iterable[Need]) -> bool:
    """Whether all disks have room for this."""
    return not _too_full(needs)


def refuse_what_does_not_fit(needs: Iterable[Need]) -> None:
    """Raises UsageError where a disk has less free than will be written to it."""
    for together in _too_full(needs):
        total, free = sum(need.size for need in together), free_bytes(together[0].folder)
        told = ", ".join(f"{need.what} {told_bytes(need.size)} in {need.folder}" for need in together if need.size)
        raise UsageError(
            f"Not started: it will not fit on the disk. It takes about {told_bytes(total)} ({told}), and "
            f"{told_bytes(free)} are free, of which {told_bytes(SPARE_BYTES)} must stay. Free some space, or put --db "
            "or --output on another disk."
        )


def _too_full(needs: Iterable[Need]) -> list[list[Need]]:
    """The needs of each disk that has no room for them."""
    by_disk: defaultdict[int, list[Need]] = defaultdict(list)
    for need in needs:
        by_disk[_there(need.folder).stat().st_dev].append(need)
    return [
        together
        for together in by_disk.values()
        if sum(need.size for need in together) + SPARE_BYTES > free_bytes(together[0].folder)
    ]


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
    return int(_size(path) * (_SHARE_PLAIN if path.suffix.lower() in _PLAIN else _SHARE_OTHER))


def _size(path: Path) -> int:
    """0 for what is not there: whoever reads it says what is wrong."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
