"""Budgets, estimates and confirmations: no run costs more than its user allowed, and each stop can be resumed."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.persistence.sqlite_client import DatasetStore
from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.providers.clients.wires import Asked, answer_body
from tests.workflows.llm_runs import (
    Request,
    as_json,
    copy_of,
    good,
    killed_after,
    llm_folder,
    needs_sigkill,
    openai_env,
    run_json,
)
from tests.workflows.support import Finished, in_order, menu, run

# USD per million tokens, so high that a few calls cost dollars.
PRICES = {"price_per_million_input": 100.0, "price_per_million_output": 400.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return llm_folder(tmp_path / "here", documents=12, concurrency=8, dataset_size=30, **PRICES)


def billed(stub: StubLLM) -> tuple[int, int]:
    """Input and output tokens the stub put on the bill, as it counts them."""
    prompts = sum(sum(len(message["content"]) for message in request["messages"]) // 4 for request in stub.requests)
    return prompts, sum(len(answer_about_focus(request)) // 4 for request in stub.requests)


def billed_usd(stub: StubLLM) -> float:
    prompt, answer = billed(stub)
    return (prompt * PRICES["price_per_million_input"] + answer * PRICES["price_per_million_output"]) / 1e6


def was_refused(done: Finished, stub: StubLLM, *messages: str) -> bool:
    assert done.code == 2, done.out + done.err
    assert all(message in done.err for message in messages), done.err
    assert not stub.requests
    return True


def test_a_budget_in_tokens_stops_the_run_which_is_valid_and_completes_with_a_larger_one(folder: Path) -> None:
    with StubLLM(good(0.01)) as stub:
        env = openai_env(stub)
        done = run(folder, "run", "--yes", "--confirm-above", "99", "--budget-tokens", "15000", env=env)
        assert done.code == 75 and 0 < sum(billed(stub)) <= 15000
        assert in_order(done.out, "Stopped early. The budget (15,000 tokens)", "of 30 samples", "run --resume r")
        (unfinished,) = as_json(run(folder, "journal", "--json"))["unfinished"]
        with DatasetStore(folder / "memory" / "dataset_builder.db") as store:
            assert 0 < len(store.load_dataset(unfinished["dataset_id"])) < 30
        exported = folder / "output_datasets" / "my_dataset" / "v1.0.0" / "train.jsonl"
        assert run(folder, "validate", str(exported), "--provider", "google").code == 0
        before = len(stub.requests)
        # The budget was given with the run alone; it still holds, so that a resume is no surprise.
        refused = run(folder, "run", "--yes", "--resume", "--confirm-above", "99", env=env)
        assert refused.code in (2, 75) and len(stub.requests) == before
        assert "The budget (15,000 tokens) does not allow " in refused.out + refused.err
        assert not exported.parent.with_name("v1.0.1").exists()  # nothing was added that could be exported anew
        resumed = run_json(folder, "--resume", "--confirm-above", "99", "--budget-tokens", "999999", env=env)
        assert (resumed["exit_code"], resumed["samples"], len(stub.requests)) == (0, 30, 30)


@pytest.mark.slow
def test_a_budget_in_usd_is_never_overshot(folder: Path) -> None:
    with StubLLM(good(0.01)) as stub:
        stopped = run_json(folder, "--budget-usd", "2.5", env=openai_env(stub))
        assert (stopped["exit_code"], stopped["resumable"]) == (75, True) and 0 < stopped["samples"] < 30
        assert 0 < billed_usd(stub) <= 2.5
        assert stopped["spending"][0]["usd"] == pytest.approx(billed_usd(stub))
        before = len(stub.requests)
        again = menu(folder, ["2", "1", "y", "n", "6", "6"], openai_env(stub))
        assert "The budget ($2.50) does not allow a" in again.out.split("What now?")[1]
        assert len(stub.requests) == before


@needs_sigkill
def test_a_kill_does_not_loosen_a_budget(folder: Path) -> None:
    with StubLLM(good(0.05)) as stub:
        env = openai_env(stub)
        killed_after(folder, stub, 6, "--concurrency", "2", "--budget-usd", "3.5", env=env)
        resumed = run_json(folder, "--resume", "--concurrency", "2", env=env)
        assert resumed["exit_code"] == 75 and 6 < resumed["samples"] < 30
        assert billed_usd(stub) <= 3.5  # with what the stub worked out for the process that was dead by then


def test_a_budget_too_small_for_one_call_and_one_without_a_price_send_nothing(folder: Path) -> None:
    unpriced = llm_folder(folder.with_name("unpriced"))
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        small = run(folder, "run", "--yes", "--budget-tokens", "300", env=env)
        assert was_refused(small, stub, "The budget (300 tokens) does not allow a call: 0 tokens spent", "up to")
        cent = run(folder, "run", "--yes", "--budget-usd", "0.01", env=env)
        assert was_refused(cent, stub, "The budget ($0.01) does not allow a call: $0 spent", "--budget-usd")
        unknown = run(unpriced, "run", "--yes", "--budget-usd", "5", env=env)
        assert was_refused(unknown, stub, "the price of stub is not known", "price_per_million_input", "budget_tokens")
        nonsense = run(folder, "run", "--yes", "--budget-usd", "0", env=env)
        assert was_refused(nonsense, stub, "the command line has 1 problem(s)", "system.budget_usd: 0.0")


def test_an_expensive_run_is_refused_with_yes_and_asked_for_in_the_menu(folder: Path) -> None:
    config = folder / "config.yaml"
    text = config.read_text(encoding="utf-8").replace("confirm_above_usd: 5", "confirm_above_usd: 0.5")
    config.write_text(text, encoding="utf-8")
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        done = run(folder, "run", "--yes", env=env)
        assert was_refused(done, stub, "Not started. This may cost up to $", "($0.50)", "--confirm-above USD")
        assert in_order(done.out, "Estimate  30 to 45 calls", "$100.00/$400.00 per 1M tokens, your settings")
        answers = ["2", "y", "n", "2", "y", "y", "n", "n", "6"]
        asked = menu(folder, answers, env)
        assert asked.out.count("more than system.confirm_above_usd ($0.50). Go on? (y/n) [n]:") == 2
        assert len(stub.requests) == 30 and "Saved dataset my_dataset" in asked.out
        allowed = run_json(copy_of(folder, "allowed"), "--confirm-above", "50", env=env)
        assert (allowed["exit_code"], len(stub.requests)) == (0, 60)


@pytest.mark.slow
def test_the_estimate_holds_what_was_spent_and_a_paid_run_is_neither_estimated_nor_asked_for_again(
    folder: Path,
) -> None:
    with StubLLM(good()) as stub:
        env = openai_env(stub)
        first = run(folder, "run", "--yes", "--size", "10", "--confirm-above", "99", env=env)
        assert in_order(
            first.out, "Estimate  10 to 15 calls", "sets a hard stop", "LLM: create: 10 calls, ", "tokens out, $"
        )
        assert in_order(first.out, "Training gemini-2.5-flash on it for 3 epochs: about ")
        again = run(folder, "run", "--yes", "--size", "10", "--confirm-above", "0", env=env)
        assert again.code == 0 and "Estimate  the journal has the answers of 10 calls or more, which" in again.out
        larger = run(folder, "run", "--size", "20", answers="n\n", env=env)
        assert in_order(larger.out, "Estimate  10 to 15 calls", "the journal has the answers of 10 calls or more")
        assert len(stub.requests) == 10


def test_a_retry_after_beyond_max_wait_saves_the_run_for_later(folder: Path) -> None:
    count = iter(range(1000))

    def tired(request: Request) -> Reply:
        if next(count) < 12:
            return Reply(answer_about_focus(request))
        return Reply(status=429, headers={"Retry-After": "4000"}, error={"message": "Rate limit reached"})

    with StubLLM(tired) as stub:
        done = run(folder, "run", "--yes", "--confirm-above", "99", env=openai_env(stub))
        assert done.code == 75 and len(stub.requests) <= 12 + 8
    assert in_order(
        done.out, "Stopped early. ", "asks to wait 4,000 s, longer than system.max_wait (300 s)", "12 of 30"
    )
    with StubLLM(good()) as stub:
        resumed = run_json(folder, "--resume", "--confirm-above", "99", env=openai_env(stub))
        assert (resumed["exit_code"], resumed["samples"], len(stub.requests)) == (0, 30, 18)


@pytest.mark.slow
def test_a_host_that_never_answers_again_ends_the_run_resumable(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "here", concurrency=2, dataset_size=10, timeout=0.3, max_retries=1)
    count = iter(range(1000))

    def hang(request: Request) -> Reply:
        return Reply(answer_about_focus(request), delay=0.0 if next(count) < 4 else 30.0)

    with StubLLM(hang) as stub:
        done = run(folder, "run", "--yes", env=openai_env(stub))
    assert done.code == 1 and "no answer within 0.3 s" in done.out and "system.timeout" in done.out
    assert in_order(
        done.out, "4 of 10 samples", "were sent and never answered; they may have been billed", "--resume r"
    )


def test_asked_for_bodies_are_billed_as_the_stub_counts_them() -> None:
    """The sums above rest on how the stub fills in `usage`."""
    asked = Asked("openai", "m", [{"role": "user", "content": "x" * 400}], None, 10)
    assert answer_body(asked, "y" * 40)["usage"] == {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
