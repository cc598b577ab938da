"""Mistral's framing by tokenizer version, as mistral_common 1.13.1 encodes a fine-tuning example.

Written after mistral_common/protocol/instruct/normalize.py and tokens/tokenizers/instruct.py (read 2026-11-21); a test
holds it against encode_chat_completion. Control marks ([INST], <s>, ...) are one token each; what stands between two
of them is counted as one text.

    v1  the marks are plain text; the system text opens the first user turn
    v2  marks; the system text and the tools stand at the last user turn; calls before it are left out
    v3  as v2, with all calls, and their ids
    v7  system turns of their own; a tool's answer is not JSON
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Literal

from src.providers.formats.training_example import MediaPart, Part, TextPart, Tool, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import Framed, PictureRule, as_json, unknown_size

Version = Literal[1, 2, 3, 7]
_BEGIN, _END = 1, 1
_BETWEEN = "\n\n"
_ROLE_AND_WEIGHT = attrgetter("role", "weight")


@dataclass(frozen=True, slots=True)
class MistralFrame:
    """Calling it frames an example; of a preference, the conversation and both answers one after the other.

    What mistral_common refuses for the version (tools in v1, a text beside calls before v7, pictures where there is
    no rule for them) is counted as near as it comes and makes it an estimate.
    """

    version: Version
    pictures: PictureRule = unknown_size

    def __call__(self, example: TrainingExample) -> Framed:
        if example.text is not None:
            return Framed([example.text], tokens=_BEGIN + _END)
        return _Encoding(self.version, self.pictures, example).run()


class _Encoding:
    """The state of framing one example."""

    def __init__(self, version: Version, pictures: PictureRule, example: TrainingExample) -> None:
        self.version = version
        self.pictures = pictures
        self.tools = example.tools
        self.system = system_text(example.all_turns) if version < 7 else ""
        self.turns = list(joined_turns(example.all_turns, keep_system=version >= 7))
        if not self.turns or (version < 7 and self.turns[0].role != "user"):
            self.turns.insert(0, Turn("user", ""))
        users = [place for place, turn in enumerate(self.turns) if turn.role == "user"]
        self.first_user, self.last_user = (users[0], users[-1]) if users else (-1, -1)
        self.framed = Framed(tokens=_BEGIN)

    def run(self) -> Framed:
        for place, turn in enumerate(self.turns):
            if turn.role == "user":
                self._add_user(turn, place)
            elif turn.role == "assistant":
                self._add_assistant(turn, place)
            elif turn.role == "tool":
                self._add_tool_answer(turn, place)
            else:
                self._add_between_marks(turn.text)
        if self.tools and (self.version == 1 or self.last_user < 0):
            self.framed.at_most("estimated")
        return self.framed

    def _add_user(self, turn: Turn, place: int) -> None:
        if self.version == 1:
            opening = self.system + _BETWEEN if self.system and place == self.first_user else ""
            self.framed.texts.append(f"[INST] {opening}{turn.text} [/INST]")
            self.framed.add_pictures(turn, unknown_size)
            return
        if place == self.last_user and self.tools:
            self._add_between_marks(json.dumps(list(map(tool_as_object, self.tools)), ensure_ascii=False))
        self.framed.tokens += 2
        opening = self.system + _BETWEEN if self.system and place == self.last_user else ""
        if isinstance(turn.content, tuple):
            self._add_parts(opening, turn.content)
        else:
            self.framed.texts.append(opening + (turn.content or ""))

    def _add_parts(self, opening: str, parts: tuple[Part, ...]) -> None:
        """A turn with pictures: what stands before, between and after them is counted apart."""
        self.framed.texts.append(opening)
        for part in parts:
            if isinstance(part, TextPart):
                self.framed.texts.append(part.text)
        self.framed.add_pictures(Turn("user", parts), self.pictures)

    def _add_assistant(self, turn: Turn, place: int) -> None:
        self.framed.add_pictures(turn, unknown_size)
        text = turn.text
        if turn.tool_calls and (self.version == 1 or (text and self.version < 7)):
            self.framed.at_most("estimated")
        if turn.tool_calls and self.version == 2 and place < self.last_user:
            return
        if not text and not turn.tool_calls:
            self.framed.at_most("estimated")
        if text:
            self.framed.texts.append(text if self.version == 1 else text.rstrip(" "))
        if turn.tool_calls:
            calls = [self._as_call(call.name, call.arguments, call.id) for call in turn.tool_calls]
            self.framed.texts.append(json.dumps(calls, ensure_ascii=False))
            self.framed.tokens += 1
        self.framed.tokens += _END

    def _as_call(self, name: str, arguments: str, call_id: str) -> dict[str, object]:
        call = {"name": name, "arguments": as_json(arguments or "{}")}
        return {**call, "id": call_id} if self.version > 2 and call_id and call_id != "null" else call

    def _add_tool_answer(self, turn: Turn, place: int) -> None:
        if self.version == 2 and place < self.last_user:
            return
        if self.version >= 7:
            self.framed.texts.append(turn.tool_call_id)
            self.framed.tokens += 1
            self._add_between_marks(turn.text)
            return
        content = as_json(turn.text or "{}")
        if self.version == 3:
            self._add_between_marks(json.dumps({"content": content, "call_id": turn.tool_call_id}, ensure_ascii=False))
            return
        answer = {"name": turn.name or None, "content": content}
        self._add_between_marks(json.dumps([answer], ensure_ascii=False))
        if self.version == 1 or (place and self.turns[place - 1].role == "tool"):
            self.framed.at_most("estimated")  # v2 knows one answer for each turn

    def _add_between_marks(self, text: str) -> None:
        self.framed.tokens += 2
        self.framed.texts.append(text)


def system_text(turns: tuple[Turn, ...]) -> str:
    """The texts of all system turns, which before v7 stand in a user's turn."""
    texts = (_one_text(turn) for turn in turns if turn.role in ("system", "developer"))
    return _BETWEEN.join(filter(None, texts))


def joined_turns(turns: tuple[Turn, ...], keep_system: bool) -> Iterator[Turn]:
    """Neighbouring user turns made one, and neighbouring answers of one weight; the others as they are."""
    for (role, _), group in groupby(turns, key=_ROLE_AND_WEIGHT):
        same = list(group)
        if role in ("system", "developer"):
            yield from (Turn("system", _one_text(turn)) for turn in same if keep_system)
        elif role == "tool":
            yield from (replace(turn, content=_one_text(turn)) for turn in same)
        elif len(same) == 1 and isinstance(same[0].content, str):
            yield same[0]
        else:
            yield _as_one(same)


def _as_one(same: list[Turn]) -> Turn:
    calls = tuple(call for turn in same for call in turn.tool_calls)
    parts: list[Part] = []
    for turn in same:
        for part in turn.content if isinstance(turn.content, tuple) else (TextPart(turn.content or ""),):
            if isinstance(part, MediaPart):
                parts.append(part)
            elif part.text and parts and isinstance(parts[-1], TextPart):
                parts[-1] = TextPart(parts[-1].text + _BETWEEN + part.text)
            elif part.text:
                parts.append(part)
    only_text = all(isinstance(part, TextPart) for part in parts)
    content = "".join(part.text for part in parts if isinstance(part, TextPart)) if only_text else tuple(parts)
    return replace(same[0], content=content, tool_calls=calls)


def _one_text(turn: Turn) -> str:
    if isinstance(turn.content, tuple):
        return _BETWEEN.join(part.text for part in turn.content if isinstance(part, TextPart) and part.text)
    return turn.content or ""


def tool_as_object(tool: Tool) -> dict[str, object]:
    """A tool as mistral_common writes it."""
    function = {"name": tool.name, "description": tool.description or "", "parameters": tool.parameters or {}}
    return {"type": "function", "function": function}
