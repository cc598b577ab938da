"""The HTML reader: what a reader of the page sees, in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.pieces import Piece
from src.ingestion.web import html_reader
from src.ingestion.web.html_reader import plain_text, read
from tests.ingestion.support import Reading, reading


def read_page(page: str | bytes, folder: Path) -> Reading:
    path = folder / "a.html"
    path.write_bytes(page if isinstance(page, bytes) else page.encode())
    return reading(read, path)


def texts(found: Reading) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in found.pieces]


def values(piece: Piece) -> list[tuple[str, str]]:
    return [(cell.name, piece.text[cell.start : cell.end]) for cell in piece.cells]


def test_headings_paragraphs_lists_and_code(tmp_path: Path) -> None:
    page = """<!DOCTYPE html><title>My page</title><body>before
      <h1>Top <em>of</em> it</h1><p>One
      two&nbsp;three<br>  four &lt;x&gt;<!-- c --> &copy; <b>bo</b>ld
      <ul><li>a<ul><li>nested</li></ul><li><p>b</p><p>second</p></ul>
      <h2><span>Sub</span></h2><pre>\n  code\n    x  y</pre><blockquote>q<p>r</p></blockquote>tail"""

    found = read_page(page, tmp_path)

    assert texts(found) == [
        ("paragraph", "before"),
        ("heading", "Top of it"),
        ("paragraph", "One two\xa0three\nfour <x> © bold"),
        ("list_item", "- a"),
        ("list_item", "- nested"),
        ("list_item", "- b"),
        ("paragraph", "second"),
        ("heading", "Sub"),
        ("code", "  code\n    x  y"),
        ("paragraph", "q"),
        ("paragraph", "r"),
        ("paragraph", "tail"),
    ]
    assert [piece.place for piece in found.pieces][::4] == ["My page", "Top of it", "Top of it > Sub"]


def test_what_nobody_sees_is_left_out_and_counted(tmp_path: Path) -> None:
    page = """<body style="display:none"><nav>Home</nav><script>x = "<p>no</p>"</script><style>p {}</style>
      <p>yes</p><div hidden><p>no</p><input></div><p style="color: red; display : none">no</p>
      <template><p>no</p></template><noscript>no</noscript><select><option>no</select>"""

    found = read_page(page, tmp_path)

    assert found.text == "yes"
    assert found.notes == ("left out: 1 navigation, 2 hidden elements, 1 template, 1 noscript",)


def test_questions_in_definition_lists_and_details_are_headings(tmp_path: Path) -> None:
    page = "<h2>FAQ</h2><dl><dt>Why?</dt><dd>So.</dd></dl><details><summary>How?</summary>Thus.</details>"

    assert [(piece.kind, piece.text, piece.place) for piece in read_page(page, tmp_path).pieces] == [
        ("heading", "FAQ", "FAQ"),
        ("heading", "Why?", "FAQ > Why?"),
        ("paragraph", "So.", "FAQ > Why?"),
        ("heading", "How?", "FAQ > How?"),
        ("paragraph", "Thus.", "FAQ > How?"),
    ]


def test_rows_of_a_table_have_cells_named_by_its_header(tmp_path: Path) -> None:
    page = """<table><caption>Cap</caption><thead><tr><th>Question</th><th>Answer</th><th>n</th></tr></thead>
      <tr><td>Why?</td><td><p>So</p><ul><li>a</li></ul></td><td>1</td></tr>
      <tr><td rowspan="2">How?</td><td colspan=2>Thus</td></tr><tr><td>Or so</td><td>2</td></tr></table>"""

    found = read_page(page, tmp_path)

    assert found.pieces[0].text == "Cap"
    assert [values(piece) for piece in found.pieces[1:]] == [
        [("Question", "Why?"), ("Answer", "So\n- a"), ("n", "1")],
        [("Question", "How?"), ("Answer", "Thus")],
        [("Question", "How?"), ("Answer", "Or so"), ("n", "2")],
    ]
    assert [piece.place for piece in found.pieces[1:]] == ["table row 2", "table row 3", "table row 4"]


def test_a_table_that_arranges_the_page_is_no_table(tmp_path: Path) -> None:
    page = "<table><tr><td><h1>Left</h1><p>text<td><table><tr><td>k<td>v</table>right</table>"

    assert texts(read_page(page, tmp_path)) == [
        ("heading", "Left"),
        ("paragraph", "text"),
        ("table", "k: v"),
        ("paragraph", "right"),
    ]


FACTS = """<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "FAQPage",
  "mainEntity": [
  {"@type": "Question", "name": "Shown &amp; told?", "acceptedAnswer": {"@type": "Answer", "text": "Twice"}},
  {"@type": "Question", "name": "Only here?", "acceptedAnswer": {"text": "<p>Yes, <b>it</b> is.</p><ul><li>a</ul>"}}
  ]}]}</script><script type="application/ld+json">{broken</script>"""


def test_questions_told_only_to_search_engines_are_rows(tmp_path: Path) -> None:
    found = read_page(f"<head>{FACTS}</head><h2>Shown   &amp; told?</h2><p>Once</p>", tmp_path)

    assert [piece.text for piece in found.pieces[:2]] == ["Shown & told?", "Once"]
    assert [values(piece) for piece in found.pieces[2:]] == [
        [("question", "Only here?"), ("answer", "Yes, it is.\n- a")]
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<p>café “q”".encode(),
        b"\xef\xbb\xbf<meta charset=latin-1><p>" + "café “q”".encode(),
        b'<meta charset="iso-8859-1"><p>caf\xe9 \x93q\x94',
        b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>caf\xe9 \x93q\x94',
        b'<meta charset="utf-8"><p>caf\xe9 \x93q\x94',
        b"<p>caf\xe9 \x93q\x94",
        "<p>café “q”".encode("utf-16"),
    ],
)
def test_the_encoding_is_what_mark_declaration_or_bytes_say(page: bytes, tmp_path: Path) -> None:
    assert read_page(page, tmp_path).text == "café “q”"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        "<table><tr><td>" * 5_000 + "x",
        "<ul><li>" * 5_000 + "x",
        "</p></td></table>x</div>",
        "<table><tr><td colspan=99999999 rowspan=99999999>x",
        "x\0",
        "<p>x</p" + "<" * 1000,
    ],
)
def test_hostile_pages_are_read(page: str, tmp_path: Path) -> None:
    assert "x" in read_page(page, tmp_path).text


@pytest.mark.parametrize("page", ["<!-- only -->", "\0", " ", "<p>", "&", "<"])
def test_pages_without_text_give_nothing(page: str, tmp_path: Path) -> None:
    assert read_page(page, tmp_path).text.strip("&<") == ""


def test_a_page_larger_than_any_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "big.html"
    with path.open("wb") as file:
        file.truncate(html_reader.MAX_BYTES + 1)

    with pytest.raises(IngestionError, match=r"^big\.html is larger than 64 MB") as refusal:
        reading(read, path)

    assert refusal.value.status == "refused"


def test_plain_text_of_markup() -> None:
    assert plain_text(" as it is ") == "as it is"
    assert plain_text("a &amp; b<br>c<p>d</p>") == "a & b\nc\nd"
