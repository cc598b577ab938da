"""Token counts asked of a provider's own endpoint, with patience when it says to wait."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from src.config.environment import Environment
from src.config.settings import SystemSettings
from src.errors import AuthenticationError, LLMError, UsageError
from src.providers.clients.anthropic_client import AnthropicClient
from src.providers.clients.client_factory import AgentChoice, open_client
from src.providers.clients.flow.backoff import noted, wait_before_retry

# Claude 3 is no longer served. Its tokenizer is that of the models through Opus 4.6, says the author of ctok, who
# measured them (github.com/sanderland/ctok, README, 1.3.0).
COUNTED_AS = "claude-haiku-4-5"


@contextmanager
def counts_by_anthropic(
    system: SystemSettings,
    environment: Environment,
    model: str = COUNTED_AS,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Callable[[Mapping[str, Any]], int]]:
    """A function that has one request counted, at no charge, asking again up to `system.max_retries` times.

    Raises AuthenticationError without a key, the function LLMError.
    """
    if "anthropic" not in environment.keys:
        raise AuthenticationError(
            "No API key for anthropic was found.",
            hint="Put ANTHROPIC_API_KEY=... into .env, or leave --count-online out: tokens are then counted here.",
        )
    client = open_client(AgentChoice("anthropic", model, False, ""), system, environment)
    if not isinstance(client, AnthropicClient):
        raise UsageError("Only Anthropic counts tokens for others; leave --count-online out.")
    rng = random.Random()  # noqa: S311 - spreads waits

    def count(body: Mapping[str, Any]) -> int:
        for attempt in range(system.max_retries + 1):
            try:
                return client.count_tokens(body)
            except LLMError as error:
                wait = wait_before_retry(attempt, error.retry_after, rng)
                if not error.retryable or attempt == system.max_retries or wait > system.max_wait:
                    raise noted(error, attempt + 1) from error
                sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    try:
        yield count
    finally:
        client.close()
