"""Labelled texts of others, where they are at hand: Microsoft's presidio-research (MIT). Nothing of it is kept here."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.quality.pii_scoring import Label, Text

FILE = Path("build/synth_dataset_v2.json")
WHERE_FROM = "data/synth_dataset_v2.json of github.com/microsoft/presidio-research"
_KINDS = {
    "PERSON": "NAME",
    "STREET_ADDRESS": "ADDRESS",
    "CREDIT_CARD": "CARD",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "US_SSN": "SSN",
    "IP_ADDRESS": "IP",
    "GPE": "PLACE",
    "ZIP_CODE": "PLACE",
}
# A town or a postcode beside a street belongs to the address: whether an address covers it is not judged
NOT_JUDGED = frozenset(("PLACE",))


def third_party_texts(path: Path = FILE) -> list[Text] | None:
    """The texts, or None when the file is not there."""
    if not path.is_file():
        return None
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Text(row["full_text"], _labels(row["spans"])) for row in rows]


def _labels(spans: list[dict[str, object]]) -> tuple[Label, ...]:
    return tuple(
        Label(_KINDS[str(span["entity_type"])], int(str(span["start_position"])), int(str(span["end_position"])))
        for span in spans
        if span["entity_type"] in _KINDS
    )
