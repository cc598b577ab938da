"""The QA report: made with a bar and, where an LLM grades, within its budget; then drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from src.cli.app import App
from src.cli.display import ProgressBars
from src.cli.generation import costs_more_than_allowed, prepare_llm
from src.cli.prompts import Back, EndOfInput
from src.cli.tables.quality_table import sources_of
from src.config.qa_settings import MetricName
from src.config.settings import Settings
from src.dataset.quality.judging.grading import judge_tasks
from src.dataset.quality.judging.rubric import RUBRIC, Judge
from src.dataset.quality.report import QAReport
from src.dataset.quality.showing.lines import flag_lines, report_lines
from src.errors import LLMError, UsageError
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.engine.sharing import engine_for
from src.pipeline.llm.estimate import describe
from src.pipeline.llm.llm_session import GRADES
from src.pipeline.llm.side_work import estimate_requests, grade_request, judge_with, side_session
from src.pipeline.progress import Progress
from src.pipeline.run_plan import Workspace, plan_llm
from src.pipeline.stages.assessing import assess_stored, save_qa_report
from src.pipeline.stages.source_texts import SourceTexts


@dataclass(frozen=True, slots=True)
class QAChoices:
    """What a user chose. `judged` None takes qa.judge_samples; `ask` lets questions about money be asked."""

    output: Path | None = None
    against: Path | None = None
    judged: int | None = None
    everything: bool = False
    flags: str = ""
    ask: bool = True


@dataclass(frozen=True, slots=True)
class MadeReport:
    stored: StoredDataset
    report: QAReport
    files: tuple[Path, ...]


def make_report(app: App, ref: str, workspace: Workspace, choices: QAChoices) -> MadeReport:
    """Measure a dataset and write both files of the report. Raises UsageError, LLMError and ExportError."""
    stored, report = _measured(app, ref, workspace, choices)
    folder = choices.output or workspace.output_dir / stored.name / "qa"
    return MadeReport(stored, report, save_qa_report(report, stored, folder))


def _measured(app: App, ref: str, workspace: Workspace, choices: QAChoices) -> tuple[StoredDataset, QAReport]:
    settings = app.settings()
    if choices.flags and choices.flags not in get_args(MetricName):
        raise UsageError(
            f"--flags: there is no figure '{choices.flags}'; it is one of {', '.join(get_args(MetricName))}."
        )
    wanted = settings.qa if choices.judged is None else settings.qa.model_copy(update={"judge_samples": choices.judged})
    with app.store() as store, ProgressBars() as bars, engine_for(workspace) as engine:
        stored = store.find_dataset(ref)
        sources = sources_of(app, store, stored, workspace)

        def tell(done: int) -> None:
            bars(Progress("assessment", done, stored.total_samples))

        with _judge(app, store, stored, settings, wanted.judge_samples, workspace, sources, choices.ask) as judge:
            report = assess_stored(
                store,
                stored.id,
                wanted,
                workspace.prompts,
                sources=sources,
                against=choices.against,
                judge=judge,
                progress=tell,
                engine=engine,
            )
    return stored, report


def assess_and_draw(app: App, ref: str) -> QAReport:
    """Measure a dataset for an export, which keeps the report; no LLM is asked."""
    choices = QAChoices(judged=0)
    report = _measured(app, ref, app.workspace(), choices)[1]
    _draw_lines(app, report, choices)
    return report


def draw_report(app: App, made: MadeReport, choices: QAChoices) -> None:
    screen, report = app.screen, made.report
    _draw_lines(app, report, choices)
    if choices.flags:
        screen.say(f"\nFlagged by {choices.flags}:")
        for line in flag_lines(report, cast(MetricName, choices.flags)) or ["nothing"]:
            screen.say(f"  {line}")
    screen.say(f"\nReport: {made.files[1]} (a page that opens offline) and {made.files[0].name}")
    if report.ok:
        screen.success("No figure fails.")
    else:
        failed = ", ".join(metric.title for metric in report.in_state("fail"))
        screen.error(f"Fails: {failed}.")


def _draw_lines(app: App, report: QAReport, choices: QAChoices) -> None:
    screen = app.screen
    screen.say()
    lines = report_lines(report, everything=choices.everything)
    screen.title(lines[0])
    for line in lines[1:]:
        draw = (
            screen.error if line.startswith("  FAILS") else screen.warning if line.startswith("  WARNS") else screen.say
        )
        draw(line)


@contextmanager
def _judge(
    app: App,
    store: Store,
    stored: StoredDataset,
    settings: Settings,
    most: int,
    workspace: Workspace,
    sources: SourceTexts,
    ask: bool,
) -> Iterator[Judge | None]:
    """The LLM that grades, None when none is wanted; its rubric and its price are shown first."""
    if not most:
        yield None
        return
    plan = plan_llm(settings, app.environment())
    tasks = judge_tasks(store.stored_samples(stored.id), most, sources.passage_of)
    estimate = estimate_requests(plan, workspace, [grade_request(task) for task in tasks])
    app.screen.say(f"\nThe rubric the LLM grades by:\n{RUBRIC}\n")
    for line in describe(estimate) if estimate is not None and plan.agent and not plan.agent.is_local else []:
        app.screen.say(f"  {line}")
    _confirm(app, costs_more_than_allowed(estimate, settings.system), ask)
    client = prepare_llm(app, plan, app.asker if ask else None)
    if client is None:
        raise LLMError("No LLM to grade with.", hint="Set a key in .env, or leave --judge out.")
    try:
        with side_session(plan, workspace, client, GRADES) as session:
            yield judge_with(session)
    finally:
        client.close()


def _confirm(app: App, warning: str, ask: bool) -> None:
    if not warning:
        return
    if ask:
        try:
            if app.asker.yes_no(f"{warning} Go on?", default=False):
                return
        except (EndOfInput, Back):
            pass
        raise UsageError("Not graded. Answer y, or give a smaller --judge.")
    raise UsageError(f"Not graded. {warning} Set system.budget_usd or a higher system.confirm_above_usd.")
