"""The verbs: what they write, what they print as JSON, and their exit codes."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from src.export.manifests.verifying import verify_folder
from src.ingestion.document_reader import read_document
from src.persistence.sqlite_client import DatasetStore
from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import Reply, StubLLM
from tests.workflows.support import ROOT, SAMPLES, run

PROVIDERS = ("openai", "anthropic", "google", "mistral", "llama")


def as_json(folder: Path, *arguments: str, **more: Any) -> tuple[int, dict[str, Any]]:
    done = run(folder, *arguments, "--json", **more)
    assert done.out.count("\n") == 1, done.out
    return done.code, json.loads(done.out)


def identify_samples(folder: Path, *more: str) -> dict[str, Any]:
    code, answer = as_json(folder, "run", "--input", str(SAMPLES), "--mode", "identify", "--yes", *more)
    assert code == 0, answer
    return answer


def test_identify_on_the_samples_needs_no_llm_and_every_turn_is_in_its_source(tmp_path: Path) -> None:
    answer = identify_samples(tmp_path)
    assert answer["samples"] >= 70 and answer["methods"] == {"identified": answer["samples"], "created": 0, "free": 0}
    texts = {path.name: read_document(path, SAMPLES).text for path in SAMPLES.iterdir()}
    with DatasetStore(tmp_path / "memory" / "dataset_builder.db") as store:
        dataset = store.load_dataset(answer["dataset_id"])
    assert {sample.origin.source_file for sample in dataset} == set(texts)
    for sample in dataset:
        for turn, pieces in zip(sample.turns, sample.origin.turn_spans, strict=True):
            text = texts[sample.origin.source_file]
            assert turn.content == "\n".join(text[piece.start : piece.end] for piece in pieces)


def test_identified_turns_stand_in_the_raw_text_file(tmp_path: Path) -> None:
    answer = identify_samples(tmp_path)
    raw = (SAMPLES / "faq.txt").read_text(encoding="utf-8")
    with DatasetStore(tmp_path / "memory" / "dataset_builder.db") as store:
        found = list(store.find_samples(answer["dataset_id"], source="faq.txt"))
    assert len(found) >= 15 and all(turn.content in raw for sample in found for turn in sample.turns)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_exported_validates_and_a_broken_copy_is_refused_with_its_line(tmp_path: Path, provider: str) -> None:
    answer = identify_samples(tmp_path, "--provider", provider)
    train = Path(tmp_path, answer["folder"], "train.jsonl")
    for name in ("train.jsonl", "validation.jsonl"):
        code, report = as_json(tmp_path, "validate", str(train.with_name(name)), "--provider", provider)
        assert (code, report["ok"]) == (0, True)
    lines = train.read_bytes().splitlines(keepends=True)
    broken = tmp_path / "broken.jsonl"
    damages = [
        lines[2][:-9] + b"\n",
        b'{"messages": []}\n',
        lines[4].replace(b"assistant", b"robot").replace(b"model", b"robot"),
    ]
    broken.write_bytes(b"".join([*lines[:2], damages[0], lines[3], damages[1], damages[2], *lines[6:]]))
    done = run(tmp_path, "validate", str(broken), "--provider", provider)
    assert done.code == 1 and "INVALID for " + provider in done.out
    assert all(f"error line {number}" in done.out for number in (3, 5, 6))


def test_files_of_an_export_agree_with_the_database(tmp_path: Path) -> None:
    answer = identify_samples(tmp_path, "--provider", "openai", "--seed", "7")
    folder = tmp_path / answer["folder"]
    assert verify_folder(folder) == []
    with DatasetStore(tmp_path / "memory" / "dataset_builder.db") as store:
        dataset = store.load_dataset(answer["dataset_id"])
    for split in ("train", "validation"):
        rows = [json.loads(line) for line in (folder / f"{split}.jsonl").read_bytes().splitlines()]
        wanted = [sample for sample in dataset if sample.split == split]
        assert [[m["content"] for m in row["messages"]] for row in rows] == [
            [m.content for m in sample.messages] for sample in wanted
        ]
    with (folder / "metadata.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    assert list(table[0]) == ["sample_id", "content_preview", "token_length", "topic_keywords", "source_file", "split"]
    assert {row["sample_id"]: row["split"] for row in table} == {s.id: s.split for s in dataset}
    statistics = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))
    assert statistics["samples"] == len(dataset) and statistics["token_exactness"] == "exact"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["samples"]["by_split"] == answer["splits"]


def test_the_same_seed_gives_the_same_files_and_a_second_run_the_next_version(tmp_path: Path) -> None:
    first, second = identify_samples(tmp_path), identify_samples(tmp_path)
    assert [Path(answer["folder"]).name for answer in (first, second)] == ["v1.0.0", "v1.0.1"]
    for name in ("train.jsonl", "validation.jsonl", "metadata.csv", "statistics.json"):
        one, two = (Path(tmp_path, answer["folder"], name).read_bytes() for answer in (first, second))
        assert one == two


def test_options_win_over_config_and_paths_are_honoured(tmp_path: Path) -> None:
    config = tmp_path / "my.yaml"
    config.write_text("provider: mistral\nmodel: open-mistral-nemo\nmode: create\n", encoding="utf-8")
    answer = identify_samples(
        tmp_path, "--config", str(config), "--output", "out", "--db", "data/x.db", "--size", "20", "--name", "mine"
    )
    assert (answer["provider"], answer["model"], answer["samples"]) == ("mistral", "open-mistral-nemo", 20)
    assert answer["folder"] == str(Path("out/mine/v1.0.0")) and (tmp_path / "data" / "x.db").is_file()
    assert answer["left_out"]["found beyond dataset_size"] > 0


def test_list_stats_and_export_of_a_stored_dataset(tmp_path: Path) -> None:
    answer = identify_samples(tmp_path, "--name", "shop")
    code, listed = as_json(tmp_path, "list")
    assert code == 0 and [item["id"] for item in listed["datasets"]] == [answer["dataset_id"]]
    code, stats = as_json(tmp_path, "stats", "shop")
    assert code == 0 and stats["statistics"]["samples"] == answer["samples"]
    code, exported = as_json(tmp_path, "export", answer["dataset_id"][:6], "--formats", "jsonl")
    assert code == 0 and exported["version"] == "v1.0.1"
    code, exported = as_json(tmp_path, "export", "shop", "--formats", "jsonl,csv,parquet")
    assert (code, exported["version"], exported["change"], exported["failed"]) == (0, "v1.1.0", "minor", {})
    assert {"csv/train.csv", "parquet/train.parquet"} <= {n.partition("v1.1.0/")[2] for n in exported["files"]}
    assert as_json(tmp_path, "verify", exported["folder"])[1]["ok"]
    (tmp_path / exported["folder"] / "train.jsonl").write_text("{}")
    code, told = as_json(tmp_path, "verify", exported["folder"])
    assert code == 1 and told["problems"][0]["path"] == "train.jsonl"


def test_restore_brings_the_database_back(tmp_path: Path) -> None:
    first = identify_samples(tmp_path, "--name", "one")
    identify_samples(tmp_path, "--name", "two")
    backups = as_json(tmp_path, "restore")[1]["backups"]
    assert len(backups) == 2
    assert as_json(tmp_path, "restore", backups[1])[0] == 0
    assert [item["id"] for item in as_json(tmp_path, "list")[1]["datasets"]] == [first["dataset_id"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "--input", "nowhere", "--yes"), "input folder nowhere does not exist"),
        (("run", "--mode", "identify", "--provider", "openai", "--model", "gpt-9", "--yes"), "'gpt-9' is not a model"),
        (("run", "--size", "0", "--yes"), "dataset_size: 0 is not accepted"),
        (("stats", "nothing"), "there is no dataset 'nothing'"),
        (("validate", "missing.jsonl", "--provider", "openai"), "missing.jsonl"),
        (("restore", "nope.db"), "There is no backup 'nope.db'"),
    ],
)
def test_wrong_usage_is_exit_code_2_with_one_message(project: Path, arguments: tuple[str, ...], message: str) -> None:
    done = run(project, *arguments)
    assert done.code == 2 and message in done.err
    code, answer = as_json(project, *arguments)
    assert code == 2 and message in answer["error"]


def test_an_unknown_verb_and_a_missing_option_are_exit_code_2(project: Path) -> None:
    assert run(project, "fly").code == 2
    assert run(project, "validate", "x.jsonl").code == 2
    assert run(project, "export", "x", "--formats", "xml").code == 2


@pytest.mark.parametrize(
    "verb", [(), *((v,) for v in ("run", "list", "stats", "export", "validate", "config", "model", "restore"))]
)
def test_help_is_everywhere(project: Path, verb: tuple[str, ...]) -> None:
    done = run(project, *verb, "--help")
    assert done.code == 0 and "usage: python -m src.main" in done.out


def test_without_yes_the_run_asks_and_without_an_answer_it_does_not_start(identify: Path) -> None:
    assert run(identify, "run").code == 2
    assert run(identify, "run", answers="n\n").code == 2
    assert not (identify / "output_datasets").exists()
    assert run(identify, "run", answers="y\n").code == 0


def test_config_prints_what_is_in_effect_with_secrets_masked(project: Path) -> None:
    env = {"OPENAI_API_KEY": "sk-canary-0123456789", "AGENT_PROVIDER": "openai", "AGENT_MODEL": "gpt-x"}
    code, answer = as_json(project, "config", env=env)
    assert code == 0 and answer["settings"]["system"]["agentic_model"] == "gpt-x"
    assert answer["keys"]["OPENAI_API_KEY"] == "...6789" and "canary" not in json.dumps(answer)


def test_hybrid_with_a_hosted_llm_holds_both_kinds_and_the_manifest_says_how(tmp_path: Path) -> None:
    with StubLLM(answer_about_focus) as stub:
        env = {"LLAMA_BASE_URL": stub.url, "AGENT_PROVIDER": "llama", "AGENT_MODEL": "stub"}
        code, answer = as_json(
            tmp_path, "run", "--input", str(SAMPLES), "--mode", "hybrid", "--size", "40", "--yes", env=env
        )
    assert code == 0 and answer["methods"] == {"identified": 20, "created": 20, "free": 0}
    assert len(stub.requests) == answer["counts"]["LLM calls"]
    manifest = json.loads(Path(tmp_path, answer["folder"], "manifest.json").read_text(encoding="utf-8"))
    assert manifest["generation"] == {
        "provider": "llama",
        "model": "stub",
        "is_local": False,
        "note": "",
        "parameters": {
            "temperature": 0.7,
            "variety": "high",
            "grounding_threshold": 0.95,
            "candidates_per_sample": 3.0,
            "seed": 42,
        },
    }


def test_a_failing_llm_is_exit_code_1_and_what_was_made_is_kept(tmp_path: Path) -> None:
    with StubLLM(lambda _: Reply(status=401, error={"message": "no"})) as stub:
        env = {"OPENAI_API_KEY": "sk-canary-0123456789", "OPENAI_BASE_URL": stub.url}
        arguments = ("run", "--input", str(SAMPLES), "--size", "30", "--yes", "--mode")
        code, answer = as_json(tmp_path, *arguments, "hybrid", env=env)
        assert code == 1 and answer["samples"] == 30 and answer["folder"]
        code, answer = as_json(tmp_path, *arguments, "create", env=env)
        assert code == 1 and answer["samples"] == 0 and answer["folder"] is None
    assert "canary" not in json.dumps(answer)


def test_no_key_leaks_into_any_file_of_a_run(tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests" / "fixtures" / "config.yaml", tmp_path)
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-canary-0123456789\n", encoding="utf-8")
    with StubLLM(answer_about_focus) as stub:
        run(tmp_path, "run", "--input", str(SAMPLES), "--size", "3", "--yes", env={"OPENAI_BASE_URL": stub.url})
    assert stub.headers[0]["authorization"] == "Bearer sk-canary-0123456789"
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".env"]
    assert len(written) >= 6 and all(b"canary" not in path.read_bytes() for path in written)


def test_the_database_of_a_run_is_sound(tmp_path: Path) -> None:
    identify_samples(tmp_path)
    with sqlite3.connect(tmp_path / "memory" / "dataset_builder.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        columns = {row[1] for row in connection.execute("PRAGMA table_info(samples)")}
    assert columns >= {"id", "dataset_id", "content", "token_length", "topic_keywords", "source_file", "split"}
    connection.close()


def test_a_backup_that_cannot_be_written_does_not_lose_the_run(identify: Path) -> None:
    (identify / "memory").mkdir()
    (identify / "memory" / "backups").write_text("a file where a folder is needed", encoding="utf-8")
    done = run(identify, "run", "--yes")
    assert done.code == 0 and "warning: backup:" in done.out
    assert (identify / "output_datasets" / "my_dataset" / "v1.0.0" / "train.jsonl").is_file()
