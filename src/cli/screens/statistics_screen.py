"""Menu 3 and `stats`: token counts, distribution and sources of a stored dataset."""

from __future__ import annotations

from collections.abc import Sequence

from src.cli.app import App
from src.cli.prompts import Back, Option
from src.dataset.statistics import Statistics, compute_statistics
from src.persistence.models import StoredDataset
from src.providers.clients.models.prices import dollars
from src.providers.models.training_cost import TrainingCost, training_costs
from src.providers.token_counter import counter_for
from src.records import Dataset


def show(app: App) -> None:
    _, dataset = choose_dataset(app, "Statistics of which dataset?")
    draw_statistics(app, dataset, statistics_of(dataset))


def choose_dataset(app: App, question: str) -> tuple[StoredDataset, Dataset]:
    """A stored dataset the user picks, and its samples. Raises Back when there is none."""
    with app.store() as store:
        stored = store.list_datasets()
        if not stored:
            app.screen.warning("There is no dataset yet; make one with 2. Generate Dataset.")
            raise Back
        options = [Option(item.id, item.name, describe(item)) for item in stored[:30]]
        chosen = store.find_dataset(app.asker.choose(question, options, options[0].value))
        return chosen, store.load_dataset(chosen.id)


def describe(item: StoredDataset) -> str:
    return f"{item.total_samples:,} samples, {item.mode}, {item.provider}/{item.model}, {item.created_at} ({item.id})"


def statistics_of(dataset: Dataset) -> Statistics:
    return compute_statistics(dataset.samples, counter_for(dataset.provider, dataset.model).exactness)


def draw_statistics(app: App, dataset: Dataset, statistics: Statistics) -> None:
    screen, tokens = app.screen, statistics.tokens
    screen.say()
    screen.title(f"{dataset.name}: {statistics.samples:,} samples for {dataset.provider} / {dataset.model}")
    screen.say(f"\nTokens ({statistics.token_exactness}):")
    headers = ("total", "least", "mean", "median", "90 %", "99 %", "most")
    screen.table(
        headers,
        [(statistics.total_tokens, tokens.min, tokens.mean, tokens.median, tokens.p90, tokens.p99, tokens.max)],
    )
    screen.say("\nSample distribution:")
    screen.table(("split", "samples", "tokens"), [(n, g.samples, g.tokens) for n, g in statistics.by_split.items()])
    screen.say()
    screen.table(("method", "samples", "tokens"), [(n, g.samples, g.tokens) for n, g in statistics.by_method.items()])
    screen.say("\nSource breakdown:")
    screen.chart({name: group.samples for name, group in statistics.by_source.items()})
    screen.say("\nTopics:")
    screen.chart({name: group.samples for name, group in statistics.by_keyword.items()})
    draw_training_costs(app, training_costs(dataset.samples, dataset.provider, dataset.model))


def draw_training_costs(app: App, costs: Sequence[TrainingCost]) -> None:
    """What training on the dataset would cost: on its own model, then on the cheapest one of each other provider."""
    app.screen.say(f"\nTraining cost, {costs[0].epochs} epochs (estimated):")
    rows = [
        (cost.provider, cost.model, cost.tokens, "unknown" if cost.usd is None else dollars(cost.usd), cost.note[:80])
        for cost in costs
    ]
    app.screen.table(("provider", "model", "tokens an epoch", "cost", "note"), rows)
