from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from src.config.web_action_settings import WebActionSettings
from src.web_actions.making.samples import StepRow
from src.web_actions.making.splitting import SplitFacts
from tests.web_actions.making.rows import row

SHARES = (0.8, 0.1, 0.1)


def many() -> list[StepRow]:
    """200 sessions of 1 to 7 steps on 20 sites, a day apart."""
    return [
        row(
            f"s{session}",
            step,
            site=f"site{session % 20}.test",
            time=f"2026-0{1 + session // 28}-{1 + session % 28:02}",
        )
        for session in range(200)
        for step in range(1, 2 + session % 7)
    ]


def divided(rows: Sequence[StepRow], shares: Sequence[float] = SHARES, seed: int = 42, **how: Any) -> list[int]:
    facts = facts_of(rows, **how)
    return facts.divide(shares, seed).tolist()


def facts_of(rows: Sequence[StepRow], **how: Any) -> SplitFacts:
    facts = SplitFacts(WebActionSettings(**how))
    for one in rows:
        facts.add(one)
    return facts


def splits_of(rows: Sequence[StepRow], placed: Sequence[int], name: str) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for one, split in zip(rows, placed, strict=True):
        found[getattr(one, name)].add(split)
    return found


@pytest.mark.parametrize("how", ["random", "stratified", "time"])
@pytest.mark.parametrize("unit", ["session", "site"])
def test_no_session_or_site_lies_in_two_splits(how: str, unit: str) -> None:
    rows = many()
    facts = facts_of(rows, split=how, split_by=unit)
    placed = facts.divide(SHARES, 42)
    assert all(len(found) == 1 for found in splits_of(rows, placed.tolist(), unit).values())
    assert set(placed.tolist()) == {0, 1, 2}
    leakage = facts.leakage(placed)
    assert leakage.is_free and (unit == "session" or leakage.sites == 0)


def test_leakage_is_counted_where_there_is_some() -> None:
    rows = many()
    facts = facts_of(rows)
    alternating = facts.divide((1.0, 0.0, 0.0), 1)
    alternating[::2] = 1
    leakage = facts.leakage(alternating)
    assert not leakage.is_free and leakage.sessions == sum(session % 7 > 0 for session in range(200))
    assert leakage.sites == 20 and leakage.prompts == 0


@pytest.mark.parametrize("how", ["random", "stratified"])
def test_sizes_follow_the_shares(how: str) -> None:
    placed = divided(many(), split=how)
    for split, share in enumerate(SHARES):
        assert abs(placed.count(split) - share * len(placed)) <= 7


def test_the_order_of_the_recordings_does_not_matter() -> None:
    rows = many()
    for how in ("random", "stratified", "time"):
        forward = dict(zip((one.id for one in rows), divided(rows, split=how), strict=True))
        backward = dict(zip((one.id for one in rows[::-1]), divided(rows[::-1], split=how), strict=True))
        assert forward == backward


def test_the_seed_decides() -> None:
    assert divided(many(), seed=1) == divided(many(), seed=1) != divided(many(), seed=2)


def test_by_time_the_newest_sessions_are_tested() -> None:
    rows = many()
    placed = divided(rows, split="time")
    times = [[one.time for one, split in zip(rows, placed, strict=True) if split == wanted] for wanted in (0, 1, 2)]
    assert max(times[0]) <= min(times[1]) and max(times[1]) <= min(times[2])


def test_stratified_splits_have_every_site_in_its_share() -> None:
    rows = [row(f"s{number}", 1, site=f"{'a' if number < 300 else 'b'}.test") for number in range(400)]
    placed = divided(rows, split="stratified", stratify_by=["site"])
    of_b = [split for one, split in zip(rows, placed, strict=True) if one.site == "b.test"]
    assert [of_b.count(split) for split in (0, 1, 2)] == [80, 10, 10]


def test_sessions_that_ask_the_same_stay_together() -> None:
    rows = [row(f"s{number}", 1, goal="buy", dom=f"<a id=b1>{number // 4}</a>") for number in range(80)]
    placed = divided(rows)
    for first in range(0, 80, 4):
        assert len(set(placed[first : first + 4])) == 1
    assert facts_of(rows).leakage(facts_of(rows).divide(SHARES, 42)).prompts == 0


def test_sessions_of_the_same_id_in_different_files_are_different_sessions() -> None:
    rows = [row("1", 1, dom=f"<a id=b1>{number}</a>", source_sha256=f"{number:064x}") for number in range(100)]
    assert sorted(map(divided(rows).count, (0, 1, 2))) == [10, 10, 80]


def test_a_single_session_is_all_train() -> None:
    assert divided([row("only", 1), row("only", 2)]) == [0, 0]
