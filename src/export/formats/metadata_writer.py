"""metadata.csv: one row a sample, for a look in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from src.export.batches import Batch
from src.export.formats.tabular.spreadsheet_cells import neutralise

COLUMNS = ("sample_id", "content_preview", "token_length", "topic_keywords", "source_file", "split")
METADATA_NAME = "metadata.csv"
PREVIEW_LENGTH = 120
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


class MetadataWriter:
    """metadata.csv with COLUMNS. No text cell can act as a formula: where it could, a ' stands before it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / METADATA_NAME
        # Excel takes a file without a byte order mark for the local code page.
        self._stream = self.path.open("x", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._stream, lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def write(self, batch: Batch) -> None:
        parts = zip(batch.rows, batch.messages, batch.origins, batch.splits, strict=True)
        self._rows.writerows(
            (
                neutralise(row.id),
                neutralise(preview(messages)),
                row.token_length or 0,
                neutralise(_keywords(row.topic_keywords, origin)),
                neutralise(row.source_file or ""),
                split,
            )
            for row, messages, origin, split in parts
        )

    def close(self) -> list[Path]:
        self._stream.close()
        return [self.path]

    def abort(self) -> None:
        with suppress(OSError):
            self._stream.close()


def preview(messages: Sequence[Mapping[str, str]]) -> str:
    """The first characters of the conversation on one line: "user: ... assistant: ..."."""
    # No more of a message is looked at than can be shown, whatever its length.
    starts = (
        f"{message['role']}: {message['content'].lstrip()[:PREVIEW_LENGTH]}"
        for message in messages
        if message["role"] != "system"
    )
    return " ".join(_CONTROL.sub(" ", " ".join(starts)).split())[:PREVIEW_LENGTH]


def _keywords(column: str | None, origin: Mapping[str, Any]) -> str:
    exact = origin.get("keywords")
    return ", ".join(exact if exact is not None else (column or "").split(","))
