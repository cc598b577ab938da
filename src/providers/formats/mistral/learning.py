"""Where Mistral's readers want the tool calls of a row, and which of its answers mistral-finetune learns.

It learns every answer, or the last alone where the row has tools: tokenize_instruct in finetune/data/tokenize.py
(mistralai/mistral-finetune commit 1943535), read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator

from src.providers.formats.findings import Finding, problem


def check_learning(messages: object, last_alone: bool, path: str) -> Iterator[Finding]:
    """Notes and warnings on what of a list of messages is learnt."""
    if not isinstance(messages, list) or not messages or not isinstance(messages[-1], dict):
        return
    answers = sum(isinstance(message, dict) and message.get("role") == "assistant" for message in messages)
    place, calls = f"{path}[{len(messages) - 1}]", messages[-1].get("tool_calls")
    if last_alone and answers > 1:
        text = (
            f"only the last of {answers} answers is learnt where a row has tools; give each its own row to learn all."
        )
        yield problem(place, "last_answer_alone_learnt", text, "note")
        if messages[-1].get("weight") == 0:
            text = "the one answer that would be learnt has the weight 0, so nothing is; remove the weight."
            yield problem(f"{place}.weight", "nothing_learnt", text, "warning")
    if isinstance(calls, list) and len(calls) > 1:
        text = "several calls in the last message are refused by older readers (mistral-common 1.4.4); divide them."
        yield problem(f"{place}.tool_calls", "several_last_calls", text, "warning")


def check_first_call(messages: object, path: str) -> Iterator[Finding]:
    """A conversation that begins with a call: mistral-common does not count it, and finds its answer one too many."""
    spoken = [
        (index, message)
        for index, message in enumerate(messages if isinstance(messages, list) else ())
        if isinstance(message, dict) and message.get("role") != "system"
    ]
    if len(spoken) > 1 and spoken[0][1].get("tool_calls"):
        text = "the first message is a tool call; start with the user's message."
        yield problem(f"{path}[{spoken[0][0]}].tool_calls", "call_without_question", text)
