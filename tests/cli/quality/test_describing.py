from __future__ import annotations

import pytest

from src.errors import UsageError
from tests.cli.quality.working import Desk


def emails(desk: Desk) -> int:
    return sum(message.content.count("@") for sample in desk.samples() for message in sample.messages)


def test_redaction_says_how_much_of_what_asks_and_never_shows_a_value(desk: Desk) -> None:
    before = desk.samples()
    assert emails(desk) == 2
    with pytest.raises(UsageError, match="Nothing was changed"):
        desk.do("redact", "support", "--mask", "email,phone")
    assert desk.samples() == before
    answer = desk.do("redact", "support", "--mask", "email,phone", answers=["y"])
    assert (answer["changed"], answer["dropped"], answer["replaced"]) == (2, 0, {"EMAIL": 2})
    assert "@" not in desk.said and emails(desk) == 0
    assert "has none of this" in (desk.do("redact", "support", "--mask", "EMAIL"), desk.said)[1]
    desk.do("undo", "support", *map(str, answer["changes"]))
    assert desk.samples() == before


def test_the_policies_are_those_of_the_settings_and_of_the_command(desk: Desk) -> None:
    with pytest.raises(UsageError, match="give --mask, --replace or --drop"):
        desk.do("redact", "support", "--yes")
    with pytest.raises(UsageError, match="--drop: 'URL' is no kind"):
        desk.do("redact", "support", "--drop", "EMAIL,URL")
    desk.write("config.yaml", "qa: {pii: {policies: {EMAIL: replace, CARD: mask}}}\n")
    assert desk.do("redact", "support", "--yes")["policies"] == {"EMAIL": "replace", "CARD": "mask"}
    assert emails(desk) == 2  # fakes, which are no personal data any more
    assert desk.do("redact", "support", "--yes", "--drop", "email")["dropped"] == 0
    desk.do("undo", "support")
    assert desk.do("redact", "support", "--yes", "--drop", "email")["dropped"] == 2
    assert emails(desk) == 0 and len(desk.samples()) == 77


def test_topics_become_the_first_keyword_and_replace_those_of_before(desk: Desk) -> None:
    before = desk.samples()
    shown = desk.do("topics", "support", "--topics", "4")
    assert shown["changes"] == [] and desk.samples() == before
    desk.do("topics", "support", "--topics", "4", "--apply")
    answer = desk.do("topics", "support", "--apply")
    names = [topic["keyword"] for topic in answer["topics"]]
    after = desk.samples()
    assert len(names) == 6 and not any("," in name for name in names)
    assert [s.topic_keywords[0] for s in after].count(names[0]) == answer["topics"][0]["texts"]
    assert [(s.id, s.messages, s.split) for s in after] == [(s.id, s.messages, s.split) for s in before]
    for one, other in zip(before, after, strict=True):
        assert [k for k in other.topic_keywords if k not in names] == [k for k in one.topic_keywords if k not in names]
    assert desk.do("topics", "support", "--apply")["changes"] == []
    left = desk.do("curate", "support", "--include", f"topic == '{names[0]}'")
    assert left["kept"] == answer["topics"][0]["texts"]
    desk.do("undo", "support", "--all")
    assert desk.samples() == before
    with pytest.raises(UsageError, match="1 to 1000"):
        desk.do("topics", "support", "--topics", "0")


def test_entities_of_the_documents_are_counted_over_all_and_for_each(desk: Desk) -> None:
    answer = desk.do("entities", "support")
    assert len(answer["documents"]) == 6 and answer["unreadable"] == {}
    assert answer["kinds"]["place"]["most_frequent"]["Leeds"] >= 5
    assert "15:00" in str(answer["documents"]) and "Leeds" in desk.said
    assert {"one": "Daniel Finch", "other": "Ruth Marlow", "sentences": 1} in answer["together"]


def test_without_the_documents_there_are_no_entities(desk: Desk) -> None:
    with pytest.raises(UsageError, match="no document of 'support' is at hand; give --input"):
        desk.do("entities", "support", "--input", str(desk.folder))
    assert "faq.txt: there is no such file" in desk.said
