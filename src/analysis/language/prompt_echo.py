"""Text of the prompt that slipped into a sample, marks of chat templates, and blanks nobody filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

# Of words in a row; GPT-3's and later filters use 8 to 13. Eight common words in a row are rarely the same by chance.
RUN_OF_WORDS = 8
_WORD = re.compile(r"\w+")
_MARKS = re.compile(
    r"<\|(?:im_start|im_end|endoftext|system|user|assistant|eot_id|start_header_id|end_header_id|begin_of_text)\|>"
    r"|\[/?INST\]|<<\/?SYS>>|<(?:start|end)_of_turn>|<\|end\|>"
    r"|^\s{0,3}#{2,3} (?:Instruction|Response|Input|Human|Assistant):?\s*$",
    re.MULTILINE,
)
_BLANKS = re.compile(
    r"\{\{\s?\w{1,40}\s?\}\}|\[(?:your|insert|company|customer|client|recipient|product)(?: \w{1,20}){0,3}\]"
    r"|<(?:your|insert)[ _]\w{1,30}>|\bLorem ipsum\b|\bINSERT [A-Z]{3,} HERE\b",
    re.IGNORECASE,
)

_BLANK_WORDS = ("{{", "[your", "[insert", "[company", "[customer", "[client", "[recipient", "[product", "<your",
"<insert", "lorem", "insert ")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leftover:
    """Characters [start, end) that belong to the making of a sample, not into it."""

    kind: Literal["prompt", "template mark", "blank"]
    start: int
    end: int


class PromptEcho:
    """Finds runs of eight words of the given prompts."""

    def __init__(self, prompts: Iterable[str] = ()) -> None:
        self._runs: set[tuple[str, ...]] = set()
        for prompt in prompts:
            words = [word.casefold() for word in _WORD.findall(prompt)]
            self._runs.update(tuple(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1))
        self._starts = {run[0] for run in self._runs}

    def find(self, text: str) -> Leftover | None:
        """The first leftover of each text: a mark or a blank before a run of words."""
        if "<" in text or "[" in text or "#" in text:
            match = _MARKS.search(text)
            if match is not None:
                return Leftover("template mark", match.start(), match.end())
        lower = text.lower()
        match = _BLANKS.search(text) if any(map(lower.__contains__, _BLANK_WORDS)) else None
        if match is not None:
            return Leftover("blank", match.start(), match.end())
        return self._echo(text) if self._runs else None

    def _echo(self, text: str) -> Leftover | None:
        words = [word.casefold() for word in _WORD.findall(text)]
        if self._starts.isdisjoint(words):
            return None
        for at in range(len(words) - RUN_OF_WORDS + 1):
            if words[at] in self._starts and tuple(words[at : at + RUN_OF_WORDS]) in self._runs:
                places = list(_WORD.finditer(text))
                return Leftover("prompt", places[at].start(), places[at + RUN_OF_WORDS - 1].end())
        return None
