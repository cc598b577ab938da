"""What the user reads before, during and after a run that asks an LLM."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from src.cli.app import App
from src.cli.arguments import build_parser
from src.cli.display import ProgressBars, Screen
from src.cli.generation import costs_more_than_allowed, execute, show_estimate, show_summary
from src.cli.prompts import Asker, Back
from src.cli.screens.journal_screen import wanted, why_stopped
from src.errors import UsageError
from src.persistence.journal.journal_records import JournaledRun
from src.pipeline.orchestrator import Run
from src.pipeline.resume import find_unfinished
from src.pipeline.run_plan import Workspace
from src.pipeline.stages.splitting import settings_split
from src.providers.clients.client_factory import open_client
from tests.pipeline.llm.llm_plans import PRICES, environment, ingested, new_workspace, plan
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import good, good_until
from tests.workflows.support import in_order


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path)


@pytest.fixture
def app() -> App:
    screen = Screen(io.StringIO(), no_color=True)
    return App(screen, Asker(screen, io.StringIO()))


def said(app: App) -> str:
    assert isinstance(app.screen.out, io.StringIO)
    return app.screen.out.getvalue()


def executed(app: App, run: Run, url: str) -> Run:
    assert run.plan.agent is not None
    client = open_client(run.plan.agent, run.plan.settings.system, environment(url))
    try:
        execute(app, run, client, lambda _: settings_split(run.plan.settings.split))
    finally:
        client.close()
    show_summary(app, run)
    return run


def test_the_warning_names_the_highest_cost_rounded_up_and_a_small_budget_silences_it(
    app: App, workspace: Workspace
) -> None:
    dear = {"confirm_above_usd": 0.01, **PRICES}
    run = ingested(plan(workspace, system=dear), workspace)
    estimate = show_estimate(app, run)
    assert estimate is not None and estimate.usd is not None
    warning = costs_more_than_allowed(estimate, run.plan.settings.system)
    amount = warning.partition("up to $")[2].partition(",")[0]
    assert estimate.usd.high <= float(amount) < estimate.usd.high + 0.01
    assert f"to ${amount} (" in said(app) and "confirm_above_usd ($0.01)" in warning
    for system in ({**dear, "confirm_above_usd": 9.0}, {**dear, "budget_usd": 0.01}):
        assert costs_more_than_allowed(estimate, plan(workspace, system=system).settings.system) == ""
    assert costs_more_than_allowed(None, run.plan.settings.system) == ""


def test_a_budget_without_room_for_a_call_is_said_before_the_start(app: App, workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="does not allow a call"):
        show_estimate(app, ingested(plan(workspace, system={"budget_tokens": 10}), workspace))


def test_what_is_answered_already_stands_below_the_estimate(app: App, workspace: Workspace) -> None:
    with StubLLM(good()) as stub:
        executed(app, ingested(plan(workspace, stub.url, dataset_size=2), workspace), stub.url)
    before = len(said(app))
    show_estimate(app, ingested(plan(workspace), workspace))
    lines = said(app)[before:].splitlines()
    assert lines[0].startswith("  Estimate  4 to 6 calls; ")
    assert lines[-1] == "            the journal has the answers of 2 calls or more, which cost nothing"


def test_a_run_stopped_at_a_limit_says_how_many_of_how_many_and_how_to_go_on(app: App, workspace: Workspace) -> None:
    tired = good_until(3, lambda _: Reply(status=429, headers={"retry-after": "4000"}))
    app.database, app.output_dir = workspace.database, Path("elsewhere")
    with StubLLM(tired) as stub:
        run = executed(app, ingested(plan(workspace, stub.url), workspace), stub.url)
    assert in_order(
        said(app),
        "Stopped early. openai (stub at 127.0.0.1): too many requests (429)",
        f"Saved dataset my_dataset ({run.dataset_id}): 3 of 6 samples.",
        "LLM: create: 3 calls, ",
        f"Resume: `python -m src.main run --resume {run.run_id} --db {workspace.database} --output elsewhere`",
        ", or menu 2.",
    )


def test_an_error_that_ended_the_run_is_said_once(app: App, workspace: Workspace) -> None:
    with StubLLM(lambda _: Reply(status=401, error={"message": "no such key"})) as stub:
        executed(app, ingested(plan(workspace, stub.url), workspace), stub.url)
    assert said(app).count("no such key") == 1 and "Resume" not in said(app)
    assert said(app).rstrip().endswith("No samples were made, so nothing was saved. See the error above.")


def test_going_back_at_the_split_keeps_the_answers_and_says_so(app: App, workspace: Workspace) -> None:
    def back(_: object) -> None:
        raise Back

    with StubLLM(good()) as stub:
        run = ingested(plan(workspace, stub.url), workspace)
        assert run.plan.agent is not None
        client = open_client(run.plan.agent, run.plan.settings.system, environment(stub.url))
        with pytest.raises(Back):
            execute(app, run, client, back)
        client.close()
    assert in_order(said(app), "The dataset is not saved, but every answer is kept.", f"--resume {run.run_id}")
    found = find_unfinished(workspace, "latest")
    assert (found.id, found.answered, why_stopped(found)) == (run.run_id, 6, "Left before the dataset was saved")


def test_a_run_in_the_journal_is_described_even_if_its_plan_is_strange() -> None:
    def run(plan: dict[str, object], note: str = "") -> JournaledRun:
        return JournaledRun("r1", "x", "running", note, plan, "", "", "", 0, 0)

    known = run({"settings": {"dataset_size": 1200, "mode": "free"}}, "Stopped by you")
    assert (wanted(known), why_stopped(known)) == ("1,200 samples, free mode", "Stopped by you")
    assert (wanted(run({})), wanted(run({"settings": 3}))) == ("", "")
    assert why_stopped(run({})) == "killed, or the machine went down"


def test_options_of_the_journal_may_stand_before_or_after_the_action() -> None:
    parse = build_parser().parse_args
    before, after = parse(["journal", "--json", "--db", "x.db", "prune"]), parse(["journal", "prune", "--json"])
    assert (before.json, before.db, before.older_than) == (True, Path("x.db"), 30.0)
    assert (after.json, after.db) == (True, Path("memory/dataset_builder.db"))
    assert parse(["journal", "forget", "latest", "--db", "y.db"]).db == Path("y.db")


def test_a_notice_is_written_past_the_stream_and_never_fails(tmp_path: Path) -> None:
    with (tmp_path / "screen").open("w+", encoding="utf-8") as stream:
        ProgressBars(stream).notice("Stopping: 2 calls under way.")
        stream.seek(0)
        assert stream.read() == "Stopping: 2 calls under way.\n"
    ProgressBars(io.StringIO()).notice("nobody reads this")
