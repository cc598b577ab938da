"""The six sample documents: all readable, all different, and built by their script."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from src.ingestion.chunker import chunk_document
from src.ingestion.sniff import detect_kind
from src.records import Document, RunReport
from tests.ingestion.support import shelf_of

FOLDER = Path(__file__).resolve().parents[2] / "context_files"
SAMPLES = FOLDER / "samples"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_samples", FOLDER / "build_samples.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    report = RunReport()
    found = shelf_of(SAMPLES, tmp_path_factory.mktemp("kept"), report)
    assert not [issue for issue in report.issues if issue.severity != "note"]
    return {document.source_file: document for document in found}


def test_there_is_one_sample_of_each_kind() -> None:
    assert sorted(map(detect_kind, SAMPLES.iterdir())) == ["csv", "docx", "pdf", "pptx", "txt", "xlsx"]


def exchanges(script: ModuleType) -> dict[str, list[tuple[str, str]]]:
    """The (question, answer) pairs each file should hold, as its author wrote them."""
    faq = re.findall(r"^Q: (.*)\nA: (.*(?:\n.+)*)", script.FAQ, re.MULTILINE)
    return {
        "faq.txt": faq,
        "support_chats.docx": [
            pair for *_, turns in script.CHATS for pair in zip(turns[::2], turns[1::2], strict=True)
        ],
        "product_manual.pdf": list(script.MANUAL_QUESTIONS),
        "knowledge_base.csv": [row[1:] for row in script.KNOWLEDGE],
        "returns_and_warranty.xlsx": list(script.RETURNS),
        "onboarding_training.pptx": [pair for pairs in script.SLIDE_QUESTIONS.values() for pair in pairs],
    }


def test_every_question_and_answer_is_in_the_text_word_for_word(
    script: ModuleType, documents: dict[str, Document]
) -> None:
    for name, pairs in exchanges(script).items():
        for question, answer in pairs:
            assert question in documents[name].text, f"{name}: {question}"
            assert answer in documents[name].text, f"{name}: {answer}"


def test_no_exchange_is_told_twice_and_there_are_enough(script: ModuleType) -> None:
    pairs = [pair for found in exchanges(script).values() for pair in found]

    assert len({question.lower() for question, _ in pairs}) == len({answer for _, answer in pairs}) == len(pairs)
    assert len(pairs) - 2 * len(script.CHATS) >= 70


def test_the_prose_is_enough_to_write_from(script: ModuleType, documents: dict[str, Document]) -> None:
    words = sum(len(document.text.split()) for document in documents.values())
    told = sum(len(text.split()) for pairs in exchanges(script).values() for pair in pairs for text in pair)

    assert words - told >= 3000


def test_samples_can_be_cut_into_chunks(documents: dict[str, Document]) -> None:
    for document in documents.values():
        chunks = chunk_document(document, 200, lambda text: len(text) // 3 + 1)
        assert all(len(chunk.text) // 3 + 1 <= 200 for chunk in chunks)
        assert chunks


def test_the_script_writes_the_same_documents_again(script: ModuleType, tmp_path: Path) -> None:
    first, second = script.build(tmp_path / "1"), script.build(tmp_path / "2")

    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_committed_samples_are_what_the_script_writes(
    script: ModuleType, documents: dict[str, Document], tmp_path: Path
) -> None:
    script.build(tmp_path / "built")
    built = shelf_of(tmp_path / "built", tmp_path / "kept")

    # The bytes may differ with a library's version; what is read from them may not.
    assert {document.source_file: document.text for document in built} == {
        name: document.text for name, document in documents.items()
    }
