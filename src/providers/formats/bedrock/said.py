"""Rules for texts in a Bedrock conversation: the words that Amazon Nova's training keeps for itself."""

from __future__ import annotations

from collections.abc import Iterator

from src.providers.formats.chat.texts import check_text
from src.providers.formats.findings import Finding, problem

# The list of AWS's scripts and of amzn-nova-forge 1.4.10, which holds the words of the page: a job whose texts hold one
# of them fails. All read 2026-11-21.
RESERVED = (
    *("System:", "SYSTEM:", "User:", "USER:", "Bot:", "BOT:", "Assistant:", "ASSISTANT:", "Thought:"),
    *("[EOS]", "<image>", "<video>", "<unk>"),
)
_IN_ANY_CASE = tuple(dict.fromkeys(word.lower() for word in RESERVED))


def check_said(text: object, path: str) -> Iterator[Finding]:
    """Objections to a text that must not be empty."""
    yield from check_text(text, path)
    if isinstance(text, str):
        yield from check_reserved(text, path)


def check_reserved(text: str, path: str) -> Iterator[Finding]:
    """Objections to the words in a text that are reserved."""
    if is_free_text(text):
        return
    found = [word for word in RESERVED if word in text]
    for word in found:
        message = f"holds {word!r}, at which a training job of Amazon Nova fails; use another word."
        yield problem(path, "reserved_text", message)
    if not found:
        message = "holds a word like 'user:', which one of AWS's scripts refuses in any case; use another word."
        yield problem(path, "reserved_text_in_any_case", message, "warning")


def is_free_text(text: str) -> bool:
    """Whether a text holds no reserved word, however it is written."""
    lower = text.lower()
    return not any(word in lower for word in _IN_ANY_CASE)
