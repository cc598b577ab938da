"""How fast samples go into SQLite, beside the bare file and SQLAlchemy Core.

python -m benchmarks.export.database [SAMPLES]      (3 minutes for 200,000; needs 1 GB of disk in the temporary folder)

Wall time, every writer in turn in each of the rounds; a ratio is the median of the rounds' ratios. Each writer starts
with no file and ends with its bytes on the disk. Exits 1 when a bar is missed. What is compared:

raw         the same columns, checksum included, row by row into a file, then fsync
one write   the same bytes, joined before, in a single write and fsync: the disk alone (no bar)
rows        save_dataset() with rows that are ready, as when a stored dataset is saved anew
samples     save_dataset() with Sample records: rows and the conversion to them
core        SQLAlchemy Core with the same rows and checksums, as the dicts that one insert() of all of them wants, into
            the tables as first published: text keys, an index on dataset and one on split, WAL
core bare   the insert() alone, of dicts made before, into a table without those indexes and without WAL (no bar)
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.generation.figures import Figure, say_where, show, spread
from src.persistence.models import SampleRow, StoredDataset, digest_of, sample_to_row
from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.stored_samples import StoredSamples
from src.records import Dataset, Message, Origin, Sample, Span

SAMPLES, ROUNDS = 200_000, 5
MOST_TIMES_RAW, TIMES_CORE, MOST_MEMORY_MB = 2.5, 3, 64
MB = 10**6


def main(samples: int = SAMPLES) -> int:
    say_where()
    return 0 if measure(samples) else 1


def measure(samples: int = SAMPLES) -> bool:
    """Print the figures; whether every bar is met."""
    made = list(make_samples(samples))
    rows = [sample_to_row(sample) for sample in made]
    with tempfile.TemporaryDirectory(prefix="bench-database-") as name:
        folder = Path(name)
        writers: dict[str, Callable[[], float]] = {
            "raw": partial(_write_raw, folder / "raw", rows),
            "one write": partial(_write_at_once, folder / "raw", rows),
            "rows": partial(_save, folder / "ours.db", _dataset(_in_memory(rows))),
            "samples": partial(_save, folder / "ours.db", _dataset(made)),
            "core": partial(_write_core, folder / "core.db", rows, as_published=True),
            "core bare": partial(_write_core, folder / "core.db", rows, as_published=False),
        }
        times = _rounds(writers, folder)
        _save(folder / "ours.db", _dataset(made))
        growth, seconds = _read_in_a_child(folder / "ours.db", samples)
        size = (folder / "ours.db").stat().st_size
    figures = [*_writing_figures(times), _reading_figure(growth, samples / seconds)]
    return show(
        f"SQLite: {samples:,} samples in one transaction, with a checksum each and unique ids",
        figures,
        [*_remarks(times, samples), f"{_bytes(rows) / MB:,.0f} MB of text, {size / MB:,.0f} MB of database"],
    )


def _writing_figures(times: dict[str, list[float]]) -> list[Figure]:
    to_raw, to_core = _ratios(times["rows"], times["raw"]), _ratios(times["core"], times["rows"])
    least = TIMES_CORE / statistics.median(to_core)
    return [
        Figure("rows / raw write and fsync", statistics.median(to_raw), MOST_TIMES_RAW, "x", note=spread(to_raw)),
        Figure(f"{TIMES_CORE} x SQLAlchemy Core's rate / ours", least, 1, "x", note=f"{spread(to_core)} x Core"),
    ]


def _reading_figure(growth: float, rate: float) -> Figure:
    return Figure("memory that reading all adds", growth, MOST_MEMORY_MB, "MB", note=f"{rate:,.0f} rows/s, checked")


def _remarks(times: dict[str, list[float]], samples: int) -> list[str]:
    writers = [
        f"{name:<10} {spread(taken, 's'):<22} {samples / statistics.median(taken):>10,.0f} rows/s"
        for name, taken in times.items()
    ]
    converting = [_ratio(times, *pair) for pair in (("samples", "raw"), ("core", "samples"))]
    return [
        *writers,
        f"with the conversion of records (samples): {converting[0]:.2f} x raw, {converting[1]:.2f} x Core's rate",
        f"core bare: ours is {_ratio(times, 'core bare', 'rows'):.2f} x its rate",
    ]


def make_samples(number: int, seed: int = 1) -> Iterator[Sample]:
    """Questions and answers of usual length, about 0.9 KB each with their origin; ids are random, as ours are."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(5000)]
    texts = [" ".join(chance.choices(words, k=chance.randint(10, 80))) for _ in range(5000)]
    for n in range(number):
        messages = (Message("user", texts[n % 4999]), Message("assistant", texts[n * 7 % 4993]))
        origin = Origin(
            f"guide-{n // 5000}.pdf",
            "created",
            f"{n // 5000:064x}",
            f"page {n % 300}",
            Span(n, n + 120),
            (),
            f"chunk-{n // 4}",
            "create-1a2b3c4d",
            "gpt-4.1-mini",
            f"{chance.getrandbits(256):064x}",
        )
        split = "validation" if n % 10 == 0 else "train"
        yield Sample(f"s{chance.getrandbits(80):020x}", messages, origin, ("tax", "law", "rent"), 120, split)  # type: ignore[arg-type]


def _dataset(samples: Sequence[Sample]) -> Dataset:
    return Dataset("bench", "openai", "gpt-4.1-mini", "create", samples)


def _in_memory(rows: list[SampleRow]) -> StoredSamples:
    """Rows that are ready, as a stored dataset's are."""

    def read(_: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        for first in range(start, stop, size):
            yield rows[first : min(first + size, stop)]

    return StoredSamples(StoredDataset("d", "bench", "", "", "", "", len(rows), 0, {}, None), read)


def _rounds(writers: dict[str, Callable[[], float]], folder: Path) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in writers}
    for _ in range(ROUNDS):
        for name, write in writers.items():
            times[name].append(write())
            for left in folder.iterdir():
                left.unlink()
    return times


def _write_raw(path: Path, rows: Sequence[SampleRow]) -> float:
    """What a writer that knows no database would do."""
    began = time.perf_counter()
    with path.open("wb") as stream:
        for row in rows:
            sample_id, content, tokens, keywords, source, split, origin = row
            columns = f"{sample_id}\t{content}\t{tokens}\t{keywords}\t{source}\t{split}\t{origin}\t{digest_of(row)}\n"
            stream.write(columns.encode())
        stream.flush()
        os.fsync(stream.fileno())
    return time.perf_counter() - began


def _write_at_once(path: Path, rows: Sequence[SampleRow]) -> float:
    content = "".join("\t".join(map(str, row)) for row in rows).encode()
    began = time.perf_counter()
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return time.perf_counter() - began


def _save(path: Path, dataset: Dataset) -> float:
    with DatasetStore(path) as store:
        began = time.perf_counter()
        store.save_dataset(dataset, {})
        return time.perf_counter() - began


def _write_core(path: Path, rows: Sequence[SampleRow], *, as_published: bool) -> float:
    import sqlalchemy as sa

    table = sa.Table(
        "samples",
        sa.MetaData(),
        sa.Column("dataset_id", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text) for name in ("content", "topic_keywords", "source_file", "split", "origin")),
        *(sa.Column(name, sa.BigInteger) for name in ("token_length", "digest")),
        *([sa.Column("position", sa.BigInteger)] if as_published else []),
    )
    if as_published:
        sa.Index("idx_dataset_id", table.c.dataset_id, table.c.position)
        sa.Index("idx_split", table.c.split)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA journal_mode = {'WAL' if as_published else 'DELETE'}")
    table.metadata.create_all(engine)
    began = time.perf_counter()
    values = [_core_values(row, {"position": n} if as_published else {}) for n, row in enumerate(rows)]
    if not as_published:
        began = time.perf_counter()
    with engine.begin() as connection:
        connection.execute(table.insert(), values)
    engine.dispose()
    return time.perf_counter() - began


def _core_values(row: SampleRow, more: dict[str, int]) -> dict[str, object]:
    return {**row._asdict(), "dataset_id": "d1", "digest": digest_of(row), **more}


_READ = """
import resource, sys, time
from pathlib import Path
from src.persistence.sqlite_client import DatasetStore
with DatasetStore(Path(sys.argv[1])) as store:
    samples = store.stored_samples("bench")
    next(samples.row_batches())
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    assert sum(len(rows) for rows in samples.row_batches()) == int(sys.argv[2])
    taken = time.perf_counter() - began
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000, taken)
"""


def _read_in_a_child(path: Path, samples: int) -> tuple[float, float]:
    """MB of memory that reading adds, and its seconds."""
    command = [sys.executable, "-c", _READ, str(path), str(samples)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    growth, seconds = done.stdout.split()
    return float(growth), float(seconds)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def _ratio(times: dict[str, list[float]], ours: str, theirs: str) -> float:
    return statistics.median(_ratios(times[ours], times[theirs]))


def _bytes(rows: Sequence[SampleRow]) -> int:
    return sum(
        len(f"{row.id}{row.content}{row.topic_keywords}{row.source_file}{row.split}{row.origin}") for row in rows
    )


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
