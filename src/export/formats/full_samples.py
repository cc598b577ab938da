"""The whole of a sample as one record, the same in every format that keeps all of it.

Texts are not decoded where JSON is written of JSON: a record holds its messages as the database has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, Protocol, cast

from src.export.batches import Batch, unreadable
from src.export.formats.export_format import ExportJob

# A record's keys, in their order; "group" follows where an organised export has it as a column.
FIELDS = (
    "id", "split", "messages", "token_length", "topic_keywords", "source_file", "method", "place", "document_id",
    "span", "turn_spans", "chunk_id", "prompt_id", "model", "call_id", "edited_from",
)  # fmt: skip
# The texts of a sample that is one question with one answer.
TURN_FIELDS = ("system", "user", "assistant")
_OF_ORIGIN = FIELDS[6:]
# Escapes that json.dumps does not make, or only for control characters.
_FOREIGN = re.compile(rb"\\[u/]").search
_ROLES = (("user", "assistant"), ("system", "user", "assistant"))


class RawTurn(Protocol):
    """One message. `content` is a JSON string, quotation marks and escapes included, in the form json.dumps gives."""

    role: str
    content: Any


class Record(Protocol):
    """A full sample: its attributes are FIELDS and `group`, lists being lists. Not to be changed."""

    id: str
    split: str
    messages: list[RawTurn]
    token_length: int
    topic_keywords: list[str]
    source_file: str
    method: str
    place: str
    document_id: str
    span: list[int] | None
    turn_spans: list[list[list[int]]]
    chunk_id: str
    prompt_id: str
    model: str
    call_id: str
    edited_from: str
    group: str


def has_group(job: ExportJob) -> bool:
    """Whether records say which group they belong to."""
    return bool(job.output.organize_by) and job.output.organize_as == "column"


def field_names(job: ExportJob) -> tuple[str, ...]:
    return (*FIELDS, "group") if has_group(job) else FIELDS


def records_of(batch: Batch, job: ExportJob) -> list[Record]:
    """Each sample as a record. Raises PersistenceError for a row that is damaged."""
    grouped = has_group(job)
    return batch.once(("records", grouped), lambda: _make_records(batch, grouped))


def canonical_rows(batch: Batch, job: ExportJob) -> list[bytes]:
    """Each record as bytes that are equal where the records are equal, in whatever format they were written."""
    return batch.once(("canonical", has_group(job)), lambda: list(map(canonical, records_of(batch, job))))


def canonical(record: object) -> bytes:
    """JSON without blanks: what json.dumps(record, ensure_ascii=False, separators=(",", ":")) gives, as UTF-8."""
    encoded: bytes = _json().encode(record)
    return encoded


def facts_of(batch: Batch, job: ExportJob) -> list[Record]:
    """The records without their messages, for formats that want those as texts."""
    grouped = has_group(job)
    return batch.once(("facts", grouped), lambda: _make_records(batch, grouped, with_messages=False))


def raw_turns(batch: Batch) -> list[list[RawTurn]]:
    """The messages of each sample, undecoded."""
    return batch.once("raw turns", lambda: _make_turns(batch))


def single_turn(messages: Sequence[Mapping[str, str]]) -> tuple[str, str, str] | None:
    """The system text ("" without one), question and answer of one turn; None for any other conversation."""
    if tuple([message["role"] for message in messages]) not in _ROLES:
        return None
    texts = [message["content"] for message in messages]
    return (texts[0], texts[1], texts[2]) if len(texts) == 3 else ("", texts[0], texts[1])


def plain_records(batch: Batch, job: ExportJob) -> list[dict[str, Any]]:
    """The records as dicts of JSON values."""
    from msgspec import UNSET, Struct
    from msgspec.structs import asdict

    records = []
    for fact, messages in zip(facts_of(batch, job), batch.messages, strict=True):
        record: dict[str, Any] = asdict(cast(Struct, fact))
        record["messages"] = messages
        if record["group"] is UNSET:
            del record["group"]
        records.append(record)
    return records


class FullSamples:
    """What formats that keep everything of a sample have in common."""

    by_size = False

    def expected(self, batch: Batch, job: ExportJob) -> Sequence[bytes | None]:
        return canonical_rows(batch, job)

    def check_files(self, folder: Path, job: ExportJob) -> list[str]:
        return []


def fact_columns(batch: Batch) -> dict[str, Sequence[Any]]:
    """What facts_of() gives, by columns: no object is made for a sample. `group` is among them."""
    return batch.once("fact columns", lambda: _make_columns(batch))


def _make_columns(batch: Batch) -> dict[str, Sequence[Any]]:
    stored, origins = batch.columns, _origins_of(batch)
    # Rows of version 1 have no keywords at all.
    lists = {column: column.split(",") if column else [] for column in set(stored.topic_keywords)}
    return {
        "id": stored.id,
        "split": batch.splits,
        "token_length": [tokens or 0 for tokens in stored.token_length],
        "topic_keywords": [
            lists[column] if origin.keywords is None else origin.keywords
            for column, origin in zip(stored.topic_keywords, origins, strict=True)
        ],
        "source_file": [source or "" for source in stored.source_file],
        **{name: list(map(attrgetter(name), origins)) for name in _OF_ORIGIN},
        "span": [origin.span or None for origin in origins],
        "group": batch.groups,
    }


def _make_records(batch: Batch, grouped: bool, with_messages: bool = True) -> list[Record]:
    from msgspec import UNSET

    known = fact_columns(batch)
    columns: dict[str, Sequence[Any]] = {**known, "messages": raw_turns(batch) if with_messages else [[]] * len(batch)}
    groups = known["group"] if grouped else [UNSET] * len(batch)
    return list(map(_json().record, *(columns[name] for name in FIELDS), groups))


def _origins_of(batch: Batch) -> list[Any]:
    from msgspec import DecodeError

    decode = _json().origin.decode
    try:
        return [decode(text or b"{}") for text in batch.columns.origin]
    except DecodeError:
        return [decode(text) for text in _readable(batch).columns.origin]


def _readable(batch: Batch) -> Batch:
    """The batch with file names and keywords that are no text written readably."""
    pairs = zip(batch.rows, batch.origins, strict=True)
    return Batch([row._replace(origin=canonical(origin).decode()) for row, origin in pairs], batch.groups)


def _make_turns(batch: Batch) -> list[list[RawTurn]]:
    from msgspec import DecodeError

    decode = _json().turns.decode
    turns: list[list[RawTurn]] = []
    try:
        for content in batch.columns.content:
            turns.append(decode(_rewritten(content) if _FOREIGN(content) else content))
    except DecodeError as error:
        raise unreadable(batch.columns.id[len(turns)], error) from error
    return turns


def _rewritten(content: bytes) -> bytes:
    """The same JSON with json.dumps's escapes and no others."""
    return canonical(_json().plain.decode(content))


@dataclass(frozen=True, slots=True)
class _Json:
    """Classes and functions of msgspec, made when they are first used."""

    record: Any
    origin: Any
    turns: Any
    plain: Any
    encode: Any


@lru_cache(maxsize=1)
def _json() -> _Json:
    from msgspec import Raw, UnsetType, defstruct
    from msgspec.json import Decoder, encode

    texts = {name: (name, str, "") for name in _OF_ORIGIN}
    lists: dict[str, Any] = {
        "span": ("span", list[int] | None, None),
        "turn_spans": ("turn_spans", list[list[list[int]]], []),
    }
    origin = defstruct("Origin", [*{**texts, **lists}.values(), ("keywords", list[str] | None, None)], gc=False)
    turn = defstruct("Turn", [("role", str), ("content", Raw)], gc=False)
    kinds = {"messages": list[turn], "token_length": int, "topic_keywords": list[str]}  # type: ignore[valid-type]
    given = [(name, kinds.get(name, lists.get(name, ("", str))[1])) for name in FIELDS]
    record = defstruct("Record", [*given, ("group", str | UnsetType)], gc=False)
    conversation = list[dict[str, str]]
    return _Json(record, Decoder(origin), Decoder(list[turn]), Decoder(conversation), encode)  # type: ignore[valid-type]
