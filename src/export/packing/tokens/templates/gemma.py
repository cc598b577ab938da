"""Gemma 3's chat template as tokens.

After chat_template in tokenizer_config.json of google/gemma-3-4b-it (in public copies, read 2026-11-21): the system's
text opens the first user turn, the assistant is "model", texts are trimmed, and it says nothing of tools. Gemini's own
template is not published.
"""

from __future__ import annotations

from src.errors import FormatError
from src.export.packing.tokens.templates.rendering import Rendering, refuse_tools, refuse_what_no_template_has
from src.export.packing.tokens.token_encoders import TokenEncoder
from src.providers.formats.training_example import TrainingExample


class Gemma:
    name = "gemma-3"

    def __init__(self, encoder: TokenEncoder) -> None:
        ids = encoder.specials
        self._begin, self._end_of_text = (ids["<bos>"],), (ids["<eos>"],)
        header, newline = encoder.encode(["model\n", "\n"])
        self._start, self._end, self._newline = (ids["<start_of_turn>"],), (ids["<end_of_turn>"],), tuple(newline)
        self._answer = (*self._start, *header)

    def render(self, example: TrainingExample) -> Rendering:
        """The conversation; of raw text, the text and <eos>."""
        refuse_what_no_template_has(example)
        refuse_tools(example, "Gemma's template")
        rendering = Rendering()
        rendering.add(self._begin)
        if example.text is not None:
            rendering.add_answer(None, example.text, self._end_of_text)
            return rendering
        turns, opening = example.turns, ""
        if turns[0].role == "system":
            turns, opening = turns[1:], turns[0].text + "\n\n"
        for place, turn in enumerate(turns):
            if turn.role != ("assistant" if place % 2 else "user"):
                raise FormatError("turns that are not user and assistant by turns, which the template refuses")
            text = turn.text.strip()
            if turn.role == "assistant":
                rendering.add(self._answer)
                rendering.add_answer(turn, text, self._end)
            else:
                rendering.add(self._start)
                rendering.add(f"user\n{opening if place == 0 else ''}{text}")
                rendering.add(self._end)
            rendering.add(self._newline)
        return rendering
