"""The questions about a split: ratio and strategy. Menu 1 and menu 2 both ask them."""

from __future__ import annotations

from src.cli.prompts import Asker, Option
from src.config.settings import Strategy, WeightBy

Shares = tuple[float, float, float]
_RATIOS: tuple[tuple[str, Shares], ...] = (
    ("90-10", (0.9, 0.1, 0.0)),
    ("80-20", (0.8, 0.2, 0.0)),
    ("70-30", (0.7, 0.3, 0.0)),
    ("80-15-5", (0.8, 0.15, 0.05)),
)
_STRATEGIES: tuple[tuple[str, tuple[Strategy, WeightBy], str], ...] = (
    ("random", ("random", "source"), "drawn by seed over all samples"),
    ("weighted by source", ("weighted", "source"), "every source file is divided by the ratio"),
    ("weighted by keywords", ("weighted", "keywords"), "every topic is divided by the ratio"),
    ("stratified", ("stratified", "source"), "what split.stratify_by names keeps its shares"),
    ("grouped", ("grouped", "source"), "no source (or split.group_by) falls into two splits"),
    ("time", ("time", "source"), "the oldest documents train, the newest test"),
)


def ask_ratio(asker: Asker, current: Shares) -> Shares:
    """The shares of train, validation and test; they add up to 1."""
    custom: Shares = (0.0, 0.0, 0.0)
    options = [Option(shares, label, "train-validation-test" if shares[2] else "") for label, shares in _RATIOS]
    options.append(Option(custom, "custom", "two or three numbers, for example 85-15 or 80-10-10"))
    known = next((shares for _, shares in _RATIOS if _same(shares, current)), custom)
    chosen = asker.choose("Ratio (train-validation)", options, known)
    if chosen != custom:
        return chosen
    return asker.until_valid("Your ratio", "-".join(f"{100 * share:g}" for share in current if share), parse_ratio)


def parse_ratio(text: str) -> Shares:
    """ "80-20" or "80/15/5" as shares. Raises ValueError saying what is accepted."""
    accepted = "Please give two or three percentages that add up to 100, for example 80-20 or 80-15-5."
    try:
        numbers = [float(part.rstrip("%")) for part in text.replace("/", "-").replace(",", "-").split("-")]
    except ValueError:
        raise ValueError(accepted) from None
    if len(numbers) not in (2, 3) or abs(sum(numbers) - 100) > 1e-6 or min(numbers) < 0 or numbers[0] <= 0:
        raise ValueError(accepted)
    shares = [round(number / 100, 6) for number in numbers]
    return shares[0], shares[1], shares[2] if len(shares) == 3 else 0.0


def ask_strategy(asker: Asker, strategy: Strategy, weight_by: WeightBy) -> tuple[Strategy, WeightBy]:
    options = [Option(value, label, hint) for label, value, hint in _STRATEGIES]
    current = (strategy, weight_by if strategy == "weighted" else "source")
    return asker.choose("Strategy", options, current)


def _same(one: Shares, other: Shares) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))
