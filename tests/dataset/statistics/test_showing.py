from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from src.dataset.statistics import Statistics, StatisticsTally, TrainingPrice, compute_statistics
from src.dataset.statistics.results import Coverage, DocumentCoverage
from src.dataset.statistics.showing.lines import statistics_lines
from src.dataset.statistics.showing.web_page import statistics_page
from src.records import Block, Document
from tests.dataset.example_samples import make_example
from tests.dataset.pages.browser import Look, find_chromium, open_page

HOSTILE = "</svg><script>document.title='taken'</script>\u202e\x1b[31m.pdf"


def whole_statistics() -> Statistics:
    """Statistics with nothing missing, about samples whose every name is hostile."""
    tally = StatisticsTally(language_of=lambda text: HOSTILE)
    for number in range(300):
        source, tokens = (HOSTILE, 40_000) if number == 7 else (f"file {number % 4}.pdf", 90 + number % 50)
        sample = make_example(number, source=source, tokens=tokens, keywords=(HOSTILE, f"topic {number % 30}"))
        tally.add_sample(replace(sample, id=f"s{number}<b>", split="train"))
    document = Document("d" * 8, HOSTILE, (Block("x" * 20, "paragraph", HOSTILE, 0), Block("y", "paragraph", "p2", 25)))
    return tally.statistics(
        "exact",
        cost=tally.cost(TrainingPrice("openai", HOSTILE, 5.0, 3, HOSTILE, HOSTILE)),
        coverage=tally.coverage([document], {HOSTILE: HOSTILE}),
        near_duplicates=12,
    )


def test_lines_fit_the_terminal_and_hold_no_control_characters() -> None:
    for width in (40, 80, 200):
        lines = statistics_lines(whole_statistics(), width)
        assert max(map(len, lines)) <= width
        assert all(line.isprintable() for line in lines)


def test_lines_tell_figures_outliers_and_bars() -> None:
    text = "\n".join(statistics_lines(whole_statistics()))
    for part in (
        "Tokens (exact):\n   total  least   mean  median  90 %  99 %    most",
        "Source breakdown:\n  file 0.pdf",
        "0 below",
        "1 above",
        "s7<b>  40,000",
        "12 samples are nearly an earlier one",
        "1 documents, 0 without samples; 1 of 2 places gave none",
        "USD for 3 epochs",
    ):
        assert " ".join(part.split()) in " ".join(text.split()), part


def test_bars_are_as_long_as_their_share_of_the_largest() -> None:
    samples = [make_example(n, source="a" if n % 3 else "b") for n in range(90)]
    lines = statistics_lines(compute_statistics(samples, "exact"))
    assert f"  a  {'#' * 24}     60" in lines and f"  b  {'#' * 12}{' ' * 12}     30" in lines


def test_what_was_not_computed_says_why() -> None:
    tally = StatisticsTally()
    tally.add(12, 2, "train", "a.pdf", "created", ["x"])
    text = "\n".join(statistics_lines(tally.statistics("exact"), 120))
    assert text.count("not computed: the texts were not read") == 4
    assert "not computed: the source documents were not read" in text
    html = statistics_page(tally.statistics("exact"), "small")
    assert html.count("not computed: the texts were not read") == 4
    statistics_lines(StatisticsTally().statistics("exact"))
    statistics_page(StatisticsTally().statistics("exact"), "empty")


def test_many_intervals_are_taken_together_for_the_terminal() -> None:
    samples = [make_example(n, tokens=1 + n * n) for n in range(300)]
    found = compute_statistics(samples, "exact")
    lines = statistics_lines(found)
    start = lines.index("") + 1
    bars = lines[start : lines.index("", start)]
    assert len(found.token_histogram) > 40 and 10 <= len(bars) <= 20
    assert sum(int(line.split()[-1].replace(",", "")) for line in bars) == 300


def test_the_page_is_the_same_for_the_same_samples_and_names_what_gave_nothing() -> None:
    html = statistics_page(whole_statistics(), "set", "made today")
    assert html == statistics_page(whole_statistics(), "set", "made today")
    assert "s7&lt;b&gt;" in html and "1 of 2" in html and "<script" not in html
    covered = DocumentCoverage("a.pdf", 0, 10, 0, 0, 90, tuple(f"page {n}" for n in range(50)), 90)
    coverage = Coverage(1, 1, 90, 90, 10, 0, 0, 0, (covered,), {})
    assert "page 49, and 40 more" in statistics_page(replace(whole_statistics(), coverage=coverage), "set")


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed (Debian: apt-get install chromium)")
def test_in_a_browser_the_page_loads_nothing_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "statistics.html"
    path.write_text(statistics_page(whole_statistics(), HOSTILE), encoding="utf-8", newline="\n")
    expressions = {
        "title": "document.title.includes('script')",
        "too wide": "document.documentElement.scrollWidth - innerWidth > 0",
        "plots": "document.querySelectorAll('svg[role=img][aria-label]').length",
        "unnamed": "document.querySelectorAll('svg:not([aria-label])').length",
    }
    looks = (Look("wide", 1280, height=900), Look("phone", 360, dark=True, height=700))
    seen = open_page(path, expressions, looks)
    assert (seen.requests, seen.messages) == ([], [])
    for look in looks:
        assert seen.values[f"{look.name} title"] and not seen.values[f"{look.name} too wide"]
        assert seen.values[f"{look.name} plots"] >= 10 and seen.values[f"{look.name} unnamed"] == 0
