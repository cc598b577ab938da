"""datasets.load_dataset and TRL's own data functions, with the Llama 3.1 template that TRL's wheel brings.

Every row is rendered. A row of rendered text must be what the template makes of the same row as messages, which stands
at the same line of the file named `<mode>.messages.jsonl` beside it. No torch is needed for this much of TRL.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import datasets
from protocol import answer, attempt, load_table, rows_of
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast
from trl.data_utils import apply_chat_template, is_conversational, maybe_convert_to_chatml

datasets.disable_progress_bars()
# Only the template is used: which words the tokenizer knows does not matter.
TOKENIZER = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(WordLevel({"a": 0}, "a")), bos_token="<|begin_of_text|>")
TOKENIZER.chat_template = (files("trl") / "chat_templates" / "llama3_1.jinja").read_text("utf-8")
COLUMNS = {
    "messages": {"messages"},
    "prompt-completion": {"prompt", "completion"},
    "trl-prompt-completion": {"prompt", "completion"},
    "trl-preference": {"prompt", "chosen", "rejected"},
    "llama-text": {"text"},
    "alpaca": {"instruction", "output"},
    "sharegpt": {"conversations"},
}


def check(path: Path, form: str) -> Iterator[str]:
    table = load_table(path)
    if missing := COLUMNS[form] - set(table.column_names):
        yield f"columns {sorted(missing)} are missing, found {table.column_names}"
        return
    beside = path.with_name(path.name.replace(".jsonl", ".messages.jsonl"))
    expected = (
        [render(with_objects(row)) for _, row in rows_of(beside)] if form == "llama-text" and beside.exists() else None
    )
    for number, (place, row) in enumerate(rows_of(path)):
        yield from attempt(f"{place}: ", check_row, row, form, expected[number] if expected else None)


def check_row(row: dict[str, Any], form: str, expected: str | None) -> Iterator[str]:
    if texts := [key for key in COLUMNS[form] if not isinstance(row.get(key), (str, list))]:
        yield f"{texts} are not texts or messages"
        return
    if form == "llama-text" and expected is not None and row["text"] != expected:
        yield f"the text is not what the template makes of the messages: {row['text'][:200]!r} for {expected[:200]!r}"
    row = maybe_convert_to_chatml(row) if form == "sharegpt" else row
    if is_conversational(row):
        render(row)


def with_objects(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the arguments of calls as objects: the template puts a text between quotes once more."""
    for message in row["messages"]:
        for call in message.get("tool_calls") or ():
            call["function"]["arguments"] = json.loads(call["function"]["arguments"])
    return row


def render(row: dict[str, Any]) -> str:
    # ShareGPT's tools are a text that LLaMA-Factory reads, not TRL.
    tools = row.get("tools") if isinstance(row.get("tools"), list) else None
    made = apply_chat_template(row, TOKENIZER, tools=tools)
    return str(made.get("text", ""))


answer(check)
