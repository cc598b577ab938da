"""What a good model says to the product's prompts. The answer is determined by the prompt alone."""

from __future__ import annotations

import json
import re

from tests.providers.clients.wires import Asked

_FOCUS = re.compile(r"^Ask about: (.+)$", re.MULTILINE)
_PASSAGE = re.compile(r"<<<PASSAGE (\w+)\n(.*?)\nPASSAGE \1>>>", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")
WORDS_ASKED_FOR = 9
SHARE_KEPT_OF_CUT = 0.6


def focus_of(asked: Asked) -> str:
    """The sentence the prompt points to, or the first one of the passage."""
    texts = [message["content"] for message in asked.messages if message["role"] == "user"]
    for text in reversed(texts):
        found = _FOCUS.findall(_PASSAGE.sub("", text))
        if found:
            return str(found[-1])
    passage = next((match[2] for text in texts for match in _PASSAGE.finditer(text)), texts[-1] if texts else "")
    return _SENTENCE_END.split(passage.strip(), maxsplit=1)[0] or "The stub has nothing to say."


def answer_to(asked: Asked, focus: str) -> str:
    """The exchange about the focus as JSON; the focus itself where no schema asks for JSON."""
    if asked.schema is None:
        return focus
    return json.dumps({"quote": focus, "question": question_about(focus), "answer": focus}, ensure_ascii=False)


def question_about(sentence: str) -> str:
    return f"What is true of {' '.join(_WORD.findall(sentence)[:WORDS_ASKED_FOR])}?"


def cut(text: str) -> str:
    """The text as a connection that broke would leave it."""
    return text[: max(1, int(len(text) * SHARE_KEPT_OF_CUT))]
