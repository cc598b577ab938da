"""Menu 2: show what will happen, run it, ask how to split, save, and offer to export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from src.agents.prompt_library import load_instructions
from src.cli.app import SAMPLES, App
from src.cli.generation import (
    costs_more_than_allowed,
    execute,
    prepare_llm,
    read_documents,
    show_estimate,
    show_plan,
    show_summary,
)
from src.cli.prompts import Option
from src.cli.screens.export_screen import draw_export
from src.cli.screens.journal_screen import wanted, why_stopped
from src.cli.split_questions import ask_ratio, ask_strategy
from src.config.settings import Settings
from src.dataset.splitting.splitter import SplitPlan, describe_distribution
from src.persistence.journal.journal_records import JournaledRun
from src.pipeline.resume import abandon, plan_resume, unfinished_runs
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.pipeline.stages.splitting import settings_split
from src.records import Dataset


def show(app: App) -> None:
    unfinished = unfinished_runs(app.workspace())
    if unfinished and _wants_to_resume(app, unfinished[0]):
        settings = app.settings()
        plan, workspace = plan_resume(unfinished[0], settings, app.environment(), app.workspace())
        _run(app, plan, workspace, unfinished[0])
        return
    settings = app.settings()
    workspace = app.workspace(_input_folder(app))
    llm_stage = settings.mode == "identify" and app.asker.yes_no(
        "\nLet an LLM look for more in text without labels? It only marks lines.", default=False
    )
    instructions = _instructions(app, settings)
    plan = plan_run(settings, app.environment(), workspace, llm_stage=llm_stage, instructions=instructions)
    _run(app, plan, workspace, None)


def _run(app: App, plan: RunPlan, workspace: Workspace, earlier: JournaledRun | None) -> None:
    show_plan(app, plan, workspace)
    run = read_documents(plan, workspace, earlier)
    warning = costs_more_than_allowed(show_estimate(app, run), plan.settings.system)
    if not app.asker.yes_no("\nStart?"):
        return
    if warning and not app.asker.yes_no(f"{warning} Go on?", default=False):
        return
    client = prepare_llm(app, plan, app.asker)
    try:
        execute(app, run, client, lambda dataset: _choose_split(app, plan.settings, dataset))
    finally:
        if client is not None:
            client.close()
    show_summary(app, run)
    if run.dataset_id and not run.interrupted and app.asker.yes_no("\nExport now?"):
        draw_export(app, run.export())


def _wants_to_resume(app: App, run: JournaledRun) -> bool:
    """Show the newest unfinished run and ask. One that is not wanted can be forgotten."""
    lost = f"; {run.possibly_billed:,} calls were sent without an answer, perhaps billed" if run.possibly_billed else ""
    app.screen.warning(f"\nUnfinished run found: {run.name} ({run.id}), last active {run.updated_at[:16]} UTC.")
    app.screen.say(f"  Wanted    {wanted(run)}")
    app.screen.say(f"  Done      {run.answered:,} answers are in the journal{lost}")
    app.screen.say(f"  Ended     {why_stopped(run)}")
    choice = app.asker.choose(
        "What now?",
        (
            Option("resume", "Resume", "pays only for calls that had no answer"),
            Option("new", "New run", "keep it for later"),
            Option("forget", "Forget it", "and start a new run; its answers stay in the journal"),
        ),
        "resume",
    )
    if choice == "forget":
        abandon(app.workspace(), run)
    return choice == "resume"


def _input_folder(app: App) -> Path:
    """The user's folder, or the bundled samples when it is empty and the user agrees."""
    files = [path for path in app.input_dir.rglob("*") if path.is_file() and not path.name.startswith(".")]
    if files or not SAMPLES.is_dir():
        return app.input_dir
    app.screen.say(f"\n{app.input_dir} is empty.")
    return SAMPLES if app.asker.yes_no("Use the bundled sample documents?") else app.input_dir


def _instructions(app: App, settings: Settings) -> str:
    """Typed instructions for free mode, "" when the prompt file is to be used."""
    if settings.mode != "free":
        return ""
    path = app.workspace().prompts / "free_mode" / "prompt.txt"
    if settings.agent.free.use_prompt_file and load_instructions(path):
        app.screen.say(f"\nUsing the instructions in {path.name} ({path.parent.name}).")
        return ""

    def read(text: str) -> str:
        if len(text) < 10:
            raise ValueError("Please say in a sentence or more what to write for each passage, or b to go back.")
        return text

    return app.asker.until_valid("\nYour instructions for every passage", "", read)


def _choose_split(app: App, settings: Settings, dataset: Dataset) -> SplitPlan | None:
    if not app.asker.yes_no("\nSplit the dataset?", settings.split.enabled):
        return None
    distribution = describe_distribution(dataset)
    app.screen.say("\nSamples by source:")
    app.screen.chart(distribution.by_source)
    app.screen.say("Samples by keyword:")
    app.screen.chart(distribution.by_keyword)
    shares = ask_ratio(app.asker, settings.split.shares)
    strategy, weight_by = ask_strategy(app.asker, settings.split.strategy, settings.split.weight_by)
    usual = settings_split(settings.split.model_copy(update={"enabled": True}))
    assert usual is not None
    return replace(usual, shares=shares, strategy=strategy, weight_by=weight_by)
