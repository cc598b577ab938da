"""Names by language model, where the extra [qa-nlp] is installed."""

from __future__ import annotations

import pytest

from src.analysis.pii import find_pii, names_model

needs_model = pytest.mark.skipif(
    names_model() is None, reason="spacy and its model are not installed (requirements-qa-nlp.txt)"
)


def test_without_the_model_nothing_is_lost() -> None:
    text = "Dr. Maria Lopez said hello."
    assert set(find_pii(text)) <= set(find_pii(text, use_nlp=True))


@needs_model
def test_the_model_finds_a_name_that_no_rule_does() -> None:
    text = "The novel by Melinda about the sea won a prize."
    assert find_pii(text) == []
    assert [text[one.start : one.end] for one in find_pii(text, use_nlp=True)] == ["Melinda"]


@needs_model
def test_what_the_model_takes_for_people_is_checked() -> None:
    for text in ("Guten Tag, wie geht es Ihnen?", "Cassandra handles writes better than Mongo here."):
        assert find_pii(text, use_nlp=True) == []
