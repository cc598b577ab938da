"""A picture together with the places in it: whatever is done to one is done to the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """`box` is left, top, width and height, `point` from left and top, both in this picture's pixels; None: unknown.

    `outside` says that a place was known and does not lie in the picture.
    """

    image: Image
    box: Box | None = None
    point: Point | None = None
    outside: bool = False

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size


def place(image: Image, box: Box | None, point: Point | None, pixel_ratio: float = 1.0) -> Placed:
    """The picture with places given in CSS pixels, of which each has `pixel_ratio` of the picture's."""
    ratio = pixel_ratio
    scaled = (box[0] * ratio, box[1] * ratio, box[2] * ratio, box[3] * ratio) if box else None
    return _inside(Placed(image, scaled, (point[0] * ratio, point[1] * ratio) if point else None))


def fit(placed: Placed, max_side: int) -> Placed:
    """Made smaller, in proportion, until neither side is longer; never made larger."""
    width, height = placed.size
    scale = max_side / max(width, height)
    return placed if scale >= 1 else resize(placed, max(1, round(width * scale)), max(1, round(height * scale)))


def resize(placed: Placed, width: int, height: int) -> Placed:
    from PIL import Image

    by_x, by_y = width / placed.size[0], height / placed.size[1]
    box, point = placed.box, placed.point
    return replace(
        placed,
        image=placed.image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0),
        box=(box[0] * by_x, box[1] * by_y, box[2] * by_x, box[3] * by_y) if box else None,
        point=(point[0] * by_x, point[1] * by_y) if point else None,
    )


def crop(placed: Placed, left: int, top: int, width: int, height: int) -> Placed:
    """A part that lies within the picture. A box that is cut becomes what is left of it."""
    box, point = placed.box, placed.point
    return _inside(
        replace(
            placed,
            image=placed.image.crop((left, top, left + width, top + height)),
            box=(box[0] - left, box[1] - top, box[2], box[3]) if box else None,
            point=(point[0] - left, point[1] - top) if point else None,
        )
    )


def crop_to_target(placed: Placed, side: int) -> Placed:
    """The part of at most side x side pixels around the target, moved to lie within the picture.

    A target that is larger stays whole. The whole picture where the target's place is not known.
    """
    target = placed.box or ((*placed.point, 0.0, 0.0) if placed.point else None)
    if target is None:
        return placed
    left, width = _window(target[0], target[2], side, placed.size[0])
    top, height = _window(target[1], target[3], side, placed.size[1])
    return crop(placed, left, top, width, height)


def _window(start: float, length: float, side: int, whole: int) -> tuple[int, int]:
    """Where a window around start..start+length begins, and how long it is."""
    size = min(whole, max(side, int(-(-length // 1)) + 2))
    middle = start + length / 2
    return min(max(0, round(middle - size / 2)), whole - size), size


def _inside(placed: Placed) -> Placed:
    """The places cut to the picture; one that lies outside is not known."""
    width, height = placed.size
    box, point, outside = placed.box, placed.point, placed.outside
    if box is not None:
        left, top = max(0.0, box[0]), max(0.0, box[1])
        right, bottom = min(float(width), box[0] + box[2]), min(float(height), box[1] + box[3])
        box = (left, top, right - left, bottom - top) if right > left and bottom > top else None
        outside = outside or box is None
    if point is not None and not (0 <= point[0] < width and 0 <= point[1] < height):
        point, outside = None, True
    return replace(placed, box=box, point=point, outside=outside)
