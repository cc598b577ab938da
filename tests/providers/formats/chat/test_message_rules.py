from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from src.providers.formats.chat.message_rules import MessageRules, check_messages, check_plain_messages
from src.providers.formats.mistral.rules import MESSAGE_RULES as MISTRAL_RULES
from src.providers.formats.openai.rules import MESSAGE_RULES as OPENAI_RULES
from tests.providers.formats.chat.examples import ANSWER, USER

MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "user", "assistant", "developer", "tool", "critic", None])},
        optional={"content": st.sampled_from(["Hi", " \n", "", None, 7, ["x"], "Human: x"]), "name": st.just("Ann")},
    ),
    max_size=6,
)
STRICT = MessageRules(
    roles=("system", "user", "assistant"),
    system="first",
    alternate="required",
    ends_with_assistant="required",
    reserved_texts=("Human:",),
)


@settings(max_examples=300, deadline=None)
@given(MESSAGES, st.sampled_from([OPENAI_RULES, MISTRAL_RULES, STRICT]))
def test_the_quick_way_finds_what_the_slow_way_finds(messages: list[object], rules: MessageRules) -> None:
    plain = check_plain_messages(messages, rules)
    # A key that no rule knows sends the same messages the slow way, where it is the only other finding.
    marked = [{**message, "mark": 1} for message in messages if isinstance(message, dict)]
    slow = [finding for finding in check_messages(marked, rules) if not finding.path.endswith(".mark")]
    if plain is not None:
        assert list(plain) == slow
    assert list(check_messages(messages, rules)) == slow


def test_conversations_too_long_to_be_remembered_are_judged_the_same() -> None:
    messages = [USER, ANSWER] * 40
    assert list(check_messages(messages, STRICT)) == []
    found = list(check_messages([*messages, ANSWER], STRICT))
    assert [(finding.path, finding.rule) for finding in found] == [("messages[80].role", "roles_not_in_turn")]


def test_the_place_of_a_list_under_another_name_is_said() -> None:
    found = list(check_messages([USER, ANSWER, ANSWER], STRICT, "input.messages"))
    assert [finding.path for finding in found] == ["input.messages[2].role"]


def test_a_huge_wrong_value_is_not_quoted_whole() -> None:
    found = list(check_messages([USER, {**ANSWER, "role": "x" * 10_000}], STRICT))
    assert all(len(finding.message) < 200 for finding in found)
