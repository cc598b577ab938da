"""What the keys of `split:` mean together."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.config.loader import build_settings, load_settings
from src.config.settings import SplitSettings
from src.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def shares_of(**split: object) -> tuple[float, float, float]:
    return build_settings({"split": split}).split.shares


@pytest.mark.parametrize(
    "split, shares",
    [
        ({}, (0.8, 0.2, 0.0)),
        ({"ratio": 0.7}, (0.7, 0.3, 0.0)),
        ({"ratio": 0.8, "test": 0.1}, (0.8, 0.1, 0.1)),
        ({"three_way": True}, (0.8, 0.15, 0.05)),
        ({"three_way": True, "ratio": 0.6}, (0.6, 0.3, 0.1)),
        ({"three_way": True, "test": 0.1}, (0.8, 0.1, 0.1)),
        ({"three_way": True, "validation": 0.1}, (0.8, 0.1, 0.1)),
    ],
)
def test_shares_add_up_from_what_is_given(split: dict[str, object], shares: tuple[float, ...]) -> None:
    assert shares_of(**split) == shares


@pytest.mark.parametrize(
    "split, problem",
    [
        ({"ratio": 0.8, "validation": 0.2, "three_way": True}, "must leave something for test"),
        ({"ratio": 0.8, "validation": 0.1}, "it must be 1"),
        ({"ratio": 0.8, "test": 0.3}, "at most 1"),
        ({"stratify_by": ["colour"]}, "'colour' is not accepted; use one of 'source', 'folder'"),
        ({"stratify_by": []}, "split.stratify_by"),
        ({"group_by": "sauce"}, "split.group_by"),
    ],
)
def test_what_does_not_fit_is_refused(split: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        build_settings({"split": split})
    assert problem in str(refused.value)


@pytest.mark.parametrize("file", ["config.yaml", "tests/fixtures/config.yaml"])
def test_the_shipped_configuration_says_the_defaults(file: str) -> None:
    assert load_settings(ROOT / file).split == SplitSettings()
