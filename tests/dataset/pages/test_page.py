from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from src.dataset.pages import (
    Bin,
    Section,
    Strip,
    Tile,
    bars_svg,
    details,
    figure,
    flags_table,
    grid,
    histogram_svg,
    note,
    page,
    paragraph,
    strips_svg,
    table,
    tiles,
)
from tests.dataset.pages.browser import Look, find_chromium, open_page

ATTACKS = (
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "\"><svg onload=document.title='taken'>",
    "</style><style>body{background:url(https://example.invalid/x)}</style>",
    "</title></text></svg><iframe src=https://example.invalid></iframe>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "x" * 300,
    "\u202e\x00\ud800",
)


class Reader(HTMLParser):
    """The tags, ids and style texts of a page, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.styles: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "style" and not self.styles:
            self.styles.append(data)


def everything_from(texts: tuple[str, ...]) -> str:
    """A page that has each text in every place where a text can go."""
    parts = []
    for text in texts:
        rows = [(text, 1, 2.5, None), (text, 3, 4.5, None)]
        parts += [
            tiles([Tile(text, text, text, "bad")]),
            paragraph(text),
            note(text, "warning"),
            table((text, "n", "x", "y"), rows, text),
            flags_table((text, "n", "x", "y"), [(rows[0], text)], text),
            details(text, text),
            grid(
                figure(bars_svg({text: 3, "other": 2}, text), text, paragraph(text)),
                figure(histogram_svg([Bin(1, 2, 3)], text, text), text),
                figure(strips_svg([Strip(text, 1, 2, 3, 4, 5)], text, text), text),
            ),
        ]
    return page(texts[0], [Section(text, parts, text) for text in texts], texts[-1])


def test_the_style_sheet_is_the_one_that_the_policy_allows() -> None:
    reader = Reader(page("Title", [Section("One", [paragraph("text")])]))
    policy = next(value for name, value in reader.attributes if name == "content" and "default-src" in str(value))
    digest = base64.b64encode(hashlib.sha256(reader.styles[0].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_hostile_texts_add_no_tag_no_handler_and_no_address() -> None:
    plain, hostile = Reader(everything_from(("text",) * len(ATTACKS))), Reader(everything_from(ATTACKS))
    assert hostile.tags == plain.tags
    assert not [name for name, _ in hostile.attributes if name.startswith("on") or name in ("src", "style")]
    assert {value for name, value in hostile.attributes if name == "href"} == {
        f"#section-{n}" for n in range(1, len(ATTACKS) + 1)
    }
    everything_from(ATTACKS).encode("utf-8")


def test_the_same_sections_give_the_same_bytes() -> None:
    assert everything_from(ATTACKS) == everything_from(ATTACKS)


def test_a_table_puts_numbers_to_the_right_and_names_its_rows() -> None:
    html = table(("name", "n"), [("a", 1234), ("b", None)], "Counts")
    assert '<th scope=row><bdi>a</bdi></th><td class="n">1,234</td>' in html
    assert "<caption>Counts</caption>" in html and 'aria-label="Counts"' in html
    assert 'class="n"' not in table(("name", "n"), [("a", 1), ("b", "many")])


def test_a_flag_unfolds_without_a_script() -> None:
    html = flags_table(("sample", "metric"), [(("s1", "pii"), "message 2\nline two")])
    assert "<details><summary>Show</summary><pre>message 2\nline two</pre></details>" in html


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed (Debian: apt-get install chromium)")
def test_in_a_browser_hostile_texts_do_nothing_and_everything_fits(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(everything_from(ATTACKS), encoding="utf-8", newline="\n")
    looks = (
        Look("wide", 1280, height=900),
        Look("phone", 320, dark=True, height=600),
        Look("paper", 800, height=900, printed=True),
    )
    seen = open_page(
        path,
        {
            "title": "document.title",
            "too wide": "document.documentElement.scrollWidth - innerWidth > 0",
            "background": "getComputedStyle(document.querySelector('section')).backgroundColor",
            "elements": "document.querySelectorAll('script, iframe, img').length",
            "bars": "[...document.querySelectorAll('.bar')].filter(b => b.getBoundingClientRect().width > 1).length",
        },
        looks,
    )
    assert (seen.requests, seen.messages) == ([], [])
    for look in looks:
        assert seen.values[f"{look.name} title"] == ATTACKS[0]
        assert not seen.values[f"{look.name} too wide"]
        assert seen.values[f"{look.name} elements"] == 0
        assert seen.values[f"{look.name} bars"] > 0
    assert seen.values["wide background"] == "rgb(255, 255, 255)"
    assert seen.values["phone background"] == "rgb(24, 32, 41)"


@pytest.mark.skipif(find_chromium() is None, reason="no Chromium is installed (Debian: apt-get install chromium)")
def test_the_browser_would_tell_of_scripts_and_requests(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    html = page("Title", [Section("One", [paragraph("text")])])
    path.write_text(html.replace("</main>", "<script>1</script><img src='x.png'></main>"), encoding="utf-8")
    told = " ".join(open_page(path, {}).messages)
    assert "script" in told and "image" in told.lower()
