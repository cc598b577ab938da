"""Llama 3.1's chat template as tokens; its words are those of src/providers/formats/open_models/llama_template.py."""

from __future__ import annotations

from collections.abc import Sequence

from src.errors import FormatError
from src.export.packing.tokens.templates.rendering import Rendering, refuse_what_no_template_has
from src.export.packing.tokens.token_encoders import TokenEncoder
from src.providers.formats.fitting.arguments import canonical_arguments
from src.providers.formats.open_models.llama_template import DAY, blocks
from src.providers.formats.training_example import TrainingExample, Turn

_ROLES = ("system", "user", "assistant", "ipython")


class Llama:
    name = "llama-3.1"

    def __init__(self, encoder: TokenEncoder) -> None:
        ids = encoder.specials
        self._begin, self._end_of_text = (ids["<|begin_of_text|>"],), (ids["<|end_of_text|>"],)
        self._end = (ids["<|eot_id|>"],)
        *roles, newlines = encoder.encode([*_ROLES, "\n\n"])
        # Texts are trimmed, so that the newlines of a header never join what follows them.
        self._headers = {
            role: (ids["<|start_header_id|>"], *tokens, ids["<|end_header_id|>"], *newlines)
            for role, tokens in zip(_ROLES, roles, strict=True)
        }

    def render(self, example: TrainingExample) -> Rendering:
        """The conversation with its system block, which is always there; of raw text, <|end_of_text|> behind it."""
        refuse_what_no_template_has(example)
        rendering = Rendering()
        rendering.add(self._begin)
        if example.text is not None:
            rendering.add_answer(None, example.text, self._end_of_text)
            return rendering
        turns = example.turns[1:] if example.turns and example.turns[0].role == "system" else example.turns
        _refuse_what_the_template_refuses(example, turns)
        day = example.extras.get("date_string", DAY) if example.extras_of == "llama-text" else DAY
        system, *others = blocks(example.turns, example.tools, str(day))
        self._add(rendering, *system, None)
        for (role, content), turn in zip(others, turns, strict=True):
            self._add(rendering, role, content, turn)
        return rendering

    def _add(self, rendering: Rendering, role: str, content: str, turn: Turn | None) -> None:
        rendering.add(self._headers[role])
        if role == "assistant":
            rendering.add_answer(turn, content, self._end)
        else:
            rendering.add(content)
            rendering.add(self._end)


def _refuse_what_the_template_refuses(example: TrainingExample, turns: Sequence[Turn]) -> None:
    if example.tools and (not turns or turns[0].role != "user"):
        raise FormatError("tools without a user's turn first, where the template puts them")
    for turn in turns:
        if turn.role == "developer":
            raise FormatError(
                "a developer's turn, which the template does not have; convert it to a Llama format first"
            )
        if len(turn.tool_calls) > 1:
            raise FormatError("several tool calls in a turn, which the template refuses")
        if turn.tool_calls and turn.text:
            raise FormatError("a text beside a tool call, which the template would leave out")
        if turn.tool_calls and canonical_arguments(turn.tool_calls[0].arguments) is None:
            raise FormatError("a tool call whose arguments are no JSON object")
