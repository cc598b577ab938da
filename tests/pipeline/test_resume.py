"""Which runs can be resumed, and with what plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import PersistenceError, UsageError
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.jobs.run_lock import run_lock
from src.pipeline.llm.llm_session import saved_plan
from src.pipeline.resume import abandon, find_unfinished, plan_resume, unfinished_runs
from src.pipeline.run_plan import RunPlan, Workspace
from tests.pipeline.llm.llm_plans import PRICES, environment, new_workspace, plan, settings


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


def begin(workspace: Workspace, run_id: str, run_plan: RunPlan, state: str = "") -> None:
    with RunJournal(workspace.journal) as journal:
        journal.begin_run(run_id, run_plan.settings.output_name, saved_plan(run_plan, workspace))
        if state:
            journal.end_run(run_id, state)


def resumed(workspace: Workspace, run_id: str, system: dict[str, object] | None = None) -> RunPlan:
    found = find_unfinished(workspace, run_id)
    return plan_resume(found, settings(system), environment(), workspace)[0]


def test_without_a_journal_nothing_is_unfinished_and_none_is_made(workspace: Workspace) -> None:
    assert unfinished_runs(workspace) == []
    with pytest.raises(UsageError, match=r"There is no unfinished run: .*x\.journal\.db does not exist"):
        find_unfinished(workspace, "latest")
    assert not workspace.journal.exists()


def test_killed_and_stopped_runs_are_unfinished_the_others_are_said_to_be_what_they_are(workspace: Workspace) -> None:
    for run_id, state in (("killed", ""), ("halted", "stopped"), ("ready", "finished"), ("gone", "abandoned")):
        begin(workspace, run_id, plan(workspace), state)
    assert [run.id for run in unfinished_runs(workspace)] == ["halted", "killed"]
    assert find_unfinished(workspace, "latest").id == "halted" and find_unfinished(workspace, "kil").id == "killed"
    for run_id, state in (("ready", "finished"), ("gone", "abandoned")):
        with pytest.raises(UsageError, match=rf"Run {run_id} \(my_dataset\) is {state}. Unfinished: halted"):
            find_unfinished(workspace, run_id)
    with pytest.raises(UsageError, match="there is no run 'other'"):
        find_unfinished(workspace, "other")


def test_a_run_at_work_is_neither_offered_nor_abandoned(workspace: Workspace) -> None:
    begin(workspace, "busy", plan(workspace))
    run = find_unfinished(workspace, "busy")
    with run_lock(workspace.journal, "busy"):
        assert unfinished_runs(workspace) == []
        for ref in ("busy", "latest"):
            with pytest.raises(UsageError, match=r"Run busy \(my_dataset\) is at work in another process"):
                find_unfinished(workspace, ref)
        with pytest.raises(UsageError, match="at work in another process"):
            abandon(workspace, run)
    abandon(workspace, run)
    with pytest.raises(UsageError, match=r"^There is no unfinished run\.$"):
        find_unfinished(workspace, "latest")


def test_what_is_asked_stays_and_how_fast_may_change(workspace: Workspace) -> None:
    begin(workspace, "one", plan(workspace, system={"timeout": 9.0}, mode="create", dataset_size=4))
    again = resumed(workspace, "one", {"timeout": 70.0, "concurrency": 3, "agentic_model": "another"})
    assert again.settings.dataset_size == 4 and again.agent is not None and again.agent.model == "stub"
    assert (again.settings.system.timeout, again.settings.system.concurrency) == (70.0, 3)


def test_a_budget_holds_until_another_one_is_given(workspace: Workspace) -> None:
    begin(workspace, "one", plan(workspace, system={"budget_usd": 2.0, "budget_tokens": 500, **PRICES}))
    kept = resumed(workspace, "one").settings.system
    assert (kept.budget_usd, kept.budget_tokens, kept.price_per_million_input) == (2.0, 500, 10.0)
    raised = resumed(workspace, "one", {"budget_usd": 3.0}).settings.system
    assert (raised.budget_usd, raised.budget_tokens) == (3.0, 500)


def test_documents_that_moved_are_read_where_they_are_now(workspace: Workspace, tmp_path: Path) -> None:
    begin(workspace, "one", plan(workspace))
    workspace.input_dir.rename(tmp_path / "elsewhere")
    run = find_unfinished(workspace, "one")
    with pytest.raises(UsageError, match="does not exist"):
        plan_resume(run, settings(), environment(), workspace)
    moved, there = plan_resume(run, settings(), environment(), workspace, tmp_path / "elsewhere")
    assert len(moved.files) == 3 and there.input_dir == tmp_path / "elsewhere"


def test_a_run_stored_by_another_version_says_so(workspace: Workspace) -> None:
    with RunJournal(workspace.journal) as journal:
        journal.begin_run("newer", "x", {**saved_plan(plan(workspace), workspace), "version": 99})
        journal.begin_run("odd", "x", {"version": 1})
    for run_id in ("newer", "odd"):
        with pytest.raises(PersistenceError, match="cannot be resumed by this version"):
            resumed(workspace, run_id)
