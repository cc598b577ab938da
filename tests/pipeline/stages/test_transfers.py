"""Real exports to a storage and back: verified before they leave and when they arrive."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from src.errors import StorageError, UsageError
from src.persistence.storage.transfers.moved import Moved
from src.pipeline.stages.transfers import (
    clean_remote,
    pull,
    pull_file,
    push,
    push_file,
    remote_listing,
    stored_files,
)
from tests.persistence.storage.support import read_back
from tests.pipeline.runs import carried_out, identify_plan, talk_workspace


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = talk_workspace(tmp_path_factory.mktemp("run"))
    _, result = carried_out(identify_plan(workspace), workspace)
    return result.folder


@pytest.fixture
def settings(tmp_path: Path) -> StorageSettings:
    return StorageSettings(url=str(tmp_path / "shared"))


def test_an_export_is_pushed_listed_and_pulled(export: Path, settings: StorageSettings, tmp_path: Path) -> None:
    moves: list[Moved] = []
    sent = push(export, "", settings, moves.append)
    assert sent.url == f"{settings.url}/exports/{export.parent.name}/v1.0.0"
    assert moves[-1].done == moves[-1].total > 0
    (found,) = remote_listing("", settings)
    assert (found.name, found.version, found.complete) == (export.parent.name, "v1.0.0", True)
    for source in (found.url, found.name, f"{found.name}/v1.0.0"):
        target = tmp_path / source.replace("/", "_")[-20:]
        assert pull(source, target, settings, tmp_path).folder == target
        assert read_back(target) == read_back(export)
    assert pull(found.url, None, settings, tmp_path / "out").folder == tmp_path / "out" / found.name / "v1.0.0"
    assert push(export, settings.url, StorageSettings()).already


def test_an_export_that_is_not_whole_does_not_leave(export: Path, settings: StorageSettings, tmp_path: Path) -> None:
    broken = tmp_path / "v1.0.0"
    broken.mkdir()
    for name, content in read_back(export).items():
        (broken / name).parent.mkdir(parents=True, exist_ok=True)
        (broken / name).write_bytes(content)
    (broken / "train.jsonl").write_bytes((broken / "train.jsonl").read_bytes() + b"\n")
    with pytest.raises(StorageError, match=r"is not whole, so it is not published: train\.jsonl"):
        push(broken, "", settings)
    assert not Path(settings.url).exists()
    with pytest.raises(UsageError, match="no finished export"):
        push(tmp_path, "", settings)


def test_what_is_not_there_is_told(export: Path, settings: StorageSettings, tmp_path: Path) -> None:
    assert remote_listing("", settings) == []
    with pytest.raises(UsageError, match="no finished export named 'nothing'"):
        pull("nothing", tmp_path / "x", settings, tmp_path)
    with pytest.raises(StorageError, match="holds no finished export"):
        pull("nothing/v1.0.0", tmp_path / "x", settings, tmp_path)
    with pytest.raises(UsageError, match=r"storage\.url"):
        push(export, "", StorageSettings())
    assert clean_remote("", settings).objects == 0


def test_checkpoints_and_logs_are_kept_and_fetched(settings: StorageSettings, tmp_path: Path) -> None:
    (tmp_path / "x-1.db").write_bytes(b"database")
    (tmp_path / "run.log").write_bytes(b"log")
    push_file(tmp_path / "x-1.db", "checkpoint", "", settings)
    push_file(tmp_path / "run.log", "log", "", settings)
    assert [item.key for item in stored_files("checkpoint", "", settings)] == ["x-1.db"]
    assert [item.key for item in stored_files("log", "", settings)] == ["run.log"]
    pull_file("x-1.db", "checkpoint", tmp_path / "back.db", "", settings)
    assert (tmp_path / "back.db").read_bytes() == b"database"
    with pytest.raises(UsageError):
        pull_file("../x-1.db", "checkpoint", tmp_path / "other.db", "", settings)
