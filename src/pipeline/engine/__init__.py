"""Where the stages' work is done: on this machine or on a Ray cluster, by the same functions with the same outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from src.config.settings import SystemSettings
from src.pipeline.engine.executor import Executor
from src.pipeline.engine.local_executor import LocalExecutor
from src.pipeline.engine.ray_executor import RayExecutor

EXECUTORS: Mapping[str, Callable[[SystemSettings, int], Executor]] = {
    "local": lambda system, workers: LocalExecutor(workers),
    "ray": lambda system, workers: RayExecutor(system.ray_address or "auto"),
}


def open_executor(system: SystemSettings, workers: int) -> Executor:
    """The engine that config.yaml names; `workers` processes on this machine, on a cluster all its cores.

    Raises EngineError when it cannot be had.
    """
    return EXECUTORS[system.engine](system, workers)
