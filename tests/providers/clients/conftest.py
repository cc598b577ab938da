"""The small embedded model, for tests that need a real answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import ModelUnavailableError
from src.providers.clients.local.model_store import fetch_model

SMALL_MODEL = "qwen2.5-coder-0.5b-instruct"


@pytest.fixture(scope="session")
def small_model() -> Path:
    """The file of the small model, fetched once (491 MB) into the user's cache."""
    try:
        return fetch_model(SMALL_MODEL)
    except ModelUnavailableError as error:
        pytest.skip(f"the small model cannot be had here: {error}")
