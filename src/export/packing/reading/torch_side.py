"""What torch knows, asked only where the user imported it: this program never does."""

from __future__ import annotations

import sys
from typing import Any


def torch_worker() -> tuple[int, int] | None:
    """(number, count) of the DataLoader worker this process is; None outside of one."""
    ask = getattr(sys.modules.get("torch.utils.data"), "get_worker_info", None)
    worker: Any = ask() if ask is not None else None
    return None if worker is None else (worker.id, worker.num_workers)


def torch_rank() -> tuple[int, int] | None:
    """(rank, world size) of torch's process group; None when there is none."""
    distributed: Any = sys.modules.get("torch.distributed")
    if distributed is None or not distributed.is_available() or not distributed.is_initialized():
        return None
    return distributed.get_rank(), distributed.get_world_size()


def register_iterable(kind: type) -> None:
    """Let torch's DataLoader take objects of a class for iterable datasets, where torch is imported.

    It asks isinstance(dataset, IterableDataset), an abstract base class since torch 2.2 (pytorch/pytorch PR 109645).
    """
    iterable = getattr(sys.modules.get("torch.utils.data"), "IterableDataset", None)
    register = getattr(iterable, "register", None)
    if register is not None:
        register(kind)
