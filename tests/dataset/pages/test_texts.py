from __future__ import annotations

import pytest

from src.dataset.pages.texts import compact, number, percent, short, shown


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain é 中文 \n\ttab", "plain é 中文 \n\ttab"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("a\x00b\x1bc", "a\\x00b\\x1bc"),
        ("half \ud800", "half \\ud800"),
        ("क्‍ष می‌خواهم", "क्\u200dष می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, seen: str) -> None:
    assert shown(text) == seen
    shown(text).encode("utf-8")


def test_long_text_is_cut_and_long_names_keep_their_ends() -> None:
    assert shown("x" * 50, 10) == "x" * 9 + "…"
    name = short("reports/2025/quarter-three/final/maintenance.pdf", 20)
    assert len(name) == 20 and name.startswith("reports/") and name.endswith("nance.pdf")
    assert short("two\nlines") == "two lines"


def test_numbers_are_as_long_as_they_need_be() -> None:
    assert [number(n) for n in (1234, 2.0, 12.54, 0.03125, 0.00001, 0, None)] == [
        "1,234", "2", "12.5", "0.0312", "< 0.0001", "0", "",
    ]  # fmt: skip
    assert [compact(n) for n in (0, 950, 1200, 35_000_000)] == ["0", "950", "1.2k", "35M"]


def test_a_share_that_is_not_nothing_is_not_shown_as_nothing() -> None:
    shares = [percent(share) for share in (0, 0.00001, 0.125, 0.99999, 1)]
    assert shares == ["0.0 %", "< 0.1 %", "12.5 %", "> 99.9 %", "100.0 %"]
