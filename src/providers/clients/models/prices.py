"""What a chat call costs: the prices in prices.yaml, the cost of a call, and the most a call can be billed for."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from src.config.loader import shipped_yaml
from src.records import Message

# Claude's hidden system prompt for tools is the largest addition a host documents: 290 to 804 tokens, by model
# (https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview, a copy read 2026-11-21). The rest is for
# what our own clients write around a schema: a tool's name and description, "answer with JSON".
TOKENS_PER_CALL = 1_200
# Chat templates put 3 to 5 tokens around a message (src/providers/token_counter.py, FRAMES).
TOKENS_PER_MESSAGE = 16
# A client may rewrite the schema (every field required, no further ones) and put it into the prompt besides.
COPIES_OF_SCHEMA = 3
# "gpt-4.1-2025-04-14", "claude-haiku-4-5-20251001", "claude-haiku-4-5@20251001"
_DATED = re.compile(r"[-@]20\d\d-?[01]\d-?[0-3]\d$")


@dataclass(frozen=True, slots=True)
class LongPrompt:
    """The price of a whole call whose prompt has more than `above` tokens, in USD per million."""

    above: int
    input_per_million: float
    output_per_million: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in USD per million tokens. `read_on` is None where nobody's document was read.

    `batch_discount` is the share a batch takes off; None where no batches are sent. `note` is for the user.
    """

    input_per_million: float
    output_per_million: float
    source: str
    read_on: date | None
    batch_discount: float | None = None
    url: str = ""
    note: str = ""
    long_prompt: LongPrompt | None = None


LOCAL_PRICE = Price(0.0, 0.0, "runs on this machine", None, note="runs on this machine")


def price_of(provider: str, model: str, base_url_host: str = "") -> Price | None:
    """The price of a model at a host ("" = the provider's own address); None when it is not known.

    A dated name ("gpt-4.1-2025-04-14") has the price of the name without date. Nothing is known of the prices of a
    host that is not in prices.yaml. That holds for this machine, too: what listens there may pass calls on to a host
    that bills. Whoever runs a model of their own says so with a price of 0 in the settings.
    """
    if provider == "local":
        return LOCAL_PRICE
    hosts = _prices().get(provider, {})
    models = hosts.get(base_url_host.lower() or next(iter(hosts), ""), {})
    name = model.removeprefix("models/")  # Google's full form
    return models.get(name) or models.get(_DATED.sub("", name))


def with_override(
    price: Price | None, input_per_million: float | None, output_per_million: float | None
) -> Price | None:
    """The price after the user's own figures. One figure alone does not make an unknown price known."""
    if input_per_million is None and output_per_million is None:
        return price
    if price is None and (input_per_million is None or output_per_million is None):
        return None
    base = price or Price(0.0, 0.0, "", None)
    return replace(
        base,
        input_per_million=base.input_per_million if input_per_million is None else input_per_million,
        output_per_million=base.output_per_million if output_per_million is None else output_per_million,
        source="your settings",
        read_on=None,
        url="",
        note="",
        long_prompt=None,
    )


def cost(price: Price, input_tokens: int, output_tokens: int, batch: bool = False) -> float:
    """USD of ONE call: a long prompt may cost more per token, so add up the calls' costs, not their tokens.

    A batch where no discount is known costs what single calls cost.
    """
    long = price.long_prompt
    rates = long if long and input_tokens > long.above else price
    usd = (input_tokens * rates.input_per_million + output_tokens * rates.output_per_million) / 1e6
    return usd * (1 - (price.batch_discount or 0.0)) if batch else usd


def worst_case_input_tokens(messages: Sequence[Message], schema: Mapping[str, Any] | None) -> int:
    """At least as many tokens as any host bills for the prompt of one call, in a moment and without a vocabulary.

    No token of a byte-level vocabulary is shorter than a byte (GPT-2 paper, section 2.2), and SentencePiece falls
    back to bytes, too. What is around the texts is bounded by the constants above.
    """
    texts = sum(_most_tokens(message.content) + TOKENS_PER_MESSAGE for message in messages)
    form = _most_tokens(json.dumps(schema)) if schema is not None else 0
    return texts + COPIES_OF_SCHEMA * form + TOKENS_PER_CALL


def dollars(usd: float) -> str:
    """An amount for people, to the cent: "$1,204.50"; "under $0.01", never a false zero; "$0" for nothing at all."""
    if usd == 0:
        return "$0"
    return "under $0.01" if usd < 0.01 else f"${usd:,.2f}"


def _most_tokens(text: str) -> int:
    """Bytes. Claude's published tokenizer normalises first (anthropic-tokenizer-typescript, read 2026-11-21)."""
    plain = len(text.encode("utf-8", "surrogatepass"))
    if text.isascii():
        return plain
    return max(plain, len(unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")))


@cache
def _prices() -> dict[str, dict[str, dict[str, Price]]]:
    """Prices by provider, host and model; a provider's own host comes first."""
    content = shipped_yaml(Path(__file__).with_name("prices.yaml"))
    return {
        provider: {
            name: {model: _read_price(entry, card, host, content["sources"]) for model, entry in host["models"].items()}
            for host in card["hosts"]
            for name in host["names"]
        }
        for provider, card in content["providers"].items()
    }


def _read_price(
    entry: Mapping[str, Any], card: Mapping[str, Any], host: Mapping[str, Any], sources: Mapping[str, Any]
) -> Price:
    source = sources[entry["source"]]
    long = entry.get("long")
    return Price(
        input_per_million=entry["input"],
        output_per_million=entry["output"],
        source=source["title"],
        read_on=source["read_on"],
        batch_discount=card["batch_discount"],
        url=source["url"],
        note=entry.get("note", host.get("note", "")),
        long_prompt=LongPrompt(long["above"], long["input"], long["output"]) if long else None,
    )
