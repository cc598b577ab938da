"""An export whose files are written and read back elsewhere is the one that is made here, on each engine."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from src.config.settings import OutputSettings, SystemSettings
from src.errors import ExportError
from src.export.batches import Batch
from src.export.exporter import ExportOrder, ExportResult, export_dataset
from src.export.manifests.verifying import verify_folder
from src.export.organizing import Organizer
from src.export.writing import Elsewhere, Reading
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages.exporting import SharedExport, shared_export
from src.records import Dataset, Message
from tests.dataset.example_samples import make_dataset, make_example
from tests.export.export_in_a_loop import order_of
from tests.pipeline.engine.exports_elsewhere import DATASET, FORMATS
from tests.pipeline.runs import contents

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.filterwarnings("ignore:::ray", "ignore::ResourceWarning")


@pytest.fixture
def engine(system: SystemSettings, tmp_path: Path) -> Iterator[Engine]:
    with Engine(system, tmp_path / "engine", 2) as engine:
        yield engine


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Engine]:
    with Engine(SystemSettings(), tmp_path / "engine", 2) as engine:
        yield engine


def both(engine: Engine, order: ExportOrder, folder: Path) -> tuple[ExportResult, ExportResult]:
    """The same export made here and elsewhere."""
    shared = replace(order, elsewhere=elsewhere(engine, order))
    return export_dataset(order, folder / "alone"), export_dataset(shared, folder / "shared")


def elsewhere(engine: Engine, order: ExportOrder) -> Callable[[], AbstractContextManager[Elsewhere]]:
    return lambda: shared_export(engine, order.output, order.organizer.prefix)


def left_in(folder: Path) -> list[Path]:
    """All that is hidden, and all that is no lock."""
    hidden = [path for path in folder.rglob(".*") if path.is_file()]
    return hidden + [path for path in (folder / "engine").glob("*") if path.suffix != ".lock"]


def test_files_are_the_same_wherever_they_are_written(engine: Engine, tmp_path: Path) -> None:
    alone, shared = both(engine, order_of(DATASET, FORMATS), tmp_path)
    assert engine.parts == {"writing": len(FORMATS) + 2, "reading-back": len(FORMATS)}
    assert contents(shared.folder) == contents(alone.folder) and len(contents(alone.folder)) > 20
    plain = [replace(check, seconds=0.0, files=()) for check in alone.checks]
    assert [replace(check, seconds=0.0, files=()) for check in shared.checks] == plain
    assert [len(check.files) for check in shared.checks] == [len(check.files) for check in alone.checks]
    assert left_in(tmp_path) == [] and verify_folder(shared.folder) == []


def test_organised_exports_are_the_same(local: Engine, tmp_path: Path) -> None:
    def by_number(batch: Batch) -> list[str]:
        return [("even", "odd")[int(row.id[1:]) % 2] for row in batch.rows]

    order = replace(order_of(DATASET, ("jsonl", "parquet")), organizer=Organizer(by_number, "by_number"))
    alone, shared = both(local, order, tmp_path)
    assert contents(shared.folder) == contents(alone.folder)
    assert {path.parent.name for path in (shared.folder / "by_number").rglob("*.jsonl")} == {"odd", "even"}


def test_what_formats_leave_out_or_cannot_write_is_told_alike(local: Engine, tmp_path: Path) -> None:
    odd = [make_example(n, split="train") for n in range(600)]
    turns = (*odd[7].messages, Message("user", "More?"), Message("assistant", "No."))
    odd[7] = replace(odd[7], messages=turns)
    output = OutputSettings()
    output = output.model_copy(update={"jsonl": output.jsonl.model_copy(update={"structure": "flat"})})
    (tmp_path / "own.jinja").write_text("{{ nothing.there }}", encoding="utf-8")
    own = output.template.model_copy(update={"file": str(tmp_path / "own.jinja")})
    broken = output.model_copy(update={"template": own})
    order = order_of(make_dataset(odd, "handbook"), ("jsonl", "alpaca", "template"), output=broken)
    alone, shared = both(local, order, tmp_path)
    assert shared.failed == alone.failed and set(alone.failed) == {"template"}
    assert shared.left_out == alone.left_out and alone.left_out["jsonl"].total() == 1
    assert shared.issues == alone.issues and alone.issues
    assert contents(shared.folder) == contents(alone.folder) and left_in(tmp_path) == []


def test_file_names_that_are_no_unicode_travel(local: Engine, tmp_path: Path) -> None:
    named = [make_example(n, split="train") for n in range(20)]
    named[3] = replace(named[3], origin=replace(named[3].origin, source_file="caf\udce9.txt"))
    alone, shared = both(local, order_of(make_dataset(named, "handbook"), ("jsonl", "json")), tmp_path)
    assert contents(shared.folder) == contents(alone.folder)


def test_a_file_changed_behind_our_back_is_found_by_who_reads_it_back(engine: Engine, tmp_path: Path) -> None:
    order = order_of(DATASET, ("jsonl", "csv"))

    @contextmanager
    def tampered() -> Iterator[Elsewhere]:
        with elsewhere(engine, order)() as others:
            yield _Tampering(others)

    result = export_dataset(replace(order, elsewhere=tampered), tmp_path / "out")
    assert set(result.failed) == {"jsonl"} and "not what the database holds" in result.failed["jsonl"]


class _Tampering:
    """Changes a file once it is written."""

    def __init__(self, others: Elsewhere) -> None:
        self.take, self.write, self._others = others.take, others.write, others

    def read_back(self, readings: Sequence[Reading]) -> Iterator[Any]:
        path = next(readings[0].folder.glob("*.jsonl"))
        path.write_bytes(path.read_bytes().replace(b"assistant", b"asistant1", 1))
        return self._others.read_back(readings)


def test_a_disk_that_refuses_a_file_is_named(local: Engine, tmp_path: Path) -> None:
    (tmp_path / "building" / "metadata.csv").mkdir(parents=True)
    with shared_export(local, OutputSettings(), "") as others, pytest.raises(OSError, match="metadata"):
        list(others.write(tmp_path / "building", ("metadata.csv", "lineage.jsonl"), ()))
    assert [path.name for path in (tmp_path / "building").iterdir()] in (
        ["metadata.csv"], ["metadata.csv", "lineage.jsonl"], ["lineage.jsonl", "metadata.csv"],
    )  # fmt: skip


def test_a_part_that_fails_leaves_nothing(local: Engine, tmp_path: Path) -> None:
    order = order_of(DATASET, FORMATS)

    @contextmanager
    def without_copy() -> Iterator[Elsewhere]:
        with shared_export(local, order.output, "") as others:
            assert isinstance(others, SharedExport)
            others.copy.unlink()
            yield others

    with pytest.raises(ExportError, match=r"samples.*No such file.*nothing was exported"):
        export_dataset(replace(order, elsewhere=without_copy), tmp_path / "out")
    assert left_in(tmp_path) == [] and list((tmp_path / "out" / "handbook").iterdir()) == []


def test_a_writer_killed_in_the_middle_costs_nothing(local: Engine, tmp_path: Path) -> None:
    big = Dataset("handbook", DATASET.provider, DATASET.model, DATASET.mode, [*DATASET.samples] * 2)
    killed = threading.Thread(target=_kill_a_worker)
    killed.start()
    alone, shared = both(local, order_of(big, FORMATS[:4]), tmp_path)
    killed.join()
    assert contents(shared.folder) == contents(alone.folder) and left_in(tmp_path) == []


def _kill_a_worker() -> None:
    while True:
        for process in psutil.Process().children(recursive=True):
            try:
                if "src.pipeline.engine.worker" in process.cmdline() and process.cpu_times().user > 0.35:
                    process.kill()
                    return
            except psutil.Error:
                continue
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_programs_leave_nothing_behind_for_long(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.pipeline.engine.exports_elsewhere", str(tmp_path)]
    unfinished = 0
    for number in range(12):
        with subprocess.Popen([*command, "1000"], cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
            time.sleep(0.12 * number)
            process.kill()
        unfinished += bool(list(tmp_path.glob("out/handbook/.version*")))
        time.sleep(1.2)  # workers look every half second whether the program still lives
    assert unfinished > 3
    subprocess.run([*command, "1"], cwd=ROOT, check=True)
    versions = sorted((tmp_path / "out" / "handbook").glob("v*"))
    assert [problem for version in versions for problem in verify_folder(version)] == []
    assert left_in(tmp_path) == [] and versions
