from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from src.errors import ExportError, PersistenceError
from src.export.batches import Batch
from src.export.export_validator import validate_export
from src.export.formats import EXPORT_FORMATS
from src.export.formats.full_samples import FIELDS, plain_records
from src.export.formats.tabular.arrow_tables import ParquetFile, columns_of, read_rows, schema_of
from src.persistence.models import SampleRow
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


def rows_with(*contents: str) -> Batch:
    return Batch([SampleRow(f"s{n}", content, 1, "", "a.txt", "train", "{}") for n, content in enumerate(contents)])


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '[{"role": "user", "content": "two  blanks", "name": "n"}, {"content": "x", "role": "assistant"}]',
        '[\n  {"role": "user",\n   "content": "on several lines"}\n]',
        '[{"role": "user", "content": "\\u0041 \\ud83d\\ude42 \\/ \\u0000 \\u2028 \\b"}]',
    ],
)
def test_messages_that_are_laid_out_otherwise_are_read_the_same(tmp_path: Path, content: str) -> None:
    job, batch = job_for([make_example(1)] * 2), rows_with(content, '[{"role": "user", "content": "plain"}]')
    writer = EXPORT_FORMATS["parquet"].open(tmp_path, job)
    writer.write(batch)
    (path,) = writer.close()
    assert [row["messages"] for row in pq.read_table(path).to_pylist()] == batch.messages
    assert validate_export(tmp_path, EXPORT_FORMATS["parquet"], [batch], job).problems == ()


@pytest.mark.parametrize(
    "content",
    ['[{"role": "user", "content": 5}]', '[{"role": "user"}]', '[{"role": null, "content": "x"}]', "[null]", "null", "",
     '[{"role": "user", "content": "\\ud800"}]', '[{"role": "user", "content": "\\udc00"}]', "[" * 100_000,
     '[]}\n{"messages":[]', "[],[]", '[]} {"messages":[]'],
)  # fmt: skip
def test_messages_that_are_none_are_refused_by_the_name_of_their_sample(tmp_path: Path, content: str) -> None:
    job = job_for([make_example(1)] * 2)
    writer = EXPORT_FORMATS["parquet"].open(tmp_path, job)
    with pytest.raises(PersistenceError, match="sample s1: its messages cannot be read"):
        writer.write(rows_with('[{"role": "user", "content": "plain"}]', content))
    writer.abort()


def test_a_split_of_few_samples_does_not_hold_on_to_the_others(tmp_path: Path) -> None:
    """A view of a batch keeps all of it in memory until a row group is full: 20,000 rows of the split."""
    samples = [make_example(n, split="train" if n % 50 else "test") for n in range(50)]
    job = job_for(samples)
    file = ParquetFile(tmp_path / "test.parquet", schema_of(job, {}))
    for _ in range(100):
        (batch,) = batches(samples)
        file.add(batch, [0], job)
    assert file.held_bytes < 20 * columns_of(batch, range(1, 50), job).get_total_buffer_size()
    file.close()
    assert file.rows == 100
    assert pq.read_table(tmp_path / "test.parquet").column("id").to_pylist() == [samples[0].id] * 100
    assert columns_of(batch, [0], job).column("id").to_pylist() == [samples[0].id]
    assert columns_of(batch, range(7, 9), job).column("id").to_pylist() == [samples[7].id, samples[8].id]
