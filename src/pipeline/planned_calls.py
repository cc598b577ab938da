"""From a plan and the requests it would send first to the estimate of what the run takes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from src.persistence.run_journal import RunJournal
from src.pipeline.estimate import LIKELY_CALLS_PER_SAMPLE, Estimate, PlannedRun, estimate_run
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers import PROVIDERS
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.models.prices import worst_case_input_tokens
from src.providers.token_counter import TokenCounter, counter_for

# Prompts that are counted, drawn evenly: exact counting of thousands would hold up the start for seconds.
COUNTED_PROMPTS = 50
# The most calls one candidate can take: a malformed or cut-off answer asked again, once more after a bad quote.
CALLS_PER_CANDIDATE = 6


def estimate_plan(plan: RunPlan, workspace: Workspace, requests: Sequence[ChatRequest]) -> Estimate | None:
    """The estimate of a run that would start with `requests`; None when there are none."""
    if plan.agent is None or not requests:
        return None
    marks_only = plan.settings.mode == "identify"  # one call for each passage, whatever the size
    size = len(requests) if marks_only else _to_generate(plan)
    if not size:
        return None
    # The run goes through the passages in turns; the first `size` of them are its first round.
    first = requests[:size]
    drawn = first[:: math.ceil(len(first) / COUNTED_PROMPTS)]
    counter = _counter(plan)
    candidates = size if marks_only else math.ceil(size * plan.settings.agent.create.candidates_per_sample)
    max_tokens = requests[0].max_tokens
    planned = PlannedRun(
        model=plan.agent.model,
        size=size,
        prompt_tokens=[_tokens(counter, request) for request in drawn],
        max_tokens=max_tokens,
        most_calls=candidates * CALLS_PER_CANDIDATE,
        worst_prompt_tokens=max(worst_case_input_tokens(request.messages, request.schema) for request in drawn),
        worst_output_tokens=2 * max_tokens,
        calls_per_sample=1.0 if marks_only else LIKELY_CALLS_PER_SAMPLE,
        output_history=_history(plan, workspace),
    )
    return estimate_run(planned, plan.price, plan.settings.system.batch)


def _to_generate(plan: RunPlan) -> int:
    size = plan.size.size
    if plan.settings.mode == "hybrid":
        return round(size * plan.settings.agent.hybrid.generation_ratio)
    return size


def _history(plan: RunPlan, workspace: Workspace) -> Sequence[int]:
    if plan.agent is None or not workspace.journal.is_file():
        return ()
    stage = {"hybrid": "create"}.get(plan.settings.mode, plan.settings.mode)
    with RunJournal(workspace.journal) as journal:
        return journal.output_lengths(plan.agent.provider, plan.agent.model, stage)


def _counter(plan: RunPlan) -> TokenCounter:
    """The counter of the LLM's own provider; the embedded model's prompts are counted as the target's."""
    assert plan.agent is not None
    judge = PROVIDERS.get(plan.agent.provider)
    if judge is None:
        return counter_for(plan.settings.provider, plan.settings.model)
    return counter_for(plan.agent.provider, judge.get_models()[0])


def _tokens(counter: TokenCounter, request: ChatRequest) -> int:
    schema = counter.count_text(str(dict(request.schema))) if request.schema else 0
    return counter.count_messages(request.messages) + schema
