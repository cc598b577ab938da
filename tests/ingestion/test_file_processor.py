"""Folders to Documents: what is found, what is skipped, and that one bad file never stops the rest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.file_processor import find_files, read_document, read_files
from src.records import RunReport


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_files_are_found_below_the_folder_in_order(tmp_path: Path) -> None:
    fill(tmp_path, {"b.txt": b"b", "a/z.md": b"z", "a/b/c.csv": b"c", "UPPER.TXT": b"u"})
    report = RunReport()

    names = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path, report)]

    assert names == ["UPPER.TXT", "a/b/c.csv", "a/z.md", "b.txt"]
    assert report.issues == []


def test_what_is_skipped_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {".gitkeep": b"", ".secret.txt": b"s", "~$a.docx": b"x", "x.json": b"{}", ".git/config.txt": b"g"})
    report = RunReport()

    assert find_files(tmp_path, report) == []
    assert sorted((issue.severity, issue.where) for issue in report.issues) == [
        ("note", ".secret.txt"), ("note", "~$a.docx"), ("warning", "x.json"),
    ]  # fmt: skip
    assert "Accepted are PDF" in next(issue.message for issue in report.issues if issue.where == "x.json")


def test_a_document_with_an_unknown_ending_is_found_by_its_content(tmp_path: Path) -> None:
    samples = Path("context_files/samples").resolve()
    fill(tmp_path, {"manual.bin": (samples / "product_manual.pdf").read_bytes()})
    report = RunReport()

    (path,) = find_files(tmp_path, report)

    assert [document is not None for document in read_files([path], tmp_path, report)] == [True]
    assert report.issues[0].message == "the name says .bin, the content is PDF; read as PDF"


def test_links_are_followed_only_inside_the_folder(tmp_path: Path) -> None:
    inside = fill(tmp_path / "in", {"a.txt": b"inside"})
    fill(tmp_path / "out", {"secret.txt": b"outside"})
    (inside / "alias.txt").symlink_to(inside / "a.txt")
    (inside / "leak.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (inside / "loop.txt").symlink_to(inside / "loop.txt")
    report = RunReport()

    names = {path.name for path in find_files(inside, report)}

    assert "leak.txt" not in names
    assert {"a.txt", "alias.txt"} <= names
    assert "leak.txt" in {issue.where for issue in report.issues}
    with pytest.raises(IngestionError, match="leads outside the folder"):
        read_document(inside / "leak.txt", inside)
    with pytest.raises(IngestionError):
        read_document(inside / "loop.txt", inside)


def test_a_document_knows_its_file(tmp_path: Path) -> None:
    fill(tmp_path, {"deep/er/a.txt": b"hello\n"})

    document = read_document(tmp_path / "deep/er/a.txt", tmp_path)

    assert document.id == hashlib.sha256(b"hello\n").hexdigest()
    assert document.source_file == "deep/er/a.txt"
    assert document.text == "hello"


def test_bad_files_become_issues_and_the_rest_is_read(tmp_path: Path) -> None:
    fill(tmp_path, {"1.txt": b"one", "2.pdf": b"%PDF-1.4 nothing more", "3.docx": b"PK\x03\x04rest", "4.txt": b"four"})
    fill(tmp_path, {"5.xlsx": b"", "6.csv": b"a,b\n1,2\n"})
    report = RunReport()

    documents = list(read_files(find_files(tmp_path, report), tmp_path, report))

    assert [document and document.source_file for document in documents] == [
        "1.txt", None, None, "4.txt", None, "6.csv",
    ]  # fmt: skip
    assert report.counts == {"files read": 3, "files failed": 3}
    assert [(issue.severity, issue.where) for issue in report.issues] == [
        ("error", "2.pdf"), ("error", "3.docx"), ("error", "5.xlsx"),
    ]  # fmt: skip
    assert report.issues[2].message == "is empty; remove it or save it again."


def test_the_same_bytes_are_read_once(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": b"same", "b/copy.txt": b"same"})
    report = RunReport()

    documents = list(read_files(find_files(tmp_path, report), tmp_path, report))

    assert [document is not None for document in documents] == [True, False]
    assert str(report.issues[0]) == "warning: b/copy.txt: has the same content as a.txt and was skipped"


def test_notes_of_a_reader_reach_the_report(tmp_path: Path) -> None:
    fill(tmp_path, {"a.csv": b'question,answer\n"open?,1\nb?,2\n', "b.txt": b"x\x00 some more words"})
    report = RunReport()

    list(read_files(find_files(tmp_path, report), tmp_path, report))

    assert [(issue.severity, issue.where) for issue in report.issues] == [("warning", "a.csv"), ("note", "b.txt")]


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / name).write_bytes(b"hello")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    report = RunReport()

    (document,) = read_files(find_files(tmp_path, report), tmp_path, report)

    assert document is not None
    assert document.source_file == "caf\\udce9.txt"
