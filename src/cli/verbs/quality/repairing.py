"""The verb `repair`: an LLM changes the chosen samples by one instruction; both versions of each are kept."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from src.agents.sample_repair import RepairQuestions, SampleRepair
from src.cli.app import App
from src.cli.display import ProgressBars
from src.cli.generation import costs_more_than_allowed, prepare_llm
from src.cli.verbs.quality.choosing import Passages, agree, quality_of, user_name, workspace_for
from src.cli.verbs.result import DONE, INTERRUPTED, PAUSED, Result
from src.dataset.curation.repairing import RepairTally
from src.errors import LLMError, RunPausedError, UsageError
from src.persistence.edits.changing import ids_of_job, list_changes, samples_by_id
from src.persistence.journal.journal_records import StageSpending
from src.persistence.models import StoredDataset
from src.persistence.stores.store import Store
from src.pipeline.llm.estimate import describe
from src.pipeline.llm.llm_session import REPAIR
from src.pipeline.llm.side_work import estimate_requests, side_session
from src.pipeline.progress import Progress
from src.pipeline.run_plan import RunPlan, Workspace, plan_llm
from src.pipeline.stages.curation import Rules, repair_job, repair_stored, rules_of
from src.pipeline.stages.filtering import Filters, filter_stored
from src.providers.clients.models.prices import dollars

_AT_ONCE = 500


@dataclass(slots=True)
class Repaired:
    """What came of a repair. `stopped` says why it did not get to the end, "" when it did."""

    chosen: int
    tally: RepairTally = field(default_factory=RepairTally)
    stopped: str = ""
    interrupted: bool = False
    spending: Sequence[StageSpending] = ()


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be repaired, and with what."""

    store: Store
    stored: StoredDataset
    workspace: Workspace
    plan: RunPlan
    rules: Rules
    passages: Passages
    instruction: str


def repair(app: App, arguments: argparse.Namespace) -> Result:
    with app.store() as store:
        stored = store.find_dataset(arguments.dataset)
        workspace = workspace_for(app, store, stored, arguments.input)
        filters = Filters(arguments.include, arguments.exclude, arguments.flagged, wanted=True)
        ids = filter_stored(store, stored.id, filters, quality_of(app, store, stored, workspace)).kept
        given = {
            "system.budget_usd": arguments.budget_usd,
            "system.budget_tokens": arguments.budget_tokens,
            "system.confirm_above_usd": arguments.confirm_above,
        }
        overrides = {key: value for key, value in given.items() if value is not None}
        last = max((change.number for change in list_changes(store, stored.id)), default=0)
        done = repair_chosen(
            app, store, stored, workspace, ids, arguments.instruction, overrides=overrides, yes=arguments.yes
        )
        numbers = [change.number for change in list_changes(store, stored.id) if change.number > last]
    code = INTERRUPTED if done.interrupted else PAUSED if done.stopped else DONE
    return code, {"dataset": stored.name, **_as_json(done), "changes": sorted(numbers)}


def repair_chosen(
    app: App,
    store: Store,
    stored: StoredDataset,
    workspace: Workspace,
    ids: Sequence[str],
    instruction: str,
    *,
    overrides: dict[str, Any] | None = None,
    yes: bool = False,
) -> Repaired:
    """Show what it takes, ask, repair, and say what came of it. Raises UsageError, LLMError and PersistenceError."""
    if not instruction.strip():
        raise UsageError("what is to be repaired? Give an instruction of a sentence or more.")
    known = ids_of_job(store, stored.id, repair_job(stored.id, instruction))
    left = [one for one in ids if one not in known]
    app.screen.say(f"\n{len(ids):,} of {stored.total_samples:,} samples of {stored.name} are chosen.")
    if len(left) < len(ids):
        app.screen.say(f"  {len(ids) - len(left):,} of them were changed by this instruction before and stay so.")
    if not left:
        app.screen.say("There is nothing to repair.")
        return Repaired(len(ids))
    plan = plan_llm(app.settings(overrides), app.environment())
    passages = Passages(app, stored, workspace)
    order = _Order(store, stored, workspace, plan, rules_of(stored), passages, instruction)
    _confirm(app, order, left, yes)
    done = _repair(app, order, left, len(ids), yes)
    _draw(app, order, done)
    return done


def _confirm(app: App, order: _Order, ids: Sequence[str], yes: bool) -> None:
    """Show the LLM and the estimate, and ask. Raises UsageError when the answer is no or the cost above the limit."""
    plan = order.plan
    assert plan.agent is not None
    ask = RepairQuestions(
        order.workspace.prompts, order.instruction, order.rules.count_tokens, order.passages.text_of
    ).request_for
    requests = [
        ask(sample)
        for start in range(0, len(ids), _AT_ONCE)
        for sample in samples_by_id(order.store, order.stored.id, ids[start : start + _AT_ONCE]).values()
    ]
    estimate = estimate_requests(plan, order.workspace, requests)
    app.screen.say(f"  LLM       {plan.agent.provider} / {plan.agent.model}")
    if plan.agent.is_local:
        app.screen.say("  Time      10 to 40 seconds for each sample on two cores; Ctrl-C keeps what is done")
        estimate = None
    for number, line in enumerate(describe(estimate) if estimate is not None else ()):
        app.screen.say(f"  {'Estimate  ' if number == 0 else '          '}{line}")
    warning = costs_more_than_allowed(estimate, plan.settings.system)
    if yes and warning:
        raise UsageError(f"Not started. {warning} Give --confirm-above USD, or a --budget-usd, to allow it.")
    agree(app, f"\n{f'{warning} ' if warning else ''}Repair {len(ids):,} sample(s)?", yes)


def _repair(app: App, order: _Order, ids: Sequence[str], chosen: int, yes: bool) -> Repaired:
    client = prepare_llm(app, order.plan, None if yes else app.asker)
    if client is None:
        raise LLMError("No LLM to repair with.", hint="Set a key in .env, or let the embedded model do it.")
    done = Repaired(chosen)
    try:
        with (
            ProgressBars() as bars,
            side_session(order.plan, order.workspace, client, REPAIR, bars.notice) as session,
        ):

            def tell(tally: RepairTally) -> None:
                done.tally = tally
                bars(Progress("repair", tally.done, tally.total, _counted(tally)))

            repairing = SampleRepair(
                order.workspace.prompts,
                order.instruction,
                session.dispatcher,
                order.rules.count_tokens,
                passage_of=order.passages.text_of,
                objection=order.rules.objection,
            )
            try:
                done.tally = repair_stored(
                    order.store, order.stored.id, ids, order.instruction, repairing, user_name(), tell
                )
                done.interrupted = session.dispatcher.stopped and done.tally.done < len(ids)
                done.stopped = "Stopped by you." if done.interrupted else ""
            finally:
                done.spending = session.spending()
    except RunPausedError as error:
        done.stopped = str(error)
    finally:
        client.close()
    return done


def _draw(app: App, order: _Order, done: Repaired) -> None:
    tally, screen = done.tally, app.screen
    screen.say()
    screen.success(f"Of {done.chosen:,} chosen samples: {_counted(tally)}.")
    if tally.reasons:
        screen.say("Left as they were, since the answer was refused:")
        screen.chart(tally.reasons)
    for stage in done.spending:
        usd = "" if stage.usd is None else f", {dollars(stage.usd)}"
        screen.say(
            f"  LLM: {stage.calls:,} calls, {stage.input_tokens:,} tokens in, {stage.output_tokens:,} tokens out{usd}."
        )
    if done.stopped:
        screen.warning(f"{done.stopped} What was repaired is stored; the same command goes on with the rest.")
    if tally.outcomes["repaired"]:
        name = order.stored.name
        screen.say(f"Both versions are kept: `changes {name}` lists them, `undo {name} NUMBER` takes one back.")


def _counted(tally: RepairTally) -> str:
    outcomes = tally.outcomes
    return ", ".join(f"{outcomes[one]:,} {one}" for one in ("repaired", "unchanged", "malformed"))


def _as_json(done: Repaired) -> dict[str, Any]:
    outcomes = done.tally.outcomes
    return {
        "chosen": done.chosen,
        **{name: outcomes[name] for name in ("repaired", "unchanged", "malformed")},
        "reasons": dict(done.tally.reasons),
        "stopped": done.stopped,
        "interrupted": done.interrupted,
        "spending": [asdict(stage) for stage in done.spending],
    }
