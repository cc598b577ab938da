"""From a plan and the requests it would send first to the estimate of what the run takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from src.agents.base_agent import FirstRequests
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.estimate import Estimate, PlannedRun, estimate_run, likely_calls_per_sample
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers import PROVIDERS
from src.providers.clients.chat_client import ChatRequest
from src.providers.clients.models.prices import worst_case_input_tokens
from src.providers.token_counter import TokenCounter, counter_for

# Prompts that are counted, drawn evenly: exact counting of thousands would hold up the start for seconds.
COUNTED_PROMPTS = 50
# The most calls one candidate can take: cut off, cut off with more room, as a smaller task, malformed in between; and
# all that once more after a bad quote.
CALLS_PER_CANDIDATE = 8


def estimate_plan(plan: RunPlan, workspace: Workspace, first: FirstRequests) -> Estimate | None:
    """The estimate of a run that would start with these requests; None when it makes no calls."""
    if plan.agent is None or not first.planned:
        return None
    marks_only = plan.settings.mode == "identify"
    per_sample = 1.0 if marks_only else plan.settings.agent.create.candidates_per_sample
    counter = counter_of(plan)
    history = _history(plan, workspace)
    max_tokens = first.drawn[0].max_tokens
    planned = PlannedRun(
        model=plan.agent.model,
        size=first.planned,
        prompt_tokens=[tokens_of(counter, request) for request in first.drawn],
        max_tokens=max_tokens,
        most_calls=math.ceil(first.planned * per_sample) * CALLS_PER_CANDIDATE,
        worst_prompt_tokens=max(worst_case_input_tokens(request.messages, request.schema) for request in first.drawn),
        worst_output_tokens=2 * max_tokens,
        calls_per_sample=1.0 if marks_only else likely_calls_per_sample(*history.judged),
        output_history=history.lengths,
    )
    return estimate_run(planned, plan.price, plan.settings.system.batch)


@dataclass(frozen=True, slots=True)
class _History:
    """Of earlier answers of this kind: their lengths in tokens, how many were judged and how many accepted."""

    lengths: Sequence[int] = ()
    judged: tuple[int, int] = (0, 0)


def _history(plan: RunPlan, workspace: Workspace) -> _History:
    if plan.agent is None or not workspace.journal.is_file():
        return _History()
    stage = {"hybrid": "create"}.get(plan.settings.mode, plan.settings.mode)
    kind = (plan.agent.provider, plan.agent.model, stage)
    with RunJournal(workspace.journal) as journal:
        return _History(journal.output_lengths(*kind), journal.acceptance(*kind))


def counter_of(plan: RunPlan) -> TokenCounter:
    """The counter of the LLM's own provider; the embedded model's prompts are counted as the target's."""
    assert plan.agent is not None
    judge = PROVIDERS.get(plan.agent.provider)
    if judge is None:
        return counter_for(plan.settings.provider, plan.settings.model)
    return counter_for(plan.agent.provider, judge.get_models()[0])


def tokens_of(counter: TokenCounter, request: ChatRequest) -> int:
    """The tokens of a prompt, its schema included."""
    schema = counter.count_text(str(dict(request.schema))) if request.schema else 0
    return counter.count_messages(request.messages) + schema
