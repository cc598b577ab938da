"""What is to happen to each kind of personal data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from src.analysis.pii.findings import KINDS, Kind

# report: leave it; mask: "[EMAIL]"; replace: a fake of the same shape; drop: the caller drops the whole sample
Policy = Literal["report", "mask", "replace", "drop"]
Policies = Mapping[Kind, Policy]
POLICIES: tuple[Policy, ...] = get_args(Policy)


def policies(chosen: Policy | Mapping[str, str]) -> dict[Kind, Policy]:
    """One policy for every kind, or the chosen ones and "report" for the rest. ValueError names what is wrong."""
    given = dict.fromkeys(KINDS, chosen) if isinstance(chosen, str) else dict(chosen)
    if unknown := sorted(set(given) - set(KINDS)):
        raise ValueError(f"unknown kinds of personal data: {', '.join(unknown)}; known are {', '.join(KINDS)}")
    if wrong := sorted(str(value) for value in set(given.values()) - set(POLICIES)):
        raise ValueError(f"unknown policies: {', '.join(wrong)}; use one of {', '.join(POLICIES)}")
    return {kind: given.get(kind, "report") for kind in KINDS}  # type: ignore[misc]
