"""The most memory a fresh process holds while it packs or streams a file, and while it does so with thrice as much.

python -m benchmarks.packing.checks.memory pack SOURCE TARGET CODEC | stream PACKED | shuffle PACKED
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.generation.figures import Figure

_MOST_MB = 40
_TIMES = 3


def figures(source: Path, records: int, folder: Path) -> list[Figure]:
    """Peak resident memory: the largest of the three codecs, for both sizes."""
    more = folder / "more.jsonl"
    with more.open("wb") as stream:
        for _ in range(_TIMES):
            with source.open("rb") as part:
                shutil.copyfileobj(part, stream)
    peaks: dict[tuple[str, int], dict[str, float]] = {}
    for path, count in ((source, records), (more, _TIMES * records)):
        for codec in ("none", "lz4", "zstd"):
            target = folder / f"memory.{codec}"
            for deed, arguments in (("pack", [path, target, codec]), ("stream", [target]), ("shuffle", [target])):
                peaks.setdefault((deed, count), {})[codec] = _peak(deed, *arguments)
            for left in folder.glob(f"memory.{codec}*"):
                left.unlink()
    more.unlink()
    names = {"pack": "packing", "stream": "streaming", "shuffle": "streaming, shuffled"}
    return [
        Figure(f"memory of {names[deed]} {count:,} records", max(found.values()), _MOST_MB, "MB", note=_note(found))
        for (deed, count), found in sorted(peaks.items(), key=lambda item: list(names).index(item[0][0]))
    ]


def _note(found: dict[str, float]) -> str:
    return ", ".join(f"{codec} {peak:.1f}" for codec, peak in found.items())


def _peak(deed: str, *arguments: Any) -> float:
    command = [sys.executable, "-m", "benchmarks.packing.checks.memory", deed, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def main(deed: str, *arguments: str) -> int:
    if deed == "pack":
        from src.export.packing.dataset_packer import DatasetPacker

        source, target, codec = arguments
        DatasetPacker().pack(source, target, compression=codec, validate=False)
    else:
        from src.export.packing.reading.packed_stream import PackedStream

        with PackedStream(arguments[0], shuffle=deed == "shuffle") as stream:
            for _ in stream:
                pass
    print(_own_peak_mb())
    return 0


def _own_peak_mb() -> float:
    """ru_maxrss would hold the peak of the process that started this one, too (Linux keeps it across exec)."""
    try:
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))
    except OSError:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / 1e6 if sys.platform == "darwin" else peak / 1e3


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
