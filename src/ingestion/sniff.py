"""Tell a file's kind by its content, and refuse what must not reach a parser: bombs, pipes, encrypted files."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pieces import damage_refused
from src.ingestion.text.csv_reader import DELIMITERS, column_counts
from src.ingestion.text.text_decoding import find_encoding, looks_binary

KINDS: tuple[str, ...] = ("pdf", "docx", "txt", "csv", "xlsx", "pptx")
SUFFIX_KINDS = {
    ".pdf": "pdf", ".docx": "docx", ".xlsx": "xlsx", ".pptx": "pptx", ".csv": "csv", ".tsv": "csv",
    ".txt": "txt", ".text": "txt", ".md": "txt", ".markdown": "txt", ".log": "txt", "": "txt",
}  # fmt: skip
ACCEPTED = "PDF, DOCX, TXT (also .md, .log), CSV (also .tsv), XLSX and PPTX"

# Over 1,339 real office files the largest ratio of unpacked to packed size was 74, the largest total 16.6 MB and
# the most entries 382 (our own count, November 2026); these limits leave room and stop every zip bomb we know.
MAX_RATIO = 100
SMALL_TOTAL = 10 * 2**20
MAX_TOTAL = 2 * 2**30
MAX_ENTRIES = 10_000

_HEAD = 8192
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Streams of an OLE file, and what to tell its owner.
_OLE_STREAMS = (
    ("EncryptedPackage", "is encrypted; save a copy without a password"),
    ("WordDocument", "is an old Word file (.doc); save it as .docx"),
    ("PowerPoint Document", "is an old PowerPoint file (.ppt); save it as .pptx"),
    ("Workbook", "is an old Excel file (.xls); save it as .xlsx"),
    ("__properties", "is an Outlook message; save its text as .txt"),
)
_MAIN_PARTS = (
    ("wordprocessingml.document.main", "docx"),
    ("spreadsheetml.sheet.main", "xlsx"),
    ("presentationml.presentation.main", "pptx"),
)
_VARIANTS = re.compile(r"macroEnabled|wordprocessingml\.template\.main|template\.main|slideshow\.main|sheet\.binary")


def detect_kind(path: Path) -> str:
    """One of KINDS, by content. The suffix only decides between kinds of text.

    Raises IngestionError for everything that cannot be read, saying what to do.
    """
    head = read_head(path)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _kind_of_zip(path)
    if head.startswith(_OLE):
        raise IngestionError(f"{path.name} {_ole_advice(path)}.")
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        raise IngestionError(f"{path.name} is an image; run OCR on it and save the result as PDF or text.")
    return _kind_of_text(path, head)


def read_head(path: Path) -> bytes:
    """The first bytes of a regular file; raises IngestionError for a pipe, a folder, an empty or unreadable file."""
    try:
        # Without O_NONBLOCK, opening a pipe would wait for a writer for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise IngestionError(f"{path.name} cannot be opened ({reason}); check the file and its permissions.") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise IngestionError(f"{path.name} is not a regular file; put a copy of the document here.")
        head = os.read(descriptor, _HEAD)
    finally:
        os.close(descriptor)
    if not head:
        raise IngestionError(f"{path.name} is empty; remove it or save it again.")
    return head


def _kind_of_zip(path: Path) -> str:
    with damage_refused(path, "an office document"), zipfile.ZipFile(path) as archive:
        _refuse_bomb(path, archive.infolist())
        types = _member(archive, "[Content_Types].xml")
        relations = _member(archive, "_rels/.rels")
    if b"purl.oclc.org/ooxml" in relations:
        raise IngestionError(f"{path.name} is saved as Strict Open XML; save it in the ordinary office format.")
    declared = types.decode("utf-8", "replace")
    for part, kind in _MAIN_PARTS:
        if part in declared:
            return kind
    if _VARIANTS.search(declared):
        raise IngestionError(f"{path.name} is a template or holds macros; save it as .docx, .xlsx or .pptx.")
    raise IngestionError(f"{path.name} is a zip archive; unpack it. Accepted are {ACCEPTED}.")


def _refuse_bomb(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    ratio = total / max(1, path.stat().st_size)
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or (total > SMALL_TOTAL and ratio > MAX_RATIO):
        raise IngestionError(
            f"{path.name} would unpack to {total / 2**20:,.0f} MB in {len(entries):,} parts ({ratio:,.0f} times its "
            "size), which no ordinary document does; open it in its program and save it again."
        )


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.namelist():
        return b""
    with archive.open(name) as member:
        return member.read(2**20)


def _ole_advice(path: Path) -> str:
    found = _ole_stream_names(path)
    for name, advice in _OLE_STREAMS:
        if name.encode("utf-16-le") in found:
            return advice
    return f"is in an old office format; save it in a newer one. Accepted are {ACCEPTED}"


def _ole_stream_names(path: Path) -> bytes:
    """The file's directory entries, which stand 128 bytes apart and begin with the stream's name."""
    wanted = [name.encode("utf-16-le") for name, _ in _OLE_STREAMS]
    found = b""
    with path.open("rb") as file:
        while block := file.read(2**20):  # entries never cross a block: both sizes are powers of two
            found += b"".join(name for name in wanted if name in block)
    return found


def _kind_of_text(path: Path, head: bytes) -> str:
    suffix = path.suffix.lower()
    named = SUFFIX_KINDS.get(suffix)
    if head.startswith(b"{\\rtf"):
        raise IngestionError(f"{path.name} is an RTF file; save it as .docx.")
    if named is None:
        raise IngestionError(f"{path.name}: '{suffix}' files are not read. Accepted are {ACCEPTED}.")
    if named not in ("txt", "csv") or looks_binary(head):
        raise IngestionError(
            f"{path.name} holds no {suffix.removeprefix('.').upper() or 'text'}: its content is something else or "
            "damaged; save it again or give it its right ending."
        )
    return "csv" if named == "csv" or (suffix in ("", ".txt") and _is_table(path)) else "txt"


def _is_table(path: Path) -> bool:
    """Whether the first lines all have the same three or more columns (two with a tab or a bar, rare in prose)."""
    with damage_refused(path, "text"), path.open(encoding=find_encoding(path).codec, newline="") as file:
        sample = file.read(_HEAD).replace("\0", "")
    lines = sample.splitlines(keepends=True)
    start = "".join(lines[:-1] if len(sample) == _HEAD else lines)
    for delimiter in DELIMITERS:
        widths = column_counts(start, delimiter)
        least = 2 if delimiter in "\t|" else 3
        if len(widths) >= 3 and min(widths) == max(widths) >= least and len(widths) >= 0.9 * start.count("\n"):
            return True
    return False
