"""A run's budget and what it still has to pay for, worked out from the journal before a call is made."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from src.agents.base_agent import FirstRequests
from src.errors import UsageError
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.llm_session import budget_of, check_budget, saved_plan, without_answered
from src.pipeline.run_plan import Workspace
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.flow.call_journal import call_key, call_text
from src.providers.clients.models.prices import worst_case_input_tokens
from src.records import Message
from tests.pipeline.llm.llm_plans import KEY, PRICES, generated, ingested, new_workspace, plan
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import good, good_until

REQUESTS = tuple(ChatRequest((Message("user", f"Question {n}"),), {"type": "object"}, max_tokens=100) for n in range(4))
WORST = worst_case_input_tokens(REQUESTS[0].messages, REQUESTS[0].schema) + 100


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def send(journal: RunJournal, request: ChatRequest, run_id: str = "r1") -> str:
    text = call_text("openai", "stub", request)
    journal.sent(run_id, call_key(text), stage="create", provider="openai", model="stub", request=text).wait()
    return call_key(text)


def answer(journal: RunJournal, request: ChatRequest, usd: float | None = None) -> None:
    figures = {"input_tokens": 1000, "output_tokens": 100, "seconds": 0.1, "usd": usd}
    key = send(journal, request)
    journal.answered(key, text="{}", finish_reason="stop", answer_model="stub", **figures).wait()


def test_what_was_spent_counts_and_what_had_no_price_then_counts_at_todays(workspace: Workspace) -> None:
    run_plan = plan(workspace, system={"budget_usd": 5.0, **PRICES})
    with RunJournal(workspace.journal) as journal:
        answer(journal, REQUESTS[0], usd=0.25)
        assert budget_of(run_plan, journal, "r1").spent_usd == pytest.approx(0.25)
        answer(journal, REQUESTS[1], usd=None)
        budget = budget_of(run_plan, journal, "r1")
        assert budget.spent_tokens == 2200 and budget.spent_usd == pytest.approx(2 * (1000 * 10 + 100 * 40) / 1e6)
        assert budget_of(run_plan, journal, "other").spent_tokens == 0


def test_calls_that_were_never_answered_count_at_their_worst_each_time_they_were_sent(workspace: Workspace) -> None:
    run_plan = plan(workspace, system={"budget_tokens": 9999})
    with RunJournal(workspace.journal) as journal:
        send(journal, REQUESTS[0])
        send(journal, REQUESTS[0])
        assert budget_of(run_plan, journal, "r1").spent_tokens == 2 * WORST
        journal.not_billed(send(journal, REQUESTS[1])).wait()
        assert budget_of(run_plan, journal, "r1").spent_tokens == 2 * WORST


def test_calls_in_an_open_batch_job_are_left_to_whoever_takes_the_job_up(workspace: Workspace) -> None:
    run_plan = plan(workspace, system={"budget_tokens": 9999})
    with RunJournal(workspace.journal) as journal:
        keys = [send(journal, request) for request in REQUESTS[:2]]
        journal.save_batch("r1", "openai", "stub", "job", keys)
        assert budget_of(run_plan, journal, "r1").spent_tokens == 0
        journal.close_batch("job", "expired")
        assert budget_of(run_plan, journal, "r1").spent_tokens == 2 * WORST


def test_a_budget_without_room_for_one_call_is_refused_with_what_a_call_may_take(workspace: Workspace) -> None:
    check_budget(plan(workspace, system={"budget_tokens": WORST}), workspace, "r1", REQUESTS)
    check_budget(plan(workspace), workspace, "r1", REQUESTS)
    check_budget(plan(workspace, system={"budget_tokens": 1}), workspace, "r1", ())
    small = plan(workspace, system={"budget_tokens": WORST - 1})
    with pytest.raises(UsageError, match=rf"\({WORST - 1:,} tokens\) .*0 tokens spent .* {WORST:,} tokens"):
        check_budget(small, workspace, "r1", REQUESTS)
    cent = plan(workspace, system={"budget_usd": 0.001, **PRICES})
    with pytest.raises(UsageError, match=r"\$0 spent .* Raise --budget-usd \(system\.budget_usd\)\."):
        check_budget(cent, workspace, "r1", REQUESTS)
    with RunJournal(workspace.journal) as journal:
        answer(journal, REQUESTS[0])
    with pytest.raises(UsageError, match="1,100 tokens spent or possibly billed so far"):
        check_budget(plan(workspace, system={"budget_tokens": WORST + 1000}), workspace, "r1", REQUESTS)


def test_answered_calls_are_not_planned_again(workspace: Workspace) -> None:
    run_plan, first = plan(workspace), FirstRequests(100, REQUESTS)
    assert without_answered(run_plan, workspace, "r2", first) is first
    with RunJournal(workspace.journal) as journal:
        for request in REQUESTS[:3]:
            answer(journal, request)
    assert without_answered(run_plan, workspace, "r2", first) == FirstRequests(97, [REQUESTS[3]])
    assert without_answered(run_plan, workspace, "r1", FirstRequests(5, REQUESTS[:2])).planned == 2
    with RunJournal(workspace.journal) as journal:
        answer(journal, REQUESTS[3])
    # Another run that asks just these is paid for; one that stopped needs more, or it would not have stopped.
    assert without_answered(run_plan, workspace, "r2", FirstRequests(4, REQUESTS)) == FirstRequests(0, ())
    assert without_answered(run_plan, workspace, "r1", FirstRequests(100, REQUESTS)).planned == 96


def test_a_stopped_run_is_estimated_by_what_is_left(workspace: Workspace) -> None:
    tired = good_until(4, lambda _: Reply(status=429, headers={"retry-after": "4000"}))
    with StubLLM(tired) as stub:
        stopped = generated(plan(workspace, stub.url), workspace, stub.url)
    assert stopped.can_resume and "longer than system.max_wait" in stopped.stopped
    again = ingested(plan(workspace), workspace, stopped.run_id)
    estimate = again.estimate()
    assert estimate is not None and (estimate.calls.low, again.answered) == (2, 4)


def test_the_same_run_anew_is_estimated_at_nothing(workspace: Workspace) -> None:
    with StubLLM(good()) as stub:
        generated(plan(workspace, stub.url, dataset_size=3), workspace, stub.url)
        again = ingested(plan(workspace, dataset_size=3), workspace)
        assert again.estimate() is None and again.answered == 3
        other_seed = ingested(plan(workspace, dataset_size=3, split={"seed": 9}), workspace)
        assert other_seed.estimate() is not None and other_seed.answered == 0


def test_a_stored_plan_holds_what_a_resume_needs_and_no_key(workspace: Workspace) -> None:
    stored = saved_plan(plan(workspace, dataset_size=3), workspace)
    assert KEY not in json.dumps(stored) and stored["input_dir"] == str(workspace.input_dir.resolve())
    assert stored["instructions"] == ""


def test_a_stored_free_run_holds_the_instructions_as_they_were(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "prompts" / "free_mode").mkdir(parents=True)
    (tmp_path / "prompts" / "free_mode" / "prompt.txt").write_text("Write a poem.\n", encoding="utf-8")
    there = replace(workspace, prompts=tmp_path / "prompts")
    free = plan(workspace, mode="free")
    assert saved_plan(free, there)["instructions"] == "Write a poem."
    assert saved_plan(replace(free, instructions="Typed."), there)["instructions"] == "Typed."
