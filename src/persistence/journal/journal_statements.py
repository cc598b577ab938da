"""The statements that write the answer journal; each is one change, made inside the writer's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

from src.persistence.journal.journal_records import Row

Write = Callable[[sqlite3.Connection, Row], None]

# Milliseconds, in UTC like SQLite's own default.
_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
_SENT = f"""
    INSERT INTO calls (key, run_id, stage, provider, model, sent_at) VALUES (?, ?, ?, ?, ?, {_NOW})
    ON CONFLICT (key) DO UPDATE SET run_id = excluded.run_id, sent_at = excluded.sent_at,
      times_sent = times_sent + 1, unanswered = unanswered + 1,
      state = CASE state WHEN 'pruned' THEN 'sent' ELSE state END
"""  # noqa: S608 - constants
_REQUEST = "INSERT OR IGNORE INTO requests (call, text) SELECT id, ? FROM calls WHERE key = ?"
_ANSWERED = f"""
    UPDATE calls SET state = 'answered', finish_reason = ?, answer_model = ?, input_tokens = ?, output_tokens = ?,
      seconds = ?, usd = ?, error_kind = '', error_message = '', verdict = '', answered_at = {_NOW},
      unanswered = max(unanswered - 1, 0)
    WHERE key = ? AND state <> 'answered'
"""  # noqa: S608 - constants
_ANSWER = "INSERT OR REPLACE INTO answers (call, text) SELECT id, ? FROM calls WHERE key = ?"
_FAILED = f"""
    UPDATE calls SET state = 'failed', error_kind = ?, error_message = ?, answered_at = {_NOW},
      unanswered = max(unanswered - 1, 0)
    WHERE key = ? AND state <> 'answered'
"""  # noqa: S608 - constants
_RUN_BEGUN = f"""
    INSERT INTO runs (id, name, plan, state, started_at, updated_at) VALUES (?, ?, ?, 'running', {_NOW}, {_NOW})
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, plan = excluded.plan, state = 'running', note = '',
      updated_at = excluded.updated_at
"""  # noqa: S608 - constants
_RUN_ENDED = f"UPDATE runs SET state = ?, note = ?, dataset_id = ?, updated_at = {_NOW} WHERE id = ?"  # noqa: S608
_BATCH = f"""
    INSERT OR REPLACE INTO batches (job_id, run_id, provider, model, keys, submitted_at) VALUES (?, ?, ?, ?, ?, {_NOW})
"""  # noqa: S608 - constants
_OLD = """
    SELECT id FROM calls
    WHERE (?1 IS NULL OR max(sent_at, answered_at) <= strftime('%Y-%m-%d %H:%M:%f', 'now', ?1))
      AND run_id NOT IN (SELECT id FROM runs WHERE {kept_runs})
"""
_PRUNED = "UPDATE calls SET state = 'pruned' WHERE state = 'answered' AND id NOT IN (SELECT call FROM answers)"


def write_sent(connection: sqlite3.Connection, values: Row) -> None:
    """key, run id, stage, provider, model, request."""
    connection.execute(_SENT, values[:-1])
    connection.execute(_REQUEST, (values[-1], values[0]))


def write_answer(connection: sqlite3.Connection, values: Row) -> None:
    """text, finish reason, answering model, input tokens, output tokens, seconds, usd, key. The first one stays."""
    text, *_, key = values
    if connection.execute(_ANSWERED, values[1:]).rowcount:
        connection.execute(_ANSWER, (text, key))
    else:
        write_reply(connection, (key,))


def write_failure(connection: sqlite3.Connection, values: Row) -> None:
    """error kind, error message, key. An answer that is there stays."""
    if not connection.execute(_FAILED, values).rowcount:
        write_reply(connection, values[-1:])


def write_run(connection: sqlite3.Connection, values: Row) -> None:
    """id, name, plan."""
    connection.execute(_RUN_BEGUN, values)


def write_batch(connection: sqlite3.Connection, values: Row) -> None:
    """job id, run id, provider, model, keys."""
    connection.execute(_BATCH, values)


def delete_texts(connection: sqlite3.Connection, older_than_days: float | None, kept_runs: str) -> int:
    """Forget requests and answers of old calls but those of `kept_runs` (SQL); return how many calls lost theirs."""
    age = None if older_than_days is None else f"-{older_than_days:.6f} days"
    gone = 0
    for table in ("answers", "requests"):
        statement = f"DELETE FROM {table} WHERE call IN ({_OLD.format(kept_runs=kept_runs)})"  # noqa: S608 - constants
        gone = connection.execute(statement, (age,)).rowcount
    connection.execute(_PRUNED)
    return gone


def _change_one(statement: str, connection: sqlite3.Connection, values: Row) -> None:
    if not connection.execute(statement, values).rowcount:
        raise LookupError(f"it does not know '{values[-1]}'")


# Each of these takes as its last value whose row is to change, and raises LookupError when there is none.
write_reply = partial(_change_one, "UPDATE calls SET unanswered = max(unanswered - 1, 0) WHERE key = ?")
write_verdict = partial(_change_one, "UPDATE calls SET verdict = ? WHERE key = ?")
write_run_end = partial(_change_one, _RUN_ENDED)
write_batch_end = partial(_change_one, "UPDATE batches SET state = ? WHERE job_id = ?")
