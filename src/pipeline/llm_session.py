"""One run's connection to its LLM: the journal, the budget, the pace, and the dispatcher that keeps them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from src.config.settings import SystemSettings
from src.errors import LLMError
from src.persistence.journal_records import StageSpending
from src.persistence.run_journal import RunJournal
from src.pipeline.call_records import CallRecords
from src.pipeline.run_lock import run_lock
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers.clients.batch import BATCH_JOBS
from src.providers.clients.batch.batch_dispatcher import BatchDispatcher
from src.providers.clients.chat_client import ChatClient
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.dispatcher import Dispatcher, FlowLimits
from src.providers.clients.flow.dispatching import Dispatching
from src.providers.clients.models.prices import cost
from src.providers.clients.wire.sdk_client import SdkClient

# One call at a time has both cores of a small machine; it may take minutes.
LOCAL_CONCURRENCY, LOCAL_TIMEOUT = 1, 600.0
SAVED_PLAN_VERSION = 1


class LLMSession:
    """Open from the first call of a run until its dataset is saved. Raises UsageError when another process has it."""

    def __init__(
        self, plan: RunPlan, workspace: Workspace, run_id: str, client: ChatClient, on_result: Callable[[], None]
    ) -> None:
        self.run_id = run_id
        self._exits = ExitStack()
        try:
            self._exits.enter_context(run_lock(workspace.journal, run_id))
            self.journal = self._exits.enter_context(RunJournal(workspace.journal))
            self.dispatcher = self._open(plan, client, on_result)
            self.journal.begin_run(run_id, plan.settings.output_name, saved_plan(plan, workspace))
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
        budget = Budget(system.budget_usd, system.budget_tokens, price, system.batch)
        for stage in self.spending():
            budget.spent_usd += stage.usd or 0.0
            budget.spent_tokens += stage.input_tokens + stage.output_tokens
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
    return {
        "version": SAVED_PLAN_VERSION,
        "settings": plan.settings.model_dump(mode="json"),
        "input_dir": str(workspace.input_dir.resolve()),
        "llm_stage": plan.llm_stage,
        "instructions": plan.instructions,
        "agent": asdict(agent),
    }


def saved_input_dir(saved: Mapping[str, Any]) -> Path:
    return Path(str(saved["input_dir"]))
