"""How long the menu takes to be on screen, beside a bare interpreter. Exits 1 when the bar is missed.

Run with `make bench-startup`. Wall time from starting the process to the menu's last line, median of 15, the bare
interpreter measured in turn with it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BAR_SECONDS = 0.4
ROUNDS = 15


def seconds_to_menu() -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "src.main"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        while not process.stdout.readline().startswith(b"6. Exit"):
            pass
        took = time.perf_counter() - began
        process.stdin.write(b"6\n")
        process.stdin.close()
        process.stdout.read()
    return took


def seconds_of_python() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - began


def main() -> int:
    seconds_to_menu()  # warm up: compiled files
    pairs = [(seconds_to_menu(), seconds_of_python()) for _ in range(ROUNDS)]
    menu, python = (statistics.median(column) for column in zip(*pairs, strict=True))
    share = menu / BAR_SECONDS
    print(f"menu on screen      {menu * 1000:7.0f} ms   bar {BAR_SECONDS * 1000:.0f} ms   {share:.2f} of the bar")
    print(f"python -c pass      {python * 1000:7.0f} ms   the menu takes {menu / python:.1f} times as long")
    return 0 if menu <= BAR_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
