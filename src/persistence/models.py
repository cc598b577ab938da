"""Rows of the database and the records they stand for."""

from __future__ import annotations

import json
import typing
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.config.environment import Secret
from src.errors import PersistenceError
from src.records import Dataset, Issue, Message, Method, Origin, Role, RunReport, Sample, Span, Split

Row = tuple[Any, ...]

SAMPLE_COLUMNS = "id, content, token_length, topic_keywords, source_file, split, origin"
DATASET_COLUMNS = "id, name, provider, model, mode, created_at, total_samples, total_tokens, config, report"
_METHOD_OF_MODE: Mapping[str, Method] = {"identify": "identified", "free": "free"}


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """A dataset's row: all but its samples. `created_at` is "YYYY-MM-DD HH:MM:SS.mmm" in UTC."""

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

    def holding(self, samples: tuple[Sample, ...]) -> Dataset:
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


def sample_to_row(sample: Sample) -> Row:
    """Values for SAMPLE_COLUMNS. Raises PersistenceError for text that is no Unicode (lone surrogates)."""
    content = json.dumps([{"role": m.role, "content": m.content} for m in sample.messages], ensure_ascii=False)
    try:
        content.encode("utf-8")
    except UnicodeEncodeError as error:
        raise PersistenceError(
            f"sample {sample.id} ({sample.origin.source_file}): its text has a broken character "
            f"({content[error.start]!a}); remove it from the source file, then run again."
        ) from error
    keywords = ",".join(keyword.replace(",", " ") for keyword in sample.topic_keywords)
    origin = _origin_to_json(sample, keywords)
    row = (content, sample.token_length, _readable(keywords), _readable(sample.origin.source_file), sample.split)
    return (sample.id, *row, origin)


def row_to_sample(row: Row, mode: str) -> Sample:
    """The Sample of a row of SAMPLE_COLUMNS; `mode` gives the method of rows that have no origin."""
    sample_id, content, tokens, keywords, source_file, split, origin_json = row
    try:
        messages = tuple(Message(typing.cast(Role, m["role"]), m["content"]) for m in json.loads(content))
        origin = json.loads(origin_json) if origin_json else {}
        names = origin.pop("keywords", None)
        topic_keywords = tuple(names if names is not None else _split_keywords(keywords))
        return Sample(
            sample_id,
            messages,
            _origin_from_json(origin, source_file or "", mode),
            topic_keywords,
            tokens or 0,
            typing.cast("Split | None", split),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PersistenceError(f"sample {sample_id}: its row cannot be read ({error!r}).") from error


def row_to_dataset(row: Row) -> StoredDataset:
    """The StoredDataset of a row of DATASET_COLUMNS."""
    dataset_id, name, provider, model, mode, created_at, samples, tokens, config, report = row
    try:
        return StoredDataset(
            dataset_id,
            name,
            provider,
            model,
            mode,
            str(created_at or ""),
            samples or 0,
            tokens or 0,
            json.loads(config or "{}"),
            _report_from_json(report),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PersistenceError(f"dataset {dataset_id}: its row cannot be read ({error!r}).") from error


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


def _split_keywords(column: str | None) -> list[str]:
    return column.split(",") if column else []


def _readable(text: str) -> str:
    """Text for a column that people query; the origin keeps the exact characters."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _origin_to_json(sample: Sample, column: str) -> str:
    origin = sample.origin
    values: dict[str, object] = {
        "source_file": origin.source_file,
        "method": origin.method,
        "document_id": origin.document_id,
        "place": origin.place,
        "span": _span_to_json(origin.span) if origin.span else None,
        "turn_spans": [[_span_to_json(span) for span in turn] for turn in origin.turn_spans],
        "chunk_id": origin.chunk_id,
        "prompt_id": origin.prompt_id,
        "model": origin.model,
    }
    # Where the comma-separated column cannot give the keywords back, they stand here, too.
    if tuple(_split_keywords(column)) != sample.topic_keywords or _readable(column) != column:
        values["keywords"] = list(sample.topic_keywords)
    return json.dumps(values)


def _origin_from_json(values: dict[str, Any], source_file: str, mode: str) -> Origin:
    if not values:
        return Origin(source_file, _METHOD_OF_MODE.get(mode, "created"), document_id="", place="")
    span = values.pop("span")
    turns = values.pop("turn_spans")
    return Origin(
        **values,
        span=Span(*span) if span else None,
        turn_spans=tuple(tuple(Span(*piece) for piece in turn) for turn in turns),
    )


def _span_to_json(span: Span) -> list[int]:
    return [span.start, span.end]
