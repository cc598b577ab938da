"""Config locks of runs: made, kept with the dataset, and followed by another run."""

from __future__ import annotations

from src.pipeline.locking.building import build_lock, lock_for_export
from src.pipeline.locking.locked_runs import locked_plan, refuse_if_different

__all__ = ["build_lock", "lock_for_export", "locked_plan", "refuse_if_different"]
