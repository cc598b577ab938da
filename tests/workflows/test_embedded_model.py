"""A run on the real embedded model, the small one. Skipped with its reason where it cannot be fetched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.errors import ModelUnavailableError
from src.persistence.sqlite_client import DatasetStore
from src.providers.clients.local.model_store import fetch_model
from tests.workflows.support import SAMPLES, in_order, menu, run

SMALL = "qwen2.5-coder-0.5b-instruct"
ENV = {"AGENT_PROVIDER": "local", "AGENT_MODEL": SMALL}


@pytest.mark.slow
def test_a_hybrid_run_without_any_key(tmp_path: Path) -> None:
    try:
        fetch_model(SMALL)
    except ModelUnavailableError as error:
        pytest.skip(f"the small model cannot be had here: {error}")
    config = tmp_path / "config.yaml"
    config.write_text("dataset_size: 40\nagent:\n  hybrid:\n    generation_ratio: 0.05\n", encoding="utf-8")
    done = run(tmp_path, "run", "--input", str(SAMPLES), "--mode", "hybrid", "--yes", "--json", env=ENV)
    answer = json.loads(done.out)
    assert done.code == 0 and answer["samples"] == 40
    assert 2 <= answer["counts"]["LLM calls"] <= 12 and answer["counts"]["LLM output tokens"] > 20
    manifest = json.loads(Path(tmp_path, answer["folder"], "manifest.json").read_text(encoding="utf-8"))
    assert manifest["generation"]["is_local"] is True
    assert manifest["generation"]["note"] == "The embedded model is for trying the tool, not for production data."
    with DatasetStore(tmp_path / "memory" / "dataset_builder.db") as store:
        made = [sample for sample in store.load_dataset(answer["dataset_id"]) if sample.origin.method == "created"]
    # What a small model writes is often refused; what was refused is counted.
    assert len(made) + sum(answer["left_out"].values()) >= 2
    assert all(sample.origin.span and sample.origin.model == SMALL for sample in made)


def test_a_model_that_is_not_here_is_offered_and_may_be_declined(project: Path, tmp_path: Path) -> None:
    env = {**ENV, "FTDB_CACHE_DIR": str(tmp_path / "empty-cache")}
    done = menu(project, ["2", "y", "n", "6"], env)
    assert in_order(
        done.out,
        "LLM       embedded qwen2.5-coder-0.5b-instruct - for trying the tool, not for production data",
        "is not on this machine yet (491 MB).",
        "Fetch it now? (y/n) [y]: n",
        "No LLM. Set an API key in .env, choose mode identify, or run `make model` later.",
    )
    assert done.code == 0
