"""A locked run is the same run, down to the bytes of its export, or it is refused with every reason."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from src.config.config_lock import LOCK_NAME, lock_bytes, read_lock
from src.config.environment import Environment
from src.config.settings import Settings
from src.errors import AuthenticationError, ConfigError, UsageError
from src.pipeline.locking import build_lock, locked_plan
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.providers.models.catalog import use_models
from tests.pipeline.llm.llm_plans import environment, plan, settings
from tests.pipeline.runs import (
    carried_out,
    contents,
    elsewhere,
    identify_plan,
    prose_workspace,
    samples_of,
    stub,
    talk_workspace,
)


def locked(run_plan: RunPlan, workspace: Workspace, folder: Path) -> Path:
    file = folder / LOCK_NAME
    file.write_bytes(lock_bytes(build_lock(run_plan, workspace, "2026-11-21T10:00:00+00:00")))
    return file


def test_the_settings_come_from_the_lock_whatever_the_configuration_says(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    first = identify_plan(workspace, dataset_size=5, split={"ratio": 0.6, "test": 0.2, "seed": 9})
    file = locked(first, workspace, tmp_path)
    current = settings(mode="create", dataset_size=99)
    again, lock = locked_plan(file, current, Environment({}, {}), workspace)
    assert again.settings == first.settings.model_copy(update={"system": again.settings.system})
    assert again.settings.system.agentic_model == "stub" and again.agent is None
    assert lock_bytes(lock) == file.read_bytes()
    assert again.issues == first.issues


def test_keys_addresses_passwords_and_places_come_from_here(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    file = locked(plan(workspace, mode="create"), workspace, tmp_path)
    here = settings(
        {"base_urls": {"openai": "http://127.0.0.1:7/v1"}, "local_model_path": "/models/x.gguf"},
        ingestion={"passwords": {"a.pdf": "sesame"}},
        storage={"url": "s3://mine/x"},
    )
    again, _ = locked_plan(file, here, environment(""), workspace)
    assert again.settings.system.base_urls.openai == "http://127.0.0.1:7/v1"
    assert again.settings.system.local_model_path == "/models/x.gguf"
    assert again.settings.ingestion.passwords["a.pdf"].get_secret_value() == "sesame"
    assert again.settings.storage.url == "s3://mine/x"
    with pytest.raises(AuthenticationError, match="No API key for openai"):
        locked_plan(file, here, Environment({}, {}), workspace)


def test_the_llm_that_auto_stood_for_is_asked_and_auto_stays_in_the_settings(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    auto = settings({"agentic_llm": "auto", "agentic_model": ""}, mode="create")
    key = environment().keys["openai"]
    first = plan_run(auto, Environment({"mistral": key}, {}), workspace)
    file = locked(first, workspace, tmp_path)
    assert first.agent is not None and first.agent.provider == "mistral"
    both = Environment({"openai": key, "mistral": key}, {})
    again, lock = locked_plan(file, settings({"agentic_llm": "openai"}), both, workspace)
    assert again.agent is not None and (again.agent.provider, again.agent.model) == ("mistral", first.agent.model)
    assert again.settings.system.agentic_llm == "auto" and lock_bytes(lock) == file.read_bytes()


def test_stage_and_instructions_of_the_command_line_come_from_the_lock_too(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    for mode, given in (("identify", {"llm_stage": True}), ("free", {"instructions": "Be a pirate."})):
        first = plan_run(settings(mode=mode), environment(), workspace, **given)  # type: ignore[arg-type]
        again, _ = locked_plan(locked(first, workspace, tmp_path), Settings(), environment(), workspace)
        assert (again.llm_stage, again.instructions) == (first.llm_stage, first.instructions)


def test_a_model_of_the_users_own_is_known_from_the_lock(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    own = {"openai": [{"id": "gpt-of-mine", "like": "gpt-4o-2024-08-06"}]}
    try:
        first = Settings.model_validate(
            {"provider": "openai", "model": "gpt-of-mine", "mode": "identify", "models": own}
        )
        use_models(first.models)
        file = locked(plan_run(first, Environment({}, {}), workspace), workspace, tmp_path)
        use_models({})
        again, _ = locked_plan(file, Settings(), Environment({}, {}), workspace)
        assert again.settings.model == "gpt-of-mine"
    finally:
        use_models({})


def test_what_differs_is_told_all_at_once_and_the_run_is_not_started(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    shutil.copytree(workspace.prompts, tmp_path / "prompts")
    workspace = replace(workspace, prompts=tmp_path / "prompts")
    file = locked(plan(workspace, mode="create"), workspace, tmp_path)
    lock = read_lock(file)
    lock["packages"]["lxml"] = "1.2.3"
    file.write_bytes(lock_bytes(lock))
    (workspace.input_dir / "notes0.txt").write_text("changed", encoding="utf-8")
    (workspace.input_dir / "notes1.txt").unlink()
    (workspace.input_dir / "new.txt").write_text("new", encoding="utf-8")
    with (tmp_path / "prompts" / "system" / "create_mode.txt").open("a", encoding="utf-8") as stream:
        stream.write("Be brief.\n")
    with pytest.raises(UsageError) as refused:
        locked_plan(file, Settings(), environment(), workspace)
    lines = str(refused.value).splitlines()
    assert lines[0] == f"The run was not started: it would not be the one of {file} (5 difference(s)):"
    assert [line.partition(" (")[0] for line in lines[1:5]] == [
        "  - input file new.txt: is not in the lock; move it out of the folder",
        "  - input file notes0.txt: was changed",
        "  - input file notes1.txt: is missing",
        "  - prompt system/create_mode.txt: was changed",
    ]
    assert lines[5].startswith("  - package lxml: the lock says 1.2.3, now it is ")
    assert lines[6] == "  The packages: pip install lxml==1.2.3"


def test_what_cannot_change_the_result_is_a_note(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    file = locked(identify_plan(workspace), workspace, tmp_path)
    lock = read_lock(file)
    lock["platform"]["system"] = "Plan 9"
    file.write_bytes(lock_bytes(lock))
    again, now = locked_plan(file, Settings(), Environment({}, {}), workspace, {"system.concurrency": 3})
    notes = {issue.where: issue.message for issue in again.issues if issue.severity == "note"}
    assert notes["lock: platform system"].startswith("the lock says Plan 9")
    assert notes["lock: system.concurrency"] == "the lock says 1, now it is 3"
    assert again.settings.system.concurrency == 3 and now["platform"]["system"] != "Plan 9"


def test_settings_that_this_version_does_not_know_are_refused_by_name(tmp_path: Path) -> None:
    from src.config.config_lock import settings_hash

    workspace = talk_workspace(tmp_path)
    file = locked(identify_plan(workspace), workspace, tmp_path)
    lock = read_lock(file)
    lock["settings"]["split"]["strategie"] = "x"
    lock["settings_sha256"] = settings_hash(lock["settings"])
    file.write_bytes(lock_bytes(lock))
    with pytest.raises(ConfigError, match=r"config_lock\.json has 1 problem\(s\):\n  - split\.strategie: unknown key"):
        locked_plan(file, Settings(), Environment({}, {}), workspace)


def test_an_identify_run_done_again_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    values = {"split": {"ratio": 0.6, "test": 0.2}, "output": {"formats": ["jsonl", "json", "csv"]}}
    run, first = carried_out(identify_plan(workspace, **values), workspace)
    there = elsewhere(workspace, tmp_path / "there")
    kept_elsewhere = settings(storage={"url": str(tmp_path / "bucket")}, mode="create")
    again, lock = locked_plan(first.folder, kept_elsewhere, Environment({}, {}), there)
    repeated, second = carried_out(again, there, lock=lock)
    assert samples_of(repeated) == samples_of(run) and len(samples_of(run)) == 14
    assert contents(second.folder) == contents(first.folder)
    assert LOCK_NAME in contents(first.folder) and first.version == second.version


def test_a_create_run_with_the_same_journal_makes_no_call_and_gives_the_same_bytes(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    with stub() as server:
        asked = plan(workspace, server.url, {"concurrency": 8}, mode="create", dataset_size=8)
        _, first = carried_out(asked, workspace, server.url)
        assert len(server.requests) == 8
    there = elsewhere(workspace, tmp_path / "there")
    there.journal.parent.mkdir(parents=True)
    shutil.copy(workspace.journal, there.journal)
    for overrides in ({}, {"system.concurrency": 1}):
        again, lock = locked_plan(first.folder, Settings(), environment(), there, overrides)
        run, second = carried_out(again, there, "http://127.0.0.1:9/v1", lock=lock)
        assert (run.stats.calls, run.stats.replayed) == (0, 8)
        told = {"config_lock.json", "manifest.json", "manifest.sha256", "croissant.json", "CHANGELOG.md"}
        same = contents(first.folder).keys() - (told if overrides else set())
        assert {name: contents(second.folder)[name] for name in same} == {
            name: contents(first.folder)[name] for name in same
        }


def test_a_template_of_the_users_own_is_part_of_the_lock(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    template = tmp_path / "mine.j2"
    template.write_text("{{ messages }}", encoding="utf-8")
    output = {"formats": ["template"], "template": {"file": str(template)}}
    file = locked(identify_plan(workspace, output=output), workspace, tmp_path)
    here = settings(output=output)
    again, _ = locked_plan(file, here, Environment({}, {}), workspace)
    assert again.settings.output.template.file == str(template)
    template.write_text("{{ other }}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"the file of output\.template\.file: was changed"):
        locked_plan(file, here, Environment({}, {}), workspace)
