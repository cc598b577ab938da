"""The LLM marks lines; the text comes from the source or the answer is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from src.agents.identify_agent import IdentifyAgent
from tests.agents.support import bench, client_for, document, journaled, text_in_journal

TALK = "Maria: Does it leak?\nIt smells, too.\nTom: Only when the valve is open.\nMaria: Thanks."


def turn(role: str, first: int, last: int, label: str) -> dict[str, Any]:
    return {"role": role, "first_line": first, "last_line": last, "label": label}


GOOD = [turn("user", 1, 2, "Maria: "), turn("assistant", 3, 3, "Tom: "), turn("user", 4, 4, "Maria: ")]


def identify(text: str, turns: list[dict[str, Any]]) -> tuple[list[Any], dict[str, int], int]:
    with client_for(lambda _: json.dumps({"turns": turns})) as (client, stub):
        workbench = bench(client)
        workbench.llm_stage = True
        samples = list(IdentifyAgent(workbench).run([document(text)], 10))
        return samples, dict(workbench.report.dropped), len(stub.requests)


def test_marked_lines_are_cut_from_the_source_without_their_labels() -> None:
    samples, dropped, _ = identify(TALK, GOOD)
    assert [(m.role, m.content) for m in samples[0].messages] == [
        ("user", "Does it leak?\nIt smells, too."),
        ("assistant", "Only when the valve is open."),
    ]
    assert dropped == {}


def test_the_origin_of_marked_lines_names_prompt_model_and_call_that_of_found_ones_none(tmp_path: Path) -> None:
    found = document("Q: Who repairs pumps?\nA: Every registered dealer.", "b.txt")
    answer = json.dumps({"turns": GOOD})
    with client_for(lambda _: answer) as (client, _), journaled(tmp_path, client) as (workbench, journal):
        workbench.llm_stage = True
        samples = list(IdentifyAgent(workbench).run([document(TALK), found], 10))
        marked, plain = samples[0].origin, samples[1].origin
        assert text_in_journal(journal, marked.call_id) == answer
    assert (marked.prompt_id.startswith("identify_mode-"), marked.model) == (True, "stub-model")
    assert (plain.prompt_id, plain.model, plain.call_id) == ("", "", "")


@pytest.mark.parametrize(
    "turns",
    [
        [turn("user", 1, 9, "Maria: "), turn("assistant", 3, 3, "Tom: ")],
        [turn("user", 0, 1, "Maria: "), turn("assistant", 3, 3, "Tom: ")],
        [turn("user", 3, 3, "Tom: "), turn("assistant", 1, 2, "Maria: ")],
        [turn("user", 1, 2, "Marie: "), turn("assistant", 3, 3, "Tom: ")],
        [turn("user", 1, 3, "Maria: "), turn("assistant", 3, 3, "Tom: ")],
    ],
)
def test_an_answer_that_does_not_fit_the_lines_is_refused_whole(turns: list[dict[str, Any]]) -> None:
    samples, dropped, _ = identify(TALK, turns)
    assert samples == []
    assert dropped == {"marked lines do not stand in the source": 1}


def test_an_empty_answer_means_no_conversation() -> None:
    assert identify(TALK, [])[:2] == ([], {})


def test_text_that_a_recogniser_understood_is_not_sent() -> None:
    samples, _, calls = identify("Q: Who?\nA: Me.", GOOD)
    assert len(samples) == 1 and calls == 0


def test_prose_without_a_sign_of_talk_is_not_sent() -> None:
    assert identify("One line of prose.\nAnother line of prose.", GOOD)[2] == 0
