"""Kills, full disks, locks, clock jumps, dead providers, Ctrl-C twice: then the next start makes what was to be made.

python -m benchmarks.chaos [--points 200] [--seed 3] [--only kills,disk,locked,clock,provider,interrupts] [--minutes 2]

Every fault is done to background jobs over all stages (ingestion, generation against a stub, validation, split, saving,
export in three formats, packing), in folders of their own. Afterwards: databases sound, no tracebacks, no unfinished
files, datasets, exports and packs equal to an undisturbed run's, and no answer paid for twice that had been received.
Exits 1 when that is not so.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.chaos import faults
from benchmarks.chaos.kills import measure_kills
from benchmarks.chaos.pipeline import Pipeline, write_template
from benchmarks.generation.figures import say_where
from benchmarks.generation.stub_handle import running_stub

ALL = ("kills", "disk", "locked", "clock", "provider", "interrupts")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=200, help="kills; default: 200")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--only", default=",".join(ALL), help="some of the faults, with commas")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long the provider is down; default: 2")
    parser.add_argument("--interrupts", type=int, default=12, help="how often Ctrl-C is pressed twice; default: 12")
    chosen = parser.parse_args()
    # Started in the background by a shell, this process ignores Ctrl-C, and so would those it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    say_where()
    with tempfile.TemporaryDirectory(prefix="chaos-") as name, running_stub() as stub:
        folder = Path(name)
        template = write_template(folder / "template")
        stub.configure(latency=0.05)
        calm = Pipeline.copy_of(template, folder / "undisturbed", stub)
        calm.add_jobs()
        began = time.monotonic()
        trouble = calm.finish()
        if trouble:
            print(f"the undisturbed run failed: {trouble}")
            return 1
        made = calm.made()
        print(f"undisturbed: {len(made)} datasets and files in {time.monotonic() - began:.0f} s\n", flush=True)
        setting = faults.Setting(template, folder, stub, made)
        measures = {
            "kills": lambda: measure_kills(template, folder, stub, made, chosen.points, chosen.seed),
            "disk": lambda: faults.measure_full_disk(setting),
            "locked": lambda: faults.measure_locked(setting),
            "clock": lambda: faults.measure_clock(setting),
            "provider": lambda: faults.measure_provider(setting, chosen.minutes * 60),
            "interrupts": lambda: faults.measure_interrupts(setting, chosen.interrupts, chosen.seed),
        }
        verdicts = [measures[one]() for one in ALL if one in chosen.only.split(",")]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
