"""Tell the kind of a text by how it begins: a table, records, a page, a mail, subtitles, or prose."""

from __future__ import annotations

import json
import re

from src.ingestion.text.csv_reader import DELIMITERS, column_counts
from src.ingestion.text.text_decoding import decoded_head

_WHOLE = 8192  # a head that is shorter is the whole file
# Only what a whole page begins with: a text may begin with a tag.
_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(r"\s*<(?:table|div|meta|style|title)\b", re.IGNORECASE)
_CUE = re.compile(r"\s*\d{1,6}[ \t]*\n\d{1,4}:\d\d:\d\d[,.]\d{1,3}[ \t]*-->")
_OBJECT = re.compile(r'\s*(?:\[\s*)?\{\s*"(?:[^"\\\n]|\\.){0,200}"\s*:')
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}:(?: |\t|$)")
_MAIL_HEADERS = {"to", "subject", "date", "message-id", "mime-version", "received", "return-path", "content-type"}


def kind_of_text(head: bytes, named: str, suffix: str) -> str:
    """The kind of a text file by its first bytes, where they leave no doubt; else the one its suffix names."""
    text = decoded_head(head)
    if text.startswith("WEBVTT") and text[6:7] in ("", " ", "\t", "\n", "\r"):
        return "subtitles"
    if named == "txt" and suffix != ".log":
        return _kind_of_plain(text.replace("\r\n", "\n"), whole=len(head) < _WHOLE)
    if named in ("txt", "md", "csv", "json") and _PAGE.match(text):
        return "html"
    return named


def looks_like_html(head: bytes) -> bool:
    """Whether a text is a web page or a part of one, as programs write it under other names."""
    text = decoded_head(head)
    return bool(_PAGE.match(text) or _TABLE.match(text))


def _kind_of_plain(text: str, whole: bool) -> str:
    if _CUE.match(text):
        return "subtitles"
    if _PAGE.match(text):
        return "html"
    if _is_json(text, whole):
        return "json"
    if _is_mail(text):
        return "eml"
    return "csv" if _is_table(text, whole) else "txt"


def _is_json(text: str, whole: bool) -> bool:
    """Whether a text is an object, an array of objects, or lines of objects."""
    if not _OBJECT.match(text):
        return False
    first_line = text.lstrip().split("\n", 1)[0]
    return _parses(text) or _parses(first_line) or not whole


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_mail(text: str) -> bool:
    """Whether it begins with the headers of a mail: From and two others, nothing else before a blank line."""
    names = set()
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            break
        if number and line[0] in " \t":
            continue
        if not _HEADER.match(line):
            return False
        names.add(line.partition(":")[0].lower())
    return "from" in names and len(names & _MAIL_HEADERS) >= 2


def _is_table(text: str, whole: bool) -> bool:
    """Whether the first lines all have the same three or more columns (two with a tab or a bar, rare in prose)."""
    lines = text.replace("\0", "").splitlines(keepends=True)
    start = "".join(lines if whole else lines[:-1])
    for delimiter in DELIMITERS:
        widths = column_counts(start, delimiter)
        least = 2 if delimiter in "\t|" else 3
        if len(widths) >= 3 and min(widths) == max(widths) >= least and len(widths) >= 0.9 * start.count("\n"):
            return True
    return False
