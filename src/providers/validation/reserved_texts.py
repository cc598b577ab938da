"""Words that are control tokens of a model or left-over marks of a chat template, where a row holds them as text.

No provider refuses them, but for Bedrock's "\\nHuman:" and "\\nAssistant:", which its format's check() names as errors.
The model's own are a warning: a trainer that reads them as the token itself ends a turn in the middle of a text. Those
of other models are a note: the rows were probably rendered for another model before they came here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from src.providers.formats.findings import Finding, problem

OWN_RULE, FOREIGN_RULE = "control_token", "foreign_template_mark"


@dataclass(frozen=True, slots=True)
class Marks:
    """The control tokens of a provider's models as a pattern. `elsewhere` are those that no ordinary text holds."""

    own: re.Pattern[str]
    elsewhere: str
    source: str


_OPENAI = r"<\|(?:endoftext|endofprompt|startoftext|im_start|im_end|im_sep|fim_(?:prefix|middle|suffix))\|>"
_LLAMA = (
    r"<\|(?:begin_of_text|end_of_text|start_header_id|end_header_id|eot_id|eom_id|python_tag"
    r"|finetune_right_pad_id|reserved_special_token_\d+)\|>"
)
_MISTRAL = r"\[/?(?:INST|TOOL_RESULTS|AVAILABLE_TOOLS|SYSTEM_PROMPT)\]|\[TOOL_CALLS\]"
_GEMMA = r"<(?:start|end)_of_turn>"

MARKS: Mapping[str, Marks] = {
    "openai": Marks(
        re.compile(_OPENAI),
        _OPENAI,
        "tiktoken 0.14.0, tiktoken_ext/openai_public.py, and for im_start and im_end openai/tiktoken issue 48; what "
        "becomes of them in a training file OpenAI does not say; read 2026-11-21",
    ),
    "llama": Marks(
        re.compile(_LLAMA),
        _LLAMA,
        "llama-models 0.3.0, Llama 3.1's chat template, and transformers, PreTrainedTokenizerBase: "
        "split_special_tokens is off, so such words in a text become the tokens; read 2026-11-21",
    ),
    "mistral": Marks(
        # <s> and </s> are also HTML, which other models' texts may well hold.
        re.compile(rf"{_MISTRAL}|</?s>"),
        _MISTRAL,
        'mistral-common 1.13.1, SpecialTokens, and docs.mistral.ai, cookbook "Control Tokens", read 2026-11-21',
    ),
    "google": Marks(
        re.compile(rf"{_GEMMA}|<(?:bos|eos)>"),
        _GEMMA,
        "Gemma's chat template, in public copies (Gemini's own is not published), read 2026-11-21",
    ),
    "anthropic": Marks(re.compile(r"(?!)"), r"(?!)", ""),
}
_ANY = re.compile("|".join(marks.elsewhere for marks in MARKS.values()))


def may_hold_marks(raw: bytes) -> bool:
    """Whether a line of JSON must be looked at more closely; quick, and never wrongly False.

    One of these stands in every line that holds a mark, the last one where its letters are written as escapes.
    """
    return (
        b"<|" in raw
        or b"s>" in raw
        or b"INST]" in raw
        or b"TOOL" in raw
        or b"SYSTEM_PROMPT]" in raw
        or b"_of_turn>" in raw
        or b"\\u00" in raw
    )


def find_marks(row: Mapping[str, object], provider: str) -> Iterator[Finding]:
    """A finding for each text in a row that holds control tokens: of the provider's models, else of another's."""
    marks = MARKS[provider]
    for path, text in _texts(row, ""):
        if "<" not in text and "[" not in text:
            continue
        if own := marks.own.search(text):
            message = (
                f"holds {own[0]!r}, a control token of the model, which may be read as such and not as text: take it "
                "out, or write it differently where the text is about it."
            )
            yield problem(path, OWN_RULE, message, "warning")
        elif foreign := _ANY.search(text):
            message = f"holds {foreign[0]!r}, as if rendered for another model: take the template's marks out."
            yield problem(path, FOREIGN_RULE, message, "note")


def mark_source(rule: str, provider: str) -> str:
    """Where the control tokens come from."""
    if rule == OWN_RULE:
        return MARKS[provider].source
    return "; ".join(marks.source for name, marks in MARKS.items() if marks.source and name != provider)


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{path}[{index}]")
