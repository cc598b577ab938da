"""ChatML, for OpenAI's vocabularies: OpenAI publishes no template of what it trains on.

After chatml.md of openai-python 0.27 (read in public copies, 2026-11-21):
<|im_start|>role[ name=NAME]\\ntext<|im_end|>\\n. It says nothing of tools.
"""

from __future__ import annotations

from src.export.packing.tokens.templates.rendering import Rendering, refuse_tools, refuse_what_no_template_has
from src.export.packing.tokens.token_encoders import TokenEncoder
from src.providers.formats.training_example import TrainingExample, Turn


class ChatML:
    name = "chatml"

    def __init__(self, encoder: TokenEncoder) -> None:
        self._start, self._end = encoder.specials["<|im_start|>"], encoder.specials["<|im_end|>"]
        self._end_of_text = encoder.specials["<|endoftext|>"]
        header, newline = encoder.encode(["assistant\n", "\n"])
        self._answer, self._newline = (self._start, *header), tuple(newline)

    def render(self, example: TrainingExample) -> Rendering:
        """The conversation, each turn with its newline; of raw text, the text and <|endoftext|>."""
        refuse_what_no_template_has(example)
        refuse_tools(example, "ChatML")
        rendering = Rendering()
        if example.text is not None:
            rendering.add_answer(None, example.text, (self._end_of_text,))
        for turn in example.turns:
            self._add(rendering, turn)
        return rendering

    def _add(self, rendering: Rendering, turn: Turn) -> None:
        if turn.role == "assistant" and not turn.name:
            rendering.add(self._answer)
            rendering.add_answer(turn, turn.text, (self._end,))
        else:
            rendering.add((self._start,))
            header = f"{turn.role} name={turn.name}\n" if turn.name else f"{turn.role}\n"
            if turn.role == "assistant":
                rendering.add(header)
                rendering.add_answer(turn, turn.text, (self._end,))
            else:
                rendering.add(header + turn.text)
                rendering.add((self._end,))
        rendering.add(self._newline)
