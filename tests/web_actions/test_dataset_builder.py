"""What the builder is told, without a browser: shares, seeds, storages, damaged recordings, kills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from src.config.settings import Settings
from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.web_actions.actions.sample_text import parse_sample_text
from src.web_actions.dataset_builder import DatasetBuilder
from tests.persistence.storage.conftest import nobody_elses_credentials, s3  # noqa: F401
from tests.persistence.storage.servers import Server
from tests.persistence.storage.support import s3_place
from tests.web_actions.images.pictures import bomb, encoded, screenshot

ROOT = Path(__file__).resolve().parents[2]


def session(number: int, steps: int = 2, **step: Any) -> dict[str, Any]:
    page = "<html><body><h1>{}</h1><button id=go>Go</button><p>{}</p></body></html>"
    usual = {"action": "click", "selector": "#go", **step}
    return {
        "session_id": f"s{number}",
        "site": f"https://site{number % 4}.test/",
        "workflow": "buy",
        "goal": f"Reach {number}.",
        "timestamp": f"2026-05-{1 + number % 28:02}",
        "steps": [{"dom": page.format(number, at), **usual} for at in range(steps)],
    }


def write(folder: Path, *entries: object) -> Path:
    folder.mkdir(exist_ok=True)
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    (folder / "runs.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


def rows(folder: Path, split: str = "train") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{split}.jsonl").read_text("utf-8").splitlines()]


def test_shares_and_seed_come_from_the_settings_unless_given(tmp_path: Path) -> None:
    source = write(tmp_path / "in", *(session(number) for number in range(40)))
    settings = Settings.model_validate({"split": {"ratio": 0.5, "test": 0.2}})
    usual = DatasetBuilder(settings).build_dataset(source, tmp_path / "usual")
    assert usual.splits == {"train": 40, "validation": 24, "test": 16}
    given = DatasetBuilder(settings).build_dataset(source, tmp_path / "given", train_split=0.9, test_split=0.1)
    assert given.splits == {"train": 72, "test": 8}
    alone = DatasetBuilder(settings).build_dataset(source, tmp_path / "alone", train_split=0.9)
    assert alone.splits == {"train": 72, "validation": 8}
    other = DatasetBuilder(settings).build_dataset(source, tmp_path / "other", seed=7)
    assert {row["session"] for row in rows(other.folder)} != {row["session"] for row in rows(usual.folder)}
    unsplit = Settings.model_validate({"split": {"enabled": False}})
    assert DatasetBuilder(unsplit).build_dataset(source, tmp_path / "unsplit").splits == {"train": 80}


def test_what_was_given_is_stored_with_the_dataset(tmp_path: Path) -> None:
    source = write(tmp_path / "in", *(session(number) for number in range(10)))
    with DatasetStore(tmp_path / "d.db") as store:
        DatasetBuilder(store=store).build_dataset(
            source, tmp_path / "out", name="clicks", train_split=0.7, seed=5, include_images=False
        )
        stored = store.find_dataset("clicks")
    config: Any = stored.config
    assert (config["output_name"], config["split"]["ratio"], config["split"]["seed"]) == ("clicks", 0.7, 5)
    assert config["web_actions"]["images"]["include"] is False
    assert config["lock"]["settings"]["split"]["seed"] == 5 and config["lock"]["inputs"] is None
    assert (stored.mode, stored.total_samples) == ("web-actions", 20)


def test_the_rest_goes_on_where_entries_and_steps_cannot_be_used(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in", session(1), "{broken", session(2, selector="#nowhere"), session(3, action="jump"),
        {**session(4), "steps": "none"}, session(5),
    )  # fmt: skip
    built = DatasetBuilder().build_dataset(source, tmp_path / "out", train_split=1.0)
    assert {row["session"] for row in rows(built.folder)} == {"s1", "s5"}
    rejected = [json.loads(line) for line in (built.folder / "rejected.jsonl").read_text("utf-8").splitlines()]
    assert built.rejected == len(rejected) == 6
    assert all(one["file"] == "runs.jsonl" and one["reason"] and one["where"] for one in rejected)
    assert {one["line"] for one in rejected} >= {2, 5}
    assert any("matches nothing" in one["reason"] for one in rejected)


def test_steps_that_say_the_same_are_kept_once_unless_wanted(tmp_path: Path) -> None:
    twins = [{**session(1), "session_id": f"t{number}"} for number in range(4)]
    source = write(tmp_path / "in", *twins, session(2), session(3))
    once = DatasetBuilder().build_dataset(source, tmp_path / "once")
    assert (once.samples, once.report.dropped["steps that say the same as an earlier one"]) == (6, 6)
    settings = Settings.model_validate({"web_actions": {"keep_duplicates": True}})
    with DatasetStore(tmp_path / "d.db") as store:
        every = DatasetBuilder(settings, store).build_dataset(source, tmp_path / "every", train_split=0.5)
    assert every.samples == 12 and every.leakage.prompts == 0


def test_pictures_that_are_refused_cost_only_themselves(tmp_path: Path) -> None:
    source = write(
        tmp_path / "in", session(1, screenshot="good.png"), session(2, screenshot="bomb.png"),
        session(3, screenshot="../../etc/passwd"), session(4, screenshot="http://127.0.0.1/x.png"),
        session(5, screenshot="cut.png"),
    )  # fmt: skip
    (source / "good.png").write_bytes(encoded(screenshot()))
    (source / "cut.png").write_bytes(encoded(screenshot())[:300])
    (source / "bomb.png").write_bytes(bomb(60_000, 60_000))
    built = DatasetBuilder().build_dataset(source, tmp_path / "out", train_split=1.0)
    assert built.samples == 10 and built.pictures.kept == 2
    assert {row["session"] for row in rows(built.folder) if row["image"]} == {"s1"}
    assert sum(built.pictures.refused.values()) == built.report.counts["pictures refused"] == 8
    assert [path.suffix for path in built.folder.joinpath("images").rglob("*.*")] == [".webp"]


def test_the_pointer_in_the_text_is_the_one_in_the_picture(tmp_path: Path) -> None:
    source = write(tmp_path / "in", session(1, 1, screenshot="a.png", point=[340, 220], box=[300, 200, 80, 40]))
    (source / "a.png").write_bytes(encoded(screenshot()))
    settings = Settings.model_validate({"web_actions": {"images": {"max_side": 500}}})
    built = DatasetBuilder(settings).build_dataset(source, tmp_path / "out")
    (row,) = rows(built.folder)
    assert parse_sample_text(row["text"]).action.point == (170, 110) and row["action"]["point"] == [340, 220]
    assert row["image"]["point"] == [170, 110] and row["image"]["box"] == [150, 100, 40, 20]
    plain = DatasetBuilder(settings).build_dataset(source, tmp_path / "plain", include_images=False)
    assert parse_sample_text(rows(plain.folder)[0]["text"]).action.point is None


def test_samples_the_provider_would_refuse_are_left_out_and_counted(tmp_path: Path) -> None:
    long = "".join(f"<p>The words of paragraph {number}.</p>" for number in range(8_000))
    source = write(tmp_path / "in", session(1), session(2, dom=f"{long}<button id=go>Go</button>"))
    settings = Settings.model_validate(
        {"provider": "anthropic", "model": "claude-3-haiku", "web_actions": {"dom_characters": 2_000_000}}
    )
    built = DatasetBuilder(settings).build_dataset(source, tmp_path / "out")
    assert built.samples == 2
    assert built.report.dropped["refused by anthropic: too_many_tokens"] >= 1


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "in", "{broken")
    with pytest.raises(UsageError, match="gives no sample"):
        DatasetBuilder().build_dataset(source, tmp_path / "out")
    with pytest.raises(UsageError, match="no such folder"):
        DatasetBuilder().build_dataset(tmp_path / "nowhere", tmp_path / "out")
    for wrong in ({"train_split": 0.0}, {"train_split": 0.9, "test_split": 0.2}, {"test_split": 1.0}):
        with pytest.raises(UsageError, match="shares of 1"):
            DatasetBuilder().build_dataset(source, tmp_path / "out", **wrong)  # type: ignore[arg-type]
    assert sorted(os.listdir(tmp_path)) == ["in"]


def test_a_killed_build_leaves_nothing_that_the_next_one_does_not_sweep(tmp_path: Path) -> None:
    source = write(tmp_path / "in", *(session(number) for number in range(60)))
    command = [sys.executable, "-m", "tests.web_actions.build_until_killed", str(source), str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        process.kill()
    (left,) = tmp_path.glob(".out.incomplete-*")
    assert left.is_dir() and not (tmp_path / "out").exists()
    assert DatasetBuilder().build_dataset(source, tmp_path / "out").samples == 120
    assert sorted(os.listdir(tmp_path)) == ["in", "out"]


@pytest.mark.slow
def test_recordings_come_from_s3_and_pictures_go_there(s3: Server, tmp_path: Path) -> None:  # noqa: F811
    place = s3_place(s3.url)
    sessions = [session(number, screenshot=f"{number % 3}.png") for number in range(6)]
    place.put("day/runs.jsonl", "\n".join(map(json.dumps, sessions)).encode())
    for number in range(3):
        place.put(f"day/{number}.png", encoded(screenshot(box=(10 * number, 20, 60, 30))))
    settings = Settings.model_validate({"web_actions": {"images": {"url": f"{place.url}/pictures"}}})
    settings = settings.model_copy(update={"storage": place.settings})
    built = DatasetBuilder(settings).build_dataset(place.url, tmp_path / "out", train_split=1.0)
    assert built.samples == built.pictures.kept == 12 and not (built.folder / "images").exists()
    uris = {row["image"]["uri"] for row in rows(built.folder)}
    assert len(uris) == 3
    for uri in uris:
        assert uri.startswith(f"{place.url}/pictures/images/")
        assert place.content(uri.removeprefix(f"{place.url}/"))[8:12] == b"WEBP"
    assert all(parse_sample_text(row["text"]).image == row["image"]["uri"] for row in rows(built.folder))
    place.close()
