"""What a run will take is estimated from the requests it would send."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from src.agents.asking.exchange import Asking, Reply, ask
from src.agents.base_agent import FirstRequests
from src.agents.create_agent import CreateAgent
from src.config.environment import read_environment
from src.config.loader import build_settings
from src.errors import LLMError
from src.persistence.journal.run_journal import RunJournal
from src.pipeline.llm.estimate import LEAST_OUTPUT_TOKENS, Estimate
from src.pipeline.llm.planned_calls import CALLS_PER_CANDIDATE, COUNTED_PROMPTS, estimate_plan
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, Usage
from src.providers.clients.models.prices import worst_case_input_tokens
from src.providers.token_counter import counter_for
from src.records import Message
from tests.agents.support import PROSE, bench
from tests.ingestion.support import shelf_of

ROOT = Path(__file__).resolve().parents[3]
KEYS = {"OPENAI_API_KEY": "sk-canary-key-0005"}
SCHEMA = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "pump.txt").write_text(PROSE, encoding="utf-8")
    (tmp_path / "memory").mkdir()
    return Workspace(tmp_path / "in", tmp_path / "out", tmp_path / "memory" / "x.db", ROOT / "prompts")


def plan(workspace: Workspace, mode: str = "create", **values: object) -> RunPlan:
    system = {"agentic_llm": "openai", "agentic_model": "gpt-4.1-mini", **values}
    target = {"provider": "openai", "model": "gpt-4o", "dataset_size": 20}
    settings = build_settings({"mode": mode, **target, "system": system})
    return plan_run(settings, read_environment(Path("none"), KEYS), workspace, llm_stage=mode == "identify")


def request(words: int, schema: dict[str, object] | None = None) -> ChatRequest:
    return ChatRequest((Message("user", "pump " * words),), schema, max_tokens=400)


def estimated(run: RunPlan, workspace: Workspace, first: FirstRequests) -> Estimate:
    estimate = estimate_plan(run, workspace, first)
    assert estimate is not None
    return estimate


def test_a_run_without_calls_has_no_estimate(workspace: Workspace) -> None:
    assert estimate_plan(plan(workspace), workspace, FirstRequests(0, ())) is None
    no_llm = replace(plan(workspace), agent=None)
    assert estimate_plan(no_llm, workspace, FirstRequests(5, [request(10)])) is None


def test_prompts_are_counted_exactly_with_their_schema(workspace: Workspace) -> None:
    counter = counter_for("openai", "gpt-4.1-mini")
    for schema in (None, SCHEMA):
        first = request(50, schema)
        estimate = estimated(plan(workspace), workspace, FirstRequests(7, [first]))
        tokens = counter.count_messages(first.messages) + (counter.count_text(str(schema)) if schema else 0)
        assert estimate.calls.low == 7 and estimate.input_tokens.low == 7 * tokens


def test_the_ceiling_is_every_candidate_with_everything_that_can_be_asked_again(workspace: Workspace) -> None:
    run, first = plan(workspace), request(50)
    estimate = estimated(run, workspace, FirstRequests(7, [request(5), first]))
    assert run.price is not None and estimate.ceiling_usd is not None
    candidates = math.ceil(7 * run.settings.agent.create.candidates_per_sample)
    worst = worst_case_input_tokens(first.messages, None)
    each = (worst * run.price.input_per_million + 800 * run.price.output_per_million) / 1e6
    assert estimate.ceiling_usd == pytest.approx(candidates * CALLS_PER_CANDIDATE * each)


def test_no_candidate_takes_more_calls_than_the_ceiling_knows_of() -> None:
    """Everything goes wrong that can: twice the whole of ask(), as after a quote that does not stand in the passage."""
    bad = [ChatAnswer("{", reason, Usage(), "m") for reason in ("length", "stop", "length", "stop")]  # type: ignore[arg-type]

    def calls(asking: Asking[Reply]) -> int:
        next(asking)
        for count, answer in enumerate(bad, 1):
            try:
                asking.send(answer)
            except LLMError:
                return count
        raise AssertionError("it asks for more")

    assert 2 * calls(ask(request(5, SCHEMA), lambda: request(3, SCHEMA))) == CALLS_PER_CANDIDATE


def test_marking_lines_takes_one_call_for_a_passage(workspace: Workspace) -> None:
    estimate = estimated(plan(workspace, "identify"), workspace, FirstRequests(7, [request(50)]))
    assert estimate.calls.low == estimate.calls.high == 7


@pytest.mark.parametrize(("mode", "stage"), [("create", "create"), ("hybrid", "create"), ("free", "free")])
def test_earlier_answers_of_the_same_stage_tell_how_long_answers_are(
    workspace: Workspace, mode: str, stage: str
) -> None:
    with RunJournal(workspace.journal) as journal:
        for number, (where, model, tokens) in enumerate(
            [(stage, "gpt-4.1-mini", 80)] * 30 + [(stage, "another", 9)] * 30 + [("identify", "gpt-4.1-mini", 8)] * 30
        ):
            key = f"k{number}"
            journal.sent("r", key, stage=where, provider="openai", model=model, request="")
            figures = {"input_tokens": 1, "output_tokens": tokens, "seconds": 0.1, "usd": None}
            journal.answered(key, text="", finish_reason="stop", answer_model=model, **figures).wait()  # type: ignore[arg-type]
    estimate = estimated(plan(workspace, mode), workspace, FirstRequests(10, [request(5)]))
    assert estimate.output_tokens.low == 10 * 80
    assert "30 earlier" in estimate.note


def test_how_many_answers_were_accepted_tells_how_many_calls_to_reckon_with(workspace: Workspace) -> None:
    with RunJournal(workspace.journal) as journal:
        for number in range(50):
            key = f"k{number}"
            journal.sent("r", key, stage="create", provider="openai", model="gpt-4.1-mini", request="")
            figures = {"input_tokens": 1, "output_tokens": 80, "seconds": 0.1, "usd": None}
            journal.answered(key, text="", finish_reason="stop", answer_model="m", **figures).wait()  # type: ignore[arg-type]
            journal.judged(key, "accepted" if number < 25 else "question asked before")
    estimate = estimated(plan(workspace), workspace, FirstRequests(10, [request(5)]))
    assert (estimate.calls.low, estimate.calls.high) == (10, 20)


def test_without_a_journal_none_is_made_and_the_length_is_open(workspace: Workspace) -> None:
    estimate = estimated(plan(workspace), workspace, FirstRequests(10, [request(5)]))
    assert estimate.output_tokens.low == 10 * LEAST_OUTPUT_TOKENS
    assert not workspace.journal.exists()


def test_an_unknown_price_leaves_the_cost_unknown(workspace: Workspace) -> None:
    estimate = estimated(plan(workspace, agentic_model="gpt-of-tomorrow"), workspace, FirstRequests(10, [request(5)]))
    assert estimate.usd is None and estimate.ceiling_usd is None


def test_the_first_requests_of_an_agent_make_an_estimate(workspace: Workspace) -> None:
    run = plan(workspace)
    documents = shelf_of(workspace.input_dir, workspace.extracts)
    first = CreateAgent(bench()).requests(documents, 20, COUNTED_PROMPTS)
    estimate = estimated(run, workspace, first)
    assert estimate.calls.low == 20 and estimate.usd is not None and estimate.ceiling_usd is not None
    assert 0 < estimate.usd.low < estimate.usd.high < estimate.ceiling_usd
