from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from src.errors import UsageError
from src.providers.tokenizers.vocabularies import VOCABULARIES, vocabulary_file

ROOT = Path(__file__).resolve().parents[2]
# Counts for every provider in a process that cannot open a socket and starts with an empty cache.
OFFLINE = """
import socket
def refuse(*args, **kwargs):
    raise OSError("no network in this test")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
from src.providers import PROVIDERS
from src.providers.token_counter import counter_for
models = [(name, model) for name, provider in PROVIDERS.items() for model in provider.get_models()]
print([counter_for(name, model).count_text("Fünf Wörter, ganz ohne Netz.") for name, model in models])
"""


def start(cache: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key != "TIKTOKEN_CACHE_DIR"}
    environment["FTDB_CACHE_DIR"] = str(cache)
    command = [sys.executable, "-c", OFFLINE]
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, stdout=-1, stderr=-1)


@pytest.mark.slow
def test_several_processes_count_offline_from_one_empty_cache(tmp_path: Path) -> None:
    outcomes = [process.communicate() for process in [start(tmp_path), start(tmp_path)]]
    assert outcomes[0][0].startswith("[") and outcomes[0][0] == outcomes[1][0], outcomes
    files = sorted(path.name for path in (tmp_path / "tiktoken").iterdir())
    assert files == sorted(vocabulary.cache_name for vocabulary in VOCABULARIES.values())


@pytest.mark.parametrize("name", list(VOCABULARIES))
def test_rebuilt_files_are_the_official_ones(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    path = vocabulary_file(name)
    assert path.parent == tmp_path / "tiktoken"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == VOCABULARIES[name].sha256


def test_a_damaged_file_is_built_anew_and_a_good_one_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    path = vocabulary_file("llama3")
    good, born = path.read_bytes(), path.stat().st_ino
    assert vocabulary_file("llama3").stat().st_ino == born
    path.write_bytes(good[:1000])
    assert vocabulary_file("llama3").read_bytes() == good


def test_tiktoken_looks_for_the_names_we_write() -> None:
    # The names tiktoken 0.14.0 derives from the addresses in tiktoken_ext/openai_public.py.
    assert VOCABULARIES["o200k_base"].cache_name == "fb374d419588a4632f3f557e76b4b70aebbca790"
    assert VOCABULARIES["cl100k_base"].cache_name == "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"


def test_a_cache_that_cannot_be_written_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="set FTDB_CACHE_DIR to a folder you may write to"):
        vocabulary_file("llama3")
