from __future__ import annotations

import hashlib
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from src.export.batches import Batch, StoredRows
from src.export.export_validator import validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.export_format import ExportJob
from src.records import SPLITS, Message, Sample
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, batches, check, job_for, write

WHOLE = ("json", "parquet", "huggingface", "tfrecord", "pytorch")


def job_of(samples: list[Sample], tmp_path: Path) -> ExportJob:
    (tmp_path / "t.j2").write_text("{{ messages | json }}")
    return job_for(samples, shard_rows=40, template={"file": str(tmp_path / "t.j2")})


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_what_was_written_is_found_as_it_must_be(tmp_path: Path, name: str) -> None:
    samples = awkward_samples()
    job = job_of(samples, tmp_path)
    files, writer = write(name, samples, tmp_path / "out", job)
    found = check(name, samples, tmp_path / "out", job)
    assert (found.format, found.problems, set(found.files)) == (name, (), set(files))
    assert sum(found.rows.values()) + found.left_out == len(samples)
    assert found.left_out == writer.left_out.total()


def test_formats_that_keep_everything_have_the_same_content_hash(tmp_path: Path) -> None:
    # Without NULs, which CSV cannot hold.
    samples = [sample for sample in awkward_samples() if not any("\0" in m.content for m in sample.messages)]
    samples = [replace(sample, topic_keywords=()) for sample in samples]
    job = replace(job_of(samples, tmp_path), output=job_for([], shard_rows=40, jsonl={"structure": "messages"}).output)
    hashes = set()
    for name in (*WHOLE, "csv", "jsonl"):
        write(name, samples, tmp_path / name, job)
        hashes.add(check(name, samples, tmp_path / name, job).content_sha256)
    assert len(hashes) == 1
    rows = {split: hashlib.sha256() for split in SPLITS}
    for path in sorted((tmp_path / "json").glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            rows[row["split"]].update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    whole = hashlib.sha256("".join(rows[split].hexdigest() for split in SPLITS).encode()).hexdigest()
    assert hashes == {whole}


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_sample_that_changed_in_the_database_is_named(tmp_path: Path, name: str) -> None:
    samples = [make_example(n, split=("train", "test")[n % 2]) for n in range(120)]
    job = job_of(samples, tmp_path)
    write(name, samples, tmp_path / "out", job)
    changed = list(samples)
    changed[101] = replace(changed[101], messages=(*changed[101].messages[:-1], Message("assistant", "Answer 999.")))
    (problem,) = check(name, changed, tmp_path / "out", job).problems
    assert problem == "test: row 51 is not what the database holds of sample s000101"


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_sample_too_few_or_too_many_is_found(tmp_path: Path, name: str) -> None:
    samples = [make_example(n, split=("train", "test")[n % 2]) for n in range(120)]
    job = job_of(samples, tmp_path)
    write(name, samples, tmp_path / "out", job)
    (problem,) = check(name, samples[:-1], tmp_path / "out", job).problems
    assert problem == "test: the files hold more than the 59 samples that were exported"
    (problem,) = check(name, [*samples, make_example(999, split="train")], tmp_path / "out", job).problems
    assert problem == "train: the files end before row 61 (sample s000999)"


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_sample_in_the_wrong_split_is_found(tmp_path: Path, name: str) -> None:
    samples = [make_example(n, split=("train", "test")[n % 2]) for n in range(20)]
    job = job_of(samples, tmp_path)
    write(name, samples, tmp_path / "out", job)
    moved = [replace(samples[0], split="test"), *samples[1:]]
    assert len(check(name, moved, tmp_path / "out", job).problems) == 1


# What lies between the values of a JSON text, and the whole of dataset.py, is not the format's to know.
@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_flipped_bit_is_found_wherever_the_format_can_know(tmp_path: Path, name: str) -> None:
    samples = [make_example(n) for n in range(60)]
    job = job_of(samples, tmp_path)
    files, _ = write(name, samples, tmp_path / "out", job)
    rng = random.Random(7)
    known = [file for file in files if file.suffix not in (".md", ".py") and file.name != "dataset_infos.json"]
    for _ in range(60):
        path = rng.choice(known)
        content = bytearray(path.read_bytes())
        place = rng.randrange(len(content))
        before = content[place]
        content[place] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        found = check(name, samples, tmp_path / "out", job)
        assert found.problems or _says_the_same(name, content, place), f"{path.name}: byte {place} was {before}"
        content[place] = before
        path.write_bytes(content)


def _says_the_same(name: str, content: bytearray, place: int) -> bool:
    """Parquet's footer holds statistics and sizes that no reader needs for the rows."""
    footer = int.from_bytes(content[-8:-4], "little") + 8
    return name in ("parquet", "huggingface") and place >= len(content) - footer - 4096


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_an_empty_folder_and_files_that_are_garbage_are_problems(tmp_path: Path, name: str) -> None:
    samples = [make_example(n) for n in range(5)]
    job = job_of(samples, tmp_path)
    (tmp_path / "none").mkdir()
    assert check(name, samples, tmp_path / "none", job).problems
    files, _ = write(name, samples, tmp_path / "out", job)
    for garbage in (b"", b"\0" * 100, b"[" * 100_000, os.urandom(1000)):
        for file in files:
            file.write_bytes(garbage)
        assert check(name, samples, tmp_path / "out", job).problems


class EndlessRows:
    """Rows that a database would give, made when they are asked for."""

    def __init__(self, number: int) -> None:
        self.number = number

    def row_batches(self, size: int) -> object:
        (batch,) = batches([make_example(1)])
        for start in range(0, self.number, size):
            yield [batch.rows[0]._replace(id=f"s{n}") for n in range(start, min(start + size, self.number))]


def test_rows_of_a_database_are_gone_through_batch_by_batch(tmp_path: Path) -> None:
    from src.export.batches import BATCH_ROWS, batches_of

    rows = EndlessRows(2500)
    assert isinstance(rows, StoredRows)
    job = replace(job_for([]), counts={"train": 2500})
    writer = EXPORT_FORMATS["json"].open(tmp_path, job)
    sizes = [len(batch) for batch in batches_of(rows)]
    for batch in batches_of(rows):
        writer.write(batch)
    writer.close()
    assert sizes == [BATCH_ROWS] * (2500 // BATCH_ROWS)
    assert validate_export(tmp_path, EXPORT_FORMATS["json"], batches_of(rows), job).rows == {"train": 2500}


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_writer_that_is_given_up_holds_no_file_open(tmp_path: Path, name: str) -> None:
    samples = awkward_samples()
    job = job_of(samples, tmp_path)
    (tmp_path / "out").mkdir()
    writer = EXPORT_FORMATS[name].open(tmp_path / "out", job)
    writer.write(Batch(batches(samples)[0].rows))
    writer.abort()
    writer.abort()
    # psutil passes over descriptors that another thread closes while it looks.
    held = [file.path for file in psutil.Process().open_files()]
    assert [path for path in held if path.startswith(str(tmp_path))] == []
