"""Office packages: relations that stay inside, bounded unpacking, Strict namespaces, and what is refused."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.office.docx_reader import read
from src.ingestion.office.package import MAX_ENTRIES, SMALL_TOTAL, open_package
from src.ingestion.pieces import ReadOptions, Remarks
from tests.ingestion.office.ooxml import OFFICE, RELATIONS, SPACES, paragraph, read_body, write_docx
from tests.ingestion.support import reading

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def replaced(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**kept, **parts}.items():
            archive.writestr(name, content)
    return path


def refusal(path: Path) -> IngestionError:
    with pytest.raises(IngestionError, match=path.name) as caught:
        list(read(path, ReadOptions(), Remarks()))
    return caught.value


@pytest.fixture
def document(tmp_path: Path) -> Path:
    return write_docx(tmp_path / "d.docx", paragraph("hello"))


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("media/a.png", "word/media/a.png"),
        ("/word/b.xml", "word/b.xml"),
        ("../custom/c%20d.xml", "custom/c d.xml"),
        ("e.xml#part", "word/e.xml"),
        ("..\\f.xml", "f.xml"),
        ("../../../../etc/passwd", "etc/passwd"),
    ],
)
def test_targets_are_names_inside_the_package(target: str, name: str, document: Path) -> None:
    rows = f'<Relationship Id="r1" Type="{OFFICE}/image" Target="{target}"/>'
    relations = f'<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'
    replaced(document, {"word/_rels/document.xml.rels": relations, name: "x"})

    with open_package(document) as package:
        assert package.related("word/document.xml", "image") == [name]
        assert package.target("word/document.xml", "r1") == name


def test_external_targets_are_no_parts(document: Path) -> None:
    rows = f'<Relationship Id="r1" Type="{OFFICE}/image" Target="word/document.xml" TargetMode="External"/>'
    replaced(document, {"word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS}">{rows}</Relationships>'})

    with open_package(document) as package:
        assert package.related("word/document.xml", "image") == []
        assert package.target("word/document.xml", "r1") == ""
        assert not package.missing


def test_a_missing_part_is_remembered_and_told(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", paragraph("hello"), {"styles.xml": ("styles", "<x/>")})
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if name != "word/styles.xml"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)

    found = reading(read, path)

    assert found.text == "hello"
    assert found.warnings == ("the file refers to parts it does not hold: word/styles.xml",)


def test_part_names_differ_in_no_way_by_case(document: Path) -> None:
    content = document.read_bytes().replace(b"word/document.xml", b"Word/DOCUMENT.xml")
    document.write_bytes(content)

    assert reading(read, document).text == "hello"


@pytest.mark.parametrize(
    "main_type",
    [
        "application/vnd.ms-word.document.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    ],
)
def test_templates_and_files_with_macros_are_read(main_type: str, tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", paragraph("hello"), main_type=main_type)

    assert reading(read, path).text == "hello"


def test_a_package_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", paragraph("hello"), main_type="application/x-other")

    assert refusal(path).status == "damaged"


def strict(xml: str) -> str:
    for family in ("wordprocessingml", "officeDocument", "drawingml"):
        xml = xml.replace(f"http://schemas.openxmlformats.org/{family}/2006/", f"http://purl.oclc.org/ooxml/{family}/")
    return xml


def test_strict_open_xml_is_read_like_any_other(tmp_path: Path) -> None:
    named = "http://purl.oclc.org/ooxml/drawingml/main"
    many = "".join(paragraph(f"paragraph {number} on {named}") for number in range(2000))
    path = write_docx(tmp_path / "d.docx", many, {"footnotes.xml": ("footnotes", strict(
        f'<w:footnotes {SPACES}><w:footnote w:id="1">{paragraph("below")}</w:footnote></w:footnotes>'
    ))})  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        content = {name: strict(archive.read(name).decode()) for name in archive.namelist()}
    # The text speaks of a namespace too, and must stay as it is.
    replaced(path, {name: xml for name, xml in content.items() if name != "[Content_Types].xml"})

    found = reading(read, path)

    assert len(found.pieces) == 2001
    assert found.pieces[1999].text == f"paragraph 1999 on {named}"
    assert found.pieces[-1].place == "footnote 1"


@pytest.mark.parametrize("declared", ['<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("name", ["word/document.xml", "_rels/.rels", "[Content_Types].xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_declaration_is_refused(declared: str, name: str, encoding: str, document: Path) -> None:
    with zipfile.ZipFile(document) as archive:
        xml = archive.read(name).decode()
    replaced(document, {name: f'<?xml version="1.0" encoding="{encoding}"?>{declared}{xml}'.encode(encoding)})

    assert refusal(document).status == "refused"


@pytest.mark.parametrize(
    "body",
    ["<w:sdt><w:sdtContent>" * 300 + "</w:sdtContent></w:sdt>" * 300, paragraph("x" * 10_500_000)],
    ids=["depth", "one text"],
)
def test_absurd_nesting_and_texts_are_refused(body: str, tmp_path: Path) -> None:
    assert refusal(write_docx(tmp_path / "d.docx", body)).status == "refused"


def many_paragraphs() -> str:
    return paragraph("all the same") * (2 * SMALL_TOTAL // len(paragraph("all the same")))


def test_a_bomb_is_refused_by_what_the_directory_says(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", many_paragraphs())

    assert refusal(path).status == "refused"
    with pytest.raises(IngestionError, match="unpacks to more than"), open_package(path):
        pass


def test_a_bomb_with_a_lying_directory_is_cut_off_in_the_middle(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", many_paragraphs())
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("word/document.xml").file_size
    content = content.replace(struct.pack("<L", size), struct.pack("<L", 1000))
    path.write_bytes(content)

    assert refusal(path).status in ("refused", "damaged")


def test_a_part_that_is_asked_for_again_and_again_counts_each_time(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "d.docx", paragraph("hello"), {"big.xml": ("x", f"<x>{'y' * 100_000}</x>")})

    with open_package(path) as package, pytest.raises(IngestionError, match="unpacks to more than"):
        for _ in range(200):
            package.root("word/big.xml")


def test_more_parts_than_any_document_has_are_refused(document: Path) -> None:
    replaced(document, {f"word/x{number}.xml": b"" for number in range(MAX_ENTRIES)})

    assert refusal(document).status == "refused"


def test_a_packing_no_office_program_uses_is_refused(document: Path) -> None:
    with zipfile.ZipFile(document) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(document, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in kept.items():
            archive.writestr(name, content)

    assert refusal(document).status == "refused"


def elements(path: Path) -> Iterator[str]:
    with open_package(path) as package:
        containers = frozenset({f"{W}body", f"{W}sdt", f"{W}sdtContent", f"{W}tbl"})
        for element in package.elements("word/document.xml", f"{W}document", containers):
            yield element.tag.removeprefix(W)


def test_elements_come_out_of_containers_in_order(tmp_path: Path) -> None:
    wrapped = f"<w:sdt><w:sdtPr/><w:sdtContent>{paragraph('b')}<w:tbl><w:tr/><w:tr/></w:tbl></w:sdtContent></w:sdt>"
    path = write_docx(tmp_path / "d.docx", paragraph("a") + wrapped + paragraph("c"))

    assert list(elements(path)) == ["p", "sdtPr", "p", "tr", "tr", "p"]


def test_every_element_comes_once_however_the_blocks_fall(tmp_path: Path) -> None:
    wrapped = "<w:sdt><w:sdtContent>" + "".join(paragraph(f"n{n} " * (n % 50)) for n in range(3000))
    path = write_docx(tmp_path / "d.docx", wrapped + "</w:sdtContent></w:sdt>" + paragraph("last"))

    found = reading(read, path)

    expected = [" ".join([f"n{n}"] * (n % 50)) for n in range(3000) if n % 50]
    assert [piece.text for piece in found.pieces] == [*expected, "last"]


def test_several_bodies_are_all_read(tmp_path: Path) -> None:
    body = f"{paragraph('one')}</w:body><w:body>{paragraph('two')}"

    assert read_body(tmp_path, body).text == "one\ntwo"
