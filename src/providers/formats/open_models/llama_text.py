"""llama-text: {"text": "..."}: a conversation rendered with the Llama 3.1 chat template, or raw text.

A text that begins with the template's first tokens is read as a conversation, any other as raw text to go on training
with. The rendered text begins with <|begin_of_text|>, as the template writes it: have the trainer add none of its own.
The normal form has the template's own day in its header; another day is kept as the extra "date_string".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from src.providers.formats.chat.message_rules import MessageRules, check_messages
from src.providers.formats.chat.rows import build_messages
from src.providers.formats.chat.texts import check_known_keys, check_text, shown
from src.providers.formats.chat.tool_rules import ToolRules
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted, left_out
from src.providers.formats.open_models.llama_template import (
    BEGIN,
    DAY,
    END,
    EOM,
    EOT,
    START,
    Rendered,
    looks_rendered,
    parse,
    render,
)
from src.providers.formats.open_models.trl import with_ids
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import ToolCall, TrainingExample

_DAY_KEY = "date_string"
_FRAME = (BEGIN, "<|end_of_text|>", START, END, EOT, EOM)
_RESERVED = (*_FRAME, "<|python_tag|>", "<|finetune_right_pad_id|>", "<|reserved_special_token_")
_RULES = MessageRules(
    roles=("system", "user", "assistant", "tool"),
    more_keys=("tool_calls", "tool_call_id"),
    alternate="advised",
    reserved_texts=_FRAME,
    tools=ToolRules(),
)


class LlamaText(RowFormat):
    name = "llama-text"
    title = "text (Llama 3.1 template, or raw)"
    family = "llama-text"
    abilities = Abilities(
        kinds=("conversation", "text"),
        trimmed=True,
        reserved_texts=_RESERVED,
        tools=True,
        parallel_calls=False,
        arguments_and_text=False,
        canonical_arguments=True,
        call_ids="none",
        tool_names=False,
        parallel_flag=False,
    )
    source = (
        "llama3_1.jinja (sha256 e10ca381...) of huggingface/trl 1.16.0, and its docs/source/dataset_formats.md; "
        "together 2.14.0 check_file, read 2026-11-21"
    )

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "text" in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"text": "..."}.')
            return
        yield from check_known_keys(row, ("text",))
        text = row.get("text")
        if isinstance(text, str) and looks_rendered(text):
            yield from _check_rendered(text)
        else:
            yield from check_text(text, "text")

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        text = str(row["text"])
        if not looks_rendered(text):
            return TrainingExample(text=text)
        return _example(parse(text))

    def build(self, example: TrainingExample) -> dict[str, object]:
        if example.text is not None:
            return {"text": example.text}
        return {"text": render(example.turns, example.tools, str(example.extras.get(_DAY_KEY, DAY)))}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if fitted.example is None or self.read(self.build(fitted.example)) == fitted.example:
            return fitted
        why = "its text, once rendered, would be read as something else (a tool call or a header, say)"
        return left_out("", "ambiguous_in_text", why, fitted.choices)


def _example(rendered: Rendered) -> TrainingExample:
    extras = {} if rendered.day == DAY else {_DAY_KEY: rendered.day}
    family = LlamaText.family if extras else ""
    return TrainingExample(rendered.turns, tools=rendered.tools, extras=extras, extras_of=family)


def _check_rendered(text: str) -> Iterator[Finding]:
    rendered = parse(text)
    if rendered.broken_at is not None:
        begins = shown(text[rendered.broken_at : rendered.broken_at + 40])
        wanted = f"{START}role{END}, two line breaks, the text, {EOT}"
        message = (
            f"is not the Llama 3.1 template's from character {rendered.broken_at + 1} on ({begins}); write {wanted}."
        )
        yield problem("text", "template_broken", message)
        return
    # The messages are judged like those of any other format: text[2] is the third one in the text.
    turns = [replace(turn, tool_calls=_numbered(turn.tool_calls, index)) for index, turn in enumerate(rendered.turns)]
    yield from check_messages(with_ids(build_messages(turns)), _RULES, "text")


def _numbered(calls: Sequence[ToolCall], index: int) -> tuple[ToolCall, ...]:
    """The rendered text has no ids, but the shared rules tell calls by them."""
    return tuple(replace(call, id=f"{index}.{number}") for number, call in enumerate(calls))
