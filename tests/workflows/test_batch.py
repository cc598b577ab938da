"""system.batch: a run whose calls go to the provider's batch API, through the program as a user runs it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.agents.support import answer_about_focus
from tests.providers.clients.batch.batch_stub import Asked, BatchStub, Row
from tests.workflows.support import ROOT, SAMPLES, run


def batch_folder(folder: Path) -> Path:
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", folder)
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("batch: false", "batch: true"), encoding="utf-8")
    return folder


def answer(row: Asked) -> Row:
    return Row(answer_about_focus(row.request))


@pytest.mark.slow
def test_a_batch_run_makes_a_dataset_and_the_same_run_again_costs_nothing(tmp_path: Path) -> None:
    folder = batch_folder(tmp_path)
    with BatchStub(answer) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        done = run(folder, "run", "--input", str(SAMPLES), "--size", "6", "--yes", "--json", env=env)
        assert done.code == 0, done.out + done.err
        assert json.loads(done.out)["samples"] == 6
        jobs = len(stub.jobs)
        again = run(folder, "run", "--input", str(SAMPLES), "--size", "6", "--yes", "--json", env=env)
        assert json.loads(again.out)["samples"] == 6 and len(stub.jobs) == jobs
    assert "answers come within a day" in done.err
    assert all(b"canary" not in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_provider_without_batches_says_so_before_anything_is_sent(tmp_path: Path) -> None:
    folder = batch_folder(tmp_path)
    done = run(folder, "run", "--input", str(SAMPLES), "--size", "6", "--yes", env={"GOOGLE_API_KEY": "k" * 20})
    assert done.code == 2 and "google-generativeai" in done.err and "system.batch" in done.err
