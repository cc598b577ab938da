"""Questions to an LLM about samples that are stored already: repairs and grades, journaled and within the budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from src.agents.asking.askings import gather
from src.agents.asking.exchange import Asking, Rejection
from src.dataset.quality.judging.rubric import MAX_TOKENS, SCHEMA, Judge, JudgeTask
from src.errors import BuilderError, ContentRefusedError, TruncatedAnswerError
from src.pipeline.interruption import first_signal_calls
from src.pipeline.llm.estimate import Estimate, PlannedRun, estimate_run
from src.pipeline.llm.llm_session import GRADES, LLMSession, check_budget, new_run_id
from src.pipeline.llm.planned_calls import COUNTED_PROMPTS, counter_of, tokens_of
from src.pipeline.run_plan import RunPlan, Workspace
from src.providers.clients.chat_client import ChatClient, ChatRequest
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.models.prices import worst_case_input_tokens


@contextmanager
def side_session(
    plan: RunPlan,
    workspace: Workspace,
    client: ChatClient,
    kind: str,
    on_stop: Callable[[str], None] = lambda text: None,
) -> Iterator[LLMSession]:
    """A session whose end is written down, whatever happens. Ctrl-C asks nothing new; what is under way is kept.

    `on_stop` is told then what is waited for, within a signal handler.
    """
    session = LLMSession(plan, workspace, new_run_id(), client, lambda: None, kind)
    state, note = "stopped", ""

    def stop() -> None:
        session.dispatcher.stop()
        on_stop(
            f"Stopping: waiting for {session.dispatcher.in_flight} call(s) under way, at most {FlowLimits().grace:.0f} "
            "s. Ctrl-C again leaves now."
        )

    try:
        with first_signal_calls(stop):
            yield session
            session.dispatcher.drain()
        state = "finished"
    except BuilderError as error:
        note = str(error)
        raise
    finally:
        try:
            session.end(state, note, "")
        finally:
            session.close()


def estimate_requests(plan: RunPlan, workspace: Workspace, requests: Sequence[ChatRequest]) -> Estimate | None:
    """What asking them takes, each once; None when there is none.

    Raises UsageError when the budget does not allow even the smallest.
    """
    if not requests or plan.agent is None:
        return None
    check_budget(plan, workspace, "", requests)
    counter = counter_of(plan)
    counted = requests[:: max(1, len(requests) // COUNTED_PROMPTS)]
    worst = max(worst_case_input_tokens(request.messages, request.schema) for request in requests)
    longest = max(request.max_tokens for request in requests)
    planned = PlannedRun(
        model=plan.agent.model,
        size=len(requests),
        prompt_tokens=[tokens_of(counter, request) for request in counted],
        max_tokens=longest,
        most_calls=len(requests),
        worst_prompt_tokens=worst,
        worst_output_tokens=longest,
        calls_per_sample=1.0,
    )
    return estimate_run(planned, plan.price)


def grade_request(task: JudgeTask) -> ChatRequest:
    """What the judge is asked about a sample."""
    return ChatRequest(task.messages, SCHEMA, 0.0, max_tokens=MAX_TOKENS)


def judge_with(session: LLMSession) -> Judge:
    """Grades by the session's LLM. An answer that is cut off, declined or missing is none; nothing is mended."""

    def judge(tasks: Sequence[JudgeTask]) -> list[str | None]:
        outcomes = gather(session.dispatcher, GRADES, map(_ask, tasks))
        return [None if outcome is None or isinstance(outcome, Rejection) else outcome for outcome in outcomes]

    return judge


def _ask(task: JudgeTask) -> Asking[str | Rejection]:
    answer = yield grade_request(task)
    if answer.finish_reason == "length":
        raise TruncatedAnswerError("The answer was cut off.")
    if answer.finish_reason == "refused":
        raise ContentRefusedError("The model declined to answer.")
    return answer.text
