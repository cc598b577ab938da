"""Repair of samples by an LLM: one question for each, many under way at once, each answer in the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from src.agents.asking.askings import CALL_FAILED, Askings
from src.agents.asking.candidates import MOST_FAILURES_IN_A_ROW
from src.agents.asking.exchange import Asking, Rejection
from src.agents.prompt_library import Prompt, fenced, load_prompt
from src.dataset.curation.editing import CountTokens, Objection, no_objection
from src.dataset.curation.repairing import REPLY_SCHEMA, Repair, RepairedBy, read_repair, sample_as_json
from src.errors import ContentRefusedError, TruncatedAnswerError
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.dispatching import Dispatching
from src.records import Message, Sample

STAGE = "repair"
PROMPT_FILE = "repair_mode.txt"
_MORE_TOKENS = 300


class RepairQuestions:
    """What is asked about samples. `passage_of` gives the text beside a sample, "" where it is not at hand."""

    def __init__(
        self,
        prompts: Path,
        instruction: str,
        count_tokens: CountTokens,
        passage_of: Callable[[Sample], str] = lambda sample: "",
        seed: int | None = None,
    ) -> None:
        self.prompt: Prompt = load_prompt(prompts / "system" / PROMPT_FILE, ("instruction", "sample", "passage"))
        self._instruction = instruction
        self._count_tokens = count_tokens
        self._passage_of = passage_of
        self._seed = seed

    def request_for(self, sample: Sample) -> ChatRequest:
        passage = self._passage_of(sample)
        values = {
            "instruction": self._instruction,
            "sample": fenced(sample_as_json(sample)),
            "passage": fenced(passage) if passage else "(the passage is not at hand)",
        }
        messages: tuple[Message, ...] = self.prompt.messages(values)
        room = 2 * self._count_tokens(sample.messages) + _MORE_TOKENS
        return ChatRequest(messages, REPLY_SCHEMA, 0.0, max_tokens=room, seed=self._seed)


class SampleRepair:
    """Repairs samples by one instruction. `passage_of` gives the text beside a sample, "" where it is not at hand."""

    def __init__(
        self,
        prompts: Path,
        instruction: str,
        dispatcher: Dispatching,
        count_tokens: CountTokens,
        *,
        passage_of: Callable[[Sample], str] = lambda sample: "",
        objection: Objection = no_objection,
        seed: int | None = None,
    ) -> None:
        self._questions = RepairQuestions(prompts, instruction, count_tokens, passage_of, seed)
        self._dispatcher = dispatcher
        self._by = RepairedBy(self._questions.prompt.id, dispatcher.model)
        self._count_tokens = count_tokens
        self._objection = objection

    def run(self, samples: Iterable[Sample]) -> Iterator[Repair]:
        """What came of each sample, as the answers arrive. A stop leaves the rest as it is; asked again, answers that
        stand in the journal cost nothing. Raises the LLMError of a host that is down or a key that is wrong.
        """
        askings: Askings[Repair] = Askings(self._dispatcher, STAGE)
        waiting, number, failed = iter(samples), 0, 0
        under_way: dict[int, Sample] = {}
        while True:
            while self._dispatcher.wants_more() and (sample := next(waiting, None)) is not None:
                number += 1
                under_way[number] = sample
                askings.start(number, self._ask(sample))
            ended = askings.next_outcome()
            if ended is None:
                return
            repair = self._judged(*ended, under_way.pop(ended[0]))
            failed = failed + 1 if repair.reason == CALL_FAILED else 0
            if failed >= MOST_FAILURES_IN_A_ROW and isinstance(ended[1], Rejection) and ended[1].error:
                raise ended[1].error
            yield repair

    def _ask(self, sample: Sample) -> Asking[Repair | Rejection]:
        answer = yield self._questions.request_for(sample)
        if answer.finish_reason == "length":
            raise TruncatedAnswerError("The answer was cut off.")
        if answer.finish_reason == "refused":
            raise ContentRefusedError("The model declined to answer.")
        return read_repair(sample, answer.text, self._by, self._count_tokens, self._objection, answer.call)

    def _judged(self, number: int, outcome: Repair | Rejection, sample: Sample) -> Repair:
        if isinstance(outcome, Rejection):
            outcome = Repair(sample, "malformed", reason=outcome.reason)
        verdict = {"repaired": "accepted", "unchanged": "unchanged"}.get(outcome.outcome, outcome.reason)
        self._dispatcher.judged(number, verdict)
        return outcome
