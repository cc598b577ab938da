"""The question which stored dataset is meant."""

from __future__ import annotations

from typing import NoReturn

from src.cli.app import App
from src.cli.prompts import Back, Option
from src.persistence.models import StoredDataset
from src.records import Dataset

_MOST_LISTED = 30


def choose_stored(app: App, question: str) -> StoredDataset:
    """A stored dataset the user picks. Raises Back when there is none."""
    with app.store() as store:
        stored = store.list_datasets()
        if not stored:
            raise_without_dataset(app)
        options = [Option(item.id, item.name, describe(item)) for item in stored[:_MOST_LISTED]]
        return store.find_dataset(app.asker.choose(question, options, options[0].value))


def choose_dataset(app: App, question: str) -> tuple[StoredDataset, Dataset]:
    """A stored dataset the user picks, and its samples. Raises Back when there is none."""
    chosen = choose_stored(app, question)
    with app.store() as store:
        return chosen, store.load_dataset(chosen.id)


def raise_without_dataset(app: App) -> NoReturn:
    """Say how to get one, and go back."""
    app.screen.warning("There is no dataset yet; make one with 2. Generate Dataset.")
    raise Back


def describe(item: StoredDataset) -> str:
    return f"{item.total_samples:,} samples, {item.mode}, {item.provider}/{item.model}, {item.created_at} ({item.id})"
