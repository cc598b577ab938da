from __future__ import annotations

from dataclasses import replace

import pytest

from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.fitting.answers import calls_answered
from src.providers.formats.fitting.arguments import canonical_arguments
from src.providers.formats.fitting.call_ids import nine_letters
from src.providers.formats.fitting.tool_calls import fit_tools, refuse_calls
from src.providers.formats.training_example import Tool, ToolCall, TrainingExample, Turn

USER, ANSWER = Turn("user", "u"), Turn("assistant", "a")
TOOL = Tool("now")


def call(call_id: str = "c1", name: str = "now", arguments: str = "{}") -> ToolCall:
    return ToolCall(call_id, name, arguments)


def asking(*calls: ToolCall, text: str | None = None) -> Turn:
    return Turn("assistant", text, tool_calls=calls)


def result(call_id: str = "c1", name: str = "", text: str = "12:00") -> Turn:
    return Turn("tool", text, name=name, tool_call_id=call_id)


def talk(*turns: Turn) -> TrainingExample:
    return TrainingExample((USER, *turns), tools=(TOOL,))


def fit(example: TrainingExample, **abilities: object) -> Fitted:
    return fit_tools(example, Abilities(**{"tools": True, **abilities}))  # type: ignore[arg-type]


def said(fitted: Fitted) -> list[tuple[str, str]]:
    return [(choice.severity, choice.rule) for choice in fitted.choices]


def ids(fitted: Fitted) -> list[tuple[str, ...]]:
    """The ids of each turn that has any: those of its calls, or the one it answers."""
    assert fitted.example is not None
    found = (tuple(c.id for c in turn.tool_calls) or (turn.tool_call_id,) for turn in fitted.example.turns)
    return [one for one in found if any(one)]


def names(fitted: Fitted) -> list[str]:
    assert fitted.example is not None
    return [turn.name for turn in fitted.example.turns if turn.role == "tool"]


def test_calls_without_a_place_are_left_out_and_unused_tools_dropped() -> None:
    assert said(refuse_calls(talk(asking(call()), result(), ANSWER), Abilities())) == [
        ("error", "tool_calls_not_expressible")
    ]
    fitted = fit(talk(ANSWER), tools=False)
    assert fitted.example == TrainingExample((USER, ANSWER))
    assert said(fitted) == [("warning", "tools_dropped")]


@pytest.mark.parametrize(("flag", "severity"), [(True, "note"), (False, "warning")])
def test_the_flag_for_parallel_calls_is_dropped_where_it_has_no_place(flag: bool, severity: str) -> None:
    example = replace(talk(ANSWER), parallel_tool_calls=flag)
    assert fit(example) == Fitted(example)
    for abilities in ({"parallel_flag": False}, {"tools": False}):
        assert (severity, "parallel_flag_dropped") in said(fit(example, **abilities))


def test_definitions_are_completed_and_lose_what_has_no_place() -> None:
    example = replace(talk(ANSWER), tools=(Tool("now", strict=True), Tool("then", "Once.", {}, strict=False)))
    fitted = fit(example, strict_tools=False, full_definitions=True)
    assert fitted.example is not None
    assert fitted.example.tools == (Tool("now", "", {"type": "object", "properties": {}}), Tool("then", "Once.", {}))
    assert said(fitted) == [("warning", "strict_dropped"), ("note", "definition_completed"), ("note", "strict_dropped")]


def test_calls_without_ids_are_numbered_around_those_that_have_one() -> None:
    fitted = fit(talk(asking(call(""), call("call_1")), result("call_1"), result(""), ANSWER))
    assert ids(fitted) == [("call_2", "call_1"), ("call_1",), ("call_2",)]
    assert said(fitted) == [("note", "call_ids_made"), ("note", "answers_linked")]


def test_an_id_that_two_calls_of_a_message_share_is_made_anew_for_the_second() -> None:
    fitted = fit(talk(asking(call("x"), call("x")), result("x"), result("x"), ANSWER))
    assert ids(fitted) == [("x", "call_1"), ("x",), ("call_1",)]


def test_answers_without_ids_find_their_calls_by_name_and_then_in_order() -> None:
    asked = asking(call("", "a"), call("", "b"), call("", "a"))
    fitted = fit(talk(asked, result("", "b"), result("", "a"), result("", ""), ANSWER))
    assert ids(fitted)[1:] == [("call_2",), ("call_1",), ("call_3",)]


def test_ids_become_nine_letters_that_stay_the_same() -> None:
    fitted = fit(talk(asking(call("toolu/1")), result("toolu/1"), ANSWER), call_ids="nine")
    [(one,), (other,)] = ids(fitted)
    assert one == other == nine_letters("toolu/1") and len(one) == 9 and one.isalnum()
    assert said(fitted) == [("note", "call_ids_rewritten")]
    kept = talk(asking(call("abcdEF123")), result("abcdEF123"), ANSWER)
    assert fit(kept, call_ids="nine") == Fitted(kept)


def test_without_ids_answers_are_named_and_put_in_the_order_of_their_calls() -> None:
    asked = asking(call("1", "a"), call("2", "b"))
    fitted = fit(talk(asked, result("2"), result("1"), ANSWER), call_ids="none")
    assert (ids(fitted), names(fitted)) == ([], ["a", "b"])
    assert said(fitted) == [("note", "answers_reordered"), ("note", "call_ids_dropped")]


def test_an_example_is_left_out_whose_answers_only_ids_could_tell_apart() -> None:
    example = talk(asking(call("1"), call("2")), result("2"), ANSWER)
    assert said(fit(example, call_ids="none"))[-1] == ("error", "answers_not_expressible")
    assert fit(example).example == example


def test_the_name_of_a_tool_is_dropped_where_its_call_says_it() -> None:
    fitted = fit(talk(asking(call()), result(name="now"), ANSWER), tool_names=False)
    assert names(fitted) == [""]
    assert said(fitted) == [("note", "tool_name_dropped")]


@pytest.mark.parametrize(
    "turns",
    [
        (result(), ANSWER),
        (asking(call()), ANSWER, result(), ANSWER),
        (asking(call("c2")), result("c1"), ANSWER),
        (asking(call("", "then")), result("", "now"), ANSWER),
        (asking(call()), result(), result(), ANSWER),
    ],
)
def test_an_answer_without_its_call_is_left_out(turns: tuple[Turn, ...]) -> None:
    assert said(fit(talk(*turns))) == [("error", "answer_without_call")]


def test_a_call_without_its_answer_is_left_out_where_the_format_wants_one() -> None:
    example = talk(asking(call()), USER, ANSWER)
    assert fit(example).example == example
    assert said(fit(example, answered_calls=True)) == [("error", "call_without_answer")]
    last = talk(asking(call()))
    assert fit(last, answered_calls=True).example == last


def test_several_calls_at_once_are_left_out_where_the_format_holds_one() -> None:
    example = talk(asking(call("1"), call("2")), result("1"), result("2"), ANSWER)
    assert said(fit(example, parallel_calls=False)) == [("error", "parallel_calls_not_expressible")]


def test_a_text_beside_a_call_is_dropped_where_the_format_has_none() -> None:
    fitted = fit(talk(asking(call(), text="Wait."), result(), ANSWER), arguments_and_text=False)
    assert fitted.example == talk(asking(call()), result(), ANSWER)
    assert said(fitted) == [("warning", "text_beside_call_dropped")]


def test_arguments_are_written_as_json_writes_them_where_their_text_is_lost() -> None:
    fitted = fit(talk(asking(call(arguments='{ "a":"\\u00e9" }')), result(), ANSWER), canonical_arguments=True)
    assert fitted.example == talk(asking(call(arguments='{"a": "é"}')), result(), ANSWER)
    assert said(fitted) == [("note", "arguments_rewritten")]


@pytest.mark.parametrize("arguments", ["", "[]", "{", '{"a": NaN}', '{"a": 1e999}', '{"a": ' * 100_000])
def test_arguments_that_are_no_object_are_left_out(arguments: str) -> None:
    assert canonical_arguments(arguments) is None
    example = talk(asking(call(arguments=arguments)), result(), ANSWER)
    assert said(fit(example, canonical_arguments=True)) == [("error", "arguments_not_expressible")]


def test_the_answers_of_a_preference_are_numbered_one_after_the_other() -> None:
    example = TrainingExample((USER,), (asking(call("")), result(""), ANSWER), (asking(call("")), result(""), ANSWER))
    fitted = fit(example).example
    assert fitted is not None
    assert [turn.tool_call_id for turn in fitted.preferred + fitted.rejected if turn.role == "tool"] == [
        "call_1",
        "call_2",
    ]


def test_calls_are_found_for_every_answer_or_not_at_all() -> None:
    turns = [asking(call("1"), call("2")), result("2"), result("1")]
    assert calls_answered(turns) == {1: (0, 1), 2: (0, 0)}
    assert calls_answered([*turns, result("1")]) is None
