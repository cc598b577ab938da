"""Actions are written as one line and read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.errors import FormatError
from src.web_actions.actions.grammar import FORMS, parse_action, write_action
from src.web_actions.session import ACTION_KINDS, Action

SELECTORS = (
    "#send",
    'input[name="q"]',
    "a[href='/x?a=1&b=(2)'] > span",
    'button[aria-label="Say \\"hi\\""]',
    "ul li:nth-of-type(3)",
    'a:not([href="#"], .off)',
    "#a\\:b",
    "div .x",
    'a[title="ends @1,2"]',
    "häuser > b",
)


def test_there_is_a_form_for_every_kind() -> None:
    assert set(FORMS) == set(ACTION_KINDS)


@pytest.mark.parametrize(
    ("action", "line"),
    [
        (Action("click", "#send"), "click #send"),
        (Action("type", 'input[name="q"]', "red shoes"), 'type input[name="q"] "red shoes"'),
        (Action("type", "#q", ""), 'type #q ""'),
        (Action("press", "", "Enter"), 'press "Enter"'),
        (Action("navigate", "", "https://shop.test/"), 'navigate "https://shop.test/"'),
        (Action("scroll", "", "0,300"), 'scroll "0,300"'),
        (Action("scroll"), "scroll"),
        (Action("wait", "#done"), "wait #done"),
        (Action("select", "select", "M"), 'select select "M"'),
        (Action("submit", "form"), "submit form"),
        (Action("type", "#q", 'a "b"\n\\ <c>'), 'type #q "a \\"b\\"\\n\\\\ <c>"'),
    ],
)
def test_an_action_is_one_line(action: Action, line: str) -> None:
    assert write_action(action) == line
    assert parse_action(line) == action


def test_the_place_of_the_pointer_is_written_on_demand() -> None:
    action = Action("click", "#map", point=(120.5, 48.0))
    assert write_action(action) == "click #map"
    assert write_action(action, point=True) == "click #map @120.5,48"
    assert parse_action("click #map @120.5,48") == action


@given(
    st.sampled_from([kind for kind in ACTION_KINDS if FORMS[kind].selector != "none"]),
    st.sampled_from(SELECTORS),
    st.text(min_size=1),
    st.none() | st.tuples(st.integers(-9, 9999), st.integers(0, 9999)),
)
def test_whatever_is_written_is_read_back(kind: str, selector: str, value: str, point: tuple[int, int] | None) -> None:
    takes = FORMS[kind].value != "none"
    action = Action(kind, selector, value if takes else "", (float(point[0]), float(point[1])) if point else None)
    assert parse_action(write_action(action, point=True)) == action


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (Action("drag", "#a"), "no kind of action"),
        (Action("click"), "selector is missing"),
        (Action("click", "#a", "x"), "takes no value"),
        (Action("navigate", "#a", "https://a.test"), "takes no selector"),
        (Action("press", "#a"), "value is missing"),
        (Action("click", 'a "x"'), "quote outside brackets"),
        (Action("click", "a[href"), "not closed"),
        (Action("click", " #a"), "spaces at an end"),
        (Action("click", "#a\n#b"), "line break"),
    ],
)
def test_what_cannot_be_said_is_refused(action: Action, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        write_action(action)


@pytest.mark.parametrize(
    "line", ["", "drag #a", "click", 'click #a "x"', "press #a", 'type #a "x', 'type #a "x" y', "navigate https://a"]
)
def test_what_nobody_wrote_is_not_read(line: str) -> None:
    with pytest.raises(FormatError):
        parse_action(line)
