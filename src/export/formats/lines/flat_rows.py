"""Flat rows: one JSON object a sample, with keys of the user's choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.errors import ExportError
from src.export.batches import Batch
from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import TURN_FIELDS, canonical, field_names, plain_records, single_turn

_USUAL = {"id": "id", "system": "system", "user": "user", "assistant": "assistant"}
SEVERAL_TURNS = "not_one_turn"


def chosen_fields(job: ExportJob) -> Mapping[str, str]:
    """The user's keys with the fields they are filled with. Raises ExportError that names every unknown field."""
    fields = job.output.jsonl.fields or _USUAL
    known = (*TURN_FIELDS, *field_names(job))
    unknown = sorted({name for name in fields.values() if name not in known})
    if unknown:
        raise ExportError(f"output.jsonl.fields: {', '.join(unknown)}: no such field; use {', '.join(known)}.")
    return fields


def flat_rows(batch: Batch, job: ExportJob) -> list[bytes | None]:
    """Each sample as JSON; None where a question or an answer is wanted and the sample has several of them."""
    fields = chosen_fields(job)
    by_turn = any(name in TURN_FIELDS for name in fields.values())
    return [_flat_row(record, fields, by_turn) for record in plain_records(batch, job)]


def _flat_row(record: Mapping[str, Any], fields: Mapping[str, str], by_turn: bool) -> bytes | None:
    values = record
    if by_turn:
        texts = single_turn(record["messages"])
        if texts is None:
            return None
        values = {**record, **dict(zip(TURN_FIELDS, texts, strict=True))}
    return canonical({key: values[name] for key, name in fields.items()})
