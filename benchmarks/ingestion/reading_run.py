"""One reading of a folder in a process of its own, so that CPU and memory are its own: prints them as JSON.

python -m benchmarks.ingestion.reading_run inside|pool WORKERS INPUT CACHE
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from src.ingestion.document_reader import hash_file, kind_of, read_pieces
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.extract_file import PartWriter
from src.ingestion.extracts.shelf import Shelf
from src.ingestion.file_processor import ReadingPlan, find_files, read_files
from src.ingestion.isolation.confinement import peak_mb
from src.ingestion.pieces import ReadOptions, Remarks
from src.records import RunReport


def main(how: str, workers: int, folder: Path, cache: Path) -> None:
    report = RunReport()
    paths = find_files(folder, report)
    kept = ExtractCache.open(cache)
    started = time.perf_counter()
    if how == "inside":
        for path in paths:
            _read_inside(path, folder, kept)
    else:
        shelf = Shelf()
        for extract in read_files(paths, folder, report, kept, ReadingPlan(workers=workers)):
            if extract is not None:
                shelf.add(extract)
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - started,
                "cpu": sum(usage.ru_utime + usage.ru_stime for usage in spent),
                "peak_mb": peak_mb(),
                "files": len(paths) if how == "inside" else report.counts["files read"],
                "from_cache": report.counts["files from the cache"],
                "failed": report.counts["files failed"],
                "child_peak_mb": spent[1].ru_maxrss / 1024,
            }
        )
    )


def _read_inside(path: Path, root: Path, cache: ExtractCache) -> None:
    """What a reading process does with a file, in this process: the same work with the same result."""
    options, remarks = ReadOptions(), Remarks()
    kind = kind_of(path, root)
    sha256 = hash_file(path)
    writer = PartWriter(cache.path_for(sha256, options), 10**12, path.name)
    writer.write(read_pieces(path, kind, options, remarks))
    writer.finish(sha256, kind, remarks.warnings, remarks.notes)
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]))
