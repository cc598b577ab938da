"""Mistral's framing as tokens, by tokenizer version, as mistral_common 1.13.1 encodes a fine-tuning example.

The twin of src/providers/tokenizers/frames/mistral_frame.py, which counts; a test holds the ids against
encode_chat_completion. What mistral_common refuses for a version is refused. In v1 the marks are plain text, so that a
user's own "[INST]" cannot be told from them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from src.errors import FormatError
from src.export.packing.tokens.templates.rendering import Rendering, refuse_tools, refuse_what_no_template_has
from src.export.packing.tokens.token_encoders import TokenEncoder
from src.providers.formats.training_example import ToolCall, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import as_json
from src.providers.tokenizers.frames.mistral_frame import joined_turns, system_text, tool_as_object

_VERSIONS = {"mistral-v1": 1, "mistral-v2": 2, "mistral-v3": 3, "mistral-v7": 7, "mistral-tekken": 3}


class Mistral:
    def __init__(self, encoder: TokenEncoder) -> None:
        self.name = encoder.name
        self._version = _VERSIONS[encoder.name]
        self._marks = {name: (number,) for name, number in encoder.specials.items()}

    def render(self, example: TrainingExample) -> Rendering:
        """The conversation; of raw text, the text and </s>."""
        refuse_what_no_template_has(example)
        rendering = Rendering()
        rendering.add(self._marks["<s>"])
        if example.text is not None:
            rendering.add_answer(None, example.text, self._marks["</s>"])
            return rendering
        turns = list(joined_turns(example.turns, keep_system=self._version >= 7))
        if self._version < 7 and turns[0].role != "user":
            turns.insert(0, Turn("user", ""))
        self._refuse_what_mistral_refuses(example, turns)
        self._add_turns(rendering, example, turns)
        return rendering

    def _add_turns(self, rendering: Rendering, example: TrainingExample, turns: Sequence[Turn]) -> None:
        users = [place for place, turn in enumerate(turns) if turn.role == "user"]
        system = system_text(example.turns) if self._version < 7 else ""
        opened = users[0] if self._version == 1 else users[-1]
        for place, turn in enumerate(turns):
            # v2 leaves out the calls of earlier questions and their answers.
            past_call = self._version == 2 and place < users[-1] and (turn.tool_calls or turn.role == "tool")
            if turn.role == "user":
                if example.tools and place == users[-1]:
                    tools = json.dumps(list(map(tool_as_object, example.tools)), ensure_ascii=False)
                    self._add_between(rendering, "[AVAILABLE_TOOLS]", tools, "[/AVAILABLE_TOOLS]")
                self._add_user(rendering, f"{system}\n\n{turn.text}" if system and place == opened else turn.text)
            elif turn.role == "system":
                self._add_between(rendering, "[SYSTEM_PROMPT]", turn.text, "[/SYSTEM_PROMPT]")
            elif turn.role == "assistant" and not past_call:
                self._add_assistant(rendering, turn)
            elif turn.role == "tool" and not past_call:
                self._add_tool_answer(rendering, turn)

    def _add_user(self, rendering: Rendering, text: str) -> None:
        if self._version == 1:
            rendering.add(f"[INST] {text} [/INST]")
        else:
            self._add_between(rendering, "[INST]", text, "[/INST]")

    def _add_assistant(self, rendering: Rendering, turn: Turn) -> None:
        text = turn.text if self._version == 1 else turn.text.rstrip(" ")
        if not turn.tool_calls:
            rendering.add_answer(turn, text, self._marks["</s>"])
            return
        calls = json.dumps([self._as_object(call) for call in turn.tool_calls], ensure_ascii=False)
        rendering.add_answer(turn, text, self._marks["[TOOL_CALLS]"], calls, self._marks["</s>"])

    def _as_object(self, call: ToolCall) -> dict[str, object]:
        written = {"name": call.name, "arguments": as_json(call.arguments or "{}")}
        return {**written, "id": call.id} if self._version > 2 and call.id and call.id != "null" else written

    def _add_tool_answer(self, rendering: Rendering, turn: Turn) -> None:
        if self._version >= 7:
            rendering.add(self._marks["[TOOL_RESULTS]"])
            rendering.add(turn.tool_call_id)
            self._add_between(rendering, "[TOOL_CONTENT]", turn.text, "[/TOOL_RESULTS]")
            return
        content = as_json(turn.text or "{}")
        answer: object = {"content": content, "call_id": turn.tool_call_id}
        if self._version == 2:
            answer = [{"name": turn.name or None, "content": content}]
        self._add_between(rendering, "[TOOL_RESULTS]", json.dumps(answer, ensure_ascii=False), "[/TOOL_RESULTS]")

    def _add_between(self, rendering: Rendering, mark: str, text: str, end: str) -> None:
        rendering.add(self._marks[mark])
        rendering.add(text)
        rendering.add(self._marks[end])

    def _refuse_what_mistral_refuses(self, example: TrainingExample, turns: Sequence[Turn]) -> None:
        if self._version == 1:
            refuse_tools(example, "Mistral's v1")
        if not any(turn.role == "user" for turn in turns):
            raise FormatError("no user's turn")
        for before, turn in zip((None, *turns[:-1]), turns, strict=True):
            if turn.role == "assistant" and not turn.text and not turn.tool_calls:
                raise FormatError("an empty answer, which Mistral refuses")
            if turn.tool_calls and turn.text and self._version < 7:
                raise FormatError("a text beside tool calls, which Mistral refuses before v7")
            if self._version == 2 and turn.role == "tool" and before is not None and before.role == "tool":
                raise FormatError("several tool answers in a row, of which Mistral's v2 knows one")
