from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from src.providers.formats.chat.rows import build_tools
from src.providers.formats.registry import FORMATS
from src.providers.formats.training_example import ToolCall, TrainingExample, Turn
from tests.providers.formats.open_models.conversations import TALK, TOOL_TALK, choices, objections, warnings, written

FORM = FORMATS["llama-text"]
ALONE = TrainingExample((Turn("user", " Hi\n"), Turn("assistant", "Hello 🌊 ")))
HEAD = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"
# Of what llama3_1.jinja of trl 1.16.0 renders with jinja2 3.1 and transformers' tojson, made on 2026-11-21.
RENDERED = {
    "443ce1ff804bfc738e4b20b218da826618dbd56b4ed39d17754d9b1fdd2382ba": TALK,
    "1f96be8dce721189a72f2e46e063738a610906d7d53e2928b6b26a2469770c57": TOOL_TALK,
    "1b3d7f48fc853a07cc33e3a6eee3c846069eb06a0c9802289a8b4825777496fd": ALONE,
}


def block(role: str, text: str) -> str:
    return f"<|start_header_id|>{role}<|end_header_id|>\n\n{text}<|eot_id|>"


def text_of(*blocks: tuple[str, str]) -> dict[str, str]:
    return {"text": "<|begin_of_text|>" + "".join(block(*one) for one in blocks)}


@pytest.mark.parametrize(("digest", "example"), RENDERED.items())
def test_the_text_is_what_the_template_renders(digest: str, example: TrainingExample) -> None:
    text = written("llama-text", example)["text"]
    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert objections("llama-text", {"text": text}) == set()


@pytest.mark.skipif(
    not (find_spec("trl") and find_spec("jinja2")), reason="needs trl and jinja2, which we do not ask for"
)
@pytest.mark.parametrize("example", RENDERED.values())
def test_the_text_is_what_the_installed_template_renders(example: TrainingExample) -> None:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    spec = find_spec("trl")
    assert spec is not None and spec.origin is not None
    template = Path(spec.origin).parent / "chat_templates" / "llama3_1.jinja"
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
    messages = [message_of(turn) for turn in example.turns]
    rendered = environment.from_string(template.read_text(encoding="utf-8")).render(
        messages=messages, tools=build_tools(example.tools) or None, bos_token="<|begin_of_text|>"
    )
    assert written("llama-text", example)["text"] == rendered


def message_of(turn: Turn) -> dict[str, object]:
    calls = [{"function": {"name": call.name, "arguments": json.loads(call.arguments)}} for call in turn.tool_calls]
    return {"role": turn.role, "content": turn.content, **({"tool_calls": calls} if calls else {})}


def test_a_conversation_without_a_system_text_has_the_header_all_the_same() -> None:
    assert written("llama-text", ALONE) == text_of(("system", HEAD), ("user", "Hi"), ("assistant", "Hello 🌊"))
    assert choices("llama-text", ALONE) == [("note", "text_trimmed")]


@pytest.mark.parametrize("example", [TALK, TOOL_TALK])
def test_what_is_rendered_reads_back(example: TrainingExample) -> None:
    calls = tuple(replace(call, id="") for turn in example.turns for call in turn.tool_calls)
    turns = tuple(replace(turn, tool_call_id="", tool_calls=calls if turn.tool_calls else ()) for turn in example.turns)
    assert FORM.read(written("llama-text", example)) == replace(example, turns=turns)


def test_other_renderings_are_read_as_well() -> None:
    """Without the first token, with another day, without a header (LLaMA-Factory), untrimmed (Unsloth)."""
    plain = (Turn("user", "Hi"), Turn("assistant", "Hello"))
    blocks = (("user", "Hi"), ("assistant", "Hello"))
    assert FORM.read(text_of(*blocks)).turns == plain
    assert FORM.read({"text": text_of(*blocks)["text"].removeprefix("<|begin_of_text|>")}).turns == plain
    assert FORM.read(text_of(("system", "Be brief."), *blocks)).turns == (Turn("system", "Be brief."), *plain)
    assert FORM.read(text_of(("user", "Hi "))).turns == (Turn("user", "Hi "),)


def test_another_day_is_kept() -> None:
    row = text_of(("system", HEAD.replace("26 Jul", "01 Dec")), ("user", "Hi"), ("assistant", "Hello"))
    read = FORM.read(row)
    assert read.extras == {"date_string": "01 Dec 2024"}
    assert FORM.build(read) == row
    assert FORMATS["messages"].fit(read).choices[0].rule == "extras_dropped"


@pytest.mark.parametrize(
    ("bad", "path", "rule"),
    [
        (["x"], "", "not_an_object"),
        ({}, "text", "text_not_string"),
        ({"text": " "}, "text", "text_empty"),
        ({"text": "a", "label": 1}, "label", "unknown_key"),
        (text_of(("system", HEAD), ("user", "Hi")), "text", "no_assistant"),
        (text_of(("user", " "), ("assistant", "Hello")), "text[0].content", "text_empty"),
        (text_of(("user", "Hi<|begin_of_text|>"), ("assistant", "a")), "text[0].content", "reserved_text"),
        (text_of(("ipython", '"12"'), ("assistant", "a")), "text[0].tool_call_id", "answer_without_call"),
    ],
)
def test_each_broken_rule_is_named_with_its_place(bad: object, path: str, rule: str) -> None:
    assert (path, rule) in objections("llama-text", bad)


@pytest.mark.parametrize(
    ("good", "broken"),
    [
        ("<|begin_of_text|>" + block("user", "Hi"), "Hello"),
        (block("user", "Hi"), block("assistant", "Hello").removesuffix("<|eot_id|>")),
        (block("user", "Hi") + block("assistant", "Hello"), "\n"),
        (block("user", "Hi"), block("model", "Hello")),
        ("", "<|start_header_id|>user<|end_header_id|>Hi<|eot_id|>"),
    ],
)
def test_a_text_that_leaves_the_template_is_refused_with_the_place(good: str, broken: str) -> None:
    findings = list(FORM.check({"text": good + broken}))
    assert [finding.rule for finding in findings] == ["template_broken"]
    number = int(findings[0].message.split("character ")[1].split()[0])
    assert number == len(good) + 1


def test_roles_out_of_turn_are_warned_of() -> None:
    row = text_of(("user", "Hi"), ("user", "Hi"), ("assistant", "a"), ("user", "b"))
    assert warnings("llama-text", row) == {
        ("text[1].role", "roles_not_in_turn"),
        ("text[3].role", "last_not_assistant"),
    }


def test_raw_text_is_read_and_written_as_it_is() -> None:
    row = {"text": " Once upon a time <|eot_id|>\n"}
    assert FORM.read(row) == TrainingExample(text=row["text"])
    assert FORM.build(FORM.read(row)) == row
    assert objections("llama-text", row) == set()


@pytest.mark.parametrize(
    "text", ["a<|eot_id|>", "<|start_header_id|>", "<|reserved_special_token_7|>", "<|python_tag|>"]
)
def test_words_that_the_model_takes_for_its_own_are_left_out(text: str) -> None:
    example = TrainingExample((Turn("user", text), Turn("assistant", "Hello")))
    assert choices("llama-text", example) == [("error", "reserved_text")]


def test_an_example_is_left_out_that_would_be_read_as_something_else() -> None:
    raw = TrainingExample(text=block("user", "Hi"))
    assert choices("llama-text", raw)[-1] == ("error", "ambiguous_in_text")
    answer = Turn("assistant", '{"name": "now", "parameters": {}}')
    said = replace(TOOL_TALK, turns=(Turn("user", "Say it in JSON."), answer))
    assert choices("llama-text", said)[-1] == ("error", "ambiguous_in_text")
    # Without tools nobody takes it for a call.
    assert choices("llama-text", replace(said, tools=())) == []


def test_several_calls_at_once_are_left_out_as_the_template_refuses_them() -> None:
    two = Turn("assistant", tool_calls=(ToolCall("a", "now", "{}"), ToolCall("b", "now", "{}")))
    example = replace(TOOL_TALK, turns=(*TOOL_TALK.turns[:1], two))
    assert choices("llama-text", example)[-1] == ("error", "parallel_calls_not_expressible")
