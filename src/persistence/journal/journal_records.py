"""The records of the answer journal (calls, runs, batches, what was spent) and the queries they come from."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
UNFINISHED = "runs.state IN ('running', 'stopped')"

# The columns of each query stand in the order of their record's fields.
_CALL = """
    SELECT key, run_id, stage, provider, model, state, coalesce(answers.text, ''), finish_reason, answer_model,
      input_tokens, output_tokens, seconds, usd, error_kind, error_message, verdict, sent_at, answered_at,
      times_sent, unanswered
    FROM calls LEFT JOIN answers ON answers.call = calls.id WHERE key = ? AND state IN ('answered', 'failed')
"""
_RUNS = """
    SELECT runs.id, name, runs.state, note, plan, dataset_id, started_at,
      max(updated_at, coalesce(max(answered_at), '')) AS last_seen,
      coalesce(sum(calls.state = 'answered'), 0), coalesce(sum(unanswered), 0)
    FROM runs LEFT JOIN calls ON calls.run_id = runs.id
    WHERE {which} GROUP BY runs.id ORDER BY last_seen DESC, runs.rowid DESC
"""
# A sum of the known prices would look like the whole: one unknown price makes the stage's unknown.
_SPENDING = """
    SELECT stage, sum(paid), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
      CASE WHEN count(usd) = sum(paid) THEN total(usd) END, sum(unanswered)
    FROM (SELECT *, state IN ('answered', 'pruned') AS paid FROM calls WHERE run_id = ?) GROUP BY stage ORDER BY stage
"""
_UNANSWERED = """
    SELECT requests.text, unanswered FROM calls JOIN requests ON requests.call = calls.id
    WHERE run_id = ? AND unanswered > 0
"""
_LENGTHS = """
    SELECT output_tokens FROM calls
    WHERE provider = ? AND model = ? AND stage = ? AND output_tokens IS NOT NULL ORDER BY id DESC LIMIT ?
"""
_ACCEPTANCE = """
    SELECT count(*), coalesce(sum(verdict = 'accepted'), 0) FROM calls
    WHERE provider = ? AND model = ? AND stage = ? AND verdict <> ''
"""
_OPEN_BATCHES = """
    SELECT job_id, run_id, keys, submitted_at FROM batches
    WHERE provider = ? AND model = ? AND state = 'open' ORDER BY rowid
"""
_TOTALS = f"""
    SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM runs WHERE {UNFINISHED}),
      count(*), coalesce(sum(state = 'answered'), 0), coalesce(sum(unanswered), 0) FROM calls
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class JournaledCall:
    """One chat call: what was asked of whom, and what came back. Times are "YYYY-MM-DD HH:MM:SS.mmm" in UTC.

    `state` is "sent", "answered" or "failed" (for good: asking again would not help). `verdict` is "" until the
    answer was judged, then "accepted" or the reason why not. `unanswered` counts how often the call was sent
    without a reply: each may have been billed. None stands for a figure that is not known.
    """

    key: str
    run_id: str
    stage: str
    provider: str
    model: str
    state: str
    text: str
    finish_reason: str
    answer_model: str
    input_tokens: int | None
    output_tokens: int | None
    seconds: float | None
    usd: float | None
    error_kind: str
    error_message: str
    verdict: str
    sent_at: str
    answered_at: str
    times_sent: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class JournaledRun:
    """One run: `plan` is what it was started with, `answered` the calls it need not pay for again.

    `state` is "running" (or killed while it was), "stopped", "finished" or "abandoned"; `updated_at` is when it
    last began, ended or got an answer. `possibly_billed` counts the calls that were sent and never replied to.
    """

    id: str
    name: str
    state: str
    note: str
    plan: Mapping[str, object]
    dataset_id: str
    started_at: str
    updated_at: str
    answered: int
    possibly_billed: int


@dataclass(frozen=True, slots=True)
class StageSpending:
    """What the answered calls of one stage of a run took; `usd` is None when the price of any is unknown."""

    stage: str
    calls: int
    input_tokens: int
    output_tokens: int
    usd: float | None
    possibly_billed: int


@dataclass(frozen=True, slots=True)
class JournaledBatch:
    """A job of a provider's batch API: `keys` are its calls, in the order of the job's lines."""

    job_id: str
    run_id: str
    keys: tuple[str, ...]
    submitted_at: str


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many calls lost their request and answer, and by how much the file shrank."""

    calls: int
    bytes_freed: int


@dataclass(frozen=True, slots=True)
class JournalTotals:
    """What the journal holds. `answers` are those that are still kept, `bytes` the size of its files."""

    runs: int
    unfinished_runs: int
    calls: int
    answers: int
    possibly_billed: int
    bytes: int


def read_call(connection: sqlite3.Connection, key: str) -> JournaledCall | None:
    """The call, where it was answered (and the answer is still kept) or failed for good."""
    row = connection.execute(_CALL, (storable(key),)).fetchone()
    return JournaledCall(*_restored(row)) if row else None


def read_runs(connection: sqlite3.Connection, which: str, *values: str) -> list[JournaledRun]:
    """The runs that meet an SQL condition, those last active first."""
    rows = connection.execute(_RUNS.format(which=which), [storable(value) for value in values])
    return [_run(_restored(row)) for row in rows]


def read_spending(connection: sqlite3.Connection, run_id: str) -> list[StageSpending]:
    """What each stage of the run took, in the order of their names."""
    return [StageSpending(*_restored(row)) for row in connection.execute(_SPENDING, (storable(run_id),))]


def read_unanswered(connection: sqlite3.Connection, run_id: str) -> list[tuple[str, int]]:
    """The request of each call of the run that was sent without a reply, and how often."""
    return [_restored(row) for row in connection.execute(_UNANSWERED, (storable(run_id),))]


def read_lengths(connection: sqlite3.Connection, provider: str, model: str, stage: str, most: int) -> list[int]:
    """Output tokens of the newest calls of this kind."""
    values = (storable(provider), storable(model), storable(stage), most)
    return [length for (length,) in connection.execute(_LENGTHS, values)]


def read_acceptance(connection: sqlite3.Connection, provider: str, model: str, stage: str) -> tuple[int, int]:
    """How many answers of this kind were judged, and how many of them accepted."""
    values = (storable(provider), storable(model), storable(stage))
    judged, accepted = connection.execute(_ACCEPTANCE, values).fetchone()
    return int(judged), int(accepted)


def read_open_batches(connection: sqlite3.Connection, provider: str, model: str) -> list[JournaledBatch]:
    """The batches nobody closed yet, the oldest first."""
    rows = connection.execute(_OPEN_BATCHES, (storable(provider), storable(model)))
    return [JournaledBatch(row[0], row[1], tuple(json.loads(row[2])), row[3]) for row in map(_restored, rows)]


def read_totals(connection: sqlite3.Connection, file_bytes: int) -> JournalTotals:
    """What the journal holds, beside the size of its files."""
    values = [*connection.execute(_TOTALS).fetchone(), file_bytes]
    return JournalTotals(*values)


def storable(text: str) -> str | bytes:
    """The text as SQLite takes it: with half characters (lone surrogates), which no UTF-8 text may hold, as bytes."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _run(row: Row) -> JournaledRun:
    values = list(row)
    values[4] = json.loads(values[4])
    return JournaledRun(*values)


def _restored(row: Row) -> Row:
    return tuple(value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value for value in row)
