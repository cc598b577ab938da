"""The dispatcher's calls in the answer journal: one run's view of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import cast

from src.errors import ContentRefusedError, ContextTooLongError, LLMError
from src.persistence.journal.run_journal import RunJournal
from src.providers.clients.chat_client import ChatAnswer, FinishReason, Usage
from src.providers.clients.flow.call_journal import Call, OpenBatch, Receipt

# The failures that are kept, by the name they are stored under.
_KINDS: dict[str, type[LLMError]] = {kind.__name__: kind for kind in (ContentRefusedError, ContextTooLongError)}


class CallRecords:
    """Writes the calls of one run down and finds the answers of any run. `usd` prices a call's input and output."""

    def __init__(
        self, journal: RunJournal, run_id: str, provider: str, model: str, usd: Callable[[int, int], float] | None
    ) -> None:
        self.journal = journal
        self.run_id = run_id
        self.provider = provider
        self.model = model
        self.usd = usd

    def find(self, key: str) -> ChatAnswer | LLMError | None:
        call = self.journal.find(key)
        if call is None:
            return None
        if call.state == "failed":
            return _KINDS.get(call.error_kind, ContentRefusedError)(call.error_message)
        return ChatAnswer(
            call.text,
            cast(FinishReason, call.finish_reason),
            Usage(call.input_tokens, call.output_tokens),
            call.answer_model,
        )

    def sent(self, call: Call) -> Receipt:
        return self.journal.sent(
            self.run_id, call.key, stage=call.stage, provider=self.provider, model=self.model, request=call.text
        )

    def answered(self, call: Call, answer: ChatAnswer, seconds: float) -> Receipt:
        usage = answer.usage
        known = usage.input_tokens is not None and usage.output_tokens is not None
        usd = self.usd(usage.input_tokens or 0, usage.output_tokens or 0) if self.usd and known else None
        return self.journal.answered(
            call.key,
            text=answer.text,
            finish_reason=answer.finish_reason,
            answer_model=answer.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            seconds=seconds,
            usd=usd,
        )

    def failed(self, call: Call, error: LLMError) -> Receipt:
        return self.journal.failed(call.key, type(error).__name__, str(error))

    def not_billed(self, call: Call) -> Receipt:
        return self.journal.not_billed(call.key)

    def judged(self, key: str, verdict: str) -> None:
        self.journal.judged(key, verdict)

    def open_batches(self) -> Sequence[OpenBatch]:
        found = self.journal.open_batches(self.provider, self.model)
        return [OpenBatch(b.job_id, b.keys, _seconds(b.submitted_at), b.run_id == self.run_id) for b in found]

    def save_batch(self, job_id: str, keys: Sequence[str]) -> None:
        self.journal.save_batch(self.run_id, self.provider, self.model, job_id, keys)

    def close_batch(self, job_id: str, state: str) -> None:
        self.journal.close_batch(job_id, state)


def _seconds(moment: str) -> float:
    """The journal's time, in UTC, as seconds since 1970."""
    return datetime.strptime(moment, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=timezone.utc).timestamp()
