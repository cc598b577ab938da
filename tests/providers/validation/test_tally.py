from __future__ import annotations

from src.providers.formats.findings import Finding, problem
from src.providers.validation.tally import KEPT_EXAMPLES, OTHER_PLACES, PLACES_PER_RULE, Tally


def test_equal_findings_are_one_group_with_the_first_examples() -> None:
    tally = Tally()
    for line in range(1, 1_001):
        tally.note(Finding("error", line, f"messages[{line}].content", "text_empty", "is empty."), "openai-chat")
    (group,) = tally.groups.values()
    assert (group.count, group.place, group.form) == (1_000, "messages[].content", "openai-chat")
    assert [one.line for one in group.examples] == list(range(1, KEPT_EXAMPLES + 1))


def test_made_up_keys_do_not_make_endless_groups() -> None:
    tally = Tally()
    for number in range(10 * PLACES_PER_RULE):
        tally.note(problem(f"key{number}", "unknown_key", "remove it."))
    assert len(tally.groups) == PLACES_PER_RULE + 1
    assert sum(group.count for group in tally.groups.values()) == 10 * PLACES_PER_RULE
    assert OTHER_PLACES in {group.place for group in tally.groups.values()}


def test_groups_of_later_lines_are_added_with_their_lines_shifted() -> None:
    first, second = Tally(), Tally()
    first.note(Finding("error", 2, "a", "r", "m"))
    second.note(Finding("error", 1, "a", "r", "m"))
    for group in second.groups.values():
        first.add(group, 10)
    (group,) = first.groups.values()
    assert (group.count, [one.line for one in group.examples]) == (2, [2, 11])
