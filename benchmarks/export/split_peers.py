"""scikit-learn's splitters on the ids of splitting.py, in an environment of their own: a JSON line of CPU seconds.

python split_peers.py FOLDER      (strata.npy and groups.npy are there)
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, train_test_split


def main(folder: Path) -> None:
    strata, groups, homes = (np.load(folder / f"{name}.npy") for name in ("strata", "groups", "homes"))
    ids = np.arange(len(strata))
    print(json.dumps({"stratified": _stratified(ids, strata), "grouped": _grouped(ids, homes, groups)}), flush=True)


def _stratified(ids: Any, strata: Any) -> dict[str, float]:
    start = time.process_time()
    train, rest = train_test_split(ids, test_size=0.2, stratify=strata, random_state=42)
    validation, test = train_test_split(rest, test_size=0.5, stratify=strata[rest], random_state=42)
    return {"cpu": time.process_time() - start, "error": _error(strata, [train, validation, test])}


def _grouped(ids: Any, strata: Any, groups: Any) -> dict[str, float]:
    start = time.process_time()
    folds = [held for _, held in StratifiedGroupKFold(10, shuffle=True, random_state=42).split(ids, strata, groups)]
    cpu = time.process_time() - start
    return {"cpu": cpu, "error": _error(strata, [np.concatenate(folds[2:]), folds[0], folds[1]])}


def _error(strata: Any, parts: list[Any]) -> float:
    sizes = np.bincount(strata)
    shares = [np.bincount(strata[part], minlength=len(sizes)) / sizes for part in parts]
    return float(max(np.abs(share - wanted).max() for share, wanted in zip(shares, (0.8, 0.1, 0.1), strict=True)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
