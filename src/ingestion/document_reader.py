"""Read one file in this process: check what it is, then let the reader of its kind give the pieces."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from src.errors import IngestionError
from src.ingestion import READERS
from src.ingestion.pieces import Piece, ReadOptions, Remarks, lay_out
from src.ingestion.sniff import SUFFIX_KINDS, detect_kind
from src.records import Document

_BLOCK = 1 << 20


def read_document(path: Path, root: Path, options: ReadOptions | None = None) -> Document:
    """The whole file as one Document; `source_file` is its path below `root`.

    Raises IngestionError when it cannot be read, is not what it seems, or holds no text. For files of unknown
    origin use file_processor.read_files: a file can crash the process that reads it.
    """
    kind = kind_of(path, root)
    blocks = lay_out(read_pieces(path, kind, options or ReadOptions(), Remarks()))
    return Document(hash_file(path), display_name(path, root), blocks)


def kind_of(path: Path, root: Path) -> str:
    """The kind of a file that lies below `root`. Raises IngestionError for a link that leads outside, and the like."""
    if not stays_inside(path, root):
        raise IngestionError(
            f"{path.name} is a link that leads outside the folder; put a copy of the file here.", "unreadable"
        )
    return detect_kind(path)


def read_pieces(path: Path, kind: str, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """What the reader of this kind gives, without empty pieces. Raises IngestionError, also in the middle."""
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


def hash_file(path: Path) -> str:
    """The SHA-256 of the file's bytes. Raises IngestionError when they cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise IngestionError(f"{path.name} cannot be read ({error.strerror}); check the file.", "unreadable") from error
    return digest.hexdigest()


def display_name(path: Path, root: Path) -> str:
    """The path below `root` with forward slashes; bytes that are not UTF-8 are shown as \\udcXX escapes."""
    below, full = f"{root}{os.sep}", str(path)
    if full.startswith(below):  # nearly always; pathlib takes eight times as long
        name = full[len(below) :].replace(os.sep, "/")
    else:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def stays_inside(path: Path, root: Path) -> bool:
    """Whether a path, its links followed, lies below `root`."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a link that leads to itself
        return False
