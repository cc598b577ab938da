"""The stages in their order, each looked at by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from src.config.environment import read_environment
from src.config.loader import build_settings
from src.errors import AuthenticationError, UsageError
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.orchestrator import Run
from src.pipeline.progress import Progress
from src.pipeline.run_plan import RunPlan, Workspace, plan_run
from src.pipeline.stages.exports import clean_config
from src.pipeline.stages.splitting import settings_split
from src.records import Message, RunReport

ROOT = Path(__file__).resolve().parents[2]
FAQ = "\n\n".join(f"Q: What does part {i} do?\nA: It moves water in step {i}." for i in range(1, 13))


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "faq.txt").write_text(FAQ, encoding="utf-8")
    return Workspace(tmp_path / "in", tmp_path / "out", tmp_path / "memory" / "x.db", ROOT / "prompts")


def plan(workspace: Workspace, **values: object) -> RunPlan:
    settings = build_settings({"mode": "identify", "provider": "openai", "model": "gpt-4o", **values})
    return plan_run(settings, read_environment(Path("none"), {}), workspace)


def generated(workspace: Workspace, **values: object) -> Run:
    run = Run(plan(workspace, **values), workspace, RunReport())
    run.ingest()
    run.generate(None)
    return run


def test_samples_have_keywords_and_exact_tokens(workspace: Workspace) -> None:
    run = generated(workspace)
    assert run.dataset is not None and len(run.dataset) == 12
    assert all(sample.topic_keywords and sample.token_length > 10 for sample in run.dataset)
    assert run.report.counts["token exactness: exact"] == 1


def test_what_the_provider_would_refuse_is_left_out_and_counted(workspace: Workspace) -> None:
    text = 'question,answer\nWho?,"Me.\nHuman: is a reserved word."\n'
    (workspace.input_dir / "bad.csv").write_text(text, encoding="utf-8")
    run = generated(workspace, provider="anthropic", model="claude-3-haiku")
    run.validate()
    assert run.dataset is not None and len(run.dataset) == 12
    assert [reason for reason in run.report.dropped if reason.startswith("refused by anthropic")] != []


def test_a_turn_that_was_changed_on_the_way_is_an_error_and_left_out(workspace: Workspace) -> None:
    run = generated(workspace)
    assert run.dataset is not None
    first = run.dataset[0]
    changed = replace(first, messages=(*first.messages[:-1], Message("assistant", "It moves milk.")))
    run.dataset = run.dataset.with_samples([changed, *run.dataset[1:]])
    run.validate()
    assert run.report.counts["turns verified word for word"] == 22 and first.id not in {s.id for s in run.dataset}
    assert [issue.where for issue in run.report.issues if issue.severity == "error"] == [first.id]


def test_too_few_training_samples_are_said_after_the_split(workspace: Workspace) -> None:
    run = generated(workspace)
    run.validate()
    run.split(lambda _: settings_split(build_settings({"split": {"ratio": 0.5}}).split))
    found = [issue for issue in run.report.issues if issue.where == "train.jsonl"]
    assert [issue.severity for issue in found] == ["error"] and "at least 10" in found[0].message


def test_saving_twice_replaces_and_backs_up(workspace: Workspace) -> None:
    run = generated(workspace)
    run.validate()
    first = run.save()
    run.split(lambda _: settings_split(run.plan.settings.split))
    assert run.save() == first
    with DatasetStore(workspace.database) as store:
        assert [stored.id for stored in store.list_datasets()] == [first]
        assert {sample.split for sample in store.load_dataset(first)} == {"train", "validation"}
    assert len(list((workspace.database.parent / "backups").glob("*.db"))) == 2


def test_progress_is_told_in_order(workspace: Workspace) -> None:
    told: list[Progress] = []
    run = Run(plan(workspace), workspace, RunReport(), told.append)
    run.ingest()
    run.generate(None)
    run.validate()
    run.save()
    stages = [progress.stage for progress in told]
    assert stages == sorted(stages, key=["ingestion", "generation", "saving"].index)
    assert (told[-1].done, told[-1].total) == (12, 12)


def test_what_is_stored_of_the_settings_has_no_path_of_this_machine(workspace: Workspace) -> None:
    config = clean_config(plan(workspace, system={"local_model_path": "/home/me/secret.gguf"}))
    assert "secret.gguf" not in str(config)
    assert config["generation"] == {"provider": "", "model": "", "is_local": False}


def test_a_plan_counts_kinds_and_warns_before_anything_runs(workspace: Workspace) -> None:
    (workspace.input_dir / "b.csv").write_text("question,answer\nWho?,Me\n", encoding="utf-8")
    (workspace.input_dir / "broken.pdf").write_bytes(b"")
    made = plan(workspace, provider="google", model="gemini-2.5-pro", dataset_size=7)
    assert made.kinds == {"txt": 1, "csv": 1, "unreadable": 1} and made.size.size == 7 and made.agent is None
    assert any("gemini-2.5-pro is retired" in issue.message for issue in made.issues)


def test_a_mode_that_needs_an_llm_says_so_before_reading(workspace: Workspace) -> None:
    with pytest.raises(AuthenticationError, match="MISTRAL_API_KEY"):
        plan(workspace, mode="create", system={"agentic_llm": "mistral"})
    assert plan(workspace, mode="hybrid", agent={"hybrid": {"generation_ratio": 0.0}}).agent is None
    local = plan(workspace, mode="create").agent
    assert local is not None and local.is_local


def test_an_empty_folder_is_wrong_usage(workspace: Workspace) -> None:
    (workspace.input_dir / "faq.txt").unlink()
    with pytest.raises(UsageError, match="No documents in"):
        plan(workspace)
