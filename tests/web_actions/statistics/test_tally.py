from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from src.web_actions.images.handling import PictureTally
from src.web_actions.making.splitting import StepLeakage
from src.web_actions.statistics.tally import LARGEST_SITES, StepTally, WebStatistics
from src.web_actions.statistics.web_page import web_page
from tests.dataset.pages.browser import find_chromium, open_page
from tests.web_actions.making.rows import row

FREE = StepLeakage(0, 0, 0, 3)


def told() -> WebStatistics:
    tally = StepTally()
    for session in range(30):
        for step in range(1, 2 + session % 5):
            made = row(f"s{session}", step, site=f"www.site{session % 3}.test", workflow="shop" if session % 2 else "")
            tally.add(made, recorded=1000 + session, pruned=500)
            tally.count_split("train" if session < 24 else "validation", made.tokens)
    tally.add(row("odd", 1, site="site0.test", tokens=9_000), recorded=900_000, pruned=500)
    tally.count_split("train", 9_000)
    return tally.statistics("exact")


def test_parts_add_up_and_the_largest_comes_first() -> None:
    s = told()
    assert (s.samples, s.sessions, s.total_tokens) == (91, 31, 90 * 10 + 9_000)
    for parts in (s.by_site, s.by_workflow, s.by_action, s.by_success, s.by_split):
        assert sum(part.samples for part in parts.values()) == 91
        assert sum(part.tokens for part in parts.values()) == s.total_tokens
    sizes = [part.samples for part in s.by_site.values()]
    assert sizes == sorted(sizes, reverse=True) and set(s.by_site) == {"site0.test", "site1.test", "site2.test"}
    assert set(s.by_workflow) == {"shop", "(not known)"} and set(s.by_success) == {"(not known)"}


def test_lengths_have_their_spread_and_outliers_are_named() -> None:
    s = told()
    assert (s.steps.spread.min, s.steps.spread.max, s.dom_pruned.spread.mean) == (1, 5, 500)
    assert (s.tokens.outliers.above, s.tokens.outliers.longest[0].value) == (1, 9_000)
    assert s.dom_recorded.outliers.longest[0].value == 900_000
    assert sum(part.samples for part in s.tokens.histogram) == 91
    assert s.site_tokens["site0.test"].max == 9_000 and s.site_tokens["site1.test"].max == 10


def test_sessions_of_the_same_id_in_different_files_are_counted_apart() -> None:
    tally = StepTally()
    for source in ("a.jsonl", "b.jsonl"):
        tally.add(row("1", 1, source_file=source), 1, 1)
    assert tally.statistics("exact").sessions == 2


def test_many_sites_are_summed_up() -> None:
    tally = StepTally()
    for number in range(LARGEST_SITES + 50):
        tally.add(row(f"s{number}", 1, site=f"site{number}.test"), 1, 1)
    s = tally.statistics("exact")
    assert len(s.site_tokens) == LARGEST_SITES and len(s.by_site) == LARGEST_SITES + 50


def test_the_page_tells_the_figures_and_escapes_names() -> None:
    tally = StepTally()
    tally.add(row("s", 1, site="<script>alert(1)</script>.test", workflow="<b>"), 10, 5)
    pictures = PictureTally(kept=2, bytes_in=100, bytes_out=40, formats=Counter({"PNG": 2}))
    pictures.refused["it is <i>damaged</i>"] += 1
    html = web_page(tally.statistics("exact"), pictures, FREE, {"time: not known": 7}, "<b>name</b>")
    assert "<script>alert" not in html and "<i>damaged" not in html and "<b>name" not in html
    assert "time: not known" in html and "2 pictures, 40 bytes as WEBP: 40.0 %" in html


def test_the_page_says_so_where_sessions_leak() -> None:
    html = web_page(told(), PictureTally(), StepLeakage(2, 0, 1, 0), {}, "x")
    assert "2 sessions" in html and 'class="note bad"' in html


@pytest.mark.slow
@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed")
def test_a_browser_shows_the_page_without_complaint_or_request(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    pictures = PictureTally(kept=1, bytes_in=9, bytes_out=3, formats=Counter(PNG=1), sizes=Counter({"1000 x 700": 1}))
    path.write_text(web_page(told(), pictures, FREE, {"x": 1}, "sessions"), encoding="utf-8")
    seen = open_page(path, {"headings": "document.querySelectorAll('h2').length", "plots": "document.images.length"})
    assert (seen.requests, seen.messages) == ([], []) and seen.values["headings"] == 8
