"""Other versions of a screenshot for training: shifted, scaled, brighter, darker. Drawn by seed, the same each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from src.web_actions.images.placing import Placed, crop, resize

if TYPE_CHECKING:
    from PIL.Image import Image

# Screens are never mirrored or turned: text would not be text. A picture loses at most so much at its edges.
_MOST_CUT = 0.08
_SCALES = (0.85, 1.0)
_STRENGTHS = (0.8, 1.2)


def augment(placed: Placed, seed: str) -> Placed:
    """A version of the picture; its box and point move with it and stay inside, the target is never cut.

    The same picture and seed give the same version.
    """
    # A text as a seed gives the same numbers on every Python since 3.2 and every machine.
    chance = random.Random(seed)  # noqa: S311 - nothing secret is drawn
    moved = _shifted(placed, chance)
    scale = chance.uniform(*_SCALES)
    width, height = moved.size
    smaller = resize(moved, max(1, round(width * scale)), max(1, round(height * scale)))
    return Placed(_recoloured(smaller.image, chance), smaller.box, smaller.point, smaller.outside)


def _shifted(placed: Placed, chance: random.Random) -> Placed:
    """Cut at its edges, by less where the target lies there."""
    width, height = placed.size
    left, top, right, bottom = _spare(placed)
    cut_left = int(chance.uniform(0, min(left, width * _MOST_CUT)))
    cut_top = int(chance.uniform(0, min(top, height * _MOST_CUT)))
    cut_right = int(chance.uniform(0, min(right, width * _MOST_CUT)))
    cut_bottom = int(chance.uniform(0, min(bottom, height * _MOST_CUT)))
    return crop(placed, cut_left, cut_top, width - cut_left - cut_right, height - cut_top - cut_bottom)


def _spare(placed: Placed) -> tuple[float, float, float, float]:
    """How far each edge is from the target: left, top, right, bottom."""
    width, height = placed.size
    places = []
    if placed.box is not None:
        x, y, w, h = placed.box
        places.append((x, y, x + w, y + h))
    if placed.point is not None:
        x, y = placed.point
        places.append((x, y, x + 1, y + 1))
    return (
        max(0, min([left for left, _, _, _ in places] + [width / 2 - 1])),
        max(0, min([top for _, top, _, _ in places] + [height / 2 - 1])),
        max(0, min([width - right for _, _, right, _ in places] + [width / 2 - 1])),
        max(0, min([height - bottom for _, _, _, bottom in places] + [height / 2 - 1])),
    )


def _recoloured(image: Image, chance: random.Random) -> Image:
    from PIL import ImageEnhance

    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = change(image).enhance(chance.uniform(*_STRENGTHS))
    return image
