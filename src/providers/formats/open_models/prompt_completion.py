"""prompt-completion: {"prompt": "...", "completion": "..."}: one question and its answer, as texts.

Together's instruction format and TRL's plain one, which join the two as they are. The normal form has its keys in this
order; a system text stands at the head of the prompt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import check_known_keys, check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn

_KEYS = ("prompt", "completion")


class PromptCompletion(RowFormat):
    name = "prompt-completion"
    title = "prompt and completion"
    family = "prompt-completion"
    abilities = Abilities(system="in_prompt", alternates=True, single_turn=True)
    source = (
        'docs.together.ai, "Data preparation", together 2.14.0 check_file, and huggingface/trl 1.16.0, '
        "docs/source/dataset_formats.md, read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "prompt" in row and "completion" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"prompt": "...", "completion": "..."}.')
            return
        yield from check_known_keys(row, _KEYS)
        for key in _KEYS:
            if key in row:
                yield from check_text(row[key], key)
            else:
                yield problem(key, "key_missing", f"'{key}' is missing; a row has a prompt and a completion.")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        return TrainingExample((Turn("user", str(row["prompt"])), Turn("assistant", str(row["completion"]))))

    def build(self, example: TrainingExample) -> dict[str, object]:
        question, answer = example.turns
        return {"prompt": question.text, "completion": answer.text}
