"""What training on a dataset would cost, from its tokens and a price that the caller knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from src.dataset.statistics.results import Cost

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TrainingPrice:
    """What a provider charges for training, in USD for a million tokens, None where it publishes no price.

    Of an example of more than `limit` tokens it trains on the first ones ("truncated") or on none ("left out"); where
    nobody knows, all are counted.
    """

    provider: str
    model: str
    usd_per_1m: float | None
    epochs: int
    source: str = ""
    note: str = ""
    limit: int | None = None
    longer: Literal["truncated", "left out", "not known"] = "not known"


def training_cost(
    pieces: Iterable[tuple[NDArray[np.int32], NDArray[np.int32]]], trained: Sequence[int], price: TrainingPrice
) -> Cost:
    """The cost of training on the samples of the splits with these numbers; `pieces` are samples' tokens and splits."""
    import numpy as np

    total = 0
    for tokens, splits in pieces:
        used = tokens[np.isin(splits, trained)].astype(np.int64)
        if price.limit is not None and price.longer != "not known":
            instead = price.limit if price.longer == "truncated" else 0
            used = np.where(used > price.limit, instead, used)
        total += int(used.sum())
    usd = None if price.usd_per_1m is None else total * price.epochs * price.usd_per_1m / 1e6
    return Cost(price.provider, price.model, total, price.epochs, usd, price.usd_per_1m, price.source, price.note)
