"""A folder full of bombs, loops, lying sizes and forged entities: each has a typed status, the neighbours are read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.extracts.shelf import Shelf
from src.ingestion.file_processor import ReadingPlan, find_files, read_files
from src.ingestion.isolation.jobs import Limits
from src.records import RunReport

GENERATOR = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "hostile_gen.py"
MEMORY_MB = 1024
# Files that hold nothing worse than an odd encoding or an extreme size: their text has to come.
READABLE = {
    "utf16le_bom.txt", "utf16be_nobom.txt", "utf16le_nobom.txt", "utf32le_bom.txt", "utf8_bom.txt", "latin1.txt",
    "cp1252.txt", "sjis.txt", "nul.txt", "mixed.txt", "cr_only.txt", "ctrl.txt", "nul.csv", "formula.csv",
    "semicolon_cp1252.csv", "ragged.csv", "utf16.csv", "huge_field.csv", "unterminated_quote.csv",
    "lying_dimension.xlsx", "gridspan_bomb.docx", "huge_table_5000x60.docx", "slip_names.docx", "nested_arrays.pdf",
    "dup_keys.json", "rows_1048576.xlsx",
}  # fmt: skip
REFUSED = {
    "bomb_1gb_text.docx": "refused", "bomb_5m_paras.docx": "refused", "bomb_1gb_sheet.xlsx": "refused",
    "bomb_sst_1gb.xlsx": "refused", "many_entries.docx": "refused", "sst_ref_amplify.xlsx": "refused",
    "zero.docx": "empty", "zero.pdf": "empty", "zero.txt": "empty", "zero.csv": "empty",
    "png_named.csv": "unsupported", "rtf_named.docx": "unsupported", "plain_zip.docx": "unsupported",
    "fifo.txt": "unreadable", "truncated.docx": "damaged",
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not GENERATOR.is_file():
        pytest.skip("the generator of hostile files is not beside this clone")
    folder = tmp_path_factory.mktemp("hostile")
    script = shutil.copy(GENERATOR, folder / "gen.py")
    subprocess.run([sys.executable, str(script)], check=True, capture_output=True, timeout=300)
    return folder / "files"


@pytest.mark.slow
def test_every_hostile_file_ends_in_a_typed_status_and_the_others_are_read(hostile: Path, tmp_path: Path) -> None:
    report, shelf = RunReport(), Shelf()
    paths = find_files(hostile, report)
    found = [path.name for path in paths]
    plan = ReadingPlan(Limits(20, MEMORY_MB))

    statuses: dict[str, str] = {}
    for path, extract in zip(paths, read_files(paths, hostile, report, ExtractCache.open(tmp_path), plan), strict=True):
        statuses[path.name] = "ok" if extract else "failed"
        if extract:
            shelf.add(extract)

    told = {issue.where for issue in report.issues if issue.severity in ("error", "warning")}
    for name, status in statuses.items():
        assert status == "ok" or name in told or "name" in name, f"{name} vanished without a word"
    assert {name for name in READABLE if statuses.get(name) != "ok"} == set()
    assert {name for name in REFUSED if statuses.get(name) != "failed"} == set()
    by_status = {key.removeprefix("files failed: "): n for key, n in report.counts.items() if ": " in key}
    assert sum(by_status.values()) == report.counts["files failed"]
    assert report.counts["files read"] + report.counts["files failed"] + report.counts["files skipped"] == len(found)
    assert "link_passwd.txt" not in found and "loop_link.txt" not in found
    for document in shelf:
        assert "root:" not in document.text
        if document.source_file not in ("SECRET.txt", "link_secret.txt"):
            assert "TOPSECRETMARKER" not in document.text, document.source_file
