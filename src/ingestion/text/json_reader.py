"""Read JSON and JSON Lines: every record is a row block of "path: value" lines with a named cell for each value."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from src.errors import IngestionError
from src.ingestion.pieces import NEW_BLOCK, Piece, ReadOptions, Remarks, clean, damage_refused
from src.ingestion.text.plain_text import lines_of
from src.ingestion.text.text_decoding import text_blocks
from src.records import Cell

MAX_BYTES = 256 << 20
MAX_LINE = 64 << 20
MAX_DEPTH = 100
MAX_PATH = 2000  # every value is told its path, so long ones multiply
_LONGEST_KEY = 500
# Python's own limit for turning digits into a number; longer ones are an attack, not a figure.
MAX_DIGITS = 4300
_LINES_NAMED = 5
_PLAIN_KEY = re.compile(r"[^\s.\[\]\"']+")
_SPACE = re.compile(r"[ \t\r\n]*")


class _Number(str):
    """A number as it is written in the file: 1.10 stays 1.10."""

    __slots__ = ()


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """One block per record: the elements of a top-level array, the lines of a JSONL file, else the whole value.

    A cell's name is its path ("messages[0].content"); null and empty strings are left out. Place is "record N", in a
    JSONL file "line N". JSONL streams; other JSON is refused above MAX_BYTES. Raises IngestionError with line and
    column; in a JSONL file a wrong line is only warned of, unless all are wrong.
    """
    parser = _Parser(path, remarks)
    with damage_refused(path, "JSON"):
        if path.suffix.lower() in (".jsonl", ".ndjson") or not _is_one_value(path):
            yield from _lines(path, parser, remarks)
        else:
            yield from _values(path, parser, remarks)
    parser.tell()


def _is_one_value(path: Path) -> bool:
    """Whether the first line with text is not a whole record, with another one on the next."""
    lines = [line for line in _first_text(path).split("\n", 20) if line.strip()]
    return len(lines) < 2 or not (_is_record(lines[0]) and lines[1].lstrip()[:1] in ("{", "["))


def _first_text(path: Path) -> str:
    return next(text_blocks(path, Remarks()), "").removeprefix("\ufeff")


def _is_record(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(path: Path, parser: _Parser, remarks: Remarks) -> Iterator[Piece]:
    """The records of a file with one on each line. A file of this name that is one value is read as such."""
    wrong, first_error = [], ""
    records = 0
    for number, line in _numbered_lines(path, remarks):
        try:
            value = parser.parse(line, f"line {number}")
        except IngestionError as error:
            if not records and line.lstrip()[:1] in ("[", "{") and _is_spread_out(line, path):
                yield from _values(path, parser, remarks)
                return
            wrong.append(number)
            first_error = first_error or str(error)
            continue
        records += 1
        yield record_piece(value, f"line {number}", parser)
    if wrong and not records:
        raise IngestionError(first_error)
    if wrong:
        named = ", ".join(map(str, wrong[:_LINES_NAMED]))
        more = f" and {len(wrong) - _LINES_NAMED:,} more" if len(wrong) > _LINES_NAMED else ""
        remarks.warn(
            f"lines that are no JSON were left out: {named}{more} ({first_error.removeprefix(path.name + ': ')})"
        )


def _is_spread_out(line: str, path: Path) -> bool:
    """Whether a first line that is no record by itself begins a value of several lines."""
    return line.rstrip()[-1:] in ("[", "{", ",") and path.stat().st_size <= MAX_BYTES


def _numbered_lines(path: Path, remarks: Remarks) -> Iterator[tuple[int, str]]:
    """The lines that are not blank. A line longer than MAX_LINE is refused."""
    for number, line in enumerate(lines_of(text_blocks(path, remarks), MAX_LINE), start=1):
        if len(line) > MAX_LINE:
            raise IngestionError(
                f"{path.name}: line {number} is longer than {MAX_LINE >> 20} MB; split the record into smaller ones.",
                "refused",
            )
        if line.strip():
            yield number, line.removeprefix("\ufeff") if number == 1 else line


def _values(path: Path, parser: _Parser, remarks: Remarks) -> Iterator[Piece]:
    """The elements of the top-level array, or the values that stand one after the other."""
    if path.stat().st_size > MAX_BYTES:
        raise IngestionError(
            f"{path.name} is larger than {MAX_BYTES >> 20} MB, too much for one JSON value; "
            "save it as JSON Lines (.jsonl), one record on each line.",
            "refused",
        )
    text = "".join(text_blocks(path, remarks)).removeprefix("\ufeff")
    at = _skip_space(text, 0)
    elements = parser.elements(text, at + 1) if text[at : at + 1] == "[" else parser.sequence(text, at)
    for number, value in enumerate(elements, start=1):
        yield record_piece(value, f"record {number}", parser)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


class _Parser:
    """A strict JSON parser that keeps numbers as they are written and counts repeated keys."""

    def __init__(self, path: Path, remarks: Remarks) -> None:
        self._name = path.name
        self._remarks = remarks
        self._repeated: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_int=_number, parse_float=_Number, parse_constant=_no_constant
        )

    def parse(self, line: str, where: str) -> Any:
        """The value on a line of its own."""
        line = line.strip()
        value, end = self._value(line, 0, where)
        if end < len(line):
            raise self.error(where, f"something follows the value at column {end + 1}")
        return value

    def elements(self, text: str, at: int) -> Iterator[Any]:
        """The elements of an array whose bracket is behind us."""
        at = _skip_space(text, at)
        first = True
        while first or text[at : at + 1] != "]":
            if text[at : at + 1] == "]":
                break
            if not first:
                at = _skip_space(text, self._comma(text, at))
            value, at = self._value(text, at)
            yield value
            at, first = _skip_space(text, at), False
        at = _skip_space(text, at + 1)
        if at < len(text):
            raise self.error(_where(text, at), "something follows the end of the array")

    def sequence(self, text: str, at: int) -> Iterator[Any]:
        """Values one after the other; mostly there is one."""
        while at < len(text):
            value, at = self._value(text, at)
            yield value
            at = _skip_space(text, at)

    def tell(self) -> None:
        if self._repeated:
            named = ", ".join(dict.fromkeys(self._repeated[:_LINES_NAMED]))
            times = len(self._repeated)
            self._remarks.warn(
                f"{times:,} time{'s' * (times > 1)} a key stands twice in its object ({named}); "
                "the last value was taken"
            )

    def error(self, where: str, reason: str) -> IngestionError:
        return IngestionError(f"{self._name}: {where} is no valid JSON: {reason}; check the file and save it again.")

    def too_deep(self, where: str) -> IngestionError:
        return IngestionError(
            f"{self._name}: {where} is nested deeper than {MAX_DEPTH} levels, which no record of text is; "
            "save a flatter copy.",
            "refused",
        )

    def _comma(self, text: str, at: int) -> int:
        if text[at : at + 1] != ",":
            raise self.error(_where(text, at), "a comma or the end of the array is missing")
        return at + 1

    def _value(self, text: str, at: int, line: str = "") -> tuple[Any, int]:
        try:
            return self._decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            where = f"{line}, column {error.colno}" if line else f"line {error.lineno}, column {error.colno}"
            raise self.error(where, error.msg) from error
        except RecursionError as error:
            raise self.too_deep(line or _where(text, at)) from error
        except ValueError as error:
            raise self.error(line or f"the record at {_where(text, at)}", str(error)) from error

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(name for name, _ in pairs)
            self._repeated += [name for name in found if times[name] > 1]
        return found


def _number(digits: str) -> _Number:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return _Number(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value; write null or a number")


def _where(text: str, at: int) -> str:
    return f"line {text.count(chr(10), 0, at) + 1}, column {at - text.rfind(chr(10), 0, at)}"


def record_piece(value: Any, place: str, parser: _Parser) -> Piece:
    """A record as "path: value" lines; a value's text is in the cell of that name, its line breaks as they are."""
    lines: list[str] = []
    cells: list[Cell] = []
    position = 0
    for name, text in _scalars(value, "", 0, place, parser):
        start = position + len(name) + 2
        lines.append(f"{name}: {text}")
        cells.append(Cell(name, start, start + len(text)))
        position = start + len(text) + 1
    return Piece("\n".join(lines), "row", place, tuple(cells), NEW_BLOCK)


def _scalars(value: Any, name: str, depth: int, place: str, parser: _Parser) -> Iterable[tuple[str, str]]:
    if depth > MAX_DEPTH:
        raise parser.too_deep(place)
    if isinstance(value, dict):
        if len(name) > MAX_PATH:
            raise parser.too_deep(place)
        return _of_all(((_below(name, key), child) for key, child in value.items()), depth, place, parser)
    if isinstance(value, list) and (whole := _styled_text(name, value)):
        value = whole
    if isinstance(value, list):
        return _of_all(((f"{name}[{number}]", child) for number, child in enumerate(value)), depth, place, parser)
    text = _text(value)
    return ((name or "value", text),) if text else ()


def _styled_text(name: str, parts: list[Any]) -> str:
    """One text that an export cut where its style changes, whole again; "" for any other list.

    Telegram's result.json has "text": ["See ", {"type": "bold", "text": "page 3"}, "."].
    """
    if name.rpartition(".")[2] != "text" or not any(isinstance(part, dict) for part in parts):
        return ""
    texts = [part.get("text") if isinstance(part, dict) and "type" in part else part for part in parts]
    return "".join(map(str, texts)) if all(type(text) is str for text in texts) else ""


def _of_all(children: Iterable[tuple[str, Any]], depth: int, place: str, parser: _Parser) -> Iterable[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, child in children:
        if isinstance(child, (dict, list)):
            found += _scalars(child, name, depth + 1, place, parser)
        elif text := _text(child):
            found.append((name, text))
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Number) or value.isprintable():
        return str(value)
    # clean() strips the ends, which belong to the value here.
    return clean(f"|{value}|")[1:-1]


def _below(name: str, key: str) -> str:
    if len(key) > _LONGEST_KEY:
        key = key[:_LONGEST_KEY] + "…"
    if _PLAIN_KEY.fullmatch(key) and key.isprintable():
        return f"{name}.{key}" if name else key
    return f"{name}[{json.dumps(key, ensure_ascii=not key.isprintable())}]"
