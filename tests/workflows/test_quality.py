"""stats, qa, duplicates and export --qa as a user runs them, on documents with faults in them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from src.dataset.duplicates.finding import find_duplicates
from src.dataset.quality.judging.rubric import CRITERIA
from src.persistence.sqlite_client import DatasetStore
from tests.dataset.example_samples import make_dataset, make_example
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.llm_runs import openai_env
from tests.workflows.support import ROOT, menu, run

_KEY = "sk-proj-" + "a8Kd03jfLq92mZx7Tn5bVc1WrY6uPo4s" + "E3gHi0JkLmNq"
_MAIL = "barbara.kowalczyk@pumpworks.example.org"


def _questions(count: int) -> list[tuple[str, str]]:
    return [
        (f"What does part {n} of the pump do?", f"Part {n} moves water in step {n} of the cycle.") for n in range(count)
    ]


def _write(folder: Path, pairs: list[tuple[str, str]]) -> None:
    text = "\n\n".join(f"Q: {question}\nA: {answer}" for question, answer in pairs)
    (folder / "input_files" / "faq.txt").write_text(f"Pump questions\n\n{text}\n", encoding="utf-8")


def _project(folder: Path, pairs: list[tuple[str, str]]) -> Path:
    config = (ROOT / "tests" / "fixtures" / "config.yaml").read_text(encoding="utf-8")
    (folder / "config.yaml").write_text(config.replace('mode: "create"', 'mode: "identify"'), encoding="utf-8")
    (folder / "input_files").mkdir()
    _write(folder, pairs)
    assert run(folder, "run", "--yes").code == 0
    return folder


@pytest.fixture(scope="module")
def _faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    long = "Open the valve, wait until the gauge stands at two bar, close the valve again and write the value down"
    pairs = _questions(38)
    pairs += [("Whom do I write to about a broken pump?", f"Write to {_MAIL} and tell her the number of the pump.")]
    pairs += [("How does the service login work?", f"Send the key {_KEY} with each request to the service.")]
    pairs += [("How is pressure measured every day?", f"{long} in {article} book.") for article in ("the", "a")]
    return _project(tmp_path_factory.mktemp("faulty"), pairs)


@pytest.fixture
def stored(_faulty: Path, tmp_path: Path) -> Path:
    """A dataset of 42 samples: one names a person's address, one gives a key away, two are nearly the same."""
    return Path(shutil.copytree(_faulty, tmp_path / "faulty"))


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A dataset of 9,000 samples, 3,000 of them different, on two worker processes."""
    config = (ROOT / "tests" / "fixtures" / "config.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(config)
    values["system"]["workers"] = 2
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    many = [replace(make_example(n % 3_000, split="train"), id=f"s{n:06d}") for n in range(9_000)]
    with DatasetStore(tmp_path / "memory" / "dataset_builder.db") as store:
        store.save_dataset(make_dataset(many, "large"), {}, dataset_id="dlarge")
    return tmp_path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A dataset of 40 samples with no fault that fails."""
    return _project(tmp_path, _questions(40))


def _answer(folder: Path, *arguments: str, **more: Any) -> tuple[int, dict[str, Any]]:
    done = run(folder, *arguments, "--json", **more)
    return done.code, json.loads(done.out)


def test_stats_tell_outliers_words_languages_coverage_and_write_a_page(stored: Path) -> None:
    code, answer = _answer(stored, "stats", "my_dataset", "--html", "page.html")
    found = answer["statistics"]
    assert code == 0
    assert found["samples"] == 42
    assert set(found["languages"]) == {"en"}
    assert found["near_duplicates"] >= 1
    assert found["coverage"]["documents"]
    page = (stored / "page.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_stats_without_the_documents_say_that_coverage_is_not_known(stored: Path) -> None:
    (stored / "input_files" / "faq.txt").unlink()
    (stored / "input_files" / "other.txt").write_text("Nothing of it.", encoding="utf-8")
    done = run(stored, "stats", "my_dataset")
    assert done.code == 0
    assert "there is no such file" in done.out


def test_qa_fails_for_a_key_names_its_sample_and_shows_no_value(stored: Path) -> None:
    done = run(stored, "qa", "my_dataset", "--flags", "secrets")
    assert done.code == 1
    assert "FAILS  Keys and passwords" in done.out
    folder = stored / "output_datasets" / "my_dataset" / "qa"
    report = json.loads((folder / "qa_report.json").read_text(encoding="utf-8"))
    written = done.out + done.err + json.dumps(report) + (folder / "qa_report.html").read_text(encoding="utf-8")
    assert _KEY not in written
    assert _MAIL not in written
    (flag,) = report["flags"]["secrets"]
    assert flag["sample_id"] in done.out
    assert {one["metric"] for one in report["flags"]["personal_data"]} == {"personal_data"}


def test_qa_passes_and_says_what_was_not_computed(sound: Path) -> None:
    code, answer = _answer(sound, "qa", "my_dataset")
    states = {metric["name"]: metric["state"] for metric in answer["metrics"]}
    assert states["secrets"] == "ok"
    assert states["benchmark_overlap"] == "not computed"
    assert states["judge"] == "not computed"
    assert (code, answer["ok"]) == (0, True)


def test_qa_finds_what_a_benchmark_has_too(stored: Path) -> None:
    line = "Open the valve, wait until the gauge stands at two bar, close the valve again and write the value down"
    (stored / "bench.txt").write_text(f"Unlike everything else.\n{line} in the book.\n", encoding="utf-8")
    code, answer = _answer(stored, "qa", "my_dataset", "--against", "bench.txt")
    (metric,) = [one for one in answer["metrics"] if one["name"] == "benchmark_overlap"]
    assert metric["flagged"] >= 1
    assert code == 1


def test_thresholds_of_the_config_decide(sound: Path) -> None:
    assert run(sound, "qa", "my_dataset").code == 0
    config = (sound / "config.yaml").read_text(encoding="utf-8")
    strict = "qa:\n  thresholds:\n    distinct_2: {warn: 0.99, fail: 0.98}\n"
    (sound / "config.yaml").write_text(_without_section(config, "qa") + strict, encoding="utf-8")
    done = run(sound, "qa", "my_dataset")
    assert "FAILS  Diversity of the answers" in done.out
    assert done.code == 1


def _without_section(config: str, name: str) -> str:
    kept, inside = [], False
    for line in config.splitlines():
        if line and not line.startswith((" ", "#")):
            inside = line.startswith(f"{name}:")
        kept += [] if inside else [line]
    return "\n".join(kept) + "\n"


def test_a_wrong_figure_is_named_with_those_there_are(stored: Path) -> None:
    done = run(stored, "qa", "my_dataset", "--flags", "beauty")
    assert done.code == 2
    assert "there is no figure 'beauty'" in done.err
    assert "personal_data" in done.err


def test_duplicates_are_shown_dropped_and_brought_back(stored: Path) -> None:
    code, shown = _answer(stored, "duplicates", "my_dataset", "--threshold", "0.7")
    assert (code, shown["dropped"]) == (0, 0)
    assert shown["would_go"] >= 1
    _, dropped = _answer(stored, "duplicates", "my_dataset", "--drop")
    assert dropped["dropped"] == shown["would_go"]
    _, left = _answer(stored, "duplicates", "my_dataset")
    assert (left["would_go"], left["samples"]) == (0, 42 - dropped["dropped"])
    assert run(stored, "undo", "my_dataset").code == 0
    assert _answer(stored, "duplicates", "my_dataset")[1]["samples"] == 42


def test_an_export_with_qa_keeps_the_report_and_its_verdict(stored: Path) -> None:
    code, answer = _answer(stored, "export", "my_dataset", "--qa")
    folder = stored / answer["folder"]
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert code == 0
    assert manifest["quality"]["qa"]["ok"] is False
    assert "secrets" in {one["name"] for one in manifest["quality"]["qa"]["figures"]}
    assert manifest["files"]["qa_report.json"]["role"] == "qa"
    assert run(stored, "verify", str(folder)).code == 0


def test_an_llm_grades_what_is_asked_for_once_and_the_journal_keeps_it(stored: Path) -> None:
    grades = json.dumps({**dict.fromkeys(CRITERIA, 4), "reason": "fine"})
    with StubLLM(lambda request: Reply(grades)) as stub:
        code, answer = _answer(stored, "qa", "my_dataset", "--judge", "5", "--yes", env=openai_env(stub))
        asked = len(stub.requests)
        again = _answer(stored, "qa", "my_dataset", "--judge", "5", "--yes", env=openai_env(stub))[1]
        assert (asked, len(stub.requests)) == (5, 5)
    (judge,) = [metric for metric in answer["metrics"] if metric["name"] == "judge"]
    assert (judge["value"], judge["of"]) == (4.0, 5)
    assert [one["value"] for one in again["metrics"] if one["name"] == "judge"] == [4.0]
    assert code == 1  # for the key
    assert "unfinished" not in menu(stored, ["2", "b", "6"]).out.lower()


def test_grades_that_cannot_be_read_are_none_and_are_said_so(stored: Path) -> None:
    with StubLLM(lambda request: Reply("not JSON")) as stub:
        _, answer = _answer(stored, "qa", "my_dataset", "--judge", "3", "--yes", env=openai_env(stub))
    (judge,) = [metric for metric in answer["metrics"] if metric["name"] == "judge"]
    assert judge["state"] == "not computed"
    assert "no grades that can be read" in judge["note"]


def test_duplicates_of_many_samples_are_looked_for_by_workers(large: Path) -> None:
    code, shown = _answer(large, "duplicates", "large")
    with DatasetStore(large / "memory" / "dataset_builder.db") as store:
        alone = find_duplicates(store.stored_samples("dlarge")).to_json()
    assert code == 0 and {key: shown[key] for key in alone} == json.loads(json.dumps(alone))
    # What is left of a stage whose parts were done: the lock.
    assert [path.name for path in (large / "memory" / "engine").iterdir()] == ["duplicates-dlarge.lock"]
    (large / "memory" / "engine" / "duplicates-dlarge.lock").unlink()
    screen = menu(large, ["3", "3", "1", "n", "6"])
    assert "Duplicates in large: 9,000 samples" in screen.out
    assert [path.name for path in (large / "memory" / "engine").iterdir()] == ["duplicates-dlarge.lock"]


def test_the_menu_shows_the_report_lists_flags_and_finds_duplicates(stored: Path) -> None:
    done = menu(stored, ["3", "2", "1", "1", "b", "3", "3", "1", "n", "6"])
    assert "QA report of my_dataset: 42 samples" in done.out
    assert "List what is flagged by" in done.out
    assert "Duplicates in my_dataset: 42 samples" in done.out
    assert "Drop" in done.out
    assert _KEY not in done.out


def test_the_lock_of_a_changed_dataset_says_that_no_run_makes_it(stored: Path) -> None:
    assert _answer(stored, "duplicates", "my_dataset", "--drop")[1]["change"] == 1
    folder = stored / _answer(stored, "export", "my_dataset")[1]["folder"]
    assert json.loads((folder / "config_lock.json").read_text(encoding="utf-8"))["changes"] == 1
    done = run(stored, "run", "--locked", str(folder), "--yes")
    assert done.code == 2
    assert "samples: were changed 1 time(s) after the run" in done.err
