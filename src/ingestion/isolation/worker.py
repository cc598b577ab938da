"""The process that reads files: one ReadJob a line on standard input, one ReadOutcome a line on standard output.

Run as `python -m src.ingestion.isolation.worker MEMORY_MB`. It holds no keys, and a file that kills it kills nothing
else.
"""

from __future__ import annotations

import gc
import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from src.errors import IngestionError
from src.ingestion.document_reader import hash_file, kind_of, read_pieces
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.extract_file import Contents, PartWriter, read_contents
from src.ingestion.isolation.confinement import collect_seldom, limit_memory, limit_seconds, memory_mb_now, watch
from src.ingestion.isolation.jobs import ReadJob, ReadOutcome
from src.ingestion.pieces import Remarks

# Kinds with a second, cautious engine for files that killed the first.
SAFE_KINDS = ("pdf", "xlsx")
# A shared-string workbook of 1 MB can unfold to gigabytes; the densest real documents give 74 characters a byte.
CHARACTERS_PER_BYTE = 100
LEAST_LIMIT = 50_000_000


def main(memory_mb: int) -> None:
    """Serve until standard input ends."""
    jobs, answers = sys.stdin.buffer, _private_output()
    collect_seldom()
    limit_memory(memory_mb)
    watch(memory_mb)
    for line in jobs:
        answers.write(_outcome(ReadJob.from_line(line)).to_line())
        answers.flush()


def _private_output() -> BinaryIO:
    """Standard output for the answers alone: what a parser prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")


def _outcome(job: ReadJob) -> ReadOutcome:
    limit_seconds(job.seconds)
    try:
        return read_file(job)
    except IngestionError as error:
        return ReadOutcome(error.status, str(error), memory_mb=memory_mb_now())
    except MemoryError:
        gc.collect()
        return ReadOutcome("memory", memory_mb=memory_mb_now())
    except OSError as error:
        # A full disk, most likely: the text could not be kept.
        return ReadOutcome("unreadable", f"{job.path.name}: {error}; check the disk.", memory_mb=memory_mb_now())
    except Exception as error:  # noqa: BLE001 - a reader's mistake costs one file, not the run
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        message = f"{job.path.name} could not be read ({reason}); open it in its program and save it again."
        return ReadOutcome("damaged", message, memory_mb=memory_mb_now())


def read_file(job: ReadJob) -> ReadOutcome:
    """Hash the file, read it and keep its text, all in this process. Raises IngestionError, and what readers raise."""
    kind = kind_of(job.path, job.root)
    if job.options.safe and kind not in SAFE_KINDS:
        return ReadOutcome("crashed", memory_mb=memory_mb_now())
    sha256 = hash_file(job.path)
    extract = ExtractCache(job.cache).path_for(sha256, job.options)
    contents = read_contents(extract) or _extract(job, kind, sha256, extract)
    return ReadOutcome("ok", extract=extract.name, contents=contents, memory_mb=memory_mb_now())


def _extract(job: ReadJob, kind: str, sha256: str, extract: Path) -> Contents:
    """Read the file into a draft that becomes the extract only when it is complete."""
    # Nodes of a cluster share the folder, and may have the same process numbers.
    draft = extract.with_name(f".{platform.node()[:60]}.{os.getpid()}.{extract.name}")
    remarks = Remarks()
    most = max(LEAST_LIMIT, CHARACTERS_PER_BYTE * job.path.stat().st_size)
    writer = PartWriter(draft, most, job.path.name)
    try:
        writer.write(read_pieces(job.path, kind, job.options, remarks))
        contents = writer.finish(sha256, kind, remarks.warnings, remarks.notes)
        writer.close()
        os.replace(draft, extract)
        return contents
    except BaseException:
        writer.close()
        with suppress(OSError):
            draft.unlink()
        raise


if __name__ == "__main__":
    main(int(sys.argv[1]))
