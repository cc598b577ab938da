from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from src.errors import ExportError
from src.export.formats.full_samples import FIELDS, plain_records
from src.export.formats.tabular.arrow_tables import read_rows
from tests.dataset.example_samples import make_example
from tests.export.formats.writing_formats import awkward_samples, batches, check, job_for, write


def test_every_sample_comes_back_by_pyarrow(tmp_path: Path) -> None:
    samples = awkward_samples()
    job = job_for(samples)
    files, _ = write("parquet", samples, tmp_path, job)
    assert [path.name for path in files] == ["train.parquet", "validation.parquet", "test.parquet"]
    found = {row["id"]: row for path in files for row in pq.read_table(path).to_pylist()}
    expected = [record for batch in batches(samples) for record in plain_records(batch, job)]
    assert [found[record["id"]] for record in expected] == expected
    assert check("parquet", samples, tmp_path, job).problems == ()


def test_the_columns_have_their_types_even_when_all_are_empty(tmp_path: Path) -> None:
    job = job_for([make_example(1)])
    (full,), _ = write("parquet", awkward_samples(4)[1:2], tmp_path / "full", job)
    (empty,), _ = write("parquet", [make_example(1)], tmp_path / "empty", job)
    assert pq.read_schema(full).equals(pq.read_schema(empty))
    assert tuple(pq.read_schema(empty).names) == FIELDS
    assert str(pq.read_schema(empty).field("turn_spans").type) == "list<element: list<element: list<element: int64>>>"


def test_rows_are_compressed_and_written_in_groups(tmp_path: Path) -> None:
    samples = [make_example(n, text="word " * 200) for n in range(1000)]
    (path,), _ = write("parquet", samples * 41, tmp_path, job_for(samples))
    metadata = pq.read_metadata(path)
    assert (metadata.num_rows, metadata.num_row_groups) == (41_000, 3)
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_schema_says_what_the_file_is(tmp_path: Path) -> None:
    samples = [make_example(n) for n in range(3)]
    (path,), _ = write("parquet", samples, tmp_path, job_for(samples))
    assert b'"name": "handbook"' in pq.read_schema(path).metadata[b"fine_tuning_dataset"]
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)
    assert check("parquet", samples, tmp_path, job_for(samples)).problems == (
        "train.parquet: its schema does not say which dataset and split it holds",
    )


@pytest.mark.parametrize("cut", [1, 100])
def test_a_file_that_was_cut_off_is_named(tmp_path: Path, cut: int) -> None:
    samples = [make_example(n) for n in range(3)]
    (path,), _ = write("parquet", samples, tmp_path, job_for(samples))
    path.write_bytes(path.read_bytes()[:-cut])
    assert "train.parquet: pyarrow cannot read it" in check("parquet", samples, tmp_path, job_for(samples)).problems[0]


def test_a_checksum_finds_what_changed_in_a_page(tmp_path: Path) -> None:
    samples = [make_example(n, text="".join(chr(65 + n * k % 26) for k in range(200))) for n in range(50)]
    (path,), _ = write("parquet", samples, tmp_path, job_for(samples))
    column = pq.read_metadata(path).row_group(0).column(3)
    assert column.path_in_schema == "messages.list.element.content"
    content = path.read_bytes()
    begin, size = column.dictionary_page_offset or column.data_page_offset, column.total_compressed_size
    for place in range(begin + size // 4, begin + size * 3 // 4, 37):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(ExportError, match="pyarrow cannot read it"):
            list(read_rows(path))


def test_the_same_samples_give_the_same_bytes(tmp_path: Path) -> None:
    samples = awkward_samples()
    one, _ = write("parquet", samples, tmp_path / "one", job_for(samples))
    other, _ = write("parquet", samples, tmp_path / "other", job_for(samples))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
