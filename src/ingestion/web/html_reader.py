"""Read an HTML page: what a reader of it sees, by headings, with its tables as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from src.errors import IngestionError
from src.ingestion.pieces import Piece, ReadOptions, Remarks, damage_refused
from src.ingestion.text.text_decoding import codec_shown_by, decoded, open_regular
from src.ingestion.web.element_walk import ElementWalk
from src.ingestion.web.faq_facts import faq_pieces

MAX_BYTES = 64 << 20
_FED_AT_ONCE = 1 << 18
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|^<\?xml[^>]{0,100}encoding=["']([\w.:-]+)""", re.IGNORECASE
)
# Browsers read these names as larger sets (Encoding Standard, 4.2).
_READ_AS = {
    "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252", "us-ascii": "cp1252",
    "iso8859-1": "cp1252", "windows-1252": "cp1252", "iso-8859-9": "cp1254", "shift_jis": "cp932",
    "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "gb2312": "gb18030", "gbk": "gb18030",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "tis-620": "cp874", "big5": "big5hkscs",
    # A page that can say so in ASCII is not in UTF-16.
    "utf-16": "utf-8", "utf-16le": "utf-8", "utf-16be": "utf-8",
}  # fmt: skip


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """Headings, paragraphs, list items, code and table rows; place is the path of headings, else the page's title.

    Scripts, navigation and hidden elements are left out, the latter counted. Questions and answers that only a
    search engine is told (schema.org) are rows at the end. Nothing is loaded from elsewhere.
    """
    with damage_refused(path, "HTML"):
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"{path.name} is larger than {MAX_BYTES >> 20} MB, which no page is; split it or save it as .txt."
            raise IngestionError(message, "refused")
        yield from page_pieces(decoded_page(content, path.name, remarks), remarks)


def decoded_page(content: bytes, name: str, remarks: Remarks) -> str:
    """The text of a page by its byte-order mark, what it declares, else by its bytes."""
    head = content[:4096]
    declared = None if codec_shown_by(head) else _DECLARED.search(head)
    codec = (declared[1] or declared[2]).decode("ascii").lower() if declared else ""
    return decoded(content, name, remarks, _READ_AS.get(codec, codec))


def page_pieces(text: str, remarks: Remarks) -> Iterator[Piece]:
    """The pieces of a page, then its hidden questions and answers."""
    walk = ElementWalk()
    # Only a page with such facts needs all of its text at the end.
    shown: list[str] | None = [] if "ld+json" in text else None
    for piece in walk_html(text, walk):
        if shown is not None:
            shown.append(piece.text)
        yield piece
    if shown is not None:
        yield from faq_pieces(walk.scripts, "\n".join(shown), plain_text)
    tell_left_out(walk, remarks)


def walk_html(text: str, walk: ElementWalk) -> Iterator[Piece]:
    """Feed a page to the walk, giving the pieces as they are finished."""
    from lxml import etree

    target: Any = walk  # the stubs want methods that take bytes, too, which lxml never hands over
    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)
    for at in range(0, len(text), _FED_AT_ONCE):
        # A zero character would end the page for the parser.
        parser.feed(text[at : at + _FED_AT_ONCE].replace("\0", "").encode("utf-8", "replace"))
        yield from walk.take()
    if text:
        parser.close()
    yield from walk.take()


def plain_text(markup: str) -> str:
    """The text of a bit of HTML, its blocks on lines of their own."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    walk = ElementWalk()
    return "\n".join(piece.text for piece in walk_html(markup, walk))


def tell_left_out(walk: ElementWalk, remarks: Remarks) -> None:
    """Note what a reader of the page does not see."""
    counted = ", ".join(f"{number:,} {name}{'s' * (number > 1)}" for name, number in walk.left_out.items() if name)
    if counted:
        remarks.note(f"left out: {counted}")
