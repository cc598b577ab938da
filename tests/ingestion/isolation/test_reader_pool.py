"""Files that hang, starve or crash their reader cost only themselves."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.extract_file import read_contents
from src.ingestion.file_processor import ReadingPlan
from src.ingestion.isolation.jobs import Limits, ReadJob, ReadOutcome
from src.ingestion.isolation.reader_pool import ReaderPool
from src.ingestion.pieces import ReadOptions
from src.records import RunReport
from tests.ingestion.hostile import flate_bomb_pdf, self_drawing_pdf, text_flood_pdf
from tests.ingestion.support import read_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "a.txt").write_text("first", encoding="utf-8")
    (inside / "z.txt").write_text("last", encoding="utf-8")
    return inside


def jobs(folder: Path, cache: Path, seconds: float = 20) -> list[ReadJob]:
    ExtractCache.open(cache)
    return [ReadJob(path, folder, cache, ReadOptions(), seconds) for path in sorted(folder.iterdir())]


def outcomes(folder: Path, cache: Path, limits: Limits, workers: int = 1) -> dict[str, ReadOutcome]:
    asked = jobs(folder, cache, limits.timeout_s)
    with ReaderPool(workers, limits) as pool:
        return {job.path.name: outcome for job, outcome in zip(asked, pool.read(asked), strict=True)}


def test_a_file_that_hangs_is_given_up_and_the_next_one_read(folder: Path, tmp_path: Path) -> None:
    text_flood_pdf(folder / "m.pdf", 400_000)
    first, flood, last = jobs(folder, tmp_path / "kept")

    with ReaderPool(1, Limits()) as pool:
        found = list(pool.read([first, replace(flood, seconds=0.3), last]))

    assert [outcome.status for outcome in found] == ["ok", "timeout", "ok"]
    assert "raise ingestion.timeout_s" in found[1].message


def test_a_file_that_crashes_its_parser_is_read_with_care_or_named(folder: Path, tmp_path: Path) -> None:
    self_drawing_pdf(folder / "m.pdf")
    report = RunReport()

    first, crashing, last = read_folder(folder, tmp_path / "kept", report, ReadingPlan(Limits(30, 2048), workers=1))

    assert first is not None and last is not None
    assert {issue.where for issue in report.issues} == {"m.pdf"}
    assert (crashing is not None) == (report.counts["files read"] == 3)


def test_a_file_that_hangs_among_many_small_ones_is_the_one_that_is_named(folder: Path, tmp_path: Path) -> None:
    for number in range(20):
        (folder / f"{number:02}.txt").write_text(f"file {number}", encoding="utf-8")
    for name in ("03a.pdf", "03b.pdf"):
        text_flood_pdf(folder / name, 400_000)
    asked = [replace(job, seconds=0.3) if job.path.suffix == ".pdf" else job for job in jobs(folder, tmp_path / "kept")]

    with ReaderPool(2, Limits()) as pool:
        found = list(pool.read(asked))

    late = {job.path.name for job, outcome in zip(asked, found, strict=True) if outcome.status == "timeout"}
    assert late == {"03a.pdf", "03b.pdf"}
    assert sum(outcome.status == "ok" for outcome in found) == 22


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for the processes in /proc")
def test_a_process_that_is_killed_from_outside_loses_no_file(folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"file {number}\n" * 5000, encoding="utf-8")
    asked = jobs(folder, tmp_path / "kept")

    with ReaderPool(1, Limits()) as pool:
        reading = pool.read(asked)
        found = [next(reading)]
        for child in _children():
            os.kill(child, signal.SIGKILL)
        found += reading

    assert len(found) == len(asked)
    assert sum(outcome.status != "ok" for outcome in found) <= 1


def test_messages_keep_names_that_are_not_unicode() -> None:
    outcome = ReadOutcome("damaged", "caf\udce9.pdf is damaged", memory_mb=1.5)

    assert ReadOutcome.from_line(outcome.to_line()) == outcome


def test_a_file_that_wants_too_much_memory_is_named(folder: Path, tmp_path: Path) -> None:
    flate_bomb_pdf(folder / "m.pdf", 700)

    found = outcomes(folder, tmp_path / "kept", Limits(20, 128))

    assert (found["a.txt"].status, found["z.txt"].status) == ("ok", "ok")
    assert found["m.pdf"].status in ("memory", "refused", "crashed")
    assert found["m.pdf"].message


def test_outcomes_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:02}.txt").write_text(f"file {number}\n" * (1 + 5000 * (number % 7 == 0)), encoding="utf-8")

    found = outcomes(folder, tmp_path / "kept", Limits(), workers=3)

    assert list(found) == [f"{number:02}.txt" for number in range(60)]
    for name, outcome in found.items():
        assert outcome.contents is not None and outcome.contents == read_contents(tmp_path / "kept" / outcome.extract)
        assert outcome.contents.document_id == hashlib.sha256((folder / name).read_bytes()).hexdigest()


def test_readers_know_no_keys(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-key-0009")
    with ReaderPool(1, Limits()) as pool:
        list(pool.read(jobs(folder, tmp_path / "kept")))
        environments = [_environment(child) for child in _children()]
    assert environments and not any(b"canary" in environment for environment in environments)


def test_closing_ends_a_process_in_the_middle_of_a_file(folder: Path, tmp_path: Path) -> None:
    text_flood_pdf(folder / "A.pdf", 400_000)
    pool = ReaderPool(1, Limits(600, 4096))
    stopped: list[str] = []

    def read() -> None:
        try:
            list(pool.read(jobs(folder, tmp_path / "kept", 600)[:2]))
        except IngestionError as error:
            stopped.append(str(error))

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    deadline = time.monotonic() + 10
    while not _children() and time.monotonic() < deadline:
        time.sleep(0.05)

    pool.close()
    pool.close()

    reading.join(10)
    assert not reading.is_alive()
    assert not _children()
    assert stopped in ([], ["Reading was stopped."])


def _children() -> list[int]:
    """The reading processes of this process."""
    found = []
    for entry in Path("/proc").iterdir() if Path("/proc/self").exists() else ():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes()
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            if parent == os.getpid() and b"src.ingestion.isolation.worker" in command:
                found.append(int(entry.name))
    return found


def _environment(child: int) -> bytes:
    return Path(f"/proc/{child}/environ").read_bytes()
