"""Samples as text, with the grammar's own tags in their pages, values and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.errors import FormatError
from src.web_actions.actions.sample_text import (
    SampleText,
    escape_tags,
    parse_sample_text,
    unescape_tags,
    write_sample_text,
)
from src.web_actions.session import Action

TAGS = st.lists(
    st.sampled_from(["<DOM>", "</DOM>", "<_DOM>", "</__ACTION>", "<ACTION>", "</IMAGE>", "<", "_", "DOM>", "a"])
    | st.text(max_size=3)
).map("".join)


def test_the_form_is_that_of_the_description() -> None:
    assert write_sample_text("<p>Hi</p>", Action("click", "#a")) == "<DOM><p>Hi</p></DOM><ACTION>click #a</ACTION>"


def test_a_picture_brings_the_place_of_the_pointer_with_it() -> None:
    action = Action("click", "#a", point=(3.0, 4.0))
    text = write_sample_text("<p>", action, "s3://bucket/a.webp")
    assert text == "<DOM><p></DOM><IMAGE>s3://bucket/a.webp</IMAGE><ACTION>click #a @3,4</ACTION>"
    assert parse_sample_text(text) == SampleText("<p>", action, "s3://bucket/a.webp")
    assert "@" not in write_sample_text("<p>", action)


def test_a_picture_may_stand_behind_the_action() -> None:
    text = "<DOM>x</DOM><ACTION>click #a</ACTION><IMAGE>i.webp</IMAGE>"
    assert parse_sample_text(text) == SampleText("x", Action("click", "#a"), "i.webp")


@given(TAGS, TAGS, TAGS)
def test_tags_in_texts_come_back_as_they_were(dom: str, value: str, image: str) -> None:
    action = Action("type", "#a", value)
    text = write_sample_text(dom, action, image)
    assert parse_sample_text(text) == SampleText(dom, action, image)
    assert text.count("<DOM>") == text.count("</DOM>") == text.count("<ACTION>") == text.count("</ACTION>") == 1


@given(TAGS)
def test_escaping_is_undone_exactly(text: str) -> None:
    assert unescape_tags(escape_tags(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "<DOM>x</DOM>", "x<DOM></DOM><ACTION>click #a</ACTION>", "<DOM>x<ACTION>click #a</ACTION>",
     "<DOM>x</DOM><ACTION>click #a</ACTION>more"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_sample_text(text)
