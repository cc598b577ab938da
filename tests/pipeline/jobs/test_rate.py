"""How far a job is and how fast it goes."""

from __future__ import annotations

import time

from src.pipeline.jobs.rate import RateMeter
from src.pipeline.progress import tell_watchers, watched_by


def test_a_meter_is_told_of_every_bar_while_it_watches() -> None:
    meter = RateMeter()
    with watched_by(meter.step):
        tell_watchers("Reading documents", 3, 10, "a.pdf")
    tell_watchers("Making samples", 1, 5)
    told = meter.progress()
    assert (told.stage, told.done, told.total, told.detail, told.rate) == ("Reading documents", 3, 10, "a.pdf", None)


def test_a_new_stage_is_news_and_begins_to_count_anew() -> None:
    meter = RateMeter()
    meter.step("Reading", 1, 2)
    assert meter.news.is_set()
    meter.news.clear()
    meter.step("Reading", 2, 2)
    assert not meter.news.is_set()
    meter.step("Making", 0, 9)
    assert meter.news.is_set() and meter.progress().done == 0


def test_the_rate_is_units_by_seconds_and_falls_while_nothing_happens() -> None:
    meter = RateMeter()
    meter.step("Making", 0, 100)
    time.sleep(2.05)
    meter.step("Making", 50, 100)
    first = meter.progress()
    assert first.rate is not None and first.eta is not None and 10 < first.rate < 26 and 1.5 < first.eta < 5
    time.sleep(0.3)
    second = meter.progress()
    assert second.rate is not None and second.rate < first.rate
