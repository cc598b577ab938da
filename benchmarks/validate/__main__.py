"""How fast `validate` is, and how much memory it takes: 1 GB of OpenAI chats, then 100 MB for each other provider.

python -m benchmarks.validate [MEGABYTES]      (4 minutes; needs 1.2 GB of disk in the temporary folder for a while)

Wall time in a process of its own, from a file that was just written; exits 1 when a bar is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.validate.chats import write_chats
from benchmarks.validate.process_tree import run_measured

MB = 10**6
LEAST_MB_PER_SECOND, MOST_MEMORY_MB = 20, 512
SMALL, OTHERS = 100, ("anthropic", "google", "mistral", "llama")
# What a file this large is rightly told.
_OF_THE_SIZE = ("file_too_large", "too_many_examples")


def main(megabytes: int) -> int:
    say_where()
    with tempfile.TemporaryDirectory(prefix="bench-validate-") as folder:
        met = _large(Path(folder), megabytes)
        _others(Path(folder))
    return 0 if met else 1


def _large(folder: Path, megabytes: int) -> bool:
    path = write_chats(folder / "train.jsonl", megabytes * MB)
    done = _checked(path, "openai")
    size = path.stat().st_size / MB
    path.unlink()
    peer = _peer(write_chats(folder / "some.jsonl", SMALL * MB))
    rate = size / done["wall"]
    unexplained = sum(count for rule, count in done["errors"].items() if rule not in _OF_THE_SIZE)
    figures = [
        Figure(f"seconds for {LEAST_MB_PER_SECOND} MB", LEAST_MB_PER_SECOND / rate, 1, "s", note=f"{rate:.1f} MB/s"),
        Figure("peak memory of all processes", done["peak_mb"], MOST_MEMORY_MB, "MB"),
        Figure("rows not counted, and errors", done["rows"] - done["counted"] + unexplained, 0, exactly=True),
    ]
    remarks = [
        f"{done['rows']:,} rows of {size * MB / done['rows']:,.0f} bytes, {done['tokens']:,} tokens",
        f"{done['wall']:.1f} s wall, {done['cpu']:.1f} s CPU ({size / done['cpu']:.1f} MB per CPU-s)",
        f"json.loads and tiktoken alone, {SMALL} MB, one process: {peer:.1f} MB/s; validate {rate / peer:.1f} x that",
    ]
    return show(f"validate: {size:,.0f} MB of OpenAI chats, exact tokens", figures, remarks)


def _others(folder: Path) -> None:
    print(f"{SMALL} MB for the other providers (no bar: their tokenizers set the pace)")
    for provider in OTHERS:
        path = write_chats(folder / f"{provider}.jsonl", SMALL * MB, provider)
        done = _checked(path, provider)
        rate = path.stat().st_size / MB / done["wall"]
        path.unlink()
        wrong = "".join(f"; {count} x {rule}" for rule, count in done["errors"].items() if rule not in _OF_THE_SIZE)
        print(
            f"  {provider:<10} {rate:6.1f} MB/s   {done['cpu']:6.1f} s CPU   {done['peak_mb']:4.0f} MB   "
            f"tokens {done['exactness']}{wrong}",
            flush=True,
        )


def _checked(path: Path, provider: str) -> dict[str, Any]:
    run = run_measured([sys.executable, "-m", "benchmarks.validate.checking_run", str(path), provider])
    return {**json.loads(run.output.splitlines()[-1]), "peak_mb": run.peak_mb}


def _peer(path: Path) -> float:
    """MB per second of the raw peer."""
    command = [sys.executable, "-m", "benchmarks.validate.peer", str(path)]
    done = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    size: int = path.stat().st_size
    path.unlink()
    return float(size / MB / done["wall"])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000))
