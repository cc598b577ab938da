"""Menu 2: show what will happen, run it, ask how to split, save, and offer to export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from src.cli.app import OUTPUT, SAMPLES, App
from src.cli.prompts import Option
from src.cli.screens import web_actions_screen
from src.cli.screens.jobs_screen import offer, run_in_background, runs_of_jobs
from src.cli.split_questions import ask_ratio, ask_strategy
from src.config.settings import Settings
from src.dataset.splitting.splitter import SplitPlan, describe_distribution
from src.persistence.journal.journal_records import JournaledRun
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.pipeline.stages.splitting import settings_split
from src.records import Dataset


def show(app: App) -> None:
    offer(app)
    if web_actions_screen.is_wanted(app):
        web_actions_screen.show(app)
        return
    unfinished = _unfinished(app)
    if unfinished and _wants_to_resume(app, unfinished[0]):
        from src.pipeline.resume import plan_resume

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
    # What makes a run is loaded for one: the screen's first question does not wait for it.
    from src.cli.generation import (
        costs_more_than_allowed,
        execute,
        prepare_llm,
        read_documents,
        show_estimate,
        show_plan,
        show_summary,
    )
    from src.cli.screens.export_screen import draw_export

    show_plan(app, plan, workspace)
    run = read_documents(plan, workspace, earlier)
    warning = costs_more_than_allowed(show_estimate(app, run), plan.settings.system)
    when = _ask_when(app, may_wait=earlier is None)
    if when == "sessions":
        web_actions_screen.show(app)
        return
    if when == "no" or (warning and not app.asker.yes_no(f"{warning} Go on?", default=False)):
        return
    if when == "later":
        run_in_background(app, _as_arguments(plan, workspace, bool(warning)), f"run {plan.settings.output_name}")
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


def _ask_when(app: App, may_wait: bool) -> str:
    """ "now", "later" for a background job, "sessions" for recorded ones in place of documents, or "no"."""
    if may_wait:
        app.screen.say("\nAnswer j to leave it to a background job; the split is then the one of config.yaml.")
        app.screen.say("Answer w to make the dataset from recorded browser sessions instead.")
    words = {"y": "now", "yes": "now", "n": "no", "no": "no"}
    words |= {"j": "later", "job": "later", "w": "sessions"} if may_wait else {}

    def read(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"Please answer y{', j, w' if may_wait else ''} or n, or b to go back.")
        return words[text.lower()]

    return app.asker.until_valid("\nStart? (y/n)", "y", read)


def _as_arguments(plan: RunPlan, workspace: Workspace, agreed: bool) -> list[str]:
    """The verb that does what the screen has asked for. What it may cost was agreed to here."""
    arguments = ["run", "--input", str(workspace.input_dir)]
    arguments += ["--output", str(workspace.output_dir)] if workspace.output_dir != OUTPUT else []
    arguments += ["--llm-stage"] if plan.llm_stage else []
    arguments += ["--instructions", plan.instructions] if plan.instructions else []
    return arguments + (["--confirm-above", "1e9"] if agreed else [])


def _unfinished(app: App) -> list[JournaledRun]:
    """The runs that can be resumed, the newest first; those of jobs go on with their job."""
    if not app.workspace().journal.is_file():
        return []
    from src.pipeline.resume import unfinished_runs

    known = runs_of_jobs(app)
    return [run for run in unfinished_runs(app.workspace()) if run.id not in known]


def _wants_to_resume(app: App, run: JournaledRun) -> bool:
    """Show the newest unfinished run and ask. One that is not wanted can be forgotten."""
    from src.cli.screens.journal_screen import wanted, why_stopped
    from src.pipeline.resume import abandon

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
    from src.agents.prompt_library import load_instructions

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
