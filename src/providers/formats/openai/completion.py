"""openai-completion: {"prompt", "completion"}, two texts, for babbage-002 and davinci-002.

The texts are written as they are: separators and endings are the author's, and only advised. An empty prompt (for a
model that goes on without one) is read as an answer without a question, and written for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import check_known_keys, check_text, kind_of
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn

_KEYS = ("prompt", "completion")
_SEPARATORS = (" ->", "###\n\n", "===\n\n", "---\n\n", "=>\n\n", "->\n\n")
_ENDINGS = ("\n", ".", " END", " [END]", "***", "+++", "&&&", "$$$", "@@@", "%%%")


class OpenAICompletion(RowFormat):
    name = "openai-completion"
    title = "OpenAI prompt and completion"
    family = "openai-completion"
    abilities = Abilities(system="in_prompt", alternates=True, single_turn=True)
    source = (
        "openai/openai-openapi, FineTuneCompletionRequestInput (commit 498c71d, 2025-04-29), and openai 0.28.1 "
        "validators.py (fine_tunes.prepare_data), read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "prompt" in row and "completion" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"prompt": "...", "completion": "..."}.')
            return
        yield from check_known_keys(row, _KEYS)
        for key in _KEYS:
            if key not in row:
                yield problem(key, f"{key}_missing", f"'{key}' is missing; write it, in small letters.")
        prompt, completion = row.get("prompt", ""), row.get("completion", " ")
        if not isinstance(prompt, str):
            yield problem("prompt", "text_not_string", f"must be a string, not {kind_of(prompt)}.")
        elif prompt and not prompt.endswith(_SEPARATORS):
            text = "ends without a separator, which shows where the answer begins; end all prompts alike, as in ' ->'."
            yield problem("prompt", "no_separator", text, "note")
        if "completion" in row:
            yield from check_text(completion, "completion")
        if isinstance(completion, str) and completion.strip():
            yield from _advise(completion)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        prompt = (Turn("user", str(row["prompt"])),) if row["prompt"] else ()
        return TrainingExample((*prompt, Turn("assistant", str(row["completion"]))))

    def build(self, example: TrainingExample) -> dict[str, object]:
        prompt = "".join(turn.text for turn in example.turns if turn.role == "user")
        return {"prompt": prompt, "completion": example.turns[-1].text}


def _advise(completion: str) -> Iterator[Finding]:
    if not completion[0].isspace():
        text = "begins without a space; the old advice is to begin with one, as words in a running text do."
        yield problem("completion", "no_leading_space", text, "note")
    if not completion.endswith(_ENDINGS):
        text = "has no ending that says where to stop; end all completions alike, as in ' END'."
        yield problem("completion", "no_ending", text, "note")
