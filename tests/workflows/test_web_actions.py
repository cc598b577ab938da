"""Recorded sessions to a dataset as a user makes it: by the verb and in the menu."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.web_actions.images.pictures import encoded, screenshot
from tests.workflows.support import in_order, menu, run

_PAGE = """<html><body><script>track()</script><h1>Cart {session}</h1><form id=f><input name=q><button id=go>Go</button>
</form><a href="/next">Next page of {session}</a></body></html>"""


def session(number: int) -> dict[str, object]:
    page = _PAGE.format(session=number)
    shot = {"screenshot": "shot.png", "box": [300, 200, 80, 40], "point": [340, 220]}
    return {
        "session_id": f"s{number}",
        "site": "https://shop.test" if number % 2 else "https://news.test",
        "workflow": "checkout",
        "goal": f"Finish order {number}.",
        "success": number % 3 > 0,
        "timestamp": f"2026-05-{1 + number:02}T10:00:00Z",
        "steps": [
            {"action": "type", "selector": "input[name=q]", "value": f"shoes {number}", "dom": page, **shot},
            {"action": "click", "selector": "#go", "dom": page},
        ],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "input_files"
    there.mkdir()
    lines = [json.dumps(session(number)) for number in range(20)]
    (there / "runs.jsonl").write_text("\n".join([*lines, '{"session_id": "broken"}', "no json", ""]), "utf-8")
    (there / "shot.png").write_bytes(encoded(screenshot()))
    return tmp_path


def test_the_verb_makes_stores_and_exports_a_dataset(folder: Path) -> None:
    done = run(folder, "web-actions", "input_files", "--name", "acts", "--train-split", "0.8", "--formats", "jsonl,csv")
    assert done.code == 0, done.err
    assert in_order(
        done.out, "40 samples of 20 sessions", "train 32, validation 8", "pictures  20", "stored    as 'acts'",
        "left out  2 entries that cannot be used", "runs.jsonl, line 21", "runs.jsonl, line 22",
        "Samples by action", "Exported to", "manifest.json",
    )  # fmt: skip
    version = "output_datasets/acts/v1.0.0"
    assert run(folder, "verify", version).code == 0
    packed = run(folder, "pack", f"{version}/train.jsonl", "--validate")
    assert packed.code == 0 and "32 records" in packed.out
    rejected = (folder / "output_datasets" / "acts.web-actions" / "rejected.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["line"] for line in rejected] == [21, 22]


def test_a_sample_is_traced_to_the_recording_it_comes_from(folder: Path) -> None:
    run(folder, "web-actions", "input_files", "--name", "acts", "--no-images")
    first = json.loads((folder / "output_datasets" / "acts.web-actions" / "train.jsonl").read_text().splitlines()[0])
    done = run(folder, "trace", first["id"])
    assert done.code == 0
    assert in_order(done.out, "document  runs.jsonl", "[verified]", f"session {first['session']}, step {first['step']}")


def test_json_tells_what_was_made(folder: Path) -> None:
    done = run(
        folder, "web-actions", "input_files", "--folder", "out", "--sites", "shop.test", "--success", "yes",
        "--actions", "click", "--split-by", "site", "--json",
    )  # fmt: skip
    answer = json.loads(done.out.splitlines()[-1])
    assert (answer["exit_code"], answer["rejected"]) == (0, 2)
    rows = [json.loads(line) for line in (folder / "out" / "train.jsonl").read_text("utf-8").splitlines()]
    assert answer["samples"] == len(rows) == 7
    assert all((row["site"], row["success"], row["action"]["kind"]) == ("shop.test", True, "click") for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "there is no such folder"),
        (("input_files", "--formats", "jsnol"), "is not a format"),
        (("input_files", "--since", "soon"), "web_actions.only.since"),
        (("input_files", "--actions", "jump"), "web_actions.only.actions"),
        (("input_files", "--train-split", "1.5"), "must be shares of 1"),
        (("input_files", "--sites", "elsewhere.test"), "gives no sample"),
        (("input_files", "--folder", "input_files"), "not empty"),
    ],
)
def test_wrong_usage_is_told_and_leaves_nothing(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(folder, "web-actions", *arguments)
    assert done.code == 2 and said in done.err
    assert not (folder / "output_datasets" / "my_dataset.web-actions").exists()
    assert run(folder, "list", "--json").out.count("my_dataset") == 0


def test_the_menu_notices_recordings_and_makes_a_dataset_of_them(folder: Path) -> None:
    done = menu(folder, ["2", "y", "", "y", "2", "y", "6"])
    assert in_order(
        done.out, "holds recorded browser sessions", "Make the dataset from them?", "Where are the recordings",
        "With screenshots?", "Split", "by site", "40 samples of 20 sessions", "Export now?", "Exported to",
    )  # fmt: skip
    assert (folder / "output_datasets" / "my_dataset.web-actions" / "statistics.html").is_file()


def test_the_menu_takes_recordings_from_elsewhere_in_place_of_documents(folder: Path) -> None:
    (folder / "input_files").rename(folder / "recordings")
    (folder / "input_files").mkdir()
    (folder / "input_files" / "talk.txt").write_text("User: Is it open?\nAssistant: Yes, until six.\n" * 3)
    (folder / "config.yaml").write_text('mode: "identify"\n')
    done = menu(folder, ["2", "n", "w", "recordings", "n", "1", "n", "6"])
    assert in_order(done.out, "Start? (y/n)", "Where are the recordings", "40 samples of 20 sessions", "Export now?")
    again = menu(folder, ["2", "n", "w", "recordings", "n", "1", "n", "6"])
    assert in_order(again.out, "is there already. Replace it?", "=== Fine-Tuning Dataset Builder ===")
