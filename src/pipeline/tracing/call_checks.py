"""The links from a sample to the LLM: the prompt, the model and the call in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.agents import create_agent, free_agent, llm_stage
from src.agents.asking.reply_parser import parse_object
from src.agents.free_agent import PROMPT_FILE, free_prompt
from src.agents.prompt_library import load_instructions, load_prompt
from src.dataset.curation.repairing import REPLY_SCHEMA
from src.errors import MalformedAnswerError, PromptError
from src.persistence.journal.journal_records import JournaledCall
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.run_plan import Workspace
from src.pipeline.tracing.steps import Step, shortened
from src.records import Message, Method, Origin

_SCHEMAS: Mapping[Method, Mapping[str, Any]] = {
    "created": create_agent.SCHEMA,
    "free": free_agent.SCHEMA,
    "identified": llm_stage.SCHEMA,
    "edited": REPLY_SCHEMA,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The journal's record of the call, None with the `problem` where it has none; `reply` is the answer's JSON."""

    call: JournaledCall | None
    reply: Mapping[str, Any] | None
    problem: str = ""

    @property
    def quote(self) -> str | None:
        """The quote that supports a created sample."""
        return str(self.reply["quote"]) if self.reply and "quote" in self.reply else None


def find_answer(origin: Origin, workspace: Workspace) -> Answer:
    """What the journal knows of the call a sample came from."""
    if not origin.call_id:
        return Answer(None, None, "the sample was stored without the key of its call")
    if not workspace.journal.is_file():
        return Answer(None, None, f"the journal {workspace.journal} is not here")
    with RunJournal(workspace.journal) as journal:
        call = journal.find(origin.call_id)
    if call is None or call.state != "answered":
        return Answer(None, None, f"{workspace.journal} has no answer under this key; it was pruned, or made elsewhere")
    try:
        return Answer(call, parse_object(call.text, _SCHEMAS[origin.method]))
    except (KeyError, MalformedAnswerError):
        return Answer(call, None)


def prompt_step(origin: Origin, instructions: str, workspace: Workspace) -> Step:
    """The prompt: whether the file in prompts/ (or what was typed) is the one that was sent."""
    if not origin.prompt_id:
        return Step("prompt", "none", "", "no LLM was asked for it")
    name = origin.prompt_id.rpartition("-")[0]
    try:
        now = free_prompt(instructions).id if instructions else _present_id(name, workspace.prompts)
    except PromptError as error:
        return Step("prompt", origin.prompt_id, "not possible", str(error))
    if now == origin.prompt_id:
        which = "what was typed for the run" if instructions else "the prompt in prompts/"
        return Step("prompt", origin.prompt_id, "verified", f"{which} is what was sent")
    return Step("prompt", origin.prompt_id, "differs", f"the prompt was changed since (now {now})")


def model_step(origin: Origin, answer: Answer) -> Step:
    """The model: whether the journal says that this one was asked."""
    if not origin.model:
        return Step("model", "none", "", "no LLM was asked for it")
    if answer.call is None:
        return Step("model", origin.model, "not possible", answer.problem)
    answered = answer.call.answer_model
    also = f", which answered as {answered}" if answered and answered != origin.model else ""
    if answer.call.model == origin.model:
        return Step("model", origin.model, "verified", f"the journal says it was asked at {answer.call.provider}{also}")
    return Step("model", origin.model, "differs", f"the journal says {answer.call.model} was asked{also}")


def call_step(origin: Origin, messages: tuple[Message, ...] | None, answer: Answer) -> Step:
    """The call: when, what it took, what became of it, and whether the sample's text stands in the answer."""
    if not (origin.call_id or origin.prompt_id):
        return Step("call", "none", "", "no LLM was asked for it")
    value = origin.call_id or "not known"
    if answer.call is None:
        return Step("call", value, "not possible", answer.problem)
    about = _account(answer.call)
    if origin.method == "identified":
        fits = answer.reply is not None
        remark = "its answer marks lines" if fits else "its answer marks no lines"
        return Step("call", value, "verified" if fits else "differs", f"{about}; {remark}")
    if messages is None:
        return Step("call", value, "not possible", f"{about}; the export does not give the messages")
    if _written(origin.method, answer.reply) == messages:
        return Step("call", value, "verified", f"{about}; the sample's text is that of its answer")
    return Step("call", value, "differs", f"{about}; its answer says otherwise: {shortened(answer.call.text)}")


def _present_id(name: str, prompts: Path) -> str:
    if name == "free":
        return free_prompt(load_instructions(prompts / PROMPT_FILE)).id
    if not name.replace("_", "").isalnum():  # the name comes from a file: it may not lead elsewhere
        raise PromptError(f"'{shortened(name)}' names no prompt file.")
    return load_prompt(prompts / "system" / f"{name}.txt").id


def _account(call: JournaledCall) -> str:
    tokens = "tokens not known"
    if call.input_tokens is not None and call.output_tokens is not None:
        tokens = f"{call.input_tokens:,} tokens in, {call.output_tokens:,} out"
    usd = "" if call.usd is None else f", {call.usd:.6f} USD"
    return f"{call.answered_at} UTC, run {call.run_id}, {tokens}{usd}, {call.verdict or 'not judged'}"


def _written(method: Method, reply: Mapping[str, Any] | None) -> tuple[Message, ...]:
    """The messages that an answer was made into."""
    if reply is None:
        return ()
    if method == "created":
        return Message("user", reply["question"].strip()), Message("assistant", reply["answer"].strip())
    if method == "edited":
        return tuple(Message(message["role"], message["content"]) for message in reply["messages"])
    return tuple(free_agent.messages_of(reply))
