"""The answer journal: what was asked of the models and what they answered, so that no call is paid for twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType

from src.errors import UsageError
from src.persistence.connection import connect, transaction
from src.persistence.journal import journal_records as records
from src.persistence.journal import journal_statements as statements
from src.persistence.journal.journal_records import (
    UNFINISHED,
    JournaledBatch,
    JournaledCall,
    JournaledRun,
    JournalTotals,
    Pruned,
    StageSpending,
    storable,
)
from src.persistence.journal.journal_schema import journal_errors, prepare_journal
from src.persistence.journal.journal_statements import Write
from src.persistence.journal.journal_writer import Commit, JournalWriter
from src.persistence.models import without_secrets


class RunJournal:
    """An open journal, made when missing. Use it with `with`, from as many threads as you like.

    What is noted of a call is written behind your back, in the order of the notes: `wait()` on the Commit where
    it has to be in the file before you go on. Everything else returns when it is done. Both raise PersistenceError
    when the file is locked for longer than `timeout` seconds, damaged, full or read-only; the constructor also
    when a newer program made it.
    """

    def __init__(self, path: Path, timeout: float = 30.0) -> None:
        self.path = path
        self._timeout = timeout
        prepare_journal(path, timeout)
        self._reading_lock = threading.Lock()
        with journal_errors(path):
            # One connection for the readers of all threads, one at a time: SQLite itself is built for that.
            self._reader = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
        self._writer = JournalWriter(path, timeout)

    def __enter__(self) -> RunJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still queued and close the file. Safe to call twice."""
        self._writer.close()
        self._reader.close()

    def find(self, key: str) -> JournaledCall | None:
        """The call with this key, if it need not be made (again): it was answered, or failed for good."""
        with self._reading() as connection:
            return records.read_call(connection, key)

    def sent(self, run_id: str, key: str, *, stage: str, provider: str, model: str, request: str) -> Commit:
        """The call is about to be sent, perhaps once more: until a reply is noted it counts as possibly billed."""
        return self._note(statements.write_sent, key, run_id, stage, provider, model, request, durable=False)

    def answered(
        self,
        key: str,
        *,
        text: str,
        finish_reason: str,
        answer_model: str,
        input_tokens: int | None,
        output_tokens: int | None,
        seconds: float | None,
        usd: float | None,
    ) -> Commit:
        """The answer of a call that was sent. One that has an answer already keeps its first."""
        figures = (finish_reason, answer_model, input_tokens, output_tokens, seconds, usd)
        return self._note(statements.write_answer, text, *figures, key)

    def failed(self, key: str, kind: str, message: str) -> Commit:
        """A definite failure: find() gives it from now on, so that a resume does not pay for it again."""
        return self._note(statements.write_failure, kind, message, key)

    def not_billed(self, key: str) -> Commit:
        """The host turned the call down (429, 5xx): nothing was billed, and it will be asked again."""
        return self._note(statements.write_reply, key, durable=False)

    def judged(self, key: str, verdict: str) -> None:
        """What became of the answer: "accepted", or the reason why not. Written with what is noted next."""
        self._writer.submit_along(statements.write_verdict, (storable(verdict), storable(key)))

    def begin_run(self, run_id: str, name: str, plan: Mapping[str, object]) -> None:
        """A run starts, or an old one goes on. Secrets in `plan` are stored as "***"."""
        self._note(statements.write_run, run_id, name, json.dumps(without_secrets(plan))).wait()

    def end_run(self, run_id: str, state: str, note: str = "", dataset_id: str = "") -> None:
        """A run is "finished", "stopped" (it can be resumed) or "abandoned" (it will not be)."""
        self._note(statements.write_run_end, state, note, dataset_id, run_id).wait()

    def unfinished_runs(self) -> list[JournaledRun]:
        """The runs that were stopped or killed, or are at work in another process, those last active first."""
        with self._reading() as connection:
            return records.read_runs(connection, UNFINISHED)

    def find_run(self, ref: str) -> JournaledRun:
        """The run with this id, else the one whose id starts with `ref`; "latest" is the last active unfinished one.

        Raises UsageError, listing what there is, when none fits or several do.
        """
        if ref == "latest":
            return _only(self.unfinished_runs()[:1], "there is no unfinished run", [])
        with self._reading() as connection:
            runs = records.read_runs(connection, "1")
        fitting = [run for run in runs if run.id == ref] or [run for run in runs if ref and run.id.startswith(ref)]
        problem = "several runs have an id that starts with" if fitting else "there is no run"
        return _only(fitting, f"{problem} '{ref}'", fitting or runs)

    def spending(self, run_id: str) -> list[StageSpending]:
        """What the calls that this run sent took, by stage."""
        with self._reading() as connection:
            return records.read_spending(connection, run_id)

    def unanswered(self, run_id: str) -> list[tuple[str, int]]:
        """The request of each call of this run that was sent and never replied to, and how often that was."""
        with self._reading() as connection:
            return records.read_unanswered(connection, run_id)

    def output_lengths(self, provider: str, model: str, stage: str, most: int = 500) -> list[int]:
        """How many tokens answers of this kind had, the newest first."""
        with self._reading() as connection:
            return records.read_lengths(connection, provider, model, stage, most)

    def acceptance(self, provider: str, model: str, stage: str) -> tuple[int, int]:
        """How many answers of this kind were judged, and how many of them accepted."""
        with self._reading() as connection:
            return records.read_acceptance(connection, provider, model, stage)

    def save_batch(self, run_id: str, provider: str, model: str, job_id: str, keys: Sequence[str]) -> None:
        """A job was handed to the provider's batch API; it is open until close_batch()."""
        self._note(statements.write_batch, job_id, run_id, provider, model, json.dumps(list(keys))).wait()

    def open_batches(self, provider: str, model: str) -> list[JournaledBatch]:
        """The jobs whose results are still to be fetched, the oldest first."""
        with self._reading() as connection:
            return records.read_open_batches(connection, provider, model)

    def close_batch(self, job_id: str, state: str) -> None:
        """The job's results are in the journal, or it came to nothing; `state` says which."""
        self._note(statements.write_batch_end, state, job_id).wait()

    def totals(self) -> JournalTotals:
        """What the journal holds and how large it is."""
        with self._reading() as connection:
            return records.read_totals(connection, _file_size(self.path))

    def prune(self, *, older_than_days: float | None, keep_unfinished: bool = True) -> Pruned:
        """Delete requests and answers of calls last touched so long ago (None: of any age) and shrink the file.

        Such calls would be paid for again. Their figures stay for estimates and accounts, failures stay known.
        """
        before = _file_size(self.path)
        with journal_errors(self.path), closing(connect(self.path, self._timeout)) as connection:
            with transaction(connection):
                calls = statements.delete_texts(connection, older_than_days, UNFINISHED if keep_unfinished else "0")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Pruned(calls, max(0, before - _file_size(self.path)))

    def _note(self, write: Write, *values: object, durable: bool = True) -> Commit:
        row = tuple([storable(value) if isinstance(value, str) else value for value in values])
        return self._writer.submit(write, row, durable)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._reading_lock, journal_errors(self.path):
            yield self._reader


def _only(runs: Sequence[JournaledRun], problem: str, known: Sequence[JournaledRun]) -> JournaledRun:
    if len(runs) == 1:
        return runs[0]
    listed = ", ".join(f"{run.id} ({run.name}, {run.state})" for run in known[:10]) or "none"
    raise UsageError(f"{problem}. Runs in the journal: {listed}.")


def _file_size(path: Path) -> int:
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())
