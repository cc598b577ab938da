"""Load what a run will need while it reads its documents: the vocabulary beside the program, the SDK within it."""

from __future__ import annotations

import threading

from src.pipeline.run_plan import RunPlan
from src.providers.clients import CLIENTS
from src.providers.token_counter import counter_for


def warm_up(plan: RunPlan) -> None:
    """Start loading; whoever needs it first waits for the rest of it."""
    counter_for(plan.settings.provider, plan.settings.model).count_elsewhere()
    if plan.agent is not None and plan.agent.provider in CLIENTS:
        load = CLIENTS[plan.agent.provider].load_library
        threading.Thread(target=load, daemon=True, name="sdk-import").start()
