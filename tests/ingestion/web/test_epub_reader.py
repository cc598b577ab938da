"""The EPUB reader: chapters in reading order, protection told, nothing resolved from outside."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.sniff import detect_kind
from src.ingestion.web import epub_reader
from src.ingestion.web.epub_reader import read
from tests.ingestion.support import Reading, reading

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two%202.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>
<item id="font" href="a.ttf" media-type="font/ttf"/>
</manifest><spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="gone"/>
<itemref idref="nowhere"/></spine></package>"""
PAGE = """<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://x/y.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>%s</body></html>"""


def book(folder: Path, one: str, two: str = PAGE % "<p>second</p>", **more: str) -> Path:
    path = folder / "a.epub"
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": PACKAGE,
        "OPS/nav.xhtml": PAGE % "<nav><ol><li>One</li></ol></nav><p>contents</p>",
        "OPS/text/one.xhtml": one,
        "OPS/text/two 2.xhtml": two,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | more).items():
            archive.writestr(name, content)
    return path


def read_book(path: Path) -> Reading:
    assert detect_kind(path) == "epub"
    return reading(read, path)


def test_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    one = PAGE % "<h1>One</h1><p>a&nbsp;b &amp; &eacute;<br/>c</p><h2>Sub</h2><ul><li>x</li></ul><script/>"

    found = read_book(book(tmp_path, one))

    assert [(piece.kind, piece.place, piece.text) for piece in found.pieces] == [
        ("heading", "One", "One"),
        ("paragraph", "One", "a\xa0b & é\nc"),
        ("heading", "One > Sub", "Sub"),
        ("list_item", "One > Sub", "- x"),
        ("paragraph", "two 2.xhtml", "second"),
    ]
    assert found.warnings == ("a chapter is missing: OPS/gone.xhtml",)


def test_a_chapter_that_is_no_xml_is_read_as_a_page(tmp_path: Path) -> None:
    assert read_book(book(tmp_path, "<html><title>T</title><p>one<p>two<br>three")).pieces[:2] == (
        ("one", "paragraph", "T", (), 2),
        ("two\nthree", "paragraph", "T", (), 2),
    )


def test_entities_are_never_resolved_from_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    outside = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y "{"z" * 999}">]>'

    found = read_book(
        book(tmp_path, outside + "<html><body><p>before &x; after " + "&y;" * 9999 + "</p></body></html>")
    )

    assert "TOPSECRET" not in found.text
    assert found.pieces[0].text.startswith("before") and len(found.text) < 200_000


ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:EncryptionMethod Algorithm="%s"/>
<e:CipherData><e:CipherReference URI="%s"/></e:CipherData></e:EncryptedData></encryption>"""


def test_copy_protection_is_told(tmp_path: Path) -> None:
    locked = ENCRYPTION % ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "OPS/text/two%202.xhtml")

    with pytest.raises(IngestionError, match=r"^a\.epub is copy-protected") as refusal:
        reading(read, book(tmp_path, PAGE % "<p>one</p>", **{"META-INF/encryption.xml": locked}))

    assert refusal.value.status == "encrypted"


def test_scrambled_fonts_are_no_protection(tmp_path: Path) -> None:
    fonts = ENCRYPTION % ("http://www.idpf.org/2008/embedding", "OPS/a.ttf")

    found = read_book(book(tmp_path, PAGE % "<p>one</p>", **{"META-INF/encryption.xml": fonts}))

    assert found.text == "one\nsecond"


def test_a_part_that_inflates_too_far_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path, PAGE % ("<p>" + " " * epub_reader.MAX_PART + "</p>"))

    with pytest.raises(IngestionError, match="inflates to more text than a book holds") as refusal:
        reading(read, path)

    assert refusal.value.status == "refused"


@pytest.mark.parametrize(
    "broken", [{"META-INF/container.xml": "<x/>"}, {"META-INF/container.xml": "no"}, {"OPS/book.opf": "<package>"}]
)
def test_a_damaged_book_is_refused(broken: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"^a\.epub is damaged"):
        reading(read, book(tmp_path, PAGE % "<p>one</p>", **broken))
