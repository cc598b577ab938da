from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.web_actions.images.augmenting import augment
from src.web_actions.images.placing import Placed, crop, crop_to_target, fit, place
from tests.web_actions.images.pictures import encoded, red_box, screenshot


def near(box: tuple[float, ...] | None, seen: tuple[int, ...], off: float = 1.5) -> bool:
    assert box is not None
    return all(abs(one - other) <= off for one, other in zip(box, seen, strict=True))


def shown(placed: Placed) -> bool:
    """Whether the box is where the red is, and the point on it."""
    assert placed.point is not None
    left, top, width, height = seen = red_box(placed.image)
    x, y = placed.point
    return near(placed.box, seen) and left - 1 <= x <= left + width + 1 and top - 1 <= y <= top + height + 1


BOX = (300, 200, 80, 40)


def test_box_and_point_shrink_with_the_picture() -> None:
    small = fit(place(screenshot(), BOX, (340, 220)), 500)
    assert small.size == (500, 400)
    assert small.box == (150, 100, 40, 20) and small.point == (170, 110)
    assert shown(small)


def test_pictures_are_never_made_larger() -> None:
    assert fit(place(screenshot((200, 100), (1, 1, 5, 5)), None, None), 1280).size == (200, 100)


def test_a_hidpi_screenshot_has_several_pixels_for_a_css_pixel() -> None:
    placed = place(screenshot((2000, 1600), (600, 400, 160, 80)), BOX, (340, 220), pixel_ratio=2)
    assert shown(placed)


@pytest.mark.parametrize("box", [BOX, (0, 0, 20, 10), (960, 780, 40, 20), (0, 400, 1000, 30)])
def test_a_crop_holds_the_target_whole_and_lies_in_the_picture(box: tuple[int, int, int, int]) -> None:
    placed = place(screenshot(box=box), box, (box[0] + box[2] / 2, box[1] + box[3] / 2))
    cut = crop_to_target(placed, 256)
    assert cut.size[0] == max(256, min(1000, box[2] + 2)) and cut.size[1] == 256
    assert cut.box is not None and cut.box[2:] == box[2:]
    assert shown(cut)


def test_without_a_target_a_crop_keeps_all_of_the_picture() -> None:
    assert crop_to_target(place(screenshot(), None, None), 100).size == (1000, 800)


def test_a_target_outside_of_the_picture_is_not_known_and_told() -> None:
    placed = place(screenshot(), (2000, 100, 10, 10), (2005, 105))
    assert (placed.box, placed.point, placed.outside) == (None, None, True)
    cut = place(screenshot(), (990, 100, 50, 10), (995, 105))
    assert cut.box == (990, 100, 10, 10) and not cut.outside


@given(st.integers(0, 400), st.integers(0, 300), st.integers(1, 100), st.integers(1, 80), st.text(max_size=5))
@settings(deadline=None)
def test_in_every_version_box_and_point_are_where_the_target_is(
    left: int, top: int, width: int, height: int, seed: str
) -> None:
    box = (left, top, width, height)
    image = screenshot((500, 380), box)
    varied = augment(place(image, box, (left + width / 2, top + height / 2)), seed)
    assert varied.box is not None and varied.point is not None and not varied.outside
    x, y, w, h = varied.box
    assert x >= 0 and y >= 0 and x + w <= varied.size[0] + 1e-6 and y + h <= varied.size[1] + 1e-6
    scale = w / width
    assert 0.8 <= scale <= 1.05 and abs(h / height - scale) < 0.05 * max(1, 20 / height)
    if min(width, height) >= 8:  # smaller ones melt into the white around them
        assert shown(varied)


def test_the_same_seed_gives_the_same_version_and_another_one_another() -> None:
    placed = place(screenshot(), BOX, (340, 220))
    one, same, other = augment(placed, "a"), augment(placed, "a"), augment(placed, "b")
    assert encoded(one.image) == encoded(same.image) and one.box == same.box
    assert encoded(one.image) != encoded(other.image)


def test_a_cut_box_is_what_is_left_of_it() -> None:
    assert crop(place(screenshot(), BOX, None), 320, 0, 680, 800).box == (0, 200, 60, 40)
