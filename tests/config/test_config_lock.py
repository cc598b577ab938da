"""A lock comes back from its file as it was made; what differs from it is said in words, and weighed."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from src.config.config_lock import LOCK_NAME, Lock, lock_bytes, make_lock, read_lock, settings_hash
from src.config.lock_differences import compare_lock
from src.config.settings import Settings
from src.errors import UsageError

FILE = {"sha256": "a" * 64, "bytes": 10}
OTHER = {"sha256": "b" * 64, "bytes": 12}


def lock(**changed: Any) -> Lock:
    values: dict[str, Any] = {
        "run": {"llm_stage": False, "instructions": ""},
        "agent": {"provider": "openai", "model": "gpt-x", "is_local": False, "model_file": None},
        "tokenizer": {"name": "o200k_base", "exactness": "exact"},
        "prompts": {"system/create_mode.txt": {"id": "create_mode-11111111", "sha256": "c" * 64}},
        "facts": {"src/providers/models/google.yaml": "d" * 64, "src/providers/clients/models/prices.yaml": "e" * 64},
        "files": {},
        "inputs": {"a.txt": FILE, "sub/b.pdf": OTHER},
    }
    return make_lock(Settings().model_dump(mode="json"), **{**values, **changed})


def test_a_lock_is_read_as_it_was_written_from_the_file_or_its_folder(tmp_path: Path) -> None:
    made = lock()
    (tmp_path / LOCK_NAME).write_bytes(lock_bytes(made))
    assert read_lock(tmp_path) == read_lock(tmp_path / LOCK_NAME) == made
    assert lock_bytes(read_lock(tmp_path)) == lock_bytes(made)
    assert compare_lock(made, read_lock(tmp_path)) == []


def test_the_same_run_gives_the_same_bytes_and_the_time_is_the_one_that_was_given() -> None:
    first, second = lock(created_at="2026-11-21T10:00:00+00:00"), lock(created_at="2026-11-21T10:00:00+00:00")
    assert lock_bytes(first) == lock_bytes(second) == lock_bytes(dict(reversed(first.items())))
    assert lock()["created_at"].endswith("+00:00")


def test_the_hash_of_the_settings_is_one_that_anybody_can_work_out() -> None:
    settings = {"b": {"y": 1, "x": "ä"}, "a": None}
    plain = json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert plain == '{"a":null,"b":{"x":"ä","y":1}}'
    assert settings_hash(settings) == settings_hash({"a": None, "b": {"x": "ä", "y": 1}})
    assert lock()["seeds"] == {"generation": 42, "split": 42}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no config lock, or a damaged one"),
        (b"\xff\xfe{", "is no config lock, or a damaged one"),
        (b"[1]", "it is JSON, but no object"),
        (b"[" * 100_000, "is no config lock"),
        (b'{"format": 1}', "is no config lock, or a damaged one: created_at: Field required"),
        (b'{"format": 99}', r"written by a newer program \(lock format 99\)"),
    ],
)
def test_what_is_no_lock_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / LOCK_NAME).write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_lock(tmp_path)


def test_a_lock_whose_settings_were_edited_is_refused_and_a_missing_one_too(tmp_path: Path) -> None:
    edited = lock()
    edited["settings"]["split"]["seed"] = 7
    (tmp_path / LOCK_NAME).write_bytes(lock_bytes(edited))
    with pytest.raises(UsageError, match="its settings were changed after it was written"):
        read_lock(tmp_path)
    with pytest.raises(UsageError, match=r"give the config_lock\.json of an export"):
        read_lock(tmp_path / "none.json")


def put(value: object, *path: str) -> Callable[[Lock], None]:
    def change(changed: Lock) -> None:
        inner: Any = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return change


def drop(*path: str) -> Callable[[Lock], None]:
    def change(changed: Lock) -> None:
        inner: Any = changed
        for key in path[:-1]:
            inner = inner[key]
        del inner[path[-1]]

    return change


REFUSED: dict[str, tuple[Callable[[Lock], None], str]] = {
    "setting": (put(7, "settings", "split", "seed"), "split.seed: the lock says 42, now it is 7"),
    "setting gone": (drop("settings", "output", "csv", "delimiter"), "output.csv.delimiter: the lock says ',', now it"),
    "seed": (put(7, "seeds", "split"), "seeds split: the lock says 42, now it is 7"),
    "stage": (put(True, "run", "llm_stage"), "run llm_stage: the lock says False, now it is True"),
    "LLM": (put("gpt-y", "agent", "model"), "LLM model: the lock says gpt-x, now it is gpt-y"),
    "no LLM": (put(None, "agent"), "LLM model: the lock says gpt-x, now it is nothing"),
    "tokenizer": (put("estimated", "tokenizer", "exactness"), "tokenizer exactness: the lock says exact"),
    "changed file": (
        put(OTHER, "inputs", "a.txt"),
        "input file a.txt: was changed (then 10 bytes, SHA-256 aaaaaaaaaaaa",
    ),
    "missing file": (drop("inputs", "sub/b.pdf"), "input file sub/b.pdf: is missing"),
    "new file": (put(FILE, "inputs", "c.txt"), "input file c.txt: is not in the lock"),
    "template": (put(FILE, "files", "output.template.file"), "the file of output.template.file: is not in the lock"),
    "prompt": (
        put({"id": "create_mode-2", "sha256": "f" * 64}, "prompts", "system/create_mode.txt"),
        "prompt system/create_mode.txt: was changed (then create_mode-11111111, now create_mode-2)",
    ),
    "limits": (
        put("f" * 64, "facts", "src/providers/models/google.yaml"),
        "src/providers/models/google.yaml: was changed",
    ),
    "version": (put("9.9.9", "tool", "version"), "program's version: the lock says"),
    "commit": (put("f" * 40, "tool", "commit"), f"now it is {'f' * 40}; git checkout {'0' * 40}"),
    "source": (
        put("f" * 64, "tool", "source_sha256"),
        "program's source: differs (then as committed, now as committed)",
    ),
    "Python": (put("3.99.1", "python", "version"), "Python: the lock says"),
    "PyPy": (put("PyPy", "python", "implementation"), "Python: the lock says CPython, now it is PyPy"),
    "package": (put("0.0.1", "packages", "lxml"), "package lxml: the lock says"),
    "package gone": (put("not installed", "packages", "tiktoken"), "now it is not installed"),
}
TOLD: dict[str, tuple[Callable[[Lock], None], str]] = {
    "pace": (put(64, "settings", "system", "concurrency"), "system.concurrency: the lock says 8, now it is 64"),
    "budget": (put(2.5, "settings", "system", "budget_usd"), "system.budget_usd: the lock says nothing, now it is 2.5"),
    "comment": (
        put({"id": "create_mode-11111111", "sha256": "f" * 64}, "prompts", "system/create_mode.txt"),
        "prompt system/create_mode.txt: its comments were changed; what is sent is the same",
    ),
    "price": (put("f" * 64, "facts", "src/providers/clients/models/prices.yaml"), "prices.yaml: was changed"),
    "dirty": (put(True, "tool", "dirty"), "program's work tree: its state in git differs, its source does not"),
    "no git": (put("unknown", "tool", "commit"), "program's commit: the lock says 000"),
    "patch": (put("3.11.99", "python", "version"), "Python: the lock says 3.11.7, now it is 3.11.99"),
    "platform": (put("arm64", "platform", "machine"), "platform machine: the lock says x86_64, now it is arm64"),
    "SDK": (put("9.9", "packages", "openai"), "package openai: the lock says"),
    "embedded": (put("9.9", "packages", "xllamacpp"), "package xllamacpp: the lock says"),
}


def pinned() -> Lock:
    """A lock whose program is the same on every machine."""
    made = lock()
    made["tool"].update(commit="0" * 40, dirty=False)
    made["python"].update(version="3.11.7", implementation="CPython")
    made["platform"].update(system="Linux", machine="x86_64")
    return made


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_what_could_change_the_result_is_refused(case: str) -> None:
    before, now = pinned(), pinned()
    change, message = REFUSED[case]
    change(now)
    found = compare_lock(before, now)
    assert found and found[0].weight == "refused"
    assert any(message in str(one) for one in found), [str(one) for one in found]


@pytest.mark.parametrize("case", TOLD, ids=str)
def test_what_cannot_change_the_result_is_only_told(case: str) -> None:
    before, now = pinned(), pinned()
    change, message = TOLD[case]
    change(now)
    found = compare_lock(before, now)
    assert [one.weight for one in found] == ["told"]
    assert message in str(found[0])


def test_every_difference_is_found_at_once_what_is_refused_first() -> None:
    before, now = pinned(), pinned()
    for case in ("changed file", "missing file", "package", "setting", "pace", "platform"):
        {**REFUSED, **TOLD}[case][0](now)
    found = compare_lock(before, now)
    assert [one.weight for one in found] == ["refused"] * 4 + ["told"] * 2
    assert [one.remedy for one in found if one.remedy] == [f"lxml=={before['packages']['lxml']}"]


def test_the_embedded_models_library_matters_to_a_run_that_used_it() -> None:
    before = pinned()
    before["agent"].update(provider="local", is_local=True, model_file=FILE)
    now = copy.deepcopy(before)
    now["packages"]["xllamacpp"] = "0.0.1"
    assert [one.weight for one in compare_lock(before, now)] == ["refused"]


def test_a_lock_without_input_files_can_be_followed_by_no_run() -> None:
    before, now = lock(inputs=None), lock()
    assert [str(one) for one in compare_lock(before, now)] == [
        "input files: the lock does not name its input files: its dataset was stored by a program that kept no locks"
    ]
