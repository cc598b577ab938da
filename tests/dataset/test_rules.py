"""Rules: what is accepted works for every sample, everything else is refused with its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.dataset.fields import Fields
from src.dataset.rules import NAMES, parse_rule
from src.errors import UsageError

SAMPLE = Fields(
    token_length=640,
    method="created",
    source_file="manuals/2024/pump.pdf",
    keywords=("Pump", "valve"),
    split="train",
    model="m-1",
    contents=["How does it start?", "Press the green button.", "And then?", "Wait."],
)


@pytest.mark.parametrize(
    "rule, value",
    [
        ("topic", "Pump"),
        ("source", "manuals/2024/pump.pdf"),
        ("folder", "manuals/2024"),
        ("complexity", "low"),
        ("token_length", 640),
        ("token_length // 500", 1),
        ("token_length % 500 - 40 * 3", 20),
        ("-turns / 8 + 1.5", 1.0),
        ("turns % 0", 0),
        ("turns / 0", 0),
        ("turns // (turns - 4)", 0),
        ("100 < token_length <= 640", True),
        ("token_length > 500 and not turns > 4", True),
        ("method == 'created' or turns == 1", True),
        ("'valve' in keywords", True),
        ("keywords.contains('tap')", False),
        ("'pump' in source_file", True),
        ("turns in (2, 4)", True),
        ("method not in ['created', 'free']", False),
        ("source_file.endswith('.pdf') and source_file.startswith('man')", True),
        ("topic.lower().contains('um')", True),
        ("'long' if token_length > 1000 else 'mid' if token_length > 500 else 'short'", "mid"),
        ("method + ' ' + complexity", "created low"),
        ("split == 'train' and True", True),
    ],
)
def test_rules_say_what_they_say(rule: str, value: object) -> None:
    found = parse_rule(rule).run(SAMPLE)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "rule, column, reason",
    [
        ("token_lenght > 5", 1, "use one of token_length"),
        ("token_length > '5'", 1, "compares a number with a text"),
        ("turns > 2 and keywords", 15, "where a yes or no is wanted"),
        ("'a' if turns else 'b'", 8, "where a yes or no is wanted"),
        ("'a' if turns > 1 else 2", 1, "both must be of one kind"),
        ("turns ** 9", 1, "+ - * / // %"),
        ("'%s' % topic", 1, "takes numbers"),
        ("topic * 9", 1, "takes numbers"),
        ("'größe' == turns", 1, "compares"),
        ("topic == 'größe' and turnz", 22, "is not known"),
        ("topic.upper()", 1, ".startswith()"),
        ("topic.startswith(turns)", 18, "where a text is wanted"),
        ("topic.startswith('a', 'b')", 1, "takes one text"),
        ("turns.lower()", 1, "takes one text"),
        ("keywords.startswith('a')", 1, "is for texts"),
        ("turns in topic", 1, "cannot look for"),
        ("topic is method", 1, "compare with"),
        ("keywords < keywords", 1, "larger"),
        ("()", 1, "texts alone or numbers alone"),
        ("1e999 > turns", 1, "is not accepted"),
        ("None", 1, "is not accepted"),
        ("b'a'", 1, "is not accepted"),
        ("~turns", 1, "is not accepted"),
        ("topic[0]", 1, "is not accepted"),
        ("topic.__class__", 1, "is not accepted"),
        ("().__class__.__bases__[0]", 1, "is not accepted"),
        ("__import__('os').system('true')", 1, "is not accepted"),
        ("open('x')", 1, "is not accepted"),
        ("(lambda: topic)()", 1, "is not accepted"),
        ("[x for x in keywords]", 1, "is not accepted"),
        ("f'{topic}'", 1, "is not accepted"),
        ("(x := topic)", 2, "is not accepted"),
        ("topic.startswith(*keywords)", 18, "is not accepted"),
    ],
)
def test_everything_else_is_refused_with_its_column(rule: str, column: int, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_rule(rule)
    assert f"column {column}:" in str(refused.value) and reason in str(refused.value)


@pytest.mark.parametrize(
    "rule", ["", "topic ==", "import os", "a; b", "'open", "topic\x00", "x = 1", "0or 1", "'\\d' =="]
)
def test_what_is_no_rule_is_refused_with_an_example(rule: str) -> None:
    with pytest.raises(UsageError, match=r"not understood.*token_length > 500"):
        parse_rule(rule)


@pytest.mark.parametrize(
    "rule",
    ["(" * 240 + "turns" + ")" * 240, "not " * 90 + "turns > 1", "-" * 200 + "1", "1+" * 70 + "1", "'a' + " * 90],
)
def test_rules_that_are_too_long_or_too_deep_are_refused(rule: str) -> None:
    with pytest.raises(UsageError):
        parse_rule(rule)


def test_a_rule_of_very_many_parts_is_refused() -> None:
    assert parse_rule(f"turns in ({'4, ' * 50})").run(SAMPLE) is True
    with pytest.raises(UsageError, match="more than 120 parts"):
        parse_rule(f"turns in ({'4, ' * 130})")


def test_a_rule_of_more_than_500_characters_is_refused() -> None:
    with pytest.raises(UsageError, match="at most 500"):
        parse_rule(f"topic == '{'a' * 600}'")


PARTS = st.sampled_from(
    [*NAMES, "1", "0", "2.5", "1e12", "'a'", "(", ")", "+", "-", "*", "/", "//", "%", "<", "==", "in", "not", "and",
     "or", "if", "else", ",", ".contains('a')", ".lower()", "[", "]"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=12))
def test_what_is_accepted_runs_for_every_sample(parts: list[str]) -> None:
    try:
        rule = parse_rule(" ".join(parts))
    except UsageError:
        return
    for sample in (SAMPLE, Fields(0, "", "", (), "", "", [])):
        rule.run(sample)


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_a_usage_error(text: str) -> None:
    try:
        parse_rule(text).run(SAMPLE)
    except UsageError:
        return
