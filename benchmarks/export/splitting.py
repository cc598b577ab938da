"""How fast and how exactly a million ids are split, and what keeping near-duplicates together costs.

python -m benchmarks.export.splitting      (2 minutes; the first run makes an environment with scikit-learn)

CPU seconds, median of five, beside scikit-learn on the same ids (2026-11-21). Exits 1 when a bar is missed.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.generation.figures import Figure, say_where, show
from benchmarks.verify_formats.checkers import Checker
from benchmarks.verify_formats.environments import NotInstalledError, python_for
from src.dataset.splitting.split_ids import split_ids

IDS, STRATA, GROUPS, LARGEST_GROUP = 1_000_000, 50, 26_739, 2_000
SHARES = (0.8, 0.1, 0.1)
TEXTS = 100_000
ROUNDS = 5
SKLEARN = Checker("scikit-learn 1.9.1", "split-peers", (), ("scikit-learn==1.9.1",))


def main() -> int:
    say_where()
    data = make_ids()
    peers = _peers(data)
    met = [_stratified(data, peers), _grouped(data, peers), _near_duplicates()]
    return 0 if all(met) else 1


def make_ids() -> dict[str, Any]:
    """Strata by Zipf's law; groups by a power law. `homes` gives each group one stratum, `strata` are independent."""
    chance = np.random.default_rng(20261121)
    likely = 1 / np.arange(1, STRATA + 1)
    likely /= likely.sum()
    sizes = _group_sizes()
    groups = np.repeat(np.arange(GROUPS), sizes)
    order = chance.permutation(IDS)
    return {
        "strata": chance.choice(STRATA, IDS, p=likely),
        "groups": groups[order],
        "homes": chance.choice(STRATA, GROUPS, p=likely)[groups][order],
    }


def _group_sizes() -> Any:
    low, high = 0.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        sizes = np.maximum(1, (LARGEST_GROUP / np.arange(1, GROUPS + 1) ** middle).astype(int))
        low, high = (middle, high) if sizes.sum() > IDS else (low, middle)
    sizes = np.maximum(1, (LARGEST_GROUP / np.arange(1, GROUPS + 1) ** high).astype(int))
    sizes[GROUPS - (IDS - int(sizes.sum())) :] += 1
    return sizes


def _stratified(data: dict[str, Any], peers: dict[str, Any]) -> bool:
    strata, names = data["strata"], [f"s{number:020x}" for number in random.Random(1).sample(range(1 << 60), IDS)]
    cpu, placed = _median(lambda: split_ids(np.arange(IDS), SHARES, strata))
    by_name, named = _median(lambda: split_ids(names, SHARES, strata))
    back = split_ids(names[::-1], SHARES, strata[::-1])[::-1]
    figures = [
        Figure("drawn by position", cpu, 0.1, "s"),
        Figure("drawn by a hash of the id", by_name, 0.3, "s"),
        Figure("stratum error", _error(strata, placed), 0.001, note="of a stratum's size"),
        Figure("ids that another order of the input moves", int((back != named).sum()), 0, exactly=True),
        Figure(
            "totals off the shares", int(np.abs(np.bincount(placed) - IDS * np.array(SHARES)).sum()), 0, exactly=True
        ),
    ]
    return show(f"{IDS:,} ids, stratified, {STRATA} strata", figures, [_beside(peers, "stratified", cpu)])


def _grouped(data: dict[str, Any], peers: dict[str, Any]) -> bool:
    homes, groups = data["homes"], data["groups"]
    cpu, placed = _median(lambda: split_ids(np.arange(IDS), SHARES, homes, groups))
    across, mixed = _median(lambda: split_ids(np.arange(IDS), SHARES, data["strata"], groups))
    figures = [
        Figure("grouped and stratified", cpu, 0.15, "s"),
        Figure("groups in two splits", _torn(groups, placed) + _torn(groups, mixed), 0, exactly=True),
        Figure("stratum error", _error(homes, placed), 0.02, note="of a stratum's size"),
        Figure("stratum error, groups across strata", _error(data["strata"], mixed), 0.02, note=f"{across:.3f} s"),
    ]
    title = f"{IDS:,} ids, grouped and stratified, {len(np.unique(groups)):,} groups up to {LARGEST_GROUP:,}"
    return show(title, figures, [_beside(peers, "grouped", cpu)])


def _near_duplicates() -> bool:
    command = [sys.executable, "-m", "benchmarks.export.split_texts", str(TEXTS)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    leaks = found["leaks"]
    figures = [
        Figure("finding near-duplicates", found["near_s"], 4, "s", note="all-pairs truth, J >= 0.7"),
        Figure("memory it takes", found["near_mb"], 400, "MB"),
        Figure("planted near-duplicates missed", found["missed"], 0, exactly=True, note=f"of {found['pairs']:,}"),
        Figure(
            "leaks after the split, measured again", leaks["near_duplicates"] + leaks["exact_duplicates"], 0,
            exactly=True,
            note=f"{found['torn']:,} without keeping them together",
        ),
    ]  # fmt: skip
    remark = f"whole split {found['split_s']:.1f} s, measuring leaks {found['leak_s']:.1f} s; sizes {found['sizes']}"
    return show(f"{TEXTS:,} short texts, 30 % planted copies and near-copies", figures, [remark])


def _median(run: Callable[[], Any]) -> tuple[float, Any]:
    times = []
    result = None
    for _ in range(ROUNDS):
        start = time.process_time()
        result = run()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def _error(strata: Any, placed: Any) -> float:
    table = np.bincount(strata * 3 + placed, minlength=3 * STRATA).reshape(-1, 3)
    return float(np.abs(table / table.sum(axis=1, keepdims=True) - SHARES).max())


def _torn(groups: Any, placed: Any) -> int:
    seen = np.bincount(groups * 3 + placed, minlength=3 * GROUPS).reshape(-1, 3) > 0
    return int((seen.sum(axis=1) > 1).sum())


def _peers(data: dict[str, Any]) -> dict[str, Any]:
    """What scikit-learn takes, or why that is not known."""
    try:
        python = python_for(SKLEARN)
    except NotInstalledError as error:
        return {"reason": str(error)}
    with tempfile.TemporaryDirectory(prefix="bench-split-") as folder:
        for name, values in data.items():
            np.save(Path(folder) / f"{name}.npy", values)
        script = Path(__file__).with_name("split_peers.py")
        done = subprocess.run([str(python), str(script), folder], capture_output=True, text=True)
    if done.returncode:
        return {"reason": done.stderr.strip().splitlines()[-1]}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _beside(peers: dict[str, Any], name: str, cpu: float) -> str:
    if "reason" in peers:
        return f"scikit-learn was not measured: {peers['reason']}"
    peer = peers[name]
    return f"scikit-learn: {peer['cpu']:.2f} s, {peer['cpu'] / cpu:.0f} x ours; its stratum error {peer['error']:.4f}"


if __name__ == "__main__":
    sys.exit(main())
