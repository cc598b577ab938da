"""What of a training example is counted: the texts as a provider cuts them, and the tokens it puts around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from src.providers.formats.training_example import MediaPart, TrainingExample, Turn

# exact: the provider's own tokenizer and framing. reconstructed: worked out from the outside. assumed: a sister
# model's figures. estimated: a stand-in, or a part that nobody publishes.
Exactness = Literal["exact", "reconstructed", "assumed", "estimated"]
_FROM_BEST: tuple[Exactness, ...] = ("exact", "reconstructed", "assumed", "estimated")

# The tokens of a picture, None where they depend on something that is not known here (its size, as a rule).
PictureRule = Callable[[MediaPart], int | None]


@dataclass(slots=True)
class Framed:
    """`texts` are counted one by one, `tokens` added to them. `exactness` is the most that can be said of the sum."""

    texts: list[str] = field(default_factory=list)
    tokens: int = 0
    exactness: Exactness = "exact"

    def at_most(self, exactness: Exactness) -> None:
        """From now on the sum is no more exact than this."""
        self.exactness = least_exact(self.exactness, exactness)

    def add_pictures(self, turn: Turn, rule: PictureRule) -> None:
        """Count a turn's pictures; those whose tokens nobody can tell count nothing and make it an estimate."""
        if not isinstance(turn.content, tuple):
            return
        for part in turn.media:
            tokens = rule(part)
            self.tokens += tokens or 0
            if tokens is None:
                self.at_most("estimated")


Frame = Callable[[TrainingExample], Framed]


def least_exact(one: Exactness, other: Exactness) -> Exactness:
    """The worse of two labels."""
    return max(one, other, key=_FROM_BEST.index)


def as_json(text: str) -> Any:
    """What a JSON text says; the text itself where it is none, as the providers' templates take it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def unknown_size(part: MediaPart) -> int | None:
    """The rule where a provider publishes no formula for pictures."""
    return None
