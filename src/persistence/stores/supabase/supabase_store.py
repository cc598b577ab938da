"""The datasets in a Supabase project, through its REST interface (SUPABASE_URL and SUPABASE_KEY)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

from src.errors import PersistenceError, UsageError
from src.persistence.edits.change_tables import ChangeTables
from src.persistence.edits.gaps import GapsRead, position_of
from src.persistence.models import (
    SAMPLE_COLUMNS,
    SampleRow,
    StoredDataset,
    checked_rows,
    report_to_json,
    row_to_dataset,
    without_secrets,
)
from src.persistence.stores.store import Store, new_dataset_id, new_samples_key, refuse_repeated_ids
from src.persistence.stores.stored_samples import rows_of
from src.persistence.stores.supabase.queries import PAGE_ROWS, batches, between, fields, newest_first, where
from src.persistence.stores.supabase.rest import SCHEMA_HINT, TAKEN, RequestError, Rest
from src.records import Dataset, RunReport

VERSION = 2
_COLUMNS = [*SAMPLE_COLUMNS.split(", "), "digest"]
_DELETED_AT_ONCE = 5000
_LEFT_OVER_AFTER = timedelta(days=1)
# How often others may win against us in saving the same dataset.
_TURNS = 20


def schema_sql() -> str:
    """What makes the tables: the REST interface cannot."""
    return Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")


class SupabaseStore(Store):
    """There are no transactions over REST. A save writes the samples first, under a key of their own, and then the one
    row of the dataset that names the key: without it they do not exist, for any reader. What a killed save leaves
    behind is removed a day later by the next one.

    The constructor raises PersistenceError when the tables are missing or the key may not use them, ConfigError for
    an address that is none. The key is in no message.
    """

    def __init__(self, url: str, key: str) -> None:
        self._rest = Rest(url, key)
        self.place = self._rest.url
        self._gaps = GapsRead()
        try:
            self._check_tables()
        except BaseException:
            self._rest.close()
            raise

    def close(self) -> None:
        """Safe to call twice; samples that were loaded connect anew when they are used."""
        self._rest.close()

    def backup(self) -> None:
        """None: backups are the project's (its dashboard, pg_dump)."""
        return

    def save_dataset(
        self,
        dataset: Dataset,
        config: Mapping[str, object],
        report: RunReport | None = None,
        dataset_id: str | None = None,
    ) -> str:
        """Store the dataset whole or not at all and return its id; an existing id's samples are replaced.

        The samples are gone through once and not held in memory. Secrets in `config` are stored as "***".
        Raises PersistenceError when two samples share an id.
        """
        self._remove_left_over()
        key = new_samples_key()
        values = {
            "id": dataset_id or new_dataset_id(),
            "name": dataset.name,
            "provider": dataset.provider,
            "model": dataset.model,
            "mode": dataset.mode,
            "config": json.dumps(without_secrets(config)),
            "report": report_to_json(report),
            "samples_key": key,
        }
        self._rest.write("unfinished_saves", [{"samples_key": key}])
        totals = self._write_samples(key, dataset)
        replaced = self._publish({**values, **totals})
        # The dataset is saved. What cannot be tidied now is tidied with the left-overs.
        with suppress(PersistenceError):
            if replaced:
                self._rest.write("unfinished_saves", [{"samples_key": replaced}])
                self._remove(replaced)
            self._forget(key)
        return str(values["id"])

    def list_datasets(self) -> list[StoredDataset]:
        """Every dataset, newest first."""
        found: list[StoredDataset] = []
        while page := self._rest.select("datasets", "*", partial(newest_first, start=len(found))):
            found += map(row_to_dataset, page)
        return found

    def _read_rows(self, stored: StoredDataset, start: int, stop: int, size: int) -> Iterator[list[SampleRow]]:
        """By position, not by offset: a page costs the same wherever it lies."""
        position = position_of(start, self._gaps.of(stored, partial(self._read_gaps, stored)) if start else ())
        while start < stop:
            page = self._rest.select(
                "samples",
                ",".join(["position", *_COLUMNS]),
                lambda query: (
                    where(query, samples_key=stored.samples_key)
                    .gte("position", position)  # noqa: B023 - select() calls it at once
                    .order("position")
                    .limit(min(size, PAGE_ROWS, stop - start))  # noqa: B023
                ),
            )
            if not page:
                return
            yield checked_rows((tuple(row[name] for name in _COLUMNS) for row in page), self.place)
            position = page[-1]["position"] + 1
            start += len(page)

    def change_tables(self, ref: str, *, reads: bool = False) -> AbstractContextManager[ChangeTables]:
        """Raises UsageError: over REST there are no transactions, and half a change must not be seen."""
        raise UsageError(
            f"{self.place}: single samples cannot be changed through Supabase's REST interface. Set "
            "persistence.backend to postgres and DATABASE_URL to the project's database: it opens the same datasets, "
            "and there they can."
        )

    def _read_gaps(self, stored: StoredDataset) -> list[int]:
        """Where samples were deleted, through the project's database."""
        gaps: list[int] = []
        while True:
            page = self._rest.select(
                "sample_gaps",
                "position",
                lambda query: (
                    where(query, samples_key=stored.samples_key)
                    .gt("position", gaps[-1] if gaps else -1)  # noqa: B023 - select() calls it at once
                    .order("position")
                    .limit(PAGE_ROWS)
                ),
            )
            if not page:
                return gaps
            gaps += [row["position"] for row in page]

    def _check_tables(self) -> None:
        """Row-level security answers a key that may see nothing with no rows: look for the one that must be there."""
        rows = self._rest.select("dataset_builder_schema", "version", lambda query: query)
        if not rows:
            raise PersistenceError(
                f"{self.place}: the key may not see the tables, or they are not complete; set SUPABASE_KEY to the "
                f"project's secret (service_role) key, and {SCHEMA_HINT}."
            )
        version = max(row["version"] for row in rows)
        if version > VERSION:
            raise PersistenceError(
                f"{self.place}: the tables have version {version}, this program knows up to {VERSION}. "
                "Use the newer program."
            )

    def _write_samples(self, key: str, dataset: Dataset) -> dict[str, int]:
        """Their totals. After a failure nothing is left, as far as the server can be reached."""
        samples = tokens = 0
        try:
            for batch in batches(rows_of(dataset.samples)):
                self._rest.write("samples", [fields(key, place, row) for place, row in enumerate(batch, samples)])
                samples += len(batch)
                tokens += sum(row.token_length for row in batch)
            self._refuse_incomplete(key, samples)
        except BaseException as error:
            with suppress(PersistenceError):
                self._remove(key)
            if isinstance(error, RequestError) and error.code == TAKEN:
                refuse_repeated_ids(dataset)
            raise
        return {"total_samples": samples, "total_tokens": tokens}

    def _refuse_incomplete(self, key: str, samples: int) -> None:
        arrived = self._rest.count("samples", key)
        if arrived != samples:
            raise PersistenceError(
                f"{self.place}: {arrived} of {samples} samples arrived; nothing was saved. Try again."
            )

    def _publish(self, values: Mapping[str, Any]) -> str:
        """Let the dataset's row name the new samples; the key of those it named before, "" when it is new.

        After a failure here the row may have arrived, so the samples stay.
        """
        replaced = ""
        for _ in range(_TURNS):
            own = self._rest.select("datasets", "samples_key", lambda query: query.eq("id", values["id"]))
            if not own:
                with _taken_is_no_error():
                    self._rest.insert("datasets", values)
            elif own[0]["samples_key"] == values["samples_key"]:
                return replaced
            else:
                replaced = own[0]["samples_key"]
                # Only if nobody else replaced it in between; the next turn looks who won.
                same = partial(where, id=values["id"], samples_key=replaced)
                self._rest.update("datasets", values, same)
        raise PersistenceError(f"{self.place}: others keep saving dataset {values['id']}; try again later.")

    def _remove_left_over(self) -> None:
        """Samples whose dataset's row never came, or was replaced while their removal failed."""
        before = (datetime.now(timezone.utc) - _LEFT_OVER_AFTER).strftime("%Y-%m-%d %H:%M:%S")
        stale = self._rest.select("unfinished_saves", "samples_key", lambda query: query.lt("started_at", before))
        for key in [row["samples_key"] for row in stale]:
            if self._rest.select("datasets", "id", partial(where, samples_key=key)):
                self._forget(key)
            else:
                self._remove(key)

    def _remove(self, key: str) -> None:
        """In parts: a statement may not take long."""
        last = self._rest.select(
            "samples",
            "position",
            lambda query: query.eq("samples_key", key).order("position", desc=True).limit(1),
        )
        for start in range(0, last[0]["position"] + 1 if last else 0, _DELETED_AT_ONCE):
            part = partial(between, samples_key=key, start=start, stop=start + _DELETED_AT_ONCE)
            self._rest.delete("samples", part)
        self._forget(key)

    def _forget(self, key: str) -> None:
        self._rest.delete("unfinished_saves", partial(where, samples_key=key))


@contextmanager
def _taken_is_no_error() -> Iterator[None]:
    """Somebody else, or our own request whose answer was lost, was quicker."""
    try:
        yield
    except RequestError as error:
        if error.code != TAKEN:
            raise
