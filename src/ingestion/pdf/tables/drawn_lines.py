"""The ruling lines drawn on a page, as far as a table could be made of them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence

from src.ingestion.pdf.pdfium import Box, OpenPage

_MIN_LINES = 6  # of a table with two rows and two columns
_MAX_PATHS = 5000  # more is a drawing; asking them all would cost more than the page's text
_PATH, _FORM = 2, 5  # FPDF_PAGEOBJ_*
_LINE_TO, _MOVE_TO = 0, 2  # FPDF_SEGMENT_*
_SIMPLE = 6  # segments of a line or a box; their bounds tell all
_MAX_SEGMENTS = 5000
_THIN = 3.0  # points; a box narrower than this is a line


def ruling_lines(page: OpenPage) -> list[Box]:
    """Lines along the axes: each a Box without width or without height. Empty on a page that has too few paths."""
    if page.objects == 0:
        return []
    paths = list(_paths(page))
    if not paths or len(paths) > _MAX_PATHS:
        return []
    drawn = [edge for path, form in paths for edge in _edges(page, path, form)]
    return [Box(*page.upright(*edge)) for edge in drawn] if len(drawn) >= _MIN_LINES else []


def _paths(page: OpenPage) -> Iterator[tuple[int, Sequence[float] | None]]:
    """The path objects of the page and of the forms drawn on it, with the form's matrix."""
    if page.objects > 40 and page.objects - page.rectangles < 1:
        return  # each text object has a rectangle of its own, so nothing else is left
    for kind, pointer in page.kinds():
        if kind == _PATH:
            yield pointer, None
        elif kind == _FORM:
            matrix = _matrix(page, pointer)
            for number in range(min(_MAX_PATHS + 1, max(0, page.call.form_objects(pointer)))):
                inner = page.call.form_object(pointer, number)
                if inner and page.call.kind(inner) == _PATH:
                    yield inner, matrix


def _edges(page: OpenPage, path: int, form: Sequence[float] | None) -> Iterator[Sequence[float]]:
    segments = page.call.segments(path)
    if segments <= _SIMPLE:
        left, bottom, right, top = _placed(page.object_box(path), form)
        yield from _box_edges(left, bottom, right, top, segments)
    elif segments <= _MAX_SEGMENTS:
        yield from (_placed(edge, form) for edge in _walk(page, path, segments))


def _box_edges(left: float, bottom: float, right: float, top: float, segments: int) -> Iterator[Sequence[float]]:
    if right - left < _THIN or top - bottom < _THIN:
        if right - left >= top - bottom:
            yield left, (bottom + top) / 2, right, (bottom + top) / 2
        else:
            yield (left + right) / 2, bottom, (left + right) / 2, top
    elif segments > 3:
        yield left, bottom, right, bottom
        yield left, top, right, top
        yield left, bottom, left, top
        yield right, bottom, right, top


def _walk(page: OpenPage, path: int, segments: int) -> Iterator[Sequence[float]]:
    """The axis-parallel lines of a path that draws many at once."""
    matrix = _matrix(page, path)
    values = (ctypes.c_float * 2)()
    at = ctypes.addressof(values)
    x, y = 0.0, 0.0
    for number in range(segments):
        segment = page.call.segment(path, number)
        if not segment or not page.call.segment_point(segment, at, at + 4):
            continue
        before_x, before_y, (x, y) = x, y, values[:]
        if page.call.segment_kind(segment) == _LINE_TO and (abs(x - before_x) < 1 or abs(y - before_y) < 1):
            yield _placed((min(x, before_x), min(y, before_y), max(x, before_x), max(y, before_y)), matrix)


def _matrix(page: OpenPage, pointer: int) -> Sequence[float]:
    values = (ctypes.c_float * 6)(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    page.call.matrix(pointer, ctypes.addressof(values))
    return values[:]


def _placed(box: Sequence[float], matrix: Sequence[float] | None) -> tuple[float, float, float, float]:
    left, bottom, right, top = box
    if matrix is None:
        return left, bottom, right, top
    a, b, c, d, e, f = matrix
    xs = (a * left + c * bottom + e, a * right + c * top + e)
    ys = (b * left + d * bottom + f, b * right + d * top + f)
    return min(xs), min(ys), max(xs), max(ys)
