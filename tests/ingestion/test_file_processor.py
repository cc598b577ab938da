"""Folders to Documents: what is found, what is skipped, and that one bad file never stops the rest."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.document_reader import read_document
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.file_processor import ReadingPlan, find_files, read_files
from src.ingestion.pieces import ReadOptions
from src.records import RunReport
from tests.ingestion.support import read_folder


def fill(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def kept(folder: Path) -> Path:
    """Where the extracts of a folder's files go in these tests: beside it."""
    return folder.with_name(f"{folder.name} extracts")


def test_files_are_found_below_the_folder_in_order(tmp_path: Path) -> None:
    fill(tmp_path, {"b.txt": b"b", "a/z.md": b"z", "a/b/c.csv": b"c", "UPPER.TXT": b"u"})
    report = RunReport()

    names = [path.relative_to(tmp_path).as_posix() for path in find_files(tmp_path, report)]

    assert names == ["UPPER.TXT", "a/b/c.csv", "a/z.md", "b.txt"]
    assert report.issues == []


def test_what_is_skipped_is_told(tmp_path: Path) -> None:
    fill(tmp_path, {".gitkeep": b"", ".secret.txt": b"s", "~$a.docx": b"x", "x.xml": b"<a/>", ".git/config.txt": b"g"})
    report = RunReport()

    assert find_files(tmp_path, report) == []
    assert sorted((issue.severity, issue.where) for issue in report.issues) == [
        ("note", ".secret.txt"), ("note", "~$a.docx"), ("warning", "x.xml"),
    ]  # fmt: skip
    assert "Accepted are PDF" in next(issue.message for issue in report.issues if issue.where == "x.xml")


def test_a_document_with_an_unknown_ending_is_found_by_its_content(tmp_path: Path) -> None:
    samples = Path("context_files/samples").resolve()
    fill(tmp_path, {"manual.bin": (samples / "product_manual.pdf").read_bytes()})
    report = RunReport()

    assert [document is not None for document in read_folder(tmp_path, kept(tmp_path), report)] == [True]
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

    documents = read_folder(tmp_path, kept(tmp_path), report)

    assert [document and document.source_file for document in documents] == [
        "1.txt", None, None, "4.txt", None, "6.csv",
    ]  # fmt: skip
    assert report.counts == {
        "files read": 3, "files failed": 3, "files failed: damaged": 2, "files failed: empty": 1,
    }  # fmt: skip
    assert [(issue.severity, issue.where) for issue in report.issues] == [
        ("error", "2.pdf"), ("error", "3.docx"), ("error", "5.xlsx"),
    ]  # fmt: skip
    assert report.issues[2].message == "is empty; remove it or save it again."


def test_the_same_bytes_are_read_once(tmp_path: Path) -> None:
    fill(tmp_path, {"a.txt": b"same", "b/copy.txt": b"same"})
    report = RunReport()

    documents = read_folder(tmp_path, kept(tmp_path), report)

    assert [document is not None for document in documents] == [True, False]
    assert str(report.issues[0]) == "warning: b/copy.txt: has the same content as a.txt and was skipped"


def test_notes_of_a_reader_reach_the_report(tmp_path: Path) -> None:
    fill(tmp_path, {"a.csv": b'question,answer\n"open?,1\nb?,2\n', "b.txt": b"x\x00 some more words"})
    report = RunReport()

    read_folder(tmp_path, kept(tmp_path), report)

    assert [(issue.severity, issue.where) for issue in report.issues] == [("warning", "a.csv"), ("note", "b.txt")]


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    name = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    try:
        (tmp_path / name).write_bytes(b"hello")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    report = RunReport()

    (document,) = read_folder(tmp_path, kept(tmp_path), report)

    assert document is not None
    assert document.source_file == "caf\\udce9.txt"


def test_an_unchanged_folder_is_not_read_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"a.txt": b"one two", "b.csv": b"question,answer\nq?,a\n"})
    for path in folder.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    wait_for_the_clock(folder)
    first, again = RunReport(), RunReport()

    before = read_folder(folder, kept(tmp_path), first)
    after = read_folder(folder, kept(tmp_path), again)

    assert before == after
    assert (first.counts["files from the cache"], again.counts["files from the cache"]) == (0, 2)
    assert not os.listdir(kept(tmp_path))[0].startswith(".")


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"a.txt": b"one"})
    read_folder(folder, kept(tmp_path), RunReport())
    fill(folder, {"a.txt": b"two"})

    (document,) = read_folder(folder, kept(tmp_path), RunReport())

    assert document is not None and document.text == "two"


def test_other_options_read_again_and_passwords_do_not(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"a.txt": b"one"})
    cache = ExtractCache.open(kept(tmp_path))
    (path,) = folder.iterdir()

    plans = [
        ReadingPlan(options=ReadOptions(comments=True)), ReadingPlan(), ReadingPlan(passwords={"a.txt": "canary-7"}),
    ]  # fmt: skip
    for plan in plans:
        list(read_files([path], folder, RunReport(), cache, plan))

    assert len(list(kept(tmp_path).glob("*.extract"))) == 2
    assert not any(b"canary-7" in entry.read_bytes() for entry in kept(tmp_path).iterdir())


def test_linked_folders_are_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "in", {"a.txt": b"one"})
    fill(tmp_path / "out", {"secret.txt": b"outside"})
    (folder / "more").symlink_to(tmp_path / "out")
    report = RunReport()

    assert [path.name for path in find_files(folder, report)] == ["a.txt"]
    assert [str(issue) for issue in report.issues] == ["note: more: is a link to a folder and was not entered"]


def wait_for_the_clock(folder: Path) -> None:
    """Until the files' change times, which nobody can set, are old enough to be trusted."""
    newest = max(path.stat().st_ctime_ns for path in folder.iterdir())
    while time.time_ns() - newest < 2_100_000_000:
        time.sleep(0.05)
