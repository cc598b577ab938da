"""What is said to be written is what is written, and a little more; too small a disk is told before anything starts."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.export.database import make_samples
from src.config.settings import OutputSettings
from src.errors import UsageError
from src.export.exporter import export_dataset
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.export.organizing import Organizer
from src.export.packing.container.codecs import codec_named
from src.export.packing.dataset_packer import DatasetPacker
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.engine.machine.disk import SPARE_BYTES, run_needs
from src.pipeline.engine.machine.estimating import estimated_export, estimated_pack, largest_export
from src.pipeline.engine.stages.samples_copy import encode_batch
from src.pipeline.run_plan import Workspace
from src.pipeline.stages.exports import export_stored
from src.records import Message, Sample
from tests.dataset.example_samples import make_dataset, make_example
from tests.dataset.quality.base_samples import base_items, make
from tests.export.export_in_a_loop import order_of

SHORT, MOST = 1.0, 1.6
ROOT = Path(__file__).resolve().parents[3]
WORDS = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split()


def long_and_short(number: int = 1_500) -> Iterator[Sample]:
    """Conversations of one to three turns, most of some hundred characters, a few of some ten thousand."""
    chance = random.Random(3)
    for n in range(number):
        messages: list[Message] = []
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            words = min(3_000, int(chance.paretovariate(1.5) * 40))
            messages += [Message("user", " ".join(chance.choices(WORDS, k=12)))]
            messages += [Message("assistant", " ".join(chance.choices(WORDS, k=words)))]
        split = chance.choice(("train", "train", "test"))
        yield replace(make_example(n, split=split), messages=tuple(messages))  # type: ignore[arg-type]


DATASETS: dict[str, Callable[[], Sequence[Sample]]] = {
    "created": lambda: list(make_samples(2_000)),
    "handbook": lambda: list(make(base_items()).samples),  # type: ignore[attr-defined]
    "short": lambda: [make_example(n, split="train") for n in range(2_000)],
    "long and short": lambda: list(long_and_short()),
}


@pytest.mark.parametrize("kind", DATASETS)
@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet", "tfrecord", "alpaca"])
def test_an_export_takes_what_was_said(kind: str, form: str, tmp_path: Path) -> None:
    dataset = make_dataset(DATASETS[kind](), "handbook")
    written = size_of(export_dataset(order_of(dataset, (form,)), tmp_path).folder)
    said = estimated_export(dataset.samples, Organizer(), job_of(form))
    assert SHORT * written <= said.files <= MOST * written
    assert said.files < largest_export(dataset.samples, Organizer(), 1).files
    copy = sum(len(encode_batch(batch)) for batch in Organizer().batches(dataset.samples))
    assert SHORT * copy <= said.copy <= MOST * copy


def test_several_formats_are_added_up(tmp_path: Path) -> None:
    dataset = make_dataset(DATASETS["long and short"](), "handbook")
    forms = [name for name in EXPORT_FORMATS if name != "template"]
    written = size_of(export_dataset(order_of(dataset, forms), tmp_path).folder)
    assert SHORT * written <= estimated_export(dataset.samples, Organizer(), job_of(*forms)).files <= MOST * written


def test_a_users_template_is_measured_too(tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text(
        "{% for m in messages %}{{ m.content }} {{ m.content }} {{ m.content }}{% endfor %}", encoding="utf-8"
    )
    output = OutputSettings()
    output = output.model_copy(
        update={"template": output.template.model_copy(update={"file": str(tmp_path / "own.jinja")})}
    )
    dataset = make_dataset(DATASETS["handbook"](), "handbook")
    written = size_of(export_dataset(order_of(dataset, ("template",), output=output), tmp_path / "out").folder)
    said = estimated_export(dataset.samples, Organizer(), job_of("template", output=output)).files
    assert SHORT * written <= said <= MOST * written


def test_a_database_with_its_backup_takes_what_was_said(tmp_path: Path) -> None:
    samples = list(make_samples(4_000))
    database = tmp_path / "memory" / "x.db"
    needs = run_needs([], tmp_path, database, tmp_path, len(samples), asks=False)
    with DatasetStore(database) as store:
        store.save_dataset(make_dataset(samples), {})
        store.backup()
    said = next(need.size for need in needs if "database" in need.what)
    assert SHORT * size_of(database.parent) <= said <= MOST * size_of(database.parent)


@pytest.mark.parametrize("compression", ["zstd", "lz4", "none"])
def test_a_pack_takes_what_was_said(compression: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    with rows.open("w", encoding="utf-8") as file:
        for sample in long_and_short():
            file.write(json.dumps({"messages": [{"role": m.role, "content": m.content} for m in sample.messages]}))
            file.write("\n")
    packed = DatasetPacker().pack(rows, tmp_path / "packed", compression)
    written = sum(path.stat().st_size for path in packed.files)
    assert SHORT * written <= estimated_pack(rows, codec_named(compression)) <= MOST * written


def test_an_empty_file_can_be_estimated(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").touch()
    assert estimated_pack(tmp_path / "rows.jsonl", codec_named("lz4")) < 10_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for 3 MB beyond what must stay free."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = (SPARE_BYTES >> 10) + 3_000
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_too_small_is_told_before_anything_starts(small_disk: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, small_disk / "out", tmp_path / "memory" / "x.db", tmp_path)
    dataset = make_dataset(DATASETS["created"](), "handbook")
    assert export_stored(dataset, workspace, {}, formats=["parquet"]).folder.is_dir()
    with pytest.raises(UsageError, match=r"Not started: it will not fit.*the export .*MB are free.*Free some space"):
        export_stored(dataset, workspace, {}, formats=["jsonl", "csv", "tfrecord"])
    assert [path.name for path in (small_disk / "out" / "handbook").iterdir()] == ["v1.0.0"]


def job_of(*forms: str, output: OutputSettings | None = None) -> ExportJob:
    chosen = (output or OutputSettings()).model_copy(update={"formats": list(forms)})
    return ExportJob("handbook", "openai", "gpt-4.1-mini", {}, chosen)


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
