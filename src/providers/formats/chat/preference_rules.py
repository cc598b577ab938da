"""Rules for the two answers of a preference."""

from __future__ import annotations

from collections.abc import Iterator

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.texts import kind_of
from src.providers.formats.findings import Finding, problem


def check_one_answer(output: object, rules: MessageRules, path: str) -> Iterator[Finding]:
    """Objections to one of the answers: a list of exactly one assistant message."""
    if not isinstance(output, list) or len(output) != 1:
        found = f"{len(output)} messages" if isinstance(output, list) else kind_of(output)
        text = f"must be a list of exactly one assistant message, not {found}."
        yield problem(path, "one_answer_wanted", text)
    if isinstance(output, list) and output:
        yield from check_messages(output, rules, path)


def check_answers_differ(preferred: object, rejected: object, path: str) -> Iterator[Finding]:
    """A warning at `path` where the two answers are the same."""
    if preferred and preferred == rejected:
        text = "both answers are the same, so nothing is preferred; remove the example."
        yield problem(path, "answers_equal", text, "warning")
