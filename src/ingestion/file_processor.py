"""Find the files of a folder and turn each into a Document; one bad file becomes an Issue, the run goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from src.errors import IngestionError
from src.ingestion import READERS
from src.ingestion.pieces import Piece, ReadOptions, Remarks, lay_out
from src.ingestion.sniff import ACCEPTED, KINDS, SUFFIX_KINDS, detect_kind
from src.records import Document, RunReport

__all__ = ["ACCEPTED", "KINDS", "detect_kind", "find_files", "read_document", "read_files"]

_BLOCK = 1 << 20
# What systems and programs leave behind in a folder; everything else that is hidden is told.
_LITTER = {".gitkeep", ".gitignore", ".DS_Store"}


def find_files(folder: Path, report: RunReport) -> list[Path]:
    """The readable-looking files below `folder`, sorted by name; what is skipped gets an Issue.

    Links that lead outside the folder are refused. Folders of the same content under links are not entered.
    """
    found: list[Path] = []
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        found += [Path(base) / name for name in names if _is_wanted(Path(base) / name, folder, report)]
    return sorted(found)


def read_document(path: Path, root: Path, options: ReadOptions | None = None) -> Document:
    """The file as a Document, read in this process; `source_file` is its path below `root`.

    Raises IngestionError when it cannot be read, is not what it seems, or holds no text.
    """
    remarks = Remarks()
    blocks = lay_out(read_pieces(path, root, options or ReadOptions(), remarks))
    return Document(_sha256(path), display_name(path, root), blocks)


def read_files(paths: Iterable[Path], root: Path, report: RunReport) -> Iterator[Document | None]:
    """One item per path, in order: its Document, or None where an Issue was recorded instead.

    A file with the same bytes as an earlier one is skipped with a warning. Counts "files read", "files failed"
    and "files skipped".
    """
    seen: dict[str, str] = {}
    for path in paths:
        where = display_name(path, root)
        remarks = Remarks()
        try:
            blocks = lay_out(read_pieces(path, root, ReadOptions(), remarks))
            document = Document(_sha256(path), where, blocks)
        except IngestionError as error:
            report.error(where, _reason(error, path))
            report.count("files failed")
            yield None
            continue
        _tell(remarks, where, report)
        if document.id in seen:
            report.warn(where, f"has the same content as {seen[document.id]} and was skipped")
            report.count("files skipped")
            yield None
            continue
        seen[document.id] = where
        report.count("files read")
        yield document


def read_pieces(path: Path, root: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """What the reader of the file's kind gives, piece by piece. Raises IngestionError, also in the middle."""
    if not _stays_inside(path, root):
        raise IngestionError(
            f"{path.name} is a link that leads outside the folder; put a copy of the file here.", "unreadable"
        )
    kind = detect_kind(path)
    suffix = path.suffix.lower()
    if SUFFIX_KINDS.get(suffix) != kind:
        remarks.note(f"the name says {suffix or 'nothing'}, the content is {kind.upper()}; read as {kind.upper()}")
    holds_text = False
    for piece in READERS[kind](path, options, remarks):
        if piece.text.strip():
            holds_text = True
            yield piece
    if not holds_text:
        raise IngestionError(f"{path.name} holds no text; remove it or save it again.", "empty")


def display_name(path: Path, root: Path) -> str:
    """The path below `root` with forward slashes; bytes that are not UTF-8 are shown as \\udcXX escapes."""
    name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise IngestionError(f"{path.name} cannot be read ({error.strerror}); check the file.") from error
    return digest.hexdigest()


def _reason(error: IngestionError, path: Path) -> str:
    """The message without the file's name, which the Issue already says."""
    return str(error).removeprefix(path.name).lstrip(": ")


def _tell(remarks: Remarks, where: str, report: RunReport) -> None:
    for warning in remarks.warnings:
        report.warn(where, warning)
    for note in remarks.notes:
        report.note(where, note)


def _is_wanted(path: Path, root: Path, report: RunReport) -> bool:
    where = display_name(path, root)
    if _is_hidden(path.name):
        if path.name not in _LITTER:
            report.note(where, "is a hidden or temporary file and was skipped")
        return False
    if not _stays_inside(path, root):
        report.warn(where, "is a link that leads outside the folder and was skipped; put a copy of the file here")
        return False
    if path.suffix.lower() in SUFFIX_KINDS:
        return True
    return _is_readable(path, where, report)


def _is_readable(path: Path, where: str, report: RunReport) -> bool:
    """Whether a file with an unknown ending is a document all the same; if not, say so."""
    try:
        detect_kind(path)
    except IngestionError as error:
        report.warn(where, _reason(error, path))
        return False
    return True


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~$"))


def _stays_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        return False
