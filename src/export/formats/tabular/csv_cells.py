"""The cells of a full sample, and the full sample of cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import TURN_FIELDS, Record, canonical, field_names, single_turn
from src.export.formats.tabular.spreadsheet_cells import guard, unguard

# CSV readers end a text at a NUL. In JSON it is an escape, so the messages keep it.
NUL, SHOWN_NUL = "\0", "\ufffd"
_LISTS = ("messages", "topic_keywords", "span", "turn_spans")
_NO_TURN = ("", "", "")


def columns_of(job: ExportJob) -> tuple[str, ...]:
    names = field_names(job)
    return (*names[:2], *TURN_FIELDS, *names[2:])


def cells_of(record: Record, messages: Sequence[Mapping[str, str]], grouped: bool, guarded: bool) -> list[str]:
    """The values of columns_of, in their order. Lists are JSON, None is ""."""
    system, user, assistant = single_turn(messages) or _NO_TURN
    texts = [record.id, record.split, system, user, assistant, record.source_file, record.method, record.place,
             record.document_id, record.chunk_id, record.prompt_id, record.model, record.call_id,
             record.edited_from]  # fmt: skip
    if grouped:
        texts.append(record.group)
    if guarded:
        texts = [guard(text) for text in texts]
    lists = (canonical(record.messages).decode(), str(record.token_length), _json(record.topic_keywords))
    spans = (_json(record.span) if record.span else "", _json(record.turn_spans))
    return [*texts[:5], *lists, *texts[5:9], *spans, *texts[9:]]


def without_nuls(record: Record, names: Sequence[str]) -> Record | dict[str, Any]:
    """The record as it comes back from CSV: a NUL outside of lists is a replacement character."""
    values = {name: getattr(record, name) for name in names}
    if not any(type(value) is str and NUL in value for value in values.values()):
        return record
    return {name: shown(value) if type(value) is str else value for name, value in values.items()}


def shown(text: str) -> str:
    return text.replace(NUL, SHOWN_NUL)


def record_of(columns: Sequence[str], cells: Sequence[str], guarded: bool) -> dict[str, Any]:
    """The record in a row of cells. Raises ValueError where it is none or where it contradicts itself."""
    from msgspec.json import decode

    record: dict[str, Any] = {}
    for name, cell in zip(columns, cells, strict=True):
        if name in _LISTS:
            record[name] = decode(cell) if cell else None
        elif name == "token_length":
            record[name] = int(cell)
        else:
            record[name] = unguard(cell) if guarded else cell
    texts = tuple(record.pop(name) for name in TURN_FIELDS)
    if texts != tuple(map(shown, single_turn(record["messages"]) or _NO_TURN)):
        raise ValueError(f"sample {record['id']}: its texts are not those of its messages")
    return record


def _json(values: object) -> str:
    return canonical(values).decode() if values else "[]"
