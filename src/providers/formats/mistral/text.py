"""mistral-text: {"text"} or {"content"}, raw text to go on training with. The normal form is {"text"}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample

_KEYS = ("text", "content")


class MistralText(RowFormat):
    name = "mistral-text"
    title = "Mistral raw text"
    family = "mistral-text"
    abilities = Abilities(kinds=("text",))
    source = (
        "mistralai/mistral-finetune, get_pretrain_sample in finetune/data/tokenize.py (commit 1943535), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return any(key in row for key in _KEYS) and "messages" not in row and "interactions" not in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"text": "..."}.')
            return
        given = [key for key in _KEYS if key in row]
        if len(given) == 2:
            yield problem("content", "text_twice", "holds both 'text' and 'content'; keep one of them.")
        elif given:
            yield from check_text(row[given[0]], given[0])
        else:
            yield problem("text", "text_missing", "holds no 'text'; write the text into it.")
        for key in row:
            if key not in _KEYS:
                yield problem(key, "unknown_key", f"'{key}' is not read by Mistral; remove it.", "warning")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        return TrainingExample(text=str(row.get("text", row.get("content"))))

    def build(self, example: TrainingExample) -> dict[str, object]:
        return {"text": example.text}
