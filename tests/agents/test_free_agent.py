"""The user's own instructions are sent, and what comes back is checked for form and repeats."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.agents.free_agent import FreeAgent
from src.errors import PromptError
from tests.agents.support import PROSE, bench, client_for, document, journaled, text_in_journal

TALK = {"system": "Be kind.", "exchanges": [{"user": "Hi?", "assistant": "Yes."}, {"user": "And?", "assistant": "No."}]}


def test_the_prompt_file_is_what_is_sent(tmp_path: Path) -> None:
    (tmp_path / "free_mode").mkdir()
    (tmp_path / "free_mode" / "prompt.txt").write_text("# mine\nTalk about pumps only.\n", encoding="utf-8")
    with client_for(lambda _: json.dumps(TALK)) as (client, stub):
        samples = list(FreeAgent(replace(bench(client), prompts=tmp_path)).run([document(PROSE)], 1))
    system, user = stub.requests[0]["messages"]
    assert "Talk about pumps only." in system["content"] and PROSE[:40] not in system["content"]
    assert PROSE[:40] in user["content"]
    assert [m.role for m in samples[0].messages] == ["system", "user", "assistant", "user", "assistant"]
    assert samples[0].origin.method == "free" and samples[0].origin.prompt_id.startswith("free-")


def test_typed_instructions_win_over_the_file() -> None:
    with client_for(lambda _: json.dumps(TALK)) as (client, stub):
        workbench = replace(bench(client), instructions="Write like a pirate.")
        list(FreeAgent(workbench).run([document(PROSE)], 1))
    assert "Write like a pirate." in stub.requests[0]["messages"][0]["content"]


def test_origin_names_the_call_and_the_id_of_the_prompt_changes_with_its_text(tmp_path: Path) -> None:
    prompts = {}
    for text in ("Write like a pirate.", "Write like a monk."):
        with (
            client_for(lambda _: json.dumps(TALK)) as (client, _),
            journaled(tmp_path, client) as (workbench, journal),
        ):
            (sample,) = FreeAgent(replace(workbench, instructions=text)).run([document(PROSE)], 1)
            assert json.loads(text_in_journal(journal, sample.origin.call_id)) == TALK
        prompts[text] = sample.origin.prompt_id
    assert len(set(prompts.values())) == 2


def test_a_repeated_conversation_is_left_out_and_the_shortfall_said() -> None:
    with client_for(lambda _: json.dumps(TALK)) as (client, _):
        workbench = bench(client)
        assert len(list(FreeAgent(workbench).run([document(PROSE)], 2))) == 1
    assert workbench.report.dropped == {"conversation repeated": 5}
    assert "1 of 2 samples were generated" in workbench.report.issues[0].message


def test_without_instructions_the_message_says_where_to_write_them() -> None:
    with client_for() as (client, _):
        workbench = bench(client, free={"use_prompt_file": False})
        with pytest.raises(PromptError, match="--instructions"):
            list(FreeAgent(workbench).run([document(PROSE)], 1))
