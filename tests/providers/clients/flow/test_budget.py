"""A budget is never overshot: the worst case of a call is set aside before it is sent."""

from __future__ import annotations

import random
import threading
from datetime import date

import pytest

from src.errors import OverloadedError, RunPausedError, TimedOutError
from src.providers.clients.chat_client import ChatAnswer, ChatRequest, Usage
from src.providers.clients.flow.budget import Budget
from src.providers.clients.flow.call_journal import Call
from src.providers.clients.flow.dispatcher import Dispatcher
from src.providers.clients.flow.flow_records import FlowLimits
from src.providers.clients.models.prices import Price, worst_case_input_tokens
from tests.providers.clients.flow.support import Acting, Impatient, ask, echo, question, say, within

PRICE = Price(1.0, 10.0, "a price list", date(2026, 11, 21), batch_discount=0.5)
# Rounding of sums of a few hundred amounts, in USD.
ROUNDING = 1e-9


def call(worst_input: int = 100, max_tokens: int = 50, budget: Budget | None = None) -> Call:
    made = Call(0, "k", "create", question(1, max_tokens), worst_input=worst_input)
    made.worst_usd = (budget or Budget(price=PRICE)).cost(worst_input, max_tokens)
    return made


def test_what_is_reserved_counts_until_it_is_settled() -> None:
    budget = Budget(tokens=400)
    first, second, third = call(), call(), call()
    budget.reserve(first)
    assert budget.fits(second)
    budget.reserve(second)
    assert not budget.fits(third)
    budget.settle(first, Usage(60, 20))
    assert (budget.spent_tokens, budget.reserved_tokens) == (80, 150)
    assert budget.fits(third)


def test_what_the_host_did_not_count_stays_at_its_worst() -> None:
    budget = Budget(price=PRICE)
    for usage, tokens in [(Usage(None, None), 150), (Usage(60, None), 110), (Usage(None, 5), 105), (Usage(0, 0), 0)]:
        one = call()
        before = budget.spent_tokens
        budget.reserve(one)
        budget.settle(one, usage)
        assert budget.spent_tokens - before == tokens
    assert budget.reserved_tokens == 0 and budget.reserved_usd == 0


def test_a_call_that_was_turned_away_costs_nothing_a_lost_one_its_worst() -> None:
    budget = Budget(price=PRICE)
    first, second = call(), call()
    budget.reserve(first)
    budget.reserve(second)
    budget.release(first)
    assert (budget.spent_tokens, budget.spent_usd) == (0, 0)
    budget.forfeit(second)
    assert budget.spent_tokens == 150 and budget.spent_usd == pytest.approx(call().worst_usd)
    assert (budget.reserved_tokens, budget.reserved_usd) == (0, 0)


def test_a_batch_reserves_and_pays_the_discounted_price() -> None:
    single, batch = Budget(price=PRICE), Budget(price=PRICE, batch=True)
    assert batch.cost(100, 50) == pytest.approx(single.cost(100, 50) / 2)


def test_an_unknown_price_costs_nothing_here_and_tokens_are_still_limited() -> None:
    budget = Budget(tokens=100)
    assert budget.cost(10**6, 10**6) == 0
    assert not budget.fits(call())


@pytest.mark.parametrize("seed", range(10))
def test_rounding_does_not_add_up_over_many_calls(seed: int) -> None:
    budget, rng = Budget(price=PRICE), random.Random(seed)
    open_calls: list[Call] = []
    for _ in range(500):
        one = call(rng.randint(1, 9_999), rng.randint(1, 999))
        budget.reserve(one)
        open_calls.append(one)
        if len(open_calls) > 15:
            budget.release(open_calls.pop(rng.randrange(len(open_calls))))
    for one in open_calls:
        budget.release(one)
    assert (budget.reserved_usd, budget.reserved_tokens) == (0, 0)


def test_the_limits_are_named_as_the_user_set_them() -> None:
    assert Budget(usd=2.5).describe() == "$2.50"
    assert Budget(usd=1_000, tokens=20_000).describe() == "$1,000.00 and 20,000 tokens"
    assert Budget(usd=0.004).describe() == "under $0.01"


def worst_of(request: ChatRequest) -> int:
    return worst_case_input_tokens(request.messages, request.schema)


def random_bill(rng: random.Random) -> Acting:
    """Bills at random, up to the worst; now and then there is no answer, or no figure."""
    lock = threading.Lock()

    def act(request: ChatRequest) -> ChatAnswer:
        with lock:
            luck, share, tokens = rng.random(), rng.random(), rng.randint(0, request.max_tokens)
        if luck < 0.05:
            raise TimedOutError("no answer")
        if luck < 0.1:
            raise OverloadedError("too much to do")
        bill = None if luck < 0.2 else int(worst_of(request) * share)
        return say("x", bill, None if 0.15 < luck < 0.25 else tokens)

    return Acting(act)


def test_a_hundred_random_runs_with_sixteen_workers_never_pass_the_cap() -> None:
    paused = 0
    for seed in range(100):
        rng = random.Random(seed)
        worst = worst_of(question(10)) + 50
        cap = worst * rng.uniform(0.5, 30)
        budget = Budget(tokens=int(cap), price=PRICE) if seed % 2 else Budget(usd=cap * 4e-6, price=PRICE)
        client = random_bill(rng)
        dispatcher = Dispatcher(client, FlowLimits(concurrency=16, max_retries=9), None, budget, rng=Impatient())
        try:
            within(30, lambda d=dispatcher: ask(d, range(40)))  # type: ignore[misc]
        except RunPausedError:
            paused += 1
            assert dispatcher.in_flight == 0 and budget.reserved_tokens == 0
        dispatcher.close()
        assert budget.tokens is None or budget.spent_tokens <= budget.tokens
        assert budget.usd is None or budget.spent_usd <= budget.usd + ROUNDING
    assert paused > 50


def test_a_budget_that_fits_one_call_at_a_time_does_not_end_the_run_while_one_is_in_flight() -> None:
    worst = worst_of(question(10)) + 50
    client = Acting()
    budget = Budget(tokens=int(1.5 * worst))
    dispatcher = Dispatcher(client, FlowLimits(concurrency=8), None, budget)
    assert len(within(20, lambda: ask(dispatcher, range(10, 30)))) == 20
    assert client.most_at_once == 1


def test_a_budget_that_fits_not_one_call_ends_the_run_before_the_first() -> None:
    client = Acting()
    dispatcher = Dispatcher(client, FlowLimits(), None, Budget(tokens=100))
    with pytest.raises(RunPausedError, match=r"The budget \(100 tokens\) does not allow another call.* resume"):
        within(20, lambda: ask(dispatcher, range(3)))
    assert client.asked == []


def test_what_earlier_sessions_spent_counts() -> None:
    client = Acting()
    worst = worst_of(question(1)) + 50
    budget = Budget(tokens=10 * worst, spent_tokens=10 * worst - worst // 2)
    with pytest.raises(RunPausedError):
        within(20, lambda: ask(Dispatcher(client, FlowLimits(), None, budget), range(3)))
    assert client.asked == []


def test_what_was_paid_for_is_handed_out_before_the_budget_ends_the_run() -> None:
    client = Acting(echo)
    worst = worst_of(question(1)) + 50
    dispatcher = Dispatcher(client, FlowLimits(concurrency=2), None, Budget(tokens=worst + 40))
    for number in range(9):
        dispatcher.submit(number, question(number))
    results = []

    def work() -> None:
        while (result := dispatcher.next_result()) is not None:
            results.append(result)

    with pytest.raises(RunPausedError):
        within(20, work)
    assert len(results) == len(client.asked) == 3  # 15 tokens each: 40 are left over for the fourth's worst case
