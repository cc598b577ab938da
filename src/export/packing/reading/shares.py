"""Who reads which records: disjoint shares for ranks and their workers that cover everything exactly once."""

from __future__ import annotations

from typing import NamedTuple

from src.errors import UsageError
from src.export.packing.reading.torch_side import torch_rank, torch_worker


class Share(NamedTuple):
    """The part of one worker of one rank, both counted from 0."""

    rank: int
    world_size: int
    worker: int
    workers: int

    def bounds(self, records: int, equal: bool) -> tuple[int, int]:
        """Where this share begins and ends in a sequence of so many records.

        Shares follow each other and differ by at most one record, ranks too. With `equal` all have the same number; as
        few records as possible, fewer than there are shares, belong to none.
        """
        parts, number = self.world_size * self.workers, self.rank * self.workers + self.worker
        begin = number * records // parts
        return begin, (begin + records // parts if equal else (number + 1) * records // parts)


def checked_rank(rank: int | None, world_size: int | None) -> tuple[int, int] | None:
    """Both as given; None when neither is. Raises UsageError when they do not fit together."""
    if rank is None and world_size is None:
        return None
    if rank is None or world_size is None:
        raise UsageError("Give rank and world_size together, or neither.")
    if not 0 <= rank < world_size:
        raise UsageError(f"There is no rank {rank} among {world_size}; ranks count from 0.")
    return rank, world_size


def current_share(given_rank: tuple[int, int] | None) -> Share:
    """The share of this process: of the given rank or torch's, and of the DataLoader worker it is."""
    rank, world_size = given_rank or torch_rank() or (0, 1)
    worker, workers = torch_worker() or (0, 1)
    return Share(rank, world_size, worker, workers)
