"""From a real browser to a dataset: what is in it is what was recorded, and every selector finds its element."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from src.config.settings import Settings
from src.errors import UsageError
from src.persistence.sqlite_client import DatasetStore
from src.web_actions.actions.sample_text import SampleText, parse_sample_text
from src.web_actions.dataset_builder import DatasetBuilder
from src.web_actions.making.report import BuildReport
from src.web_actions.session import ACTION_KINDS
from tests.web_actions.conftest import Recorded

pytestmark = pytest.mark.slow

# What tells one element from all others on the pages: nothing a pruned page may have lost.
_LOOK = """selector => [...document.querySelectorAll(selector)].map(
  one => [one.tagName, one.textContent.replace(/\\s+/g, ' ').trim().slice(0, 40), one.name || one.id || ''])"""


@pytest.fixture(scope="module")
def built(recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> BuildReport:
    folder = tmp_path_factory.mktemp("built") / "dataset"
    with DatasetStore(folder.parent / "datasets.db") as store:
        return DatasetBuilder(Settings(), store).build_dataset(
            recorded.folder, folder, train_split=0.7, name="recorded"
        )


def rows_of(folder: Path) -> list[dict[str, Any]]:
    files = [folder / f"{split}.jsonl" for split in ("train", "validation", "test")]
    return [json.loads(line) for path in files if path.exists() for line in path.read_text("utf-8").splitlines()]


def texts(built: BuildReport) -> Iterator[tuple[dict[str, Any], SampleText]]:
    for row in rows_of(built.folder):
        yield row, parse_sample_text(row["text"])


def test_every_recorded_step_is_a_sample_or_told(recorded: Recorded, built: BuildReport) -> None:
    rows = rows_of(built.folder)
    steps = sum(len(session["steps"]) for session in recorded.sessions)
    assert built.samples == len(rows) == len({row["id"] for row in rows})
    assert built.report.counts["steps read"] == steps
    assert steps - len(rows) == sum(built.report.dropped.values())
    assert built.rejected == 0, [str(issue) for issue in built.report.issues]
    assert {row["action"]["kind"] for row in rows} == set(ACTION_KINDS)


def test_each_selector_finds_the_recorded_element_and_no_other(recorded: Recorded, built: BuildReport) -> None:
    from tests.web_actions.recording.recorder import chromium

    checked = 0
    with chromium() as browser:
        # No scripts, and nowhere to load anything from: the page is what the sample says.
        page = browser.new_context(java_script_enabled=False, offline=True).new_page()
        for row, said in texts(built):
            if not said.action.selector:
                continue
            step = recorded.steps[row["session"], row["step"]]
            page.set_content(step["dom"], wait_until="commit")
            before = page.evaluate(_LOOK, step["selector"])
            same = page.evaluate(_LOOK, said.action.selector)
            page.set_content(said.dom, wait_until="commit")
            after = page.evaluate(_LOOK, said.action.selector)
            assert len(before) == len(after) == 1, (row["session"], row["step"], said.action.selector)
            assert before[0][::2] == after[0][::2] and before == same
            if step["action"] in ("click", "hover"):
                assert after[0][1] == before[0][1]
            checked += 1
    assert checked >= 15


def test_the_text_says_what_was_done(recorded: Recorded, built: BuildReport) -> None:
    for row, said in texts(built):
        step = recorded.steps[row["session"], row["step"]]
        assert said.action.kind == step["action"] == row["action"]["kind"]
        if "password" not in said.dom and "@" not in step["value"]:
            assert said.action.value == step["value"]


def test_what_looks_like_our_tags_comes_back_as_text(built: BuildReport) -> None:
    shops = [(row, said) for row, said in texts(built) if "as text" in said.dom]
    assert shops
    for row, said in shops:
        assert row["text"].count("<DOM>") == row["text"].count("</ACTION>") == 1
        assert "&lt;DOM&gt;" in said.dom or "<DOM>" in said.dom


def test_no_password_and_no_card_number_is_in_any_file(built: BuildReport) -> None:
    for path in built.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"hunter2" not in content and b"4111 1111" not in content and b"4111111111111111" not in content
    assert b"hunter2" not in (built.folder.parent / "datasets.db").read_bytes()


def test_doms_are_cleaned_and_keep_to_the_budget(built: BuildReport) -> None:
    for _, said in texts(built):
        assert len(said.dom) <= Settings().web_actions.dom_characters
        for gone in ("<script", "<style", "analytics", "data-track", "Hidden offer", "onload"):
            assert gone not in said.dom


def test_pictures_show_the_target_where_the_row_says(recorded: Recorded, built: BuildReport) -> None:
    seen = 0
    for row, said in texts(built):
        image = row["image"]
        assert said.image == image["uri"]
        step = recorded.steps[row["session"], row["step"]]
        if image["box"] is None:
            continue
        with Image.open(built.folder / image["uri"]) as kept, Image.open(recorded.folder / step["screenshot"]) as taken:
            assert (kept.format, kept.size) == ("WEBP", (image["width"], image["height"]))
            left, top, width, height = map(round, image["box"])
            part = (left, top, left + width, top + height)
            left, top, width, height = map(round, step["box"])
            recorded_part = taken.convert("RGB").crop((left, top, left + width, top + height))
            shown = kept.convert("RGB").crop(part).resize(recorded_part.size)
            # WEBP keeps brightness of every pixel and colour of every second one.
            (off,) = ImageStat.Stat(ImageChops.difference(shown.convert("L"), recorded_part.convert("L"))).mean
            assert off < 8
        seen += 1
    assert seen >= 15
    assert built.pictures.formats == {"PNG": built.pictures.kept} and built.pictures.kept == built.samples


def test_no_session_lies_in_two_splits(built: BuildReport) -> None:
    splits: dict[str, set[str]] = defaultdict(set)
    for split in ("train", "validation"):
        for line in (built.folder / f"{split}.jsonl").read_text("utf-8").splitlines():
            splits[json.loads(line)["session"]].add(split)
    assert all(len(found) == 1 for found in splits.values()) and built.leakage.is_free
    assert set(built.splits) == {"train", "validation"}


def test_the_stored_dataset_is_the_written_one(built: BuildReport) -> None:
    with DatasetStore(built.folder.parent / "datasets.db") as store:
        dataset = store.load_dataset("recorded")
        samples = {sample.id: sample for sample in dataset}
    rows = rows_of(built.folder)
    assert dataset.mode == "web-actions" and set(samples) == {row["id"] for row in rows}
    for row in rows:
        system, user, assistant = samples[row["id"]].messages
        at = row["text"].index("<ACTION>")
        assert user.content == f"Goal: {row['goal']}\n\n{row['text'][:at]}" and assistant.content == row["text"][at:]
        assert (system.role, samples[row["id"]].token_length) == ("system", row["tokens"])
        assert samples[row["id"]].origin.place == f"session {row['session']}, step {row['step']}"


def test_the_same_recordings_give_the_same_files(recorded: Recorded, built: BuildReport, tmp_path: Path) -> None:
    DatasetBuilder(Settings()).build_dataset(recorded.folder, tmp_path / "again", train_split=0.7, name="recorded")
    for path in sorted(built.folder.rglob("*")):
        if path.is_file() and path.name != "report.json":
            assert (tmp_path / "again" / path.relative_to(built.folder)).read_bytes() == path.read_bytes(), path.name


def test_statistics_add_up(built: BuildReport) -> None:
    told = json.loads((built.folder / "statistics.json").read_text("utf-8"))
    for kind in ("by_site", "by_workflow", "by_action", "by_success", "by_split"):
        assert sum(part["samples"] for part in told[kind].values()) == built.samples, kind
    assert told["sessions"] == 4 and set(told["by_site"]) == {"shop.test", "library.test"}
    assert told["total_tokens"] == sum(row["tokens"] for row in rows_of(built.folder))
    page = (built.folder / "statistics.html").read_text("utf-8")
    assert "shop.test" in page and "<script" not in page


def test_training_pictures_are_varied_and_no_others(recorded: Recorded, tmp_path: Path) -> None:
    settings = Settings.model_validate({"web_actions": {"images": {"augment": 2, "crop": 400}}})
    built = DatasetBuilder(settings).build_dataset(recorded.folder, tmp_path / "out", train_split=0.7)
    train = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text("utf-8").splitlines()]
    held = [json.loads(line) for line in (tmp_path / "out" / "validation.jsonl").read_text("utf-8").splitlines()]
    by_step: dict[tuple[str, int], set[str]] = defaultdict(set)
    for row in train:
        by_step[row["session"], row["step"]].add(row["image"]["uri"])
        left, top, width, height = row["image"]["box"] or (0, 0, 0, 0)
        assert left + width <= row["image"]["width"] and top + height <= row["image"]["height"]
        assert parse_sample_text(row["text"]).image == row["image"]["uri"]
    assert all(len(uris) == 3 for uris in by_step.values()) and len(train) == 3 * len(by_step)
    assert len({(row["session"], row["step"]) for row in held}) == len(held)
    assert built.splits == {"train": len(train), "validation": len(held)}


def test_filters_leave_out_what_they_name(recorded: Recorded, tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {
            "web_actions": {
                "only": {"sites": ["shop.test"], "success": "yes"},
                "without": {"actions": ["hover", "submit"]},
            }
        }
    )
    built = DatasetBuilder(settings).build_dataset(recorded.folder, tmp_path / "out", include_images=False)
    rows = rows_of(built.folder)
    assert {row["session"] for row in rows} == {"buy-red", "buy-blue"}
    assert not {"hover", "submit"} & {row["action"]["kind"] for row in rows}
    assert all(row["image"] is None for row in rows) and not (built.folder / "images").exists()
    assert built.report.dropped["steps left out by action: one of without.actions"] == 4


def test_nothing_is_made_where_nothing_fits(recorded: Recorded, tmp_path: Path) -> None:
    settings = Settings.model_validate({"web_actions": {"only": {"sites": ["elsewhere.test"]}}})
    with pytest.raises(UsageError, match=r"gives no sample.*site: not one of only.sites"):
        DatasetBuilder(settings).build_dataset(recorded.folder, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_files_is_never_replaced(recorded: Recorded, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    for overwrite in (False, True):
        with pytest.raises(UsageError, match="not empty"):
            DatasetBuilder(Settings()).build_dataset(recorded.folder, tmp_path, overwrite=overwrite)
    assert (tmp_path / "mine.txt").read_text() == "keep me"
    one = DatasetBuilder(Settings()).build_dataset(recorded.folder, tmp_path / "out", include_images=False)
    two = DatasetBuilder(Settings()).build_dataset(recorded.folder, tmp_path / "out", overwrite=True)
    assert one.pictures.kept == 0 < two.pictures.kept and (tmp_path / "out" / "images").is_dir()
