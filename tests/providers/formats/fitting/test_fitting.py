from __future__ import annotations

from dataclasses import replace

import pytest

from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.fitting.fitting import fit_example
from src.providers.formats.training_example import MediaPart, TextPart, TrainingExample, Turn, TurnRole

SYSTEM, USER, ANSWER = Turn("system", "s"), Turn("user", "u"), Turn("assistant", "a")
PICTURE = MediaPart("https://a.b/c.png?x=1", detail="low")
SHOWN = Turn("user", (TextPart("What is it?"), PICTURE))


def talk(*turns: Turn) -> TrainingExample:
    return TrainingExample(turns)


def fit(example: TrainingExample, **abilities: object) -> Fitted:
    return fit_example(example, Abilities(**abilities), "here")  # type: ignore[arg-type]


def said(fitted: Fitted) -> list[tuple[str, str]]:
    return [(choice.severity, choice.rule) for choice in fitted.choices]


def roles(fitted: Fitted) -> str:
    """The first letters of the roles that are left."""
    assert fitted.example is not None
    return "".join(turn.role[0] for turn in fitted.example.turns)


def contents(fitted: Fitted) -> list[object]:
    assert fitted.example is not None
    return [turn.content for turn in fitted.example.turns]


def test_what_fits_stays_as_it_is() -> None:
    assert fit(talk(SYSTEM, USER, ANSWER)) == Fitted(talk(SYSTEM, USER, ANSWER))


def test_a_kind_the_format_has_no_place_for_is_left_out() -> None:
    fitted = fit(TrainingExample(text="raw"))
    assert said(fitted) == [("error", "kind_not_expressible")]
    assert fitted.choices[0].message.endswith("; the example is left out.")


def test_of_a_preference_the_better_answer_is_kept_where_there_is_no_place_for_two() -> None:
    fitted = fit(TrainingExample((USER,), preferred=(ANSWER,), rejected=(Turn("assistant", "b"),)))
    assert fitted.example == talk(USER, ANSWER)
    assert said(fitted) == [("warning", "rejected_dropped")]


def test_extras_stay_in_the_family_and_are_dropped_elsewhere() -> None:
    example = replace(talk(USER, ANSWER), extras={"seed": 1}, extras_of="here")
    assert fit(example).example == example
    fitted = fit_example(example, Abilities(), "there")
    assert fitted.example == talk(USER, ANSWER)
    assert said(fitted) == [("warning", "extras_dropped")]


@pytest.mark.parametrize(
    ("system", "content", "choices"),
    [
        ("anywhere", ["s", "u", "s", "a"], []),
        ("first", ["s\n\ns", "u", "a"], ["system_moved", "system_merged"]),
        ("in_prompt", ["s\n\ns\n\nu", "a"], ["system_moved", "system_merged", "system_into_prompt"]),
    ],
)
def test_system_texts_go_where_the_format_has_them(system: str, content: list[str], choices: list[str]) -> None:
    fitted = fit(talk(SYSTEM, USER, SYSTEM, ANSWER), system=system)
    assert contents(fitted) == content
    assert said(fitted) == [("warning", rule) for rule in choices]


def test_a_system_text_heads_the_first_question_whatever_it_holds() -> None:
    fitted = fit(talk(SYSTEM, SHOWN, ANSWER, USER, ANSWER), system="in_prompt", parts=True, media_on=("user",))
    assert contents(fitted) == [(TextPart("s"), TextPart("\n\nWhat is it?"), PICTURE), "a", "u", "a"]
    first = fit(talk(SYSTEM, Turn("user", (PICTURE,)), ANSWER), system="in_prompt", parts=True, media_on=("user",))
    assert contents(first) == [(TextPart("s\n\n"), PICTURE), "a"]


def test_a_developer_message_becomes_a_system_message() -> None:
    developer = Turn("developer", "d")
    assert fit(talk(developer, USER, ANSWER), developer=True).choices == ()
    fitted = fit(talk(SYSTEM, developer, USER, ANSWER), system="first")
    assert contents(fitted) == ["s\n\nd", "u", "a"]
    assert said(fitted) == [("warning", "developer_as_system"), ("warning", "system_merged")]


@pytest.mark.parametrize(
    ("turns", "left", "choices"),
    [
        ((SYSTEM, ANSWER, USER, ANSWER), "sua", ["leading_turn_dropped"]),
        ((USER, USER, ANSWER, ANSWER), "ua", ["turns_merged"]),
        ((USER, ANSWER, USER), "ua", ["trailing_turn_dropped"]),
    ],
)
def test_turns_are_put_in_order(turns: tuple[Turn, ...], left: str, choices: list[str]) -> None:
    fitted = fit(talk(*turns), alternates=True)
    assert roles(fitted) == left
    assert {rule for _, rule in said(fitted)} == set(choices)


@pytest.mark.parametrize("turns", [(ANSWER,), (ANSWER, USER), (SYSTEM, ANSWER)])
def test_an_example_without_a_question_before_its_answer_is_left_out(turns: tuple[Turn, ...]) -> None:
    assert said(fit(talk(*turns), alternates=True))[-1] == ("error", "no_answer_left")


def test_a_conversation_of_several_rounds_is_left_out_where_one_is_wanted() -> None:
    assert said(fit(talk(USER, ANSWER, USER, ANSWER), single_turn=True)) == [("error", "too_many_turns")]


def test_joined_turns_keep_what_none_of_them_contradicts() -> None:
    one, two = replace(ANSWER, name="Bo", weight=1), replace(ANSWER, name="Bo", weight=0)
    fitted = fit(talk(USER, one, two), alternates=True, names=True, weights_on=("assistant",))
    assert fitted.example == talk(USER, Turn("assistant", "a\n\na", name="Bo", weight=0))
    fitted = fit(talk(USER, one, replace(two, name="Al")), alternates=True, names=True, weights_on=("assistant",))
    assert fitted.example is not None and fitted.example.turns[1].name == ""
    assert ("warning", "name_dropped") in said(fitted)


def test_refusals_of_joined_turns_are_joined() -> None:
    refusals = (Turn("assistant", refusal="No."), Turn("assistant", refusal="Never."))
    fitted = fit(talk(USER, *refusals), alternates=True, refusals=True)
    assert fitted.example == talk(USER, Turn("assistant", refusal="No.\n\nNever."))


@pytest.mark.parametrize(
    ("role", "weight", "severity"),
    [
        ("assistant", 0, "warning"),
        ("assistant", 1, "note"),
        ("user", 0, "note"),
        ("user", 1, "warning"),
    ],
)
def test_a_weight_without_a_place_is_a_loss_only_where_it_changed_something(
    role: TurnRole, weight: int, severity: str
) -> None:
    fitted = fit(talk(USER, ANSWER, Turn(role, "x", weight=weight), ANSWER))
    assert said(fitted) == [(severity, "weight_dropped")]


def test_names_are_dropped_where_the_format_has_none() -> None:
    named = replace(USER, name="Ann")
    assert fit(talk(named, ANSWER), names=True).choices == ()
    assert fit(talk(named, ANSWER)).example == talk(USER, ANSWER)
    assert said(fit(talk(named, ANSWER))) == [("warning", "name_dropped")]


def test_a_refusal_becomes_the_answer_unless_there_is_one() -> None:
    moved = fit(talk(USER, Turn("assistant", refusal="No.")))
    assert (contents(moved), said(moved)) == (["u", "No."], [("warning", "refusal_moved")])
    dropped = fit(talk(USER, Turn("assistant", "Well.", refusal="No.")))
    assert (contents(dropped), said(dropped)) == (["u", "Well."], [("warning", "refusal_dropped")])


def test_parts_are_joined_where_the_format_has_texts_alone() -> None:
    fitted = fit(talk(Turn("user", (TextPart("a"), TextPart("b"))), ANSWER))
    assert (contents(fitted), said(fitted)) == (["ab", "a"], [("note", "parts_joined")])


def test_contents_are_all_lists_or_none_where_the_format_wants_that() -> None:
    listed = Turn("user", (TextPart("u"),))
    abilities = {"parts": True, "uniform_parts": True, "media_on": ("user",), "media_details": True}
    assert contents(fit(talk(listed, ANSWER), **abilities)) == ["u", "a"]
    assert contents(fit(talk(SHOWN, ANSWER), **abilities)) == [SHOWN.content, (TextPart("a"),)]
    all_listed = talk(listed, Turn("assistant", (TextPart("a"),)))
    assert fit(all_listed, **abilities) == Fitted(all_listed)


@pytest.mark.parametrize(
    ("abilities", "rule"),
    [
        ({}, "media_not_expressible"),
        ({"media_on": ("assistant",)}, "media_not_expressible"),
        ({"media_on": ("user",), "media_schemes": ("data:", "gs:")}, "media_kind_not_expressible"),
    ],
)
def test_a_picture_without_a_place_is_left_out_with_its_example(abilities: dict[str, object], rule: str) -> None:
    assert said(fit(talk(SHOWN, ANSWER), parts=True, **abilities)) == [("error", rule)]


def test_a_file_of_another_kind_is_left_out_with_its_example() -> None:
    paper = talk(Turn("user", (MediaPart("gs://b/a.pdf", "application/pdf"),)), ANSWER)
    fitted = fit(paper, parts=True, media_on=("user",), media_kinds=("image/",))
    assert said(fitted) == [("error", "media_kind_not_expressible")]


def test_a_mime_type_is_dropped_or_found_as_the_format_has_it() -> None:
    given = talk(Turn("user", (MediaPart("https://a.b/c", "image/png"),)), ANSWER)
    abilities = {"parts": True, "media_on": ("user",)}
    assert contents(fit(given, **abilities))[0] == (MediaPart("https://a.b/c"),)
    assert fit(given, media_types=True, **abilities) == Fitted(given)
    found = fit(talk(Turn("user", (PICTURE,)), ANSWER), media_types=True, **abilities)
    assert contents(found)[0] == (replace(PICTURE, mime_type="image/png"),)
    assert said(found) == [("note", "mime_type_guessed")]
    unknown = talk(Turn("user", (MediaPart("https://a.b/c"),)), ANSWER)
    assert said(fit(unknown, media_types=True, **abilities))[-1] == ("error", "mime_type_unknown")


def test_how_closely_to_look_is_dropped_where_the_format_does_not_say() -> None:
    fitted = fit(talk(SHOWN, ANSWER), parts=True, media_on=("user",), media_details=False)
    assert contents(fitted)[0] == (TextPart("What is it?"), replace(PICTURE, detail=""))
    assert said(fitted) == [("warning", "detail_dropped")]


def test_texts_are_trimmed_and_reserved_ones_left_out() -> None:
    fitted = fit(talk(Turn("user", " u\n"), ANSWER), trimmed=True)
    assert (contents(fitted), said(fitted)) == (["u", "a"], [("note", "text_trimmed")])
    spoken = talk(Turn("user", (TextPart("a\nHuman: b"),)), ANSWER)
    assert said(fit(spoken, reserved_texts=("\nHuman:",)))[-1] == ("error", "reserved_text")


def test_choices_made_before_an_example_is_left_out_are_kept() -> None:
    fitted = fit(talk(replace(USER, name="Ann"), ANSWER, USER, ANSWER), single_turn=True)
    assert said(fitted) == [("warning", "name_dropped"), ("error", "too_many_turns")]
