"""The quick way and the formats' own check() must never disagree: rows are made, mutated and judged by both."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.providers import PROVIDERS
from src.providers.formats.findings import Finding
from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import from_messages
from src.providers.validation.json_lines import read_object
from src.providers.validation.plain_rows import PLAIN_READERS

_TEXT = st.sampled_from(
    ["Hi", "", " ", "\n\nHuman: x", 'say "a": b', "C:\\", "\u2028", "é🌊", "x\\", "\u0085"]
) | st.text(max_size=6)
_ODD = st.sampled_from([None, True, 1, 0.5, [], {}, "user", [{"type": "text", "text": "a"}], [{"text": "a"}]]).map(
    deepcopy
)
_ROLE = st.sampled_from(["system", "user", "assistant", "model", "tool", "developer", "User", ""])
_MESSAGE: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"role": _ROLE, "content": _TEXT}, optional={"weight": st.sampled_from([0, 1, True, None]), "name": _TEXT}
)
_CONTENT: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"role": _ROLE, "parts": st.lists(st.fixed_dictionaries({"text": _TEXT}) | _ODD, max_size=2)}
)


@st.composite
def conversations(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Mostly in order: the quick way must be taken often enough to be tested."""
    turns = [("user", "q"), ("assistant", "a")] * draw(st.integers(0, 2))
    turns = ([("system", "s")] if draw(st.booleans()) else []) + turns
    return [(role, draw(_TEXT) if draw(st.booleans()) else text) for role, text in turns]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    talk = draw(conversations())
    shape = draw(st.sampled_from(["messages", "bedrock", "vertex"]))
    system = [text for role, text in talk if role == "system"]
    turns = [(role, text) for role, text in talk if role != "system" or shape == "messages"]
    if shape == "vertex":
        roles = {"assistant": "model"}
        row: dict[str, Any] = {"contents": [{"role": roles.get(r, r), "parts": [{"text": t}]} for r, t in turns]}
        if system:
            row = {"systemInstruction": {"role": "system", "parts": [{"text": system[0]}]}, **row}
    else:
        row = {"messages": [{"role": role, "content": text} for role, text in turns]}
        if shape == "bedrock" and system:
            row = {"system": system[0], **row}
    for _ in range(draw(st.integers(0, 2))):
        _mutate(draw, row)
    return row


def _mutate(draw: st.DrawFn, row: dict[str, Any]) -> None:
    turns = row.get("messages", row.get("contents"))
    what = draw(st.integers(0, 5))
    if what == 0:
        row[draw(st.sampled_from(["system", "systemInstruction", "tools", "x", "messages", "a\\"]))] = draw(
            _ODD | _TEXT
        )
    elif isinstance(turns, list) and turns:
        place = draw(st.integers(0, len(turns) - 1))
        if what == 1:
            turns.insert(place, draw(_MESSAGE | _CONTENT | _ODD))
        elif what == 2:
            del turns[place]
        elif isinstance(turns[place], dict):
            key = draw(st.sampled_from(["role", "content", "parts", "weight", "name", "x", "y\\"]))
            turns[place][key] = draw(_ROLE | _ODD)


@pytest.mark.parametrize("name", PLAIN_READERS)
@settings(max_examples=400, deadline=None)
@given(row=rows(), ascii_only=st.booleans(), tight=st.booleans(), twice=st.booleans())
def test_what_the_quick_way_takes_the_format_takes_without_a_word(
    name: str, row: dict[str, Any], ascii_only: bool, tight: bool, twice: bool
) -> None:
    text = json.dumps(row, ensure_ascii=ascii_only, separators=(",", ":") if tight else (", ", ": "))
    if twice and row:
        key = next(iter(row))
        text = f"{text[:-1]}, {json.dumps(key)}: {json.dumps(row[key])}}}"
    raw = text.encode("utf-8", "surrogatepass")
    messages = PLAIN_READERS[name](raw)
    if messages is None:
        return
    findings: list[Finding] = []
    value = read_object(raw, findings)
    assert value is not None and not findings
    assert list(FORMATS[name].check(value)) == []
    example = FORMATS[name].read(value)
    assert example == from_messages(messages)


@pytest.mark.parametrize("name", PLAIN_READERS)
def test_ordinary_rows_go_the_quick_way_and_look_like_their_format(name: str) -> None:
    provider = next(p for p in PROVIDERS.values() if name in p.format_names)
    form = FORMATS[name]
    for talk in ([("user", 'say "a": 1'), ("assistant", "b")], [("system", "s"), ("user", "q"), ("assistant", "a")]):
        from src.records import Message

        messages = [Message(role, text) for role, text in talk]  # type: ignore[arg-type]
        row = form.build(from_messages(messages))
        assert PLAIN_READERS[name](json.dumps(row).encode()) == messages
        assert provider.format_of(row).name == name
