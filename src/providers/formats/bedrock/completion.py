"""bedrock-completion: {"prompt", "completion"}, for Llama 3.1, Titan and Cohere on Bedrock: one question, one answer.

The keys stand in this order. A system text stands at the head of the prompt. Claude has no such form: the pages for it
("Prepare data for fine-tuning your models", read 2026-11-21) show one turn and several turns as messages alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import check_known_keys, check_text
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn

_KEYS = ("prompt", "completion")


class BedrockCompletion(RowFormat):
    name = "bedrock-completion"
    title = "Bedrock prompt and completion"
    family = "bedrock-completion"
    abilities = Abilities(system="in_prompt", alternates=True, single_turn=True)
    source = (
        'AWS, "Prepare data for fine-tuning text-to-text models", and the schema of meta-llama/dataset_validation in '
        "aws-samples/amazon-bedrock-samples (85fba9d), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "prompt" in row and "messages" not in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"prompt": "...", "completion": "..."}.')
            return
        if row.keys() != set(_KEYS):
            yield from check_known_keys(row, _KEYS)
        for key in _KEYS:
            if key in row:
                yield from check_text(row[key], key)
            else:
                yield problem(key, f"{key}_missing", f"'{key}' is missing; write the {key}'s text there.")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        return TrainingExample((Turn("user", str(row["prompt"])), Turn("assistant", str(row["completion"]))))

    def build(self, example: TrainingExample) -> dict[str, object]:
        question, answer = example.turns
        return {"prompt": question.text, "completion": answer.text}
