"""What became of a job's rows: written down first, then settled, then sorted by what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from src.errors import ContentRefusedError, ContextTooLongError, LLMError, MalformedAnswerError, RateLimitedError
from src.providers.clients.batch.jobs import RowError, RowResult, row_failure
from src.providers.clients.batch.open_job import OpenJob
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, Usage
from src.providers.clients.flow.backoff import noted
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import BatchJournal, Call, Receipt
from src.providers.clients.flow.flow_records import FlowStats
from src.providers.clients.wire.sdk_client import SdkClient

NO_ROW = RowError(0, "the host's results do not mention it")


@dataclass(slots=True)
class Harvest:
    """The answers and the errors that are left, by key, and the calls to be made again."""

    answers: list[tuple[str, ChatAnswer]] = field(default_factory=list)
    failures: list[tuple[str, LLMError]] = field(default_factory=list)
    again: list[Call] = field(default_factory=list)


class Harvester:
    """Brings jobs' results in. Nothing is handed on that is not in the journal."""

    def __init__(
        self, client: SdkClient, journal: BatchJournal, budget: Budget, stats: FlowStats, max_retries: int
    ) -> None:
        self._client, self._journal, self._budget, self._stats = client, journal, budget, stats
        self._max_retries = max_retries

    def bring_in(
        self, job: OpenJob, rows: Iterable[RowResult], otherwise: RowError, asked: dict[str, Call], now: float
    ) -> Harvest:
        """Take the job's open calls out of `asked`. A row that is missing gets the error `otherwise`.

        A call nobody asked for (yet) is written down, too.
        """
        found = {row.custom_id: row for row in rows if row.custom_id in job.open}
        harvest, receipts = Harvest(), []
        settled: list[tuple[Call, ChatAnswer]] = []
        for key in job.keys:
            if key not in job.open:
                continue
            row, call = found.get(key) or RowResult(key, error=otherwise), asked.pop(key, None)
            answer = self._read(row)
            if isinstance(answer, LLMError):
                receipts.append(self._fail(job, row, call, answer, harvest) if call else self._note(key, answer))
                continue
            receipts.append(self._journal.answered(call or unasked(key), answer, max(0.0, now - job.since)))
            settled.append((call or unasked(key), answer))
        for receipt in receipts:
            receipt.wait()
        for call, answer in settled:
            self._settle(job, call, answer)
            harvest.answers.append((call.key, answer))
        job.open.clear()
        return harvest

    def _read(self, row: RowResult) -> ChatAnswer | LLMError:
        if row.body is None:
            return row_failure(self._client.host, row.error or NO_ROW)
        try:
            return self._client.answer_from(row.body)
        except LLMError as error:
            return error

    def _settle(self, job: OpenJob, call: Call, answer: ChatAnswer) -> None:
        if not job.own:  # the run that submitted it pays for it
            self._budget.release(call)
            self._stats.replayed += call.ticket >= 0
            return
        self._budget.settle(call, answer.usage)
        self._count(answer.usage)

    def _fail(self, job: OpenJob, row: RowResult, call: Call, error: LLMError, harvest: Harvest) -> Receipt:
        receipt = self._note(call.key, error)
        if job.own and _billed(error):
            self._budget.forfeit(call)
            self._stats.possibly_billed += error.maybe_billed
        else:
            self._budget.release(call)
        self._stats.rate_limited += isinstance(error, RateLimitedError)
        if self._learns(job, row.error):
            harvest.again.append(call)
        elif _may_pass(error) and call.attempt < self._max_retries:
            call.attempt += 1
            self._stats.retries += 1
            harvest.again.append(call)
        else:
            harvest.failures.append((call.key, noted(error, call.attempt + 1)))
        return receipt

    def _note(self, key: str, error: LLMError) -> Receipt:
        if isinstance(error, ContentRefusedError | ContextTooLongError):
            return self._journal.failed(unasked(key), error)
        if error.maybe_billed:
            return _NOTHING
        return self._journal.not_billed(unasked(key))

    def _learns(self, job: OpenJob, error: RowError | None) -> bool:
        """Whether the host refused how the request was written, and there is another way to write it."""
        if error is None or error.status not in (400, 422):
            return False
        learned = job.dialect.after_refusal(f"{error.code} {error.message}")
        if learned is None:
            return False
        if self._client.dialect == job.dialect:  # all rows of a job teach the same
            self._client.dialect = learned
        return True

    def _count(self, usage: Usage) -> None:
        stats = self._stats
        stats.calls += 1
        stats.input_tokens += usage.input_tokens or 0
        stats.output_tokens += usage.output_tokens or 0
        stats.without_figures += usage.output_tokens is None
        stats.usd += self._budget.cost(usage.input_tokens or 0, usage.output_tokens or 0)


class _Nothing:
    """The receipt of what needs no writing."""

    def wait(self) -> None:
        return


_NOTHING = _Nothing()


def unasked(key: str) -> Call:
    """A call of which only the key is known."""
    return Call(-1, key, "", ChatRequest((), max_tokens=0))


def _billed(error: LLMError) -> bool:
    return error.maybe_billed or isinstance(error, ContentRefusedError | ContextTooLongError)


def _may_pass(error: LLMError) -> bool:
    return error.retryable or isinstance(error, MalformedAnswerError)
