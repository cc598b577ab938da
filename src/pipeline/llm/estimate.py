"""What a run will probably cost before it starts: calls, tokens and USD, each as an interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from src.providers.clients.models.prices import Price, cost, dollars

# How many calls a sample takes where nothing is known of this model yet: our assumption that one answer in three is
# refused. The journal's acceptance rate replaces it (likely_calls_per_sample).
LIKELY_CALLS_PER_SAMPLE = 1.5
# So many accepted samples make an acceptance rate worth going by.
LEAST_HISTORY = 20
# The shortest answer that fits the agents' schemas: a quote, a question and an answer of a few words, as JSON.
LEAST_OUTPUT_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """What is known of a run's calls before the first of them.

    `size` is how many samples are still wanted. `prompt_tokens` are counted prompts, in the order they will be sent
    or drawn from all of them; they are taken round and round. `max_tokens` bounds an answer. `calls_per_sample` is
    the likely worst. The hard limits are `most_calls`, all candidates and what is asked again included, and for any
    one of them `worst_prompt_tokens` (see prices.worst_case_input_tokens) and `worst_output_tokens` (more than
    `max_tokens` where a cut-off answer is asked again with more room). `output_history` holds the tokens of earlier
    answers of this model to such prompts.
    """

    model: str
    size: int
    prompt_tokens: Sequence[int]
    max_tokens: int
    most_calls: int
    worst_prompt_tokens: int
    worst_output_tokens: int
    calls_per_sample: float = LIKELY_CALLS_PER_SAMPLE
    output_history: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run takes. `low`: every answer is accepted and as short as the shortest tenth; `high`: the likely worst,
    with calls for refused answers, as long as the longest tenth. `ceiling_usd` is the hard worst case: every candidate
    used, every prompt and answer as long as allowed, each billed once (a call that timed out may be billed, too).

    `usd` and `ceiling_usd` are None when the price is unknown.
    """

    model: str
    calls: Interval
    input_tokens: Interval
    output_tokens: Interval
    usd: Interval | None
    ceiling_usd: float | None
    price: Price | None
    batch: bool
    note: str


def estimate_run(run: PlannedRun, price: Price | None, batch: bool = False) -> Estimate:
    """The estimate of a run. Raises ValueError for a run without samples or prompts: it makes no calls."""
    if run.size < 1 or not run.prompt_tokens:
        raise ValueError("a run without samples or prompts has nothing to estimate")
    most_calls = max(run.size, run.most_calls)
    few, many = run.size, min(most_calls, math.ceil(run.size * max(1.0, run.calls_per_sample)))
    short, long = _answer_lengths(run)
    worst_prompt, worst_answer = max(*run.prompt_tokens, run.worst_prompt_tokens), max(long, run.worst_output_tokens)

    def usd(calls: int, answer: int) -> float:
        assert price is not None
        return _round_and_round(run.prompt_tokens, calls, lambda prompt: cost(price, prompt, answer, batch))

    def prompts(calls: int) -> float:
        return _round_and_round(run.prompt_tokens, calls, float)

    return Estimate(
        model=run.model,
        calls=Interval(few, many),
        input_tokens=Interval(prompts(few), prompts(many)),
        output_tokens=Interval(few * short, many * long),
        usd=Interval(usd(few, short), usd(many, long)) if price else None,
        ceiling_usd=most_calls * cost(price, worst_prompt, worst_answer, batch) if price else None,
        price=price,
        batch=batch,
        note=_basis(run, short, long),
    )


def likely_calls_per_sample(calls: int, accepted: int) -> float:
    """Calls per sample to reckon with after `calls` that gave `accepted` samples; the default after too few."""
    return max(1.0, calls / accepted) if accepted >= LEAST_HISTORY else LIKELY_CALLS_PER_SAMPLE


def describe(estimate: Estimate) -> list[str]:
    """The estimate for the screen, a line each: calls and tokens, the cost, the ceiling, what it rests on."""
    calls = _span(f"{estimate.calls.low:,.0f}", f"{estimate.calls.high:,.0f}")
    tokens_in, tokens_out = _tokens(estimate.input_tokens), _tokens(estimate.output_tokens)
    lines = [
        f"{calls} {'call' if calls == '1' else 'calls'}; {tokens_in} tokens in, {tokens_out} out",
        *_describe_cost(estimate),
        estimate.note,
    ]
    return [line for line in lines if line]


def _describe_cost(estimate: Estimate) -> list[str]:
    price, usd, ceiling = estimate.price, estimate.usd, estimate.ceiling_usd
    if price is None or usd is None or ceiling is None:
        return [
            f"cost unknown: no price for {estimate.model} is known; "
            "set system.price_per_million_input and system.price_per_million_output (0 for a server of your own)"
        ]
    if ceiling == 0:
        return [f"$0 ({price.note or price.source})"]
    read = f", read {price.read_on}" if price.read_on else ""
    rates = f"{_rate(price.input_per_million)}/{_rate(price.output_per_million)} per 1M tokens"
    amount = _span(dollars(_to_cents(usd.low, math.floor)), dollars(_to_cents(usd.high, math.ceil)))
    return [
        f"{amount} (price of {estimate.model}: {rates}, {price.source}{read}{_batch_words(estimate, price)})",
        f"{dollars(_to_cents(ceiling, math.ceil))} if every candidate were used and every answer at its limit; "
        "--budget-usd sets a hard stop",
        price.note,
    ]


def _batch_words(estimate: Estimate, price: Price) -> str:
    if not estimate.batch:
        return ""
    return f"; as a batch {price.batch_discount:.0%} less" if price.batch_discount else "; no batch discount is known"


def _basis(run: PlannedRun, short: int, long: int) -> str:
    if run.output_history:
        return f"answers taken as {short:,} to {long:,} tokens, from {len(run.output_history):,} earlier ones"
    return f"answers taken as {short:,} to {long:,} tokens: there are none of this model yet to go by"


def _answer_lengths(run: PlannedRun) -> tuple[int, int]:
    """The 10th and 90th percentile of earlier answers, else the widest there is; never over the limit."""
    lengths = sorted(run.output_history) or [LEAST_OUTPUT_TOKENS, run.max_tokens]
    short, long = _percentile(lengths, 0.1), _percentile(lengths, 0.9)
    return min(max(1, short), run.max_tokens), min(max(1, long), run.max_tokens)


def _percentile(ordered: Sequence[int], share: float) -> int:
    """The nearest-rank percentile."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _round_and_round(prompts: Sequence[int], calls: int, value: Callable[[int], float]) -> float:
    """The sum of `value` over so many prompts, taken in turns."""
    rounds, rest = divmod(calls, len(prompts))
    return rounds * sum(map(value, prompts)) + sum(map(value, prompts[:rest]))


def _tokens(interval: Interval) -> str:
    return _span(_roughly(interval.low, math.floor), _roughly(interval.high, math.ceil))


def _roughly(number: float, rounded: Callable[[float], int]) -> str:
    """Two digits that count, rounded outwards: the interval still holds what it held."""
    step = 10 ** max(0, len(str(int(number))) - 2)
    return f"{rounded(number / step) * step:,}"


def _to_cents(usd: float, rounded: Callable[[float], int]) -> float:
    """Whole cents, rounded outwards; below one cent the amount itself, so that it never becomes zero."""
    return usd if usd < 0.01 else rounded(round(usd * 100, 6)) / 100


def _rate(usd: float) -> str:
    return f"${usd:.2f}" if round(usd, 2) == usd else f"${usd:g}"


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"
