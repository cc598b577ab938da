"""Hypothesis strategies for TrainingExamples: conversations as orderly or as messy as files hold them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from src.providers.formats.training_example import (
    Kind,
    MediaPart,
    Part,
    TextPart,
    Tool,
    ToolCall,
    TrainingExample,
    Turn,
    TurnRole,
)

# A PNG of one RGB pixel, and the same as a JPEG's first bytes would not do: the checks look into it.
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)
NAMES = ("get_weather", "now", "add-2", "Search")
# Words that a format keeps for itself, line ends that readers split at, JSON, quotes, other scripts.
ODD_TEXTS = (
    "a\nHuman: b",
    "<|eot_id|>",
    '{"name": "now", "parameters": {}}',
    "[INST] x",
    "one\u2028two\u2029three\u0085four",
    ' "quoted" \\ back\\slash\t',
    "{{ jinja }} {% raw %}",
    "שלום 🌊 é",
    "<image>",
    "{}\n\n{}",
    '"',
)
texts = st.one_of(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(lambda text: not text.isspace()),
    st.sampled_from(ODD_TEXTS),
)
plain_values = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(-1e9, 1e9), texts)
values = st.recursive(
    plain_values,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
arguments = st.dictionaries(texts, values, max_size=3).flatmap(
    lambda value: st.sampled_from(
        (
            json.dumps(value, ensure_ascii=False),
            json.dumps(value),
            json.dumps(value, separators=(",", ":")),
            json.dumps(value, indent=1),
        )
    )
)
# The keywords and types that the schemas of every provider know.
schemas = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(
            st.sampled_from(("city", "days", "unit")),
            st.fixed_dictionaries(
                {"type": st.sampled_from(("string", "integer", "number", "boolean"))},
                optional={"description": texts},
            ),
            min_size=1,
            max_size=3,
        )
    },
)
tools = st.builds(
    Tool,
    st.sampled_from(NAMES),
    st.none() | texts,
    st.none() | schemas,
    st.none() | st.booleans(),
)
tool_lists = st.lists(tools, max_size=3, unique_by=lambda tool: tool.name).map(tuple)
weights = st.sampled_from((None, None, None, 0, 1))


@st.composite
def contents(draw: st.DrawFn, media: bool = False) -> str | tuple[Part, ...]:
    """A text, or a few parts of which some may be pictures."""
    if draw(st.integers(0, 3)):
        return draw(texts)
    parts: list[Part] = [TextPart(text) for text in draw(st.lists(texts, min_size=1, max_size=2))]
    if media and draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), draw(st.sampled_from((
            MediaPart(PIXEL), MediaPart("https://example.org/a.png", detail="low"), MediaPart("https://example.org/a.jpg"),
            MediaPart("gs://bucket/a.png", "image/png"), MediaPart("s3://bucket/a.png", "image/png"),
            MediaPart("gs://bucket/a.pdf", "application/pdf"),
        ))))  # fmt: skip
    return tuple(parts)


@st.composite
def exchanges(draw: st.DrawFn, ids: bool) -> list[Turn]:
    """An assistant's tool calls and their answers, in any order where ids tell them apart."""
    count = draw(st.sampled_from((1, 1, 2, 3)))
    calls = [
        ToolCall(draw(_call_ids(number)) if ids else "", draw(st.sampled_from(NAMES)), draw(arguments))
        for number in range(count)
    ]
    asked = Turn("assistant", draw(st.none() | texts), tool_calls=tuple(calls))
    answered = draw(st.permutations(calls)) if ids else calls
    if draw(st.integers(0, 5)) == 0:
        answered = answered[:-1]
    return [asked, *(_answer(call, draw(st.just("") | texts), ids, draw(st.booleans())) for call in answered)]


def _call_ids(number: int) -> st.SearchStrategy[str]:
    # call_1 is also what a call without an id is named, abc123XYZ is what Mistral takes as it is.
    return st.sampled_from((f"call_{number + 1}", f"abc123XY{number}", f"toolu/{number}"))


def _answer(call: ToolCall, text: str, ids: bool, named: bool) -> Turn:
    return Turn("tool", text, name=call.name if named or not ids else "", tool_call_id=call.id)


@st.composite
def answers(draw: st.DrawFn) -> Turn:
    kind = draw(st.sampled_from(("plain", "plain", "plain", "weighed", "named", "refused")))
    if kind == "refused":
        return Turn("assistant", None, refusal=draw(texts))
    turn = Turn("assistant", draw(contents()))
    if kind == "weighed":
        return replace(turn, weight=draw(weights))
    return replace(turn, name="Bo") if kind == "named" else turn


@st.composite
def questions(draw: st.DrawFn) -> Turn:
    turn = Turn("user", draw(contents(media=True)))
    kind = draw(st.sampled_from(("plain", "plain", "plain", "weighed", "named")))
    if kind == "weighed":
        return replace(turn, weight=draw(weights))
    return replace(turn, name="Ann") if kind == "named" else turn


@st.composite
def turn_lists(draw: st.DrawFn, end: TurnRole | None = "assistant") -> list[Turn]:
    """A conversation; `end` is the role its last turn has, None where that is left to chance."""
    ids = draw(st.booleans())
    turns: list[Turn] = []
    roles = st.sampled_from(("user", "answer", "user", "answer", "tools", "system", "developer"))
    wild = draw(st.integers(0, 3)) == 0
    order = draw(st.lists(roles, max_size=6)) if wild else _orderly(draw(st.integers(1, 3)), draw(st.booleans()), draw)
    for role in order:
        if role == "user":
            turns.append(draw(questions()))
        elif role == "answer":
            turns.append(draw(answers()))
        elif role == "tools":
            turns += draw(exchanges(ids))
        else:
            turns.append(Turn("system" if role == "system" else "developer", draw(texts)))
    while end == "user" and turns and turns[-1].role != "user":
        turns.pop()
    if end == "user":
        return turns or [draw(questions())]
    return turns or [draw(questions()), draw(answers())]


def _orderly(rounds: int, system: bool, draw: st.DrawFn) -> Sequence[str]:
    order = ["system"] if system else []
    for _ in range(rounds):
        order += ["user", "tools", "answer"] if draw(st.integers(0, 3)) == 0 else ["user", "answer"]
    return [*order, "user"] if draw(st.integers(0, 5)) == 5 else order


@st.composite
def conversations(draw: st.DrawFn) -> TrainingExample:
    turns = draw(turn_lists())
    if not any(turn.role == "assistant" for turn in turns):
        turns.append(draw(answers()))
    flag = draw(st.sampled_from((None, None, True, False)))
    example = TrainingExample(tuple(turns), tools=_tools_for(turns, draw), parallel_tool_calls=flag)
    foreign = draw(st.integers(0, 5)) == 5
    return replace(example, extras={"seed": 1}, extras_of="another") if foreign else example


@st.composite
def preferences(draw: st.DrawFn) -> TrainingExample:
    turns = draw(turn_lists(end="user"))
    better, worse = [draw(answers())], [draw(answers())]
    if draw(st.integers(0, 5)) == 0:
        better = [*draw(exchanges(ids=True)), *better]
    return TrainingExample(
        tuple(turns),
        preferred=tuple(better),
        rejected=tuple(worse),
        tools=_tools_for([*turns, *better, *worse], draw),
    )


@st.composite
def prompts(draw: st.DrawFn) -> TrainingExample:
    systems = [Turn("system", text) for text in draw(st.lists(texts, max_size=1))]
    return TrainingExample((*systems, draw(questions())), tools=_tools_for([], draw))


raw_texts = texts.map(lambda text: TrainingExample(text=text))
BY_KIND: dict[Kind, st.SearchStrategy[TrainingExample]] = {
    "conversation": conversations(),
    "preference": preferences(),
    "prompt": prompts(),
    "text": raw_texts,
}
examples = st.one_of(conversations(), *BY_KIND.values())


def examples_for(kinds: Sequence[Kind]) -> st.SearchStrategy[TrainingExample]:
    """Examples of these kinds mostly, and a few of any."""
    wanted = [BY_KIND[kind] for kind in kinds]
    return st.one_of(*wanted, *wanted, examples)


def _tools_for(turns: Sequence[Turn], draw: st.DrawFn) -> tuple[Tool, ...]:
    """Every function that is called, and perhaps some more."""
    called = {call.name for turn in turns for call in turn.tool_calls}
    drawn = draw(tool_lists)
    missing = called - {tool.name for tool in drawn}
    return (*drawn, *(replace(draw(tools), name=name) for name in sorted(missing)))


@st.composite
def plain_conversations(draw: st.DrawFn) -> TrainingExample:
    """Texts alone, in turn: what a Sample holds."""
    rounds = draw(st.integers(1, 3))
    turns = [Turn("system", text) for text in draw(st.lists(texts, max_size=1))]
    for _ in range(rounds):
        turns += [Turn("user", draw(texts)), Turn("assistant", draw(texts))]
    return TrainingExample(tuple(turns))
