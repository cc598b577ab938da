"""Uploads and downloads whose process is killed: never half a thing under its final name, and the rest goes on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from src.persistence.storage.transfers.moved import label_for
from src.persistence.storage.upkeep import remove_incomplete
from tests.persistence.storage.servers import Server
from tests.persistence.storage.support import TARGET, Place, make_export, read_back, s3_place, sample_files

ROOT = Path(__file__).resolve().parents[4]
FILES = {**sample_files(large=11 << 20), **{f"shard-{number:02}.jsonl": b"{}\n" * 30_000 for number in range(12)}}


def killed(verb: str, place: Place, folder: Path, lines: int, delay: float) -> bool:
    """Run a transfer and kill it a moment after it has said so many lines; whether it had finished before."""
    module = [sys.executable, "-m", "tests.persistence.storage.transfer_child"]
    arguments = [verb, place.url, str(folder), place.settings.endpoint_url]
    with subprocess.Popen([*module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        said = [line for _, line in zip(range(lines), child.stdout, strict=False)]
        time.sleep(delay)
        child.kill()
        said += child.stdout.readlines()
    return "done\n" in said


def require_nothing_half(place: Place) -> bool:
    """What a stranger sees: every object whole, and no manifest without all files. Whether it is published."""
    keys = set(place.objects())
    for key in keys:
        if key.startswith("exports/") and "manifest." not in key:
            assert place.content(key) == FILES[key.removeprefix(f"{TARGET}/")], key
    published = f"{TARGET}/manifest.json" in keys
    assert not published or {f"{TARGET}/{name}" for name in FILES} <= keys
    return published


def kill_uploads(place: Place, export: Path, seed: int, times: int) -> None:
    """Kill it `times` times, at a later moment each time, then let it end."""
    chance = random.Random(seed)
    for number in range(times):
        lines = 1 + (2 * len(FILES) + 2) * number // times
        done = killed("push", place, export, lines, chance.random() * 0.05)
        assert require_nothing_half(place) or not done
    place.upload(export)
    assert require_nothing_half(place)
    target = export.with_name(f"back-{seed}")
    place.download(target)
    assert read_back(target) == read_back(export)


def test_uploads_to_a_folder_survive_kills(folder_place: Place, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", FILES)
    kill_uploads(folder_place, export, seed=1, times=4)
    remove_incomplete(folder_place.storage, older_than=0)
    assert not list((tmp_path / "storage").rglob(".*"))


@pytest.mark.slow
def test_uploads_to_s3_survive_kills(s3: Server, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", FILES)
    for seed in (1, 2):
        place = s3_place(s3.url)
        kill_uploads(place, export, seed, times=4)
        remove_incomplete(place.storage, older_than=-60)
        assert [key for key in place.objects() if not key.startswith("exports/")] == []
        place.close()


@pytest.mark.slow
def test_downloads_survive_kills(s3: Server, tmp_path: Path) -> None:
    export = make_export(tmp_path / "v1.0.0", FILES)
    place = s3_place(s3.url)
    place.upload(export)
    for number in range(4):
        lines = 1 + len(FILES) * number // 4
        killed("pull", place, tmp_path / "back", lines, 0.02)
        if (tmp_path / "back").exists():  # the kill came after the end
            break
    else:
        assert place.download(tmp_path / "back").resumed > 0
    assert read_back(tmp_path / "back") == read_back(export)
    place.close()


def test_labels_survive_any_name() -> None:
    label = label_for("x.jsonl", "0" * 64, "naïve\r\nX-Evil: 1", "v1.0.0", "tool")
    assert label.dataset == "na?ve??X-Evil: 1"
    assert label.content_type == "application/jsonl"
