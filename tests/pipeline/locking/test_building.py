"""The lock of a run names all that its result depends on, and nothing of the machine or the user's secrets."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.config.config_lock import LOCK_NAME, lock_bytes, read_lock, settings_hash
from src.config.environment import Environment
from src.config.settings import Settings
from src.pipeline.locking import build_lock, lock_for_export
from src.pipeline.locking.portable import portable
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.pipeline.stages.exports import clean_config
from tests.pipeline.llm.llm_plans import environment, plan, settings
from tests.pipeline.runs import identify_plan, talk_workspace

SECRET = "canary-5b1f"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return talk_workspace(tmp_path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def secretive(workspace: Workspace, template: Path) -> RunPlan:
    changed: dict[str, Any] = {
        "ingestion": {"passwords": {"a.pdf": SECRET}},
        "output": {"formats": ["jsonl", "template"], "template": {"file": str(template), "extension": "txt"}},
        "storage": {"url": f"s3://{SECRET}/x"},
    }
    system = {
        "base_urls": {"openai": f"http://{SECRET}:{SECRET}@127.0.0.1:9/v1"},
        "local_model_path": f"/{SECRET}/x.gguf",
    }
    return plan_run(settings(system, mode="identify", **changed), environment(), workspace)


def test_input_files_are_named_below_the_input_folder_with_hash_and_size(workspace: Workspace) -> None:
    lock = build_lock(identify_plan(workspace), workspace)
    assert lock["inputs"] == {
        name: {"sha256": sha256(workspace.input_dir / name), "bytes": (workspace.input_dir / name).stat().st_size}
        for name in ("faq.txt", "sub/sheet.csv")
    }


def test_no_secret_no_address_and_no_path_of_the_machine_stands_in_a_lock(workspace: Workspace, tmp_path: Path) -> None:
    template = tmp_path / "mine.j2"
    template.write_text("{{ messages }}", encoding="utf-8")
    text = lock_bytes(build_lock(secretive(workspace, template), workspace)).decode()
    assert SECRET not in text and str(tmp_path) not in text and "127.0.0.1" not in text
    lock = json.loads(text)
    assert lock["files"] == {"output.template.file": {"sha256": sha256(template), "bytes": 14}}
    assert lock["settings"]["output"]["template"]["file"] == "mine.j2" and "storage" not in lock["settings"]


@pytest.mark.parametrize("path", ["/home/me/a.j2", "C:\\Users\\me\\a.j2", "\\\\host\\share\\a.j2", "~/a.j2"])
def test_of_an_absolute_path_the_name_is_kept_a_relative_one_is_kept_whole(path: str) -> None:
    def kept(file: str) -> str:
        return str(portable({"output": {"template": {"file": file}}})["output"]["template"]["file"])

    assert kept(path) == "a.j2" and kept("templates/a.j2") == "templates/a.j2"


@pytest.mark.parametrize(
    ("mode", "llm_stage", "prompts"),
    [
        ("identify", False, []),
        ("identify", True, ["system/identify_mode.txt"]),
        ("create", False, ["system/create_mode.txt"]),
        ("hybrid", True, ["system/hybrid_mode.txt", "system/identify_mode.txt"]),
        ("free", False, ["free_mode/prompt.txt"]),
    ],
)
def test_the_prompts_of_the_mode_are_named_by_hash_and_by_the_id_that_lineage_has(
    workspace: Workspace, mode: str, llm_stage: bool, prompts: list[str]
) -> None:
    asked = plan_run(settings(mode=mode), environment(), workspace, llm_stage=llm_stage)
    lock = build_lock(asked, workspace)
    assert sorted(lock["prompts"]) == prompts
    for name, known in lock["prompts"].items():
        assert known["sha256"] == sha256(workspace.prompts / name)
        assert known["id"].startswith("free-" if mode == "free" else Path(name).stem + "-")


def test_typed_instructions_stand_in_the_lock_in_the_place_of_the_prompt_file(workspace: Workspace) -> None:
    asked = plan_run(settings(mode="free"), environment(), workspace, instructions="Be a pirate.")
    lock = build_lock(asked, workspace)
    assert lock["prompts"] == {} and lock["run"] == {"llm_stage": False, "instructions": "Be a pirate."}


def test_the_llm_is_named_as_it_was_chosen_and_the_embedded_one_by_its_files_hash(workspace: Workspace) -> None:
    assert build_lock(identify_plan(workspace), workspace)["agent"] is None
    remote = build_lock(plan(workspace, mode="create"), workspace)["agent"]
    assert remote == {"provider": "openai", "model": "stub", "is_local": False, "model_file": None}
    auto = settings({"agentic_llm": "auto", "agentic_model": ""}, mode="create")
    local = build_lock(plan_run(auto, Environment({}, {}), workspace), workspace)
    assert local["agent"]["is_local"] and len(local["agent"]["model_file"]["sha256"]) == 64
    assert local["settings"]["system"]["agentic_llm"] == "auto"


def test_the_tokenizer_limits_and_prices_are_named(workspace: Workspace) -> None:
    lock = build_lock(identify_plan(workspace), workspace)
    assert lock["tokenizer"]["exactness"] == "exact" and lock["tokenizer"]["name"]
    assert {"src/providers/models/openai.yaml", "src/providers/clients/models/prices.yaml"} <= lock["facts"].keys()


def test_files_that_were_read_are_not_read_again_for_their_hash(workspace: Workspace) -> None:
    states = {}
    for path in identify_plan(workspace).files:
        state = path.stat()
        states[str(path.absolute())] = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, "f" * 64]
    workspace.extracts.mkdir(parents=True)
    (workspace.extracts / "seen_files.json").write_text(json.dumps(states), encoding="utf-8")
    (workspace.input_dir / "faq.txt").write_text("changed", encoding="utf-8")
    inputs = build_lock(identify_plan(workspace), workspace)["inputs"]
    assert inputs["sub/sheet.csv"]["sha256"] == "f" * 64
    assert inputs["faq.txt"]["sha256"] == sha256(workspace.input_dir / "faq.txt")


def test_an_export_with_other_settings_than_the_runs_has_them_in_its_lock(workspace: Workspace, tmp_path: Path) -> None:
    run_plan = identify_plan(workspace)
    lock = build_lock(run_plan, workspace, "2026-11-21T10:00:00+00:00")
    config = {**clean_config(run_plan), "lock": lock}
    assert lock_bytes(lock_for_export(config)) == lock_bytes(lock)
    output = {**config["output"], "formats": ["parquet"]}
    other = lock_for_export(config, output)
    assert other["settings"]["output"]["formats"] == ["parquet"] and lock["settings"]["output"]["formats"] == []
    assert other["settings_sha256"] == settings_hash(other["settings"]) != lock["settings_sha256"]
    assert other["created_at"] == lock["created_at"] and other["inputs"] == lock["inputs"]
    (tmp_path / LOCK_NAME).write_bytes(lock_bytes(other))
    assert read_lock(tmp_path) == other
    (tmp_path / "mine.j2").write_text("{{ messages }}", encoding="utf-8")
    template = {**output, "formats": ["template"], "template": {"file": str(tmp_path / "mine.j2"), "schema_file": ""}}
    assert list(lock_for_export(config, template)["files"]) == ["output.template.file"]


def test_a_dataset_stored_before_there_were_locks_gets_one_that_names_no_inputs(tmp_path: Path) -> None:
    old = {"provider": "openai", "model": "gpt-4o", "generation": {"provider": "x", "model": "y", "is_local": False}}
    for config in (old, {}):
        lock = lock_for_export(config, created_at="2026-01-01T00:00:00+00:00")
        assert lock["inputs"] is None and lock["created_at"] == "2026-01-01T00:00:00+00:00"
        (tmp_path / LOCK_NAME).write_bytes(lock_bytes(lock))
        assert read_lock(tmp_path) == lock
    assert lock_for_export(old)["settings"]["model"] == "gpt-4o" and lock_for_export({})["agent"] is None
    assert lock_for_export(old)["agent"]["model"] == "y"
    assert settings_hash(lock_for_export({})["settings"]) == settings_hash(portable(Settings().model_dump(mode="json")))


def test_a_file_that_cannot_be_read_is_named_without_a_hash(workspace: Workspace) -> None:
    run_plan = identify_plan(workspace)
    gone = replace(run_plan, files=(*run_plan.files, workspace.input_dir / "gone.txt"))
    assert build_lock(gone, workspace)["inputs"]["gone.txt"] == {"sha256": "", "bytes": 0}
