"""Tell a file's kind by its content, and refuse what must not reach a parser: bombs, pipes, foreign formats."""

from __future__ import annotations

import zipfile
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pieces import damage_refused
from src.ingestion.text.text_decoding import looks_binary, open_regular
from src.ingestion.text.text_kinds import kind_of_text, looks_like_html

KINDS: tuple[str, ...] = (
    "pdf", "docx", "txt", "md", "html", "csv", "json", "eml", "subtitles", "epub", "xlsx", "pptx",
)  # fmt: skip
SUFFIX_KINDS = {
    ".pdf": "pdf", ".docx": "docx", ".docm": "docx", ".dotx": "docx", ".dotm": "docx",
    ".xlsx": "xlsx", ".xlsm": "xlsx", ".xltx": "xlsx", ".xltm": "xlsx",
    ".pptx": "pptx", ".pptm": "pptx", ".potx": "pptx", ".potm": "pptx", ".ppsx": "pptx", ".ppsm": "pptx",
    ".csv": "csv", ".tsv": "csv", ".txt": "txt", ".text": "txt", ".log": "txt", "": "txt",
    ".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".eml": "eml", ".vtt": "subtitles", ".srt": "subtitles",
    ".epub": "epub",
}  # fmt: skip
ACCEPTED = (
    "PDF, DOCX, TXT (also .log), MD, HTML, CSV (also .tsv), JSON (also .jsonl), EML, VTT, SRT, EPUB, XLSX and PPTX"
)

# Over 1,339 real office files the largest ratio of unpacked to packed size was 74, the largest total 16.6 MB and
# the most entries 382 (our own count, November 2026); these limits leave room and stop every zip bomb we know.
MAX_RATIO = 100
SMALL_TOTAL = 10 * 2**20
MAX_TOTAL = 2 * 2**30
MAX_ENTRIES = 10_000

_HEAD = 8192
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Streams of an OLE file, and what to tell its owner.
_OLE_STREAMS = (
    ("EncryptedPackage", "is encrypted; save a copy without a password"),
    ("WordDocument", "is an old Word file (.doc); save it as .docx"),
    ("PowerPoint Document", "is an old PowerPoint file (.ppt); save it as .pptx"),
    ("Workbook", "is an old Excel file (.xls); save it as .xlsx"),
    ("__properties", "is an Outlook message (.msg); save it as .eml or .txt"),
)
# The main part's content type by kind: of a document, a template, a show, each with macros (never run) or without.
_MAIN_PARTS = (
    ("docx", ("wordprocessingml.document.main", "wordprocessingml.template.main", "ms-word.document.macroEnabled",
              "ms-word.template.macroEnabled")),
    ("xlsx", ("spreadsheetml.sheet.main", "spreadsheetml.template.main", "ms-excel.sheet.macroEnabled",
              "ms-excel.template.macroEnabled")),
    ("pptx", ("presentationml.presentation.main", "presentationml.template.main", "presentationml.slideshow.main",
              "ms-powerpoint.presentation.macroEnabled", "ms-powerpoint.template.macroEnabled",
              "ms-powerpoint.slideshow.macroEnabled")),
)  # fmt: skip
_OFFICE_FOLDERS = ("word/", "xl/", "ppt/", "_rels/")
_TEXTS = ("txt", "md", "html", "csv", "json", "eml", "subtitles")


def detect_kind(path: Path) -> str:
    """One of KINDS, by content. The suffix only decides between kinds of text.

    Raises IngestionError for everything that cannot be read, saying what to do; its status says why.
    """
    head = read_head(path)
    if _is_pdf(head, path):
        return "pdf"
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    if head.startswith(_OLE):
        raise _ole_refusal(path)
    if _is_image(head):
        message = f"{path.name} is an image; run OCR on it and save the result as PDF or text."
        raise IngestionError(message, "unsupported")
    if head.startswith(b"{\\rtf"):
        raise IngestionError(f"{path.name} is an RTF file; save it as .docx.", "unsupported")
    if head.startswith(_ARCHIVES) and looks_binary(head):
        raise IngestionError(f"{path.name} is an archive; unpack it. Accepted are {ACCEPTED}.", "unsupported")
    return _kind_of_other(path, head)


def read_head(path: Path) -> bytes:
    """The first bytes of a regular file; raises IngestionError for a pipe, a folder, an empty or unreadable file."""
    with open_regular(path) as file:
        try:
            head = file.read(_HEAD)
        except OSError as error:
            message = f"{path.name} cannot be read ({error.strerror}); check the file and its disk."
            raise IngestionError(message, "unreadable") from error
    if not head:
        raise IngestionError(f"{path.name} is empty; remove it or save it again.", "empty")
    return head


def _is_pdf(head: bytes, path: Path) -> bool:
    """The mark may stand behind other bytes; a text about PDF files is none."""
    if head.lstrip()[:5] == b"%PDF-":
        return True
    return b"%PDF-" in head[:1024] and (path.suffix.lower() == ".pdf" or looks_binary(head))


def _is_image(head: bytes) -> bool:
    if head.startswith(_IMAGES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return True
    return head.startswith(b"BM") and looks_binary(head)  # a text may begin with these letters


def _kind_of_zip(path: Path) -> str:
    with damage_refused(path, "an office document"), zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _refuse_bomb(path, entries)
        names = {entry.filename: entry for entry in entries}
        types = _member(path, archive, names.get("[Content_Types].xml"))
        mimetype = _member(path, archive, names.get("mimetype")).strip()
    if mimetype == b"application/epub+zip" or (not types and "META-INF/container.xml" in names):
        return "epub"
    declared = types.decode("utf-16" if types.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
    for kind, parts in _MAIN_PARTS:
        if any(part in declared for part in parts):
            return kind
    if not types and any(name.startswith(_OFFICE_FOLDERS) for name in names):
        message = f"{path.name} is damaged (its list of contents is missing); open it in its program and save it again."
        raise IngestionError(message, "damaged")
    raise IngestionError(f"{path.name} {_zip_advice(declared, mimetype)}", "unsupported")


def _zip_advice(declared: str, mimetype: bytes) -> str:
    if "sheet.binary" in declared:
        return "is a binary Excel file (.xlsb); save it as .xlsx."
    if mimetype.startswith(b"application/vnd.oasis.opendocument"):
        return "is an OpenDocument file; save it as .docx, .xlsx or .pptx."
    return f"is a zip archive; unpack it. Accepted are {ACCEPTED}."


def _refuse_bomb(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    ratio = total / max(1, path.stat().st_size)
    if len(entries) > MAX_ENTRIES or total > MAX_TOTAL or (total > SMALL_TOTAL and ratio > MAX_RATIO):
        raise IngestionError(
            f"{path.name} would unpack to {total / 2**20:,.0f} MB in {len(entries):,} parts ({ratio:,.0f} times its "
            "size), which no ordinary document does; open it in its program and save it again.",
            "refused",
        )


def _member(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo | None) -> bytes:
    if entry is None:
        return b""
    if entry.flag_bits & 1:
        raise IngestionError(f"{path.name} is encrypted; save a copy without a password.", "encrypted")
    with archive.open(entry) as member:
        return member.read(2**20)


def _ole_refusal(path: Path) -> IngestionError:
    found = _ole_stream_names(path)
    for name, advice in _OLE_STREAMS:
        if name.encode("utf-16-le") in found:
            return IngestionError(f"{path.name} {advice}.", "encrypted" if "Encrypted" in name else "unsupported")
    advice = f"is in an old office format; save it in a newer one. Accepted are {ACCEPTED}"
    return IngestionError(f"{path.name} {advice}.", "unsupported")


def _ole_stream_names(path: Path) -> bytes:
    """The file's directory entries, which stand 128 bytes apart and begin with the stream's name."""
    wanted = [name.encode("utf-16-le") for name, _ in _OLE_STREAMS]
    found = b""
    with damage_refused(path, "an old office file"), path.open("rb") as file:
        while block := file.read(2**20):  # entries never cross a block: both sizes are powers of two
            found += b"".join(name for name in wanted if name in block)
    return found


def _kind_of_other(path: Path, head: bytes) -> str:
    """A kind of text, or a refusal."""
    suffix = path.suffix.lower()
    named = SUFFIX_KINDS.get(suffix)
    if not looks_binary(head):
        if named in _TEXTS:
            return kind_of_text(head, named, suffix)
        # Programs export web pages under the names of spreadsheets and documents.
        if looks_like_html(head) and (named or suffix in (".xls", ".doc")):
            return "html"
    if named is None:
        raise IngestionError(f"{path.name}: '{suffix}' files are not read. Accepted are {ACCEPTED}.", "unsupported")
    raise IngestionError(
        f"{path.name} holds no {suffix.removeprefix('.').upper() or 'text'}: its content is something else or "
        "damaged; save it again or give it its right ending."
    )
