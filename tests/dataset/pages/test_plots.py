from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from src.dataset.pages import Bin, Mark, Strip, bars_svg, histogram_svg, strips_svg
from src.dataset.pages.drawing import nice_top, steps

HOSTILE = "</svg><script>alert(1)</script>\" onload='x' &amp; \x00\u202e"


def rectangles(svg: str, kind: str) -> list[dict[str, str]]:
    return [r.attrib for r in ElementTree.fromstring(svg).iter("rect") if kind in r.attrib["class"].split()]


def widths(svg: str, kind: str = "bar") -> list[float]:
    return [float(one["width"].rstrip("%")) for one in rectangles(svg, kind)]


def test_bars_are_as_long_as_their_counts_the_largest_first() -> None:
    svg = bars_svg({"a": 10, "b": 40, "c": 20}, "Counts")
    assert widths(svg) == [100, 50, 25]
    assert [text.text for text in ElementTree.fromstring(svg).iter("text")] == ["b", "40", "c", "20", "a", "10"]


def test_bars_keep_their_order_when_told_and_show_shares() -> None:
    svg = bars_svg({"2": 10, "4": 40}, "Turns", total=50, by_size=False)
    assert widths(svg) == [25, 100] and "10 · 20.0 %" in svg


def test_what_is_beyond_the_most_bars_is_one_more_bar() -> None:
    svg = bars_svg({str(n): 10 for n in range(7)}, "Counts", most=5)
    assert len(widths(svg)) == 6 and "2 more together" in svg and ">20<" in svg
    assert widths(svg, "rest") == [100]


def test_a_count_of_none_has_no_bar_and_no_counts_no_rows() -> None:
    assert widths(bars_svg({"a": 5, "b": 0}, "Counts")) == [100, 0]
    assert "Nothing to show" in bars_svg({}, "Counts")


def test_a_histogram_has_bars_as_high_as_their_bins_and_marks_where_they_belong() -> None:
    svg = histogram_svg([Bin(0, 10, 50), Bin(10, 20, 100), Bin(20, 40, 0)], "Lengths", "tokens", [Mark("median", 15)])
    heights = [float(one["height"]) for one in rectangles(svg, "bar")]
    assert heights == [85, 170]
    (mark,) = (one.attrib for one in ElementTree.fromstring(svg).iter("line") if one.attrib["class"] == "mark")
    assert float(mark["x1"].rstrip("%")) == 9 + 91 / 2  # the middle of the second of three
    assert "median 15" in svg


def test_a_mark_in_a_bin_of_one_number_stands_in_its_middle() -> None:
    svg = histogram_svg([Bin(2, 3, 5), Bin(3, 4, 1)], "Turns", "turns", [Mark("median", 2)])
    (mark,) = (one.attrib for one in ElementTree.fromstring(svg).iter("line") if one.attrib["class"] == "mark")
    assert mark["x1"] == f"{9 + 91 / 4:.3f}%"


def test_a_mark_outside_the_bins_and_no_bins_are_no_problem() -> None:
    assert 'class="mark"' not in histogram_svg([Bin(0, 10, 5)], "Lengths", "tokens", [Mark("fence", 99)])
    ElementTree.fromstring(histogram_svg([], "Lengths", "tokens"))


def test_a_strip_puts_its_percentiles_in_order_on_a_logarithmic_scale() -> None:
    svg = strips_svg([Strip("a", 10, 20, 40, 80, 160), Strip("b", 10, 10, 10, 10, 10)], "Lengths", "tokens")
    box = rectangles(svg, "bar")[0]
    left = float(box["x"].rstrip("%"))
    right = left + float(box["width"].rstrip("%"))
    assert abs(left - (1 + 98 / 4)) < 0.01 and abs(right - (1 + 98 * 3 / 4)) < 0.01
    ElementTree.fromstring(strips_svg([Strip("zero", 0, 0, 0, 0, 0)], "Lengths", "tokens"))
    ElementTree.fromstring(strips_svg([], "Lengths", "tokens"))


def test_hostile_names_stay_text() -> None:
    for svg in (
        bars_svg({HOSTILE: 3}, HOSTILE),
        histogram_svg([Bin(0, 1, 1)], HOSTILE, HOSTILE, [Mark(HOSTILE, 0)]),
        strips_svg([Strip(HOSTILE, 1, 2, 3, 4, 5)], HOSTILE, HOSTILE),
    ):
        tags = {element.tag for element in ElementTree.fromstring(svg).iter()}
        assert tags <= {"svg", "rect", "text", "line", "title"}
        assert not re.search(r"<[^>]* on\w+=['\"]?x", re.sub(r'"[^"]*"', '""', svg))


@given(st.floats(0.5, 1e9), st.floats(1.01, 1e6))
def test_steps_of_an_axis_are_few_and_lie_on_it(least: float, factor: float) -> None:
    found = steps(least, least * factor)
    assert len(found) <= 5 and all(a < b for a, b in pairwise(found))
    assert all(least <= value <= least * factor for value in found)


@given(st.floats(1e-3, 1e12))
def test_the_end_of_a_scale_is_at_or_little_above_the_largest_value(value: float) -> None:
    assert value * 0.999 <= nice_top(value) <= value * 2
