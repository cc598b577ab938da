"""Rows of the database and the records they stand for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from xxhash import xxh3_64_intdigest

from src.config.environment import Secret
from src.errors import PersistenceError
from src.persistence.origin_json import messages_from_json, messages_to_json, origin_from_json, origin_to_json
from src.records import Dataset, Issue, RunReport, Sample, Split

Row = tuple[Any, ...]

SAMPLE_COLUMNS = "id, content, token_length, topic_keywords, source_file, split, origin"


class SampleRow(NamedTuple):
    """A sample as it is stored, by SAMPLE_COLUMNS. `content` is JSON: [{"role", "content"}]; so is `origin`.

    `content` has no spaces between its parts and no needless escapes: the same messages are the same text.
    `topic_keywords` are divided by commas; `split` is None until the splitter ran.
    """

    id: str
    content: str
    token_length: int
    topic_keywords: str
    source_file: str
    split: Split | None
    origin: str


class SampleColumns(NamedTuple):
    """The same of several samples, column by column. JSON is UTF-8, as the file has it: nothing is decoded."""

    id: Sequence[str]
    content: Sequence[bytes]
    token_length: Sequence[int]
    topic_keywords: Sequence[str]
    source_file: Sequence[str]
    split: Sequence[Split | None]
    origin: Sequence[bytes]

    def rows(self) -> list[SampleRow]:
        contents, origins = ([json.decode() for json in column] for column in (self.content, self.origin))
        middle = (self.token_length, self.topic_keywords, self.source_file, self.split)
        return list(map(SampleRow, self.id, contents, *middle, origins))


def columns_of_rows(rows: Sequence[SampleRow]) -> SampleColumns:
    """Raises UnicodeEncodeError for messages that are no Unicode; in origins it stays what it was."""
    ids, contents, tokens, keywords, sources, splits, origins = zip(*rows, strict=True) if rows else [()] * 7
    encoded = [content.encode() for content in contents]
    told = [(origin or "").encode("utf-8", "surrogatepass") for origin in origins]  # rows of version 1 have none
    return SampleColumns(ids, encoded, tokens, keywords, sources, splits, told)


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """A dataset's row: all but its samples. `created_at` is "YYYY-MM-DD HH:MM:SS.mmm" in UTC.

    `samples_key` tells where its samples lie; it is another one whenever they are saved anew. `revision` goes up with
    every change to single samples.
    """

    id: str
    name: str
    provider: str
    model: str
    mode: str
    created_at: str
    total_samples: int
    total_tokens: int
    config: Mapping[str, object]
    report: RunReport | None
    samples_key: str = ""
    revision: int = 0

    def holding(self, samples: Sequence[Sample]) -> Dataset:
        """The Dataset with these samples."""
        return Dataset(self.name, self.provider, self.model, self.mode, samples)


def without_secrets(value: object) -> Any:
    """A copy made of what JSON knows, with every Secret in it replaced by "***"."""
    if isinstance(value, Secret):
        return "***"
    if isinstance(value, Mapping):
        return {str(key): without_secrets(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def sample_to_row(sample: Sample) -> SampleRow:
    """The row of a sample. Raises PersistenceError for text that is no Unicode (lone surrogates)."""
    try:
        content = messages_to_json(sample.messages)
    except UnicodeEncodeError as error:
        raise PersistenceError(
            f"sample {sample.id} ({sample.origin.source_file}): its text has a broken character "
            f"({error.object[error.start]!a}); remove it from the source file, then run again."
        ) from error
    keywords = ",".join([keyword.replace(",", " ") for keyword in sample.topic_keywords])
    column = _readable(keywords)
    # Where the comma-separated column cannot give the keywords back, they stand in the origin, too.
    kept = column == keywords and _split_keywords(column) == list(sample.topic_keywords)
    origin = origin_to_json(sample.origin, None if kept else sample.topic_keywords)
    source = _readable(sample.origin.source_file)
    return SampleRow(sample.id, content, sample.token_length, column, source, sample.split, origin)


def row_to_sample(row: SampleRow, mode: str) -> Sample:
    """The Sample of a row; `mode` gives the method of rows that have no origin."""
    try:
        origin, keywords = origin_from_json(row.origin, row.source_file, mode)
        return Sample(
            row.id,
            messages_from_json(row.content),
            origin,
            tuple(_split_keywords(row.topic_keywords) if keywords is None else keywords),
            row.token_length,
            row.split,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PersistenceError(f"sample {row.id}: its row cannot be read ({error!r}).") from error


def digest_of(row: SampleRow) -> int:
    """A number of 64 bits, with a sign as SQLite's, that changes with any character of the row."""
    sample_id, content, tokens, keywords, source, split, origin = row
    # The length of what may hold any character keeps one column's end apart from the next one's start.
    text = (
        f"{len(content)} {len(keywords)} {len(source)} {tokens} {split} {sample_id} {keywords}{source}{content}{origin}"
    )
    return xxh3_64_intdigest(text.encode()) - 9223372036854775808


def checked_rows(columns: Iterable[Row], where: str) -> list[SampleRow]:
    """The rows of columns that end with the digest. Raises PersistenceError for one that was changed or damaged."""
    rows: list[SampleRow] = []
    for *values, digest in columns:
        row = SampleRow._make(values)
        if not _is_sound(row, digest):
            raise _damaged(where, row.id)
        rows.append(row)
    return rows


def checked_columns(rows: Sequence[Row], where: str) -> SampleColumns:
    """The same by columns, for rows (one at least) whose `content` and `origin` are bytes."""
    for row in rows:
        try:
            sound = _digest_of_bytes(*row[:7]) == row[7]
        except (TypeError, ValueError, AttributeError):
            sound = False
        if not sound:
            raise _damaged(where, row[0])
    return SampleColumns(*list(zip(*rows, strict=True))[:7])


def _digest_of_bytes(
    sample_id: str, content: bytes, tokens: int, keywords: str, source: str, split: str | None, origin: bytes
) -> int:
    """What digest_of() gives for the decoded row."""
    length = len(content) if content.isascii() else len(content.decode())
    head = f"{length} {len(keywords)} {len(source)} {tokens} {split} {sample_id} {keywords}{source}".encode()
    return xxh3_64_intdigest(head + content + origin) - 9223372036854775808


def _damaged(where: str, sample_id: str) -> PersistenceError:
    return PersistenceError(
        f"{where}: sample {sample_id}: its row is not what was saved (its checksum differs); "
        "the database is damaged or was changed by hand. Put back a backup."
    )


def _is_sound(row: SampleRow, digest: int | str) -> bool:
    try:
        return digest_of(row) == int(digest)
    except (TypeError, ValueError):  # NULL or a number where text was, or the other way round
        return False


def row_to_dataset(row: Mapping[str, Any]) -> StoredDataset:
    """The StoredDataset of a row of `datasets`, by the names of its columns."""
    try:
        return StoredDataset(
            row["id"],
            row["name"],
            row["provider"],
            row["model"],
            row["mode"],
            str(row["created_at"] or ""),
            row["total_samples"] or 0,
            row["total_tokens"] or 0,
            json.loads(row["config"] or "{}"),
            _report_from_json(row["report"]),
            str(row["samples_key"]),
            int(row.get("revision") or 0),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PersistenceError(f"dataset {row['id']}: its row cannot be read ({error!r}).") from error


def report_to_json(report: RunReport | None) -> str | None:
    if report is None:
        return None
    issues = [[issue.severity, issue.where, issue.message] for issue in report.issues]
    files = [str(path) for path in report.files]
    return json.dumps({"counts": report.counts, "dropped": report.dropped, "issues": issues, "files": files})


def _report_from_json(text: str | None) -> RunReport | None:
    if not text:
        return None
    values = json.loads(text)
    return RunReport(
        counts=Counter(values["counts"]),
        dropped=Counter(values["dropped"]),
        issues=[Issue(*issue) for issue in values["issues"]],
        files=[Path(name) for name in values["files"]],
    )


def _split_keywords(column: str) -> list[str]:
    return column.split(",") if column else []


def _readable(text: str) -> str:
    """Text for a column that people query; the origin keeps the exact characters."""
    if text.isprintable():
        return text
    # PostgreSQL's text holds no NUL.
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")
