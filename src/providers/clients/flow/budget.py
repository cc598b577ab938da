"""A limit on spending that cannot be overshot: the worst case of each call is set aside before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from src.errors import RunPausedError
from src.providers.clients.chat_client import Usage
from src.providers.clients.flow.call_journal import Call
from src.providers.clients.models.prices import Price, cost, dollars


@dataclass(slots=True)
class Budget:
    """At most `usd` and `tokens`, None for no limit. `price` is None where it is not known.

    `spent_*` starts with what the run spent before it was resumed.
    """

    usd: float | None = None
    tokens: int | None = None
    price: Price | None = None
    batch: bool = False
    spent_usd: float = 0.0
    spent_tokens: int = 0
    reserved_usd: float = 0.0
    reserved_tokens: int = 0

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """USD of one call; 0 where the price is not known (a limit in USD is refused then, before the run)."""
        return cost(self.price, input_tokens, output_tokens, self.batch) if self.price else 0.0

    def fits(self, call: Call) -> bool:
        """Whether the call's worst case is within both limits, with all that is in flight."""
        usd = self.spent_usd + self.reserved_usd + call.worst_usd
        tokens = self.spent_tokens + self.reserved_tokens + call.worst_tokens
        return (self.usd is None or usd <= self.usd) and (self.tokens is None or tokens <= self.tokens)

    def reserve(self, call: Call) -> None:
        self.reserved_usd += call.worst_usd
        self.reserved_tokens += call.worst_tokens

    def settle(self, call: Call, usage: Usage) -> None:
        """Put what was billed in the place of the worst case; what the host did not count stays at its worst."""
        self.release(call)
        input_tokens = call.worst_input if usage.input_tokens is None else usage.input_tokens
        output_tokens = call.request.max_tokens if usage.output_tokens is None else usage.output_tokens
        self.spent_usd += self.cost(input_tokens, output_tokens)
        self.spent_tokens += input_tokens + output_tokens

    def forfeit(self, call: Call) -> None:
        """No answer came, but the host may have billed it: it counts at its worst."""
        self.settle(call, Usage())

    def release(self, call: Call) -> None:
        """The host did no work for the call."""
        self.reserved_tokens -= call.worst_tokens
        # Nothing in flight is nothing reserved: rounding errors must not add up over thousands of calls.
        self.reserved_usd = max(0.0, self.reserved_usd - call.worst_usd) if self.reserved_tokens > 0 else 0.0

    def reached(self, call: Call) -> RunPausedError:
        """What ends a run whose next call does not fit."""
        spent, worst = [], []
        if self.usd is not None:
            spent.append(dollars(self.spent_usd))
            worst.append(dollars(call.worst_usd))
        if self.tokens is not None:
            spent.append(f"{self.spent_tokens:,} tokens")
            worst.append(f"{call.worst_tokens:,} tokens")
        why = f"{' and '.join(spent)} are spent, and one call may take up to {' and '.join(worst)}"
        return RunPausedError(
            f"The budget ({self.describe()}) does not allow another call: {why}.",
            hint="What is done is kept. Raise system.budget_usd or system.budget_tokens, then resume.",
        )

    def describe(self) -> str:
        """The limits for people: "$2.50 and 10,000 tokens"."""
        usd = "" if self.usd is None else dollars(self.usd)
        tokens = "" if self.tokens is None else f"{self.tokens:,} tokens"
        return " and ".join(filter(None, (usd, tokens)))
