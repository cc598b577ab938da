"""trl-prompt-completion: {"prompt": [messages], "completion": [messages], "tools"?}: TRL learns the completion alone.

The completion is the last answer, with the calls and answers of tools that lead to it where they are to be learnt too.
Answers within the prompt are read with the weight 0. The normal form has its keys in the order above.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from src.providers.formats.chat.rows import read_tools, read_turns
from src.providers.formats.chat.texts import check_known_keys
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.open_models.trl import (
    SOURCE,
    build_row_tools,
    build_trl_messages,
    check_answer,
    check_prompt,
    check_row_tools,
)
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample, Turn


class TRLPromptCompletion(RowFormat):
    name = "trl-prompt-completion"
    title = "prompt and completion in messages (TRL)"
    family = "trl-prompt-completion"
    abilities = Abilities(
        system="first",
        alternates=True,
        parts=True,
        weights_on=("assistant",),
        tools=True,
        canonical_arguments=True,
        parallel_flag=False,
    )
    source = SOURCE

    def recognises(self, row: Mapping[str, object]) -> bool:
        lists = any(isinstance(row.get(key), list) for key in ("prompt", "completion"))
        return "prompt" in row and "completion" in row and lists

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"prompt": [...], "completion": [...]}.')
            return
        yield from check_known_keys(row, ("prompt", "completion", "tools"))
        yield from check_prompt(row.get("prompt"), "prompt")
        yield from check_answer(row.get("completion"), "completion")
        yield from check_row_tools(row)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        prompt = (replace(turn, weight=0) if turn.role == "assistant" else turn for turn in read_turns(row["prompt"]))
        return TrainingExample((*prompt, *read_turns(row["completion"])), tools=read_tools(row.get("tools")))

    def build(self, example: TrainingExample) -> dict[str, object]:
        start = _start_of_answer(example.turns) or 0
        turns = [replace(turn, weight=None) for turn in example.turns]
        return {
            "prompt": build_trl_messages(turns[:start]),
            "completion": build_trl_messages(turns[start:]),
            **build_row_tools(example.tools),
        }

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        return fitted if fitted.example is None else _fit_weights(fitted.example, fitted.choices)


def _fit_weights(example: TrainingExample, choices: tuple[Finding, ...]) -> Fitted:
    """The example with the weights it is read back with: 0 before the completion and none in it."""
    start = _start_of_answer(example.turns)
    if start is None:
        return left_out("", "nothing_learnt", "the last answer has the weight 0, and no other could be learnt", choices)
    more: list[Finding] = []
    if any(turn.role == "assistant" and turn.weight != 0 for turn in example.turns[:start]):
        text = "the format has the last answer learnt alone: those before it become part of the prompt."
        more.append(problem("", "earlier_answers_not_learnt", text, "warning"))
    if any(turn.weight == 0 for turn in example.turns[start:]):
        text = "a message with the weight 0 stands within the completion, which is learnt whole."
        more.append(problem("", "weight_dropped", text, "warning"))
    turns = tuple(_weighed(turn, index < start) for index, turn in enumerate(example.turns))
    return Fitted(replace(example, turns=turns), (*choices, *more))


def _weighed(turn: Turn, in_prompt: bool) -> Turn:
    return replace(turn, weight=0 if in_prompt and turn.role == "assistant" else None)


def _start_of_answer(turns: Sequence[Turn]) -> int | None:
    """Where the completion begins: the first answer after the last question that is to be learnt."""
    question = max((index for index, turn in enumerate(turns) if turn.role == "user"), default=-1)
    learnt = (
        index
        for index in range(question + 1, len(turns))
        if turns[index].role == "assistant" and turns[index].weight != 0
    )
    return next(learnt, None)
