"""PDFium in raw calls: opening documents and pages, and the few questions that are asked for every line of text.

pypdfium2's own helpers cost more per line than PDFium's extraction itself.
"""

from __future__ import annotations

import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from src.errors import IngestionError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

# PDFium is not thread-safe. Workers have one thread each; whoever reads in his own process may have more.
LOCK = threading.RLock()

_Floats = ctypes.c_float * 4
_Short = ctypes.c_ushort


class Box(NamedTuple):
    """Points from the page's lower left corner, as a reader holds the page."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class _Calls:
    """PDFium's functions with plain numbers for pointers: a third of the cost of pypdfium2's typed ones."""

    load_page: Callable[[int, int], int | None]
    close_page: Callable[[int], None]
    load_text: Callable[[int], int | None]
    close_text: Callable[[int], None]
    characters: Callable[[int], int]
    objects: Callable[[int], int]
    rotation: Callable[[int], int]
    character_box: Callable[..., None]
    character_at: Callable[[int, int], int]
    text: Callable[[int, int, int, int], int]
    rectangles: Callable[[int, int, int], int]
    rectangle: Callable[..., None]
    object: Callable[[int, int], int | None]
    form_objects: Callable[[int], int]
    form_object: Callable[[int, int], int | None]
    kind: Callable[[int], int]
    bounds: Callable[..., int]
    page_box: Callable[[int, int], int]
    matrix: Callable[[int, int], int]
    segments: Callable[[int], int]
    segment: Callable[[int, int], int | None]
    segment_kind: Callable[[int], int]
    segment_point: Callable[[int, int, int], int]


@lru_cache(maxsize=1)
def calls() -> _Calls:
    from pypdfium2 import raw

    number, pointer = ctypes.c_int, ctypes.c_void_p

    def bound(function: Any, *arguments: Any, result: Any = number, kind: Any = ctypes.PYFUNCTYPE) -> Any:
        return kind(result, *arguments)(_address(function))

    free = ctypes.CFUNCTYPE  # the calls that take long let other threads run
    return _Calls(
        load_page=bound(raw.FPDF_LoadPage, pointer, number, result=pointer, kind=free),
        close_page=bound(raw.FPDF_ClosePage, pointer, result=None),
        load_text=bound(raw.FPDFText_LoadPage, pointer, result=pointer, kind=free),
        close_text=bound(raw.FPDFText_ClosePage, pointer, result=None),
        characters=bound(raw.FPDFText_CountChars, pointer),
        objects=bound(raw.FPDFPage_CountObjects, pointer),
        rotation=bound(raw.FPDFPage_GetRotation, pointer),
        character_box=ctypes.PYFUNCTYPE(None)(_address(raw.FPDFText_GetLooseCharBox)),
        character_at=bound(raw.FPDFText_GetCharIndexFromTextIndex, pointer, number),
        text=bound(raw.FPDFText_GetText, pointer, number, number, pointer),
        rectangles=bound(raw.FPDFText_CountRects, pointer, number, number),
        rectangle=ctypes.PYFUNCTYPE(None)(_address(raw.FPDFText_GetRect)),
        object=bound(raw.FPDFPage_GetObject, pointer, number, result=pointer),
        form_objects=bound(raw.FPDFFormObj_CountObjects, pointer),
        form_object=bound(raw.FPDFFormObj_GetObject, pointer, ctypes.c_ulong, result=pointer),
        kind=bound(raw.FPDFPageObj_GetType, pointer),
        bounds=bound(raw.FPDFPageObj_GetBounds, *[pointer] * 5),
        page_box=bound(raw.FPDF_GetPageBoundingBox, pointer, pointer),
        matrix=bound(raw.FPDFPageObj_GetMatrix, pointer, pointer),
        segments=bound(raw.FPDFPath_CountSegments, pointer),
        segment=bound(raw.FPDFPath_GetPathSegment, pointer, number, result=pointer),
        segment_kind=bound(raw.FPDFPathSegment_GetType, pointer),
        segment_point=bound(raw.FPDFPathSegment_GetPoint, *[pointer] * 3),
    )


def _address(pointer: Any) -> int:
    return ctypes.cast(pointer, ctypes.c_void_p).value or 0


_BOXES = 2048
_Columns = tuple[list[float], list[float], list[float], list[float]]


class _Buffer:
    """Room for boxes, and a pointer to each number of each."""

    def __init__(self, number: Any) -> None:
        self.room = (number * (4 * _BOXES))()
        size, at = ctypes.sizeof(number), ctypes.addressof(self.room)
        self.places = [[ctypes.c_void_p(at + size * (4 * n + k)) for n in range(_BOXES)] for k in range(4)]
        self.numbers: Any = memoryview(self.room).cast("B").cast("f" if number is ctypes.c_float else "d")

    def columns(self, count: int) -> _Columns:
        numbers = self.numbers[: 4 * count]
        return numbers[::4].tolist(), numbers[1::4].tolist(), numbers[2::4].tolist(), numbers[3::4].tolist()

    def clear(self, count: int) -> None:
        ctypes.memset(self.room, 0, 4 * count * self.numbers.itemsize)


@lru_cache(maxsize=1)
def _character_buffer() -> _Buffer:
    return _Buffer(ctypes.c_float)


@lru_cache(maxsize=1)
def _rectangle_buffer() -> _Buffer:
    return _Buffer(ctypes.c_double)


@contextmanager
def open_document(path: Path, password: str) -> Iterator[PdfDocument]:
    """The document, opened with the password or, where it only restricts printing, without.

    Raises IngestionError when it wants another one, PdfiumError when it is no PDF.
    """
    with LOCK:
        document = _opened(path, password)
    try:
        yield document
    finally:
        with LOCK:
            document.close()


def _opened(path: Path, password: str) -> PdfDocument:
    import pypdfium2

    refused: Exception | None = None
    for attempt in dict.fromkeys((password or None, None)):
        try:
            return pypdfium2.PdfDocument(path, password=attempt)
        except pypdfium2.PdfiumError as error:
            if not any(word in str(error).lower() for word in ("password", "security")):
                raise
            refused = error
    raise encrypted(path, password) from refused


def encrypted(path: Path, password: str) -> IngestionError:
    """The refusal of a file that does not open without its password."""
    what = "is encrypted and the password given does not open it" if password else "is encrypted"
    return IngestionError(
        f"{path.name} {what}; give its password in config.yaml under ingestion.passwords, "
        "or save a copy without a password.",
        "encrypted",
    )


class OpenPage:
    """A loaded page with its text; `characters` and `objects` are how many PDFium counts."""

    def __init__(self, page: int, text_page: int) -> None:
        self.call = call = calls()
        self.page = page
        self.text_page = text_page
        self.characters = max(0, call.characters(text_page))
        self.objects = max(0, call.objects(page))
        self.floats = _Floats()
        self.floats_at = ctypes.addressof(self.floats)
        self._turned = call.rotation(page)
        call.page_box(self.page, self.floats_at)
        left, top, right, bottom = self.floats[:]
        self._frame = Box(left, bottom, right, top)
        self.is_moved = bool(self._turned) or abs(left) > 1 or abs(bottom) > 1
        wide, high = right - left, top - bottom
        self.width, self.height = (high, wide) if self._turned % 2 else (wide, high)

    def text(self) -> str:
        if not self.characters:
            return ""
        # Bytes, not an array of shorts: ctypes makes a new type for each length of an array.
        buffer = bytearray(4 * self.characters + 8)
        view = _Short.from_buffer(buffer)
        written = self.call.text(self.text_page, 0, self.characters, ctypes.addressof(view))
        return buffer[: 2 * max(0, written - 1)].decode("utf-16-le", "ignore")

    @cached_property
    def rectangles(self) -> int:
        """How many rectangles the text fills: about one for each text object that shows something."""
        return max(0, self.call.rectangles(self.text_page, 0, self.characters))

    def character_boxes(self, numbers: Sequence[int]) -> _Columns:
        """The lefts, bottoms, rights and tops of characters, as high as their font is.

        A page has hundreds of lines: map makes the calls, with pointers made beforehand, at a third of a loop's cost.
        """
        buffer, page, ask = _character_buffer(), ctypes.c_void_p(self.text_page), self.call.character_box
        found: list[_Columns] = []
        for first in range(0, len(numbers), _BOXES):
            some = numbers[first : first + _BOXES]
            buffer.clear(len(some))
            deque(map(ask, repeat(page), some, buffer.places[0]), maxlen=0)
            lefts, tops, rights, bottoms = buffer.columns(len(some))
            found.append((lefts, bottoms, rights, tops))
        return self._placed(found)

    def text_boxes(self, first: int, stop: int) -> _Columns:
        """The same of the rectangles that text fills, from one number to another."""
        buffer, page, ask = _rectangle_buffer(), ctypes.c_void_p(self.text_page), self.call.rectangle
        found: list[_Columns] = []
        for start in range(first, stop, _BOXES):
            some = range(start, min(stop, start + _BOXES))
            buffer.clear(len(some))
            deque(map(ask, repeat(page), some, *buffer.places), maxlen=0)
            lefts, tops, rights, bottoms = buffer.columns(len(some))
            found.append((lefts, bottoms, rights, tops))
        return self._placed(found)

    def _placed(self, found: Sequence[_Columns]) -> _Columns:
        """The parts as one, upright."""
        if len(found) == 1 and not self.is_moved:
            return found[0]
        boxes = [box for columns in found for box in zip(*columns, strict=True)]
        if self.is_moved:
            boxes = [self.upright(*box) for box in boxes]
        lefts, bottoms, rights, tops = ([box[k] for box in boxes] for k in range(4))
        return lefts, bottoms, rights, tops

    def object_box(self, pointer: int) -> tuple[float, float, float, float]:
        at = self.floats_at
        self.floats[:] = [0.0, 0.0, 0.0, 0.0]
        self.call.bounds(pointer, at, at + 4, at + 8, at + 12)
        left, bottom, right, top = self.floats[:]
        return left, bottom, right, top

    def upright(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        """The box as the page is looked at: its rotation undone, its lower left corner at 0, 0."""
        frame = self._frame
        if self._turned == 1:
            return bottom - frame.bottom, frame.right - right, top - frame.bottom, frame.right - left
        if self._turned == 2:
            return frame.right - right, frame.top - top, frame.right - left, frame.top - bottom
        if self._turned == 3:
            return frame.top - top, left - frame.left, frame.top - bottom, right - frame.left
        return left - frame.left, bottom - frame.bottom, right - frame.left, top - frame.bottom

    def kinds(self) -> Iterator[tuple[int, int]]:
        """The kind and the pointer of each object on the page, one after the other."""
        kind_of, object_at = self.call.kind, self.call.object
        for number in range(self.objects):
            if pointer := object_at(self.page, number):
                yield kind_of(pointer), pointer


@contextmanager
def open_page(document: PdfDocument, number: int) -> Iterator[OpenPage]:
    """A page by its number from 1; closed at once afterwards. Raises PdfiumError when it is damaged."""
    import pypdfium2

    call = calls()
    page = call.load_page(_address(document.raw), number - 1)
    if not page:
        raise pypdfium2.PdfiumError(f"page {number} cannot be loaded")
    try:
        text_page = call.load_text(page)
        if not text_page:
            raise pypdfium2.PdfiumError(f"the text of page {number} cannot be loaded")
        try:
            yield OpenPage(page, text_page)
        finally:
            call.close_text(text_page)
    finally:
        call.close_page(page)
