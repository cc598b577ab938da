"""A run as the user sees it: the plan before, the bars during, the summary after. Menu 2 and `run` share it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from src.cli.app import CONFIG, DATABASE, OUTPUT, App
from src.cli.display import ByteBar, ProgressBars
from src.cli.prompts import Asker, Back, EndOfInput
from src.config.config_lock import Lock
from src.config.settings import SystemSettings
from src.dataset.splitting.leakage import Leakage
from src.dataset.splitting.splitter import summarize_split
from src.errors import LLMError
from src.export.manifests.manifest import LOCAL_MODEL_NOTE
from src.persistence.journal.journal_records import JournaledRun
from src.pipeline.llm.estimate import Estimate, describe
from src.pipeline.llm.warm_up import warm_up
from src.pipeline.orchestrator import ChooseSplit, Run
from src.pipeline.run_plan import RunPlan, Workspace
from src.pipeline.stages.splitting import settings_split
from src.providers.clients.chat_client import ChatClient
from src.providers.clients.client_factory import open_client
from src.providers.clients.local.model_store import fetch_model, is_cached, local_model
from src.providers.clients.models.prices import dollars
from src.providers.models.training_cost import training_cost
from src.records import Dataset, Issue, RunReport

MOST_ISSUES_SHOWN = 12


def show_plan(app: App, plan: RunPlan, workspace: Workspace) -> None:
    """What will happen: files by kind, mode, target, size after the cap, LLM."""
    settings, screen = plan.settings, app.screen
    kinds = ", ".join(f"{count} {kind.upper()}" for kind, count in sorted(plan.kinds.items()))
    screen.say()
    screen.title("This run")
    screen.say(f"  Input     {workspace.input_dir} - {len(plan.files)} file(s): {kinds}")
    screen.say(f"  Mode      {settings.mode}")
    screen.say(f"  Target    {settings.provider} / {settings.model}")
    capped = f" (asked for {settings.dataset_size:,})" if plan.size.size != settings.dataset_size else ""
    screen.say(f"  Size      {plan.size.size:,} samples{capped}")
    screen.say(f"  LLM       {_llm_line(plan)}")
    if plan.agent is not None and plan.agent.is_local:
        screen.say("  Time      10 to 40 seconds for each generated sample on two cores; Ctrl-C keeps what is done")
    screen.say(f"  Dataset   {settings.output_name}")
    for issue in plan.issues:
        screen.warning(f"  Note      {issue.where}: {issue.message}")


def prepare_llm(app: App, plan: RunPlan, asker: Asker | None) -> ChatClient | None:
    """The client of a plan, None when it needs none. Fetches the embedded model, asking first unless `asker` is None.

    Raises LLMError when the LLM cannot be had.
    """
    agent = plan.agent
    if agent is None:
        return None
    if agent.is_local and not plan.settings.system.local_model_path and not is_cached(agent.model):
        facts = local_model(agent.model)
        app.screen.say(
            f"\nThe embedded model {facts.display_name} is not on this machine yet ({facts.bytes / 1e6:,.0f} MB)."
        )
        if asker is not None and not asker.yes_no("Fetch it now?"):
            raise LLMError("No LLM.", hint="Set an API key in .env, choose mode identify, or run `make model` later.")
        fetch_model(agent.model, ByteBar("Fetching the model"))
    return open_client(agent, plan.settings.system, app.environment())


def read_documents(
    plan: RunPlan, workspace: Workspace, earlier: JournaledRun | None = None, lock: Lock | None = None
) -> Run:
    """A Run whose documents are read; nothing was asked of an LLM yet. It goes on with an `earlier` one.

    `lock` is that of a locked run; any other gets its own.
    """
    warm_up(plan)
    run = Run(plan, workspace, RunReport(issues=list(plan.issues)), lock=lock, locked=lock is not None)
    if earlier is not None:
        run.run_id, run.wanted_id = earlier.id, earlier.dataset_id
    with ProgressBars() as run.listener:
        run.ingest()
    return run


def show_estimate(app: App, run: Run) -> Estimate | None:
    """What generating will take, where an LLM is asked. Raises UsageError for a budget without room for a call."""
    estimate = run.estimate()
    if run.plan.agent is None or run.plan.agent.is_local:
        return None
    lines = describe(estimate) if estimate is not None else []
    if run.answered:
        lines.append(f"the journal has the answers of {run.answered:,} calls or more, which cost nothing")
    for number, line in enumerate(lines):
        app.screen.say(f"  {'Estimate  ' if number == 0 else '          '}{line}")
    return estimate


def costs_more_than_allowed(estimate: Estimate | None, system: SystemSettings) -> str:
    """What to tell a user whose run may cost more than the settings let pass unasked, "" for any other."""
    if estimate is None or estimate.usd is None or estimate.usd.high <= system.confirm_above_usd:
        return ""
    if system.budget_usd is not None and system.budget_usd <= system.confirm_above_usd:
        return ""
    most, limit = dollars(math.ceil(100 * estimate.usd.high) / 100), dollars(system.confirm_above_usd)
    return f"This may cost up to {most}, more than system.confirm_above_usd ({limit})."


def execute(app: App, run: Run, client: ChatClient | None, choose: ChooseSplit) -> Run:
    """All stages from the documents to the database. Ctrl-C keeps what is done: it is saved, and the run says so."""
    try:
        _all_stages(app, run, client, choose)
    except (KeyboardInterrupt, Back, EndOfInput):
        run.stopped = run.stopped or "Left before the dataset was saved"
        run.close()
        if run.can_resume and not run.dataset_id:
            app.screen.warning("\nThe dataset is not saved, but every answer is kept.")
            _say_how_to_resume(app, run)
        raise
    finally:
        run.close()
    return run


def _all_stages(app: App, run: Run, client: ChatClient | None, choose: ChooseSplit) -> None:
    told = tuple(run.plan.issues)
    with ProgressBars() as bars:
        run.listener, run.on_stop = bars, bars.notice
        run.generate(client)
    run.validate()
    if not run.interrupted and not run.stopped:
        run.split(choose)
    elif run.dataset is not None and len(run.dataset):
        run.split(lambda _: settings_split(run.plan.settings.split))
    show_findings(app, run.report, told)
    if run.dataset is not None and len(run.dataset):
        before = len(run.report.issues)
        with ProgressBars() as run.listener:
            run.save()
        for issue in run.report.issues[before:]:
            app.screen.warning(f"  {issue}")


def show_findings(app: App, report: RunReport, told: Sequence[Issue] = ()) -> None:
    """The issues the user was not told before the run, the worst first, and what was left out."""
    rank = {"error": 0, "warning": 1, "note": 2}
    issues = sorted((issue for issue in report.issues if issue not in told), key=lambda issue: rank[issue.severity])
    draw = {"error": app.screen.error, "warning": app.screen.warning, "note": app.screen.say}
    if issues:
        app.screen.say("\nWhat to know:")
    for issue in issues[:MOST_ISSUES_SHOWN]:
        draw[issue.severity](f"  {issue}")
    if len(issues) > MOST_ISSUES_SHOWN:
        app.screen.say(f"  ... and {len(issues) - MOST_ISSUES_SHOWN} more; manifest.json of an export holds all.")
    dropped = {reason: count for reason, count in report.dropped.items() if count}
    if dropped:
        app.screen.say("\nLeft out, by reason:")
        app.screen.chart(dropped)


def show_summary(app: App, run: Run) -> None:
    dataset, counts = run.dataset, run.report.counts
    if dataset is None or not len(dataset):
        app.screen.error(f"\n{_why_nothing(run)}")
        _show_spending(app, run)
        _say_how_to_resume(app, run)
        return
    app.screen.say()
    if run.interrupted:
        app.screen.warning("Stopped by you; what was done until then is kept.")
    elif run.stopped:
        app.screen.warning(f"Stopped early. {_reason(run)}")
    wanted = f" of {run.plan.size.size:,}" if run.can_resume else ""
    app.screen.success(f"Saved dataset {dataset.name} ({run.dataset_id}): {len(dataset):,}{wanted} samples.")
    app.screen.table(("split", "samples", "tokens"), split_rows(dataset))
    if run.leakage is not None and run.leakage.held_out:
        app.screen.say(f"  {_leakage_line(run.leakage)}")
    if counts["turns verified word for word"]:
        app.screen.say(
            f"  {counts['turns verified word for word']:,} identified turns stand word for word in their sources."
        )
    _show_spending(app, run)
    if run.usage is not None:
        app.screen.say(f"  Machine: {run.usage}.")
    _show_training_cost(app, run, dataset)
    _say_how_to_resume(app, run)
    if run.plan.agent is not None and run.plan.agent.is_local:
        app.screen.warning(f"  {LOCAL_MODEL_NOTE}")


def _leakage_line(leakage: Leakage) -> str:
    if leakage.is_free:
        share = leakage.shared_13_grams
        shared = f"; {share:.0%} share 13 words in a row with train" if share else ""
        return f"None of the {leakage.held_out:,} held-out samples is nearly the same as one in another split{shared}."
    return f"{leakage.near_duplicates:,} of {leakage.held_out:,} held-out samples are nearly the same as one elsewhere."


def _why_nothing(run: Run) -> str:
    if run.interrupted:
        return "Stopped before a sample was made, so nothing was saved."
    reason = _reason(run) if run.stopped else "See the reasons above."
    return f"No samples were made, so nothing was saved. {reason}"


def _reason(run: Run) -> str:
    """Why the run stopped, once: what stands among the errors is not said again."""
    told = any(run.stopped == issue.message for issue in run.report.issues)
    return "See the error above." if told else run.stopped


def _show_spending(app: App, run: Run) -> None:
    """What was paid, by stage, and what may have been billed without an answer."""
    stats, local = run.stats, run.plan.agent is not None and run.plan.agent.is_local
    for stage in run.spending:
        if not stage.calls:
            continue
        usd = "" if local else ", cost unknown" if stage.usd is None else f", {dollars(stage.usd)}"
        tokens = f"{stage.input_tokens:,} tokens in, {stage.output_tokens:,} tokens out"
        app.screen.say(f"  LLM: {stage.stage}: {stage.calls:,} calls, {tokens}{usd}.")
    if stats.replayed:
        app.screen.say(
            f"  LLM: {stats.calls:,} calls were made now; {stats.replayed:,} answers came from the journal and cost "
            "nothing."
        )
    lost = sum(stage.possibly_billed for stage in run.spending)
    if lost and not local:
        app.screen.warning(f"  LLM: {lost:,} calls were sent and never answered; they may have been billed.")


def _show_training_cost(app: App, run: Run, dataset: Dataset) -> None:
    if run.stopped:
        return
    own = training_cost(dataset.samples, dataset.provider, dataset.model)
    if own.usd is not None:
        app.screen.say(
            f"  Training {own.model} on it for {own.epochs} epochs: about {dollars(own.usd)} "
            f"({own.tokens:,} tokens an epoch; menu 3 compares providers)."
        )


def _say_how_to_resume(app: App, run: Run) -> None:
    if run.can_resume:
        places = {"--config": (app.config_path, CONFIG), "--db": (app.database, DATABASE)}
        places["--output"] = (app.output_dir, OUTPUT)
        options = "".join(f" {name} {path}" for name, (path, usual) in places.items() if path != usual)
        app.screen.warning(f"  Resume: `python -m src.main run --resume {run.run_id}{options}`, or menu 2.")


def split_rows(dataset: Dataset) -> list[tuple[str, int, int]]:
    """A row for each split that has samples: name, samples, tokens."""
    return [(part.split or "not split", part.samples, part.tokens) for part in summarize_split(dataset)]


def _llm_line(plan: RunPlan) -> str:
    if plan.agent is None:
        return "none needed"
    if plan.agent.is_local:
        return f"embedded {plan.agent.model} - for trying the tool, not for production data"
    return f"{plan.agent.provider} / {plan.agent.model}"
