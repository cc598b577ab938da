"""What training on a dataset costs, at its own provider and, for comparison, at the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from src.providers import PROVIDERS, find_provider
from src.providers.models.catalog import load_card
from src.providers.models.model_facts import ModelFacts
from src.providers.token_counter import counter_for
from src.records import Sample

# TARGET_EPOCHS in OpenAI's cookbook, "Data preparation and analysis for chat model fine-tuning" (read 2026-11-21).
# The other providers publish no default that holds for all datasets, so the same is assumed of them.
EPOCHS = 3
_COUNTED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class TrainingCost:
    """The cost of training one model. `tokens` are those of one epoch that the provider would train on.

    `usd` and `usd_per_1m` are None where no price is published; `source` is the price's, with the day it was read.
    """

    provider: str
    model: str
    tokens: int
    epochs: int
    usd: float | None
    usd_per_1m: float | None
    source: str
    note: str


def training_cost(samples: Sequence[Sample], provider: str, model: str, epochs: int = EPOCHS) -> TrainingCost:
    """The cost on the dataset's own model. Raises UsageError for an unknown provider or model."""
    return _training_cost(samples, find_provider(provider).facts(model), epochs)


def training_costs(samples: Sequence[Sample], provider: str, model: str, epochs: int = EPOCHS) -> list[TrainingCost]:
    """The dataset's own model, then of each other provider its cheapest model that can be tuned.

    Only training samples count (those not split yet are). A provider whose tunable models have no published price
    stands there with its first one and an unknown cost; one that tunes nothing any more is left out. Raises
    UsageError for an unknown provider or model.
    """
    own = find_provider(provider).facts(model)
    others = [_cheapest_tunable(name) for name in PROVIDERS if name != provider]
    return [_training_cost(samples, facts, epochs) for facts in (own, *others) if facts is not None]


def _cheapest_tunable(provider: str) -> ModelFacts | None:
    tunable = [facts for facts in load_card(provider).models if facts.lifecycle.status != "retired"]
    priced = [facts for facts in tunable if facts.usd_per_1m_train is not None]
    return min(priced, key=lambda facts: facts.usd_per_1m_train or 0.0, default=next(iter(tunable), None))


def _training_cost(samples: Sequence[Sample], facts: ModelFacts, epochs: int) -> TrainingCost:
    tokens = _tokens_trained_on(samples, facts)
    price = facts.usd_per_1m_train
    return TrainingCost(
        provider=facts.provider,
        model=facts.id,
        tokens=tokens,
        epochs=epochs,
        usd=None if price is None else tokens * epochs * price / 1e6,
        usd_per_1m=price,
        source=price_source(facts),
        note=_note(facts),
    )


def _tokens_trained_on(samples: Sequence[Sample], facts: ModelFacts) -> int:
    """Tokens as the provider counts them; of an example over its limit, what it does not cut off or leave out."""
    counter = counter_for(facts.provider, facts.id)
    limit = facts.max_tokens_per_example
    total = 0
    training = (sample.messages for sample in samples if sample.split in (None, "train"))
    while some := list(islice(training, _COUNTED_AT_ONCE)):
        for tokens in counter.count_examples(some):
            if limit is not None and tokens > limit and facts.longer_examples != "unpublished":
                tokens = limit if facts.longer_examples == "truncated" else 0
            total += tokens
    return total


def price_source(facts: ModelFacts) -> str:
    """Where the training price stands and when it was read, "" where none is published."""
    if facts.usd_per_1m_train is None:
        return ""
    source = load_card(facts.provider).sources[facts.sources["usd_per_1m_train"]]
    return f"{source.title} ({source.url}), read {source.read_on}"


def _note(facts: ModelFacts) -> str:
    """Why the cost is unknown, how exact the count is, and what ends."""
    exactness = counter_for(facts.provider, facts.id).exactness
    parts = [
        "" if facts.usd_per_1m_train is not None else "no training price is published",
        "" if exactness == "exact" else f"token count: {exactness}",
        PROVIDERS[facts.provider].lifecycle_warning(facts.id),
    ]
    return "; ".join(part for part in parts if part)
