"""Curation as a user does it: whole commands and the menu, exports checked, a repair that is interrupted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from src.export.manifests.verifying import verify_folder
from tests.cli.quality.test_repairing import INSTRUCTION, in_capitals
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import as_json, openai_env, started, wait_for
from tests.workflows.support import SAMPLES, in_order, menu, run

REPAIR = ("repair", "support", "--instruction", INSTRUCTION, "--include", "source_file == 'faq.txt'", "--yes")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    options = ("--input", str(SAMPLES), "--mode", "identify", "--name", "support", "--yes")
    assert run(folder, "run", *options).code == 0
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "here")


def test_what_was_filtered_and_redacted_is_exported_with_its_lineage(folder: Path) -> None:
    kept = as_json(run(folder, "curate", "support", "--exclude", "turns > 2", "--as", "short", "--json"))
    assert as_json(run(folder, "redact", "short", "--mask", "all", "--yes", "--json"))["changed"] >= 2
    export = folder / as_json(run(folder, "export", "short", "--json"))["folder"]
    assert verify_folder(export) == []
    rows = [line for name in ("train", "validation") for line in (export / f"{name}.jsonl").read_text().splitlines()]
    assert len(rows) == kept["kept"] == 71 and not any("help@marlowfinch" in row for row in rows)
    manifest = json.loads((export / "manifest.json").read_text(encoding="utf-8"))
    assert "turns > 2" in json.dumps(manifest)
    lineage = [json.loads(line) for line in (export / "lineage.jsonl").read_text(encoding="utf-8").splitlines()]
    edited = [entry for entry in lineage if entry.get("edited_from")]
    assert len(lineage) == 71 and len(edited) >= 2
    untouched = next(entry for entry in lineage if not entry.get("edited_from"))
    assert run(folder, "trace", untouched["id"], "--export", str(export), "--input", str(SAMPLES)).code == 0


def test_errors_are_one_message_and_exit_2(folder: Path) -> None:
    for arguments, message in (
        (("curate", "support"), "what is to stay?"),
        (("undo", "support"), "has no change that could be undone"),
    ):
        done = run(folder, *arguments, "--json")
        assert done.code == 2 and message in done.err and json.loads(done.out)["exit_code"] == 2


def test_menu_3_filters_reviews_and_takes_back(folder: Path) -> None:
    answers = ["3", "filter", "", "", "turns > 2", "", "2", "3", "review", "", "1", "2", "r", "a"]
    done = menu(folder, [*answers, "3", "undo changes", "", "all", "6"])
    assert done.code == 0 and in_order(
        done.out,
        "71 of 79 samples stay, 8 are left out",
        "Deleted 8 samples (change 1)",
        "the review queue is empty",
        "2 sample(s) were put into the queue",
        "marked >>like this<<",
        "Deleted; 3. Undo brings it back.",
        "Accepted.",
        "1 accepted, 1 rejected",
        "not turns > 2",
        "Undid changes 2, 1 of support: 9 sample(s)",
        "Good-bye.",
    )
    assert as_json(run(folder, "list", "--json"))["datasets"][0]["total_samples"] == 79


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT to a process is not for Windows")
def test_ctrl_c_keeps_what_was_repaired_and_the_same_command_goes_on(folder: Path) -> None:
    def slowly(request: dict[str, object]) -> Reply:
        time.sleep(0.1)
        return Reply(in_capitals(request))

    with StubLLM(slowly) as stub:
        env = openai_env(stub)
        config = folder / "config.yaml"
        config.write_text("system: {concurrency: 2}\n", encoding="utf-8")
        with started(folder, *REPAIR, "--json", env=env) as process:
            wait_for(lambda: len(stub.requests) >= 5, process)
            os.kill(process.pid, signal.SIGINT)
            assert process.wait(30) == 130
        edited = ("curate", "support", "--include", "method == 'edited'", "--json")
        kept, asked = as_json(run(folder, *edited))["kept"], len(stub.requests)
        assert 0 < kept < 16 and asked < 18
        rest = as_json(run(folder, *REPAIR, "--json", env=env))
        assert (rest["repaired"] + kept, rest["unchanged"], rest["malformed"]) == (16, 1, 1)
        # What was answered before the stop was paid for once.
        assert len(stub.requests) <= 18 + 1
        assert as_json(run(folder, *edited))["kept"] == 16
