"""One run's connection to its LLM: the journal, the budget, the pace, and the dispatcher that keeps them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from src.agents.base_agent import FirstRequests
from src.agents.prompt_library import load_instructions
from src.config.settings import SystemSettings
from src.errors import LLMError, UsageError
from src.persistence.journal.journal_records import StageSpending
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.jobs.run_lock import run_lock
from src.pipeline.llm.call_records import CallRecords
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers.clients.batch import BATCH_JOBS
from src.providers.clients.batch.batch_dispatcher import BatchDispatcher
from src.providers.clients.chat_client import ChatClient, ChatRequest
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import Call, call_key, call_text
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.dispatching import Dispatching
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.models.prices import cost, dollars, worst_case_input_tokens
from src.providers.clients.wire.sdk_client import SdkClient
from src.records import Message

# One call at a time has both cores of a small machine; it may take minutes.
LOCAL_CONCURRENCY, LOCAL_TIMEOUT = 1, 600.0
SAVED_PLAN_VERSION = 1
# What a session is for: only a run that makes a dataset can be resumed as one.
RUN, REPAIR, GRADES = "run", "repair", "grades"


class LLMSession:
    """Open from the first call of a run until its dataset is saved. Raises UsageError when another process has it."""

    def __init__(
        self,
        plan: RunPlan,
        workspace: Workspace,
        run_id: str,
        client: ChatClient,
        on_result: Callable[[], None],
        kind: str = RUN,
    ) -> None:
        self.run_id = run_id
        self._exits = ExitStack()
        try:
            self._exits.enter_context(run_lock(workspace.journal, run_id))
            self.journal = self._exits.enter_context(RunJournal(workspace.journal))
            self.dispatcher = self._open(plan, client, on_result)
            self.journal.begin_run(run_id, plan.settings.output_name, {**saved_plan(plan, workspace), "kind": kind})
        except BaseException:
            self._exits.close()
            raise

    def spending(self) -> Sequence[StageSpending]:
        """What the run's own calls took so far, by stage, all its sessions together."""
        return self.journal.spending(self.run_id)

    def end(self, state: str, note: str, dataset_id: str) -> None:
        self.journal.end_run(self.run_id, state, note, dataset_id)

    def close(self) -> None:
        """Let go of the workers, the journal and the run. Safe to call twice."""
        self._exits.close()

    def _open(self, plan: RunPlan, client: ChatClient, on_result: Callable[[], None]) -> Dispatching:
        system = plan.settings.system
        price = plan.price
        usd = (lambda i, o: cost(price, i, o, system.batch)) if price is not None else None
        records = CallRecords(self.journal, self.run_id, client.provider, client.model, usd)
        budget = budget_of(plan, self.journal, self.run_id)
        limits = flow_limits(plan)
        dispatcher: Dispatching
        if system.batch and isinstance(client, SdkClient):
            dispatcher = BatchDispatcher(
                client, limits, records, budget, BATCH_JOBS[client.provider], on_result=on_result
            )
        else:
            dispatcher = Dispatcher(client, limits, records, budget, on_result=on_result)
        self._exits.callback(dispatcher.close)
        return dispatcher


def without_answered(plan: RunPlan, workspace: Workspace, run_id: str, first: FirstRequests) -> FirstRequests:
    """The first requests without those that are known to be answered: the run's own, and the drawn ones.

    More of them may be; a run that stopped needs at least one more.
    """
    if plan.agent is None or not first.drawn or not workspace.journal.is_file():
        return first
    provider, model = plan.agent.provider, plan.agent.model
    with RunJournal(workspace.journal) as journal:
        own = sum(stage.calls for stage in journal.spending(run_id))
        unpaid = [r for r in first.drawn if journal.find(call_key(call_text(provider, model, r))) is None]
    answered = max(min(own, first.planned - 1), len(first.drawn) - len(unpaid))
    left = max(0, first.planned - answered)
    return FirstRequests(left, (unpaid or first.drawn) if left else ())


def check_budget(plan: RunPlan, workspace: Workspace, run_id: str, requests: Sequence[ChatRequest]) -> None:
    """Raise UsageError when not even the smallest of the requests may be sent: nothing would come of such a run."""
    budget = _budget_so_far(plan, workspace, run_id)
    calls = [Call(0, "", "", r, "", worst_case_input_tokens(r.messages, r.schema)) for r in requests]
    for call in calls:
        call.worst_usd = budget.cost(call.worst_input, call.request.max_tokens)
    if not calls or any(budget.fits(call) for call in calls):
        return
    least = min(calls, key=lambda call: call.worst_tokens)
    usd, tokens = budget.usd is not None, budget.tokens is not None
    spent = _amounts(budget.spent_usd if usd else None, budget.spent_tokens if tokens else None)
    needs = _amounts(least.worst_usd if usd else None, least.worst_tokens if tokens else None)
    raise UsageError(
        f"The budget ({budget.describe()}) does not allow a call: {spent} spent or possibly billed so far, and the "
        f"smallest call may take up to {needs}, its prompt and answer at their limits. "
        f"Raise {' or '.join(_budget_names(budget))}."
    )


def budget_of(plan: RunPlan, journal: RunJournal | None = None, run_id: str = "") -> Budget:
    """The run's budget, with what its earlier sessions spent.

    What had no price then is counted at today's. Calls that were sent and never answered may have been billed: each
    counts at its worst, as it did while the run went on.
    """
    system = plan.settings.system
    budget = Budget(system.budget_usd, system.budget_tokens, plan.price, system.batch)
    if journal is None or plan.agent is None:
        return budget
    for stage in journal.spending(run_id):
        usd = budget.cost(stage.input_tokens, stage.output_tokens) if stage.usd is None else stage.usd
        _spend(budget, usd, stage.input_tokens + stage.output_tokens)
    # What waits in an open batch job is set aside when the job is taken up again.
    open_jobs = journal.open_batches(plan.agent.provider, plan.agent.model)
    waiting = {key for job in open_jobs for key in job.keys}
    for text, times in journal.unanswered(run_id):
        lost = times - (call_key(text) in waiting)
        asked = request_of(text)
        worst = worst_case_input_tokens(asked.messages, asked.schema)
        _spend(budget, lost * budget.cost(worst, asked.max_tokens), lost * (worst + asked.max_tokens))
    return budget


def request_of(text: str) -> ChatRequest:
    """The part of a call_text that determines the most it can be billed for."""
    asked = json.loads(text)
    messages = tuple(Message(role, content) for role, content in asked["messages"])
    return ChatRequest(messages, asked["schema"], max_tokens=asked["max_tokens"])


def _spend(budget: Budget, usd: float, tokens: int) -> None:
    budget.spent_usd += usd
    budget.spent_tokens += tokens


def _budget_so_far(plan: RunPlan, workspace: Workspace, run_id: str) -> Budget:
    if not workspace.journal.is_file():
        return budget_of(plan)
    with RunJournal(workspace.journal) as journal:
        return budget_of(plan, journal, run_id)


def _amounts(usd: float | None, tokens: int | None) -> str:
    amounts = ["" if usd is None else dollars(usd), "" if tokens is None else f"{tokens:,} tokens"]
    return " and ".join(filter(None, amounts))


def _budget_names(budget: Budget) -> list[str]:
    given = {"--budget-usd (system.budget_usd)": budget.usd, "--budget-tokens (system.budget_tokens)": budget.tokens}
    return [name for name, limit in given.items() if limit is not None]


def flow_limits(plan: RunPlan) -> FlowLimits:
    """How fast the run may ask, from its settings; the embedded model is asked one thing at a time."""
    system: SystemSettings = plan.settings.system
    local = plan.agent is not None and plan.agent.is_local
    return FlowLimits(
        concurrency=LOCAL_CONCURRENCY if local else system.concurrency,
        max_retries=system.max_retries,
        timeout=max(system.timeout, LOCAL_TIMEOUT) if local else system.timeout,
        max_wait=system.max_wait,
        requests_per_minute=None if local else system.requests_per_minute,
        tokens_per_minute=None if local else system.tokens_per_minute,
    )


def new_run_id() -> str:
    return f"r{secrets.token_hex(4)}"


def saved_plan(plan: RunPlan, workspace: Workspace) -> Mapping[str, Any]:
    """What a resume needs to do the same again. No keys: those come from the environment then, too."""
    agent = plan.agent
    if agent is None:
        raise LLMError("A run without an LLM is not journaled.")
    settings = plan.settings.model_dump(mode="json")
    settings["system"]["base_urls"] = {}  # one may hold a password; a resume takes those in effect then
    settings["ingestion"]["passwords"] = {}
    return {
        "version": SAVED_PLAN_VERSION,
        "settings": settings,
        "input_dir": str(workspace.input_dir.resolve()),
        "llm_stage": plan.llm_stage,
        "instructions": plan.instructions or _instructions_in_file(plan, workspace),
        "agent": asdict(agent),
    }


def _instructions_in_file(plan: RunPlan, workspace: Workspace) -> str:
    """Free mode's prompt file as it is now: a resume asks the same although the file was changed since."""
    free = plan.settings.mode == "free" and plan.settings.agent.free.use_prompt_file
    return load_instructions(workspace.prompts / "free_mode" / "prompt.txt") if free else ""


def saved_input_dir(saved: Mapping[str, Any]) -> Path:
    return Path(str(saved["input_dir"]))
