"""LLaMA-Factory's converters and its Llama 3 template, over load_dataset as it calls it.

A row that it would skip with a warning, or drop before training, is an objection here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from protocol import answer, attempt, load_table, stand_in

stand_in("torchaudio", "av")  # sound and video

import datasets  # noqa: E402
from llamafactory.data.converter import get_dataset_converter  # noqa: E402
from llamafactory.data.parser import DatasetAttr  # noqa: E402

datasets.disable_progress_bars()
ARGUMENTS = SimpleNamespace(media_dir="")


def check(path: Path, form: str) -> Iterator[str]:
    table = load_table(path)
    converter = get_dataset_converter(formatting(form), attributes(form, table.column_names), ARGUMENTS)
    for number, row in enumerate(table, start=1):
        yield from attempt(f"line {number}: ", lambda row: check_row(converter(row)), row)


def formatting(form: str) -> str:
    return {"messages": "openai", "sharegpt": "sharegpt", "alpaca": "alpaca"}[form]


def attributes(form: str, columns: list[str]) -> DatasetAttr:
    """What a dataset_info.json for these columns says."""
    found = DatasetAttr("file", form, formatting=formatting(form))
    for column in ("system", "tools", "history"):
        if column in columns:
            setattr(found, column, column)
    if form == "alpaca" and "input" not in columns:
        found.query = None
    if form == "messages":
        found.messages, found.role_tag, found.content_tag = "messages", "role", "content"
        found.user_tag, found.assistant_tag, found.observation_tag = "user", "assistant", "tool"
    return found


def check_row(row: dict[str, Any]) -> None:
    if len(row["_prompt"]) % 2 != 1 or len(row["_response"]) != 1:
        raise ValueError("the row would be dropped: the turns are not question and answer by turns")
    for turn in row["_prompt"] + row["_response"]:
        if not isinstance(turn["content"], str) or not turn["content"]:
            raise ValueError(f"a turn of {turn['role']} without a text: {turn['content']!r}")
        if turn["role"] == "function":
            check_calls(turn["content"])


def check_calls(content: str) -> None:
    calls = json.loads(content)
    for call in calls if isinstance(calls, list) else [calls]:
        if not isinstance(call["name"], str):
            raise ValueError("a function call without a name")
        if isinstance(call["arguments"], str):
            json.loads(call["arguments"])


answer(check)
