"""What every format promises: a row that is built is accepted, and says when read what was built into it."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings

from src.providers import PROVIDERS
from src.providers.formats.fitting.abilities import Fitted
from src.providers.formats.registry import FORMATS
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample
from tests.providers.formats.strategies import examples, examples_for, plain_conversations

# A search of our own for rare rows: `FEW` runs each time, `MANY` where slow tests do.
FEW = settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=300)


def errors(form: RowFormat, row: object) -> list[tuple[str, str]]:
    return [(finding.path, finding.rule) for finding in form.check(row) if finding.severity == "error"]


def only_notes(fitted: Fitted) -> bool:
    return all(choice.severity == "note" for choice in fitted.choices)


def check_choices(example: TrainingExample, fitted: Fitted) -> None:
    """Nothing is changed in silence, and an error says that the example is left out, and nothing else."""
    severities = [choice.severity for choice in fitted.choices]
    assert ("error" in severities) == (fitted.example is None)
    assert "error" not in severities[:-1]
    assert severities or fitted.example == example


def check_row(form: RowFormat, example: TrainingExample) -> None:
    """The row of a fitted example is accepted, says what the example said, and is written again as it was."""
    row = form.build(example)
    line = json.dumps(row, ensure_ascii=False)
    assert errors(form, json.loads(line)) == []
    # A prompt without anything to compare with looks like a conversation that lacks its answer.
    assert form.recognises(row) or "prompt" in form.abilities.kinds
    read = form.read(json.loads(line))
    assert read == example
    assert json.dumps(form.build(read), ensure_ascii=False) == line
    assert form.fit(read) == Fitted(read)


def search_for_broken_promises(form: RowFormat, how_far: settings) -> None:
    kinds = set()

    @given(example=examples_for(form.abilities.kinds))
    @how_far
    def search(example: TrainingExample) -> None:
        fitted = form.fit(example)
        check_choices(example, fitted)
        if fitted.example is not None:
            kinds.add(fitted.example.kind)
            check_row(form, fitted.example)

    search()
    # The search would say nothing of a kind whose examples are all left out.
    assert how_far is FEW or kinds >= set(form.abilities.kinds)


@pytest.mark.parametrize("name", FORMATS)
def test_what_fits_is_accepted_reads_back_and_is_written_as_it_was(name: str) -> None:
    search_for_broken_promises(FORMATS[name], FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_the_same_for_rarer_rows(name: str) -> None:
    search_for_broken_promises(FORMATS[name], MANY)


@given(example=plain_conversations())
@settings(FEW, max_examples=100)
def test_texts_come_back_from_every_other_provider(example: TrainingExample) -> None:
    for source in PROVIDERS.values():
        for target in PROVIDERS.values():
            assert_texts_come_back(source.sample_format, target.sample_format, example)


def assert_texts_come_back(here: RowFormat, there: RowFormat, example: TrainingExample) -> None:
    first = here.fit(example)
    second = there.fit(here.read(here.build(first.example))) if first.example else Fitted(None)
    if first.example is None or second.example is None or not only_notes(first) or not only_notes(second):
        return
    back = here.fit(there.read(there.build(second.example)))
    assert back.example == first.example, (here.name, there.name)
    assert only_notes(back)


def test_the_strategies_reach_what_is_hard() -> None:
    seen: set[str] = set()

    @given(example=examples)
    @settings(FEW, max_examples=150)
    def look(example: TrainingExample) -> None:
        turns = example.all_turns
        seen.update(turn.role for turn in turns)
        seen.update("media" for turn in turns if turn.media)
        seen.update("parallel" for turn in turns if len(turn.tool_calls) > 1)
        seen.update(f"weight {turn.weight}" for turn in turns)
        seen.add(example.kind)

    look()
    assert seen >= {"system", "developer", "user", "assistant", "tool", "media", "parallel", "weight 0", "weight 1"}
    assert seen >= {"conversation", "preference", "prompt", "text"}
