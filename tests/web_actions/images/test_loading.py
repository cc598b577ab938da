from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from src.web_actions.images.loading import MOST_BYTES, PictureError, load_picture
from tests.web_actions.images.pictures import bomb, encoded, screenshot


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_pictures_of_every_format_are_read_and_their_format_is_told(form: str) -> None:
    picture = load_picture(encoded(screenshot((320, 200)), form))
    assert (picture.form, picture.width, picture.height, picture.image.mode) == (form, 320, 200, "RGB")


def test_transparent_parts_become_white() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert load_picture(encoded(clear)).image.getpixel((5, 5)) == (255, 255, 255)
    palette = Image.new("P", (10, 10), 0)
    assert load_picture(encoded(palette, transparency=0)).image.getpixel((5, 5)) == (255, 255, 255)


def test_a_picture_taken_sideways_is_turned() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # turn by 90 degrees to see it upright
    picture = load_picture(encoded(screenshot((300, 100), (0, 0, 30, 10)), "JPEG", exif=turned))
    assert (picture.width, picture.height) == (100, 300)
    assert picture.image.getpixel((95, 5))[1] < 60


def test_nothing_but_the_pixels_is_kept() -> None:
    secret = Image.Exif()
    secret[0x010E] = "taken at home"
    picture = load_picture(encoded(screenshot(), "JPEG", exif=secret, comment=b"a comment"))
    assert picture.image.info == {} and not picture.image.getexif()
    assert b"taken at home" not in encoded(picture.image, "WEBP")


def test_sixteen_bit_pictures_keep_their_brightness() -> None:
    grey = Image.new("I;16", (4, 4), 128 * 257)
    (red, green, blue) = load_picture(encoded(grey)).image.getpixel((0, 0))
    assert abs(red - 128) <= 1 and red == green == blue


@pytest.mark.parametrize("size", [(100_000, 100_000), (20_000, 20_000), (9_500, 9_500), (66_000_001, 1)])
def test_bombs_are_refused_before_they_are_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(PictureError, match="pixels"):
        load_picture(bomb(*size))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no PNG, JPEG or WEBP"),
        (b"GIF89a" + bytes(100), "no PNG, JPEG or WEBP"),
        (b"%PDF-1.7 " + bytes(100), "no PNG, JPEG or WEBP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no PNG, JPEG or WEBP"),
        (bytes(MOST_BYTES + 1), "bytes"),
        (encoded(screenshot())[:400], "damaged"),
        (encoded(screenshot(), "JPEG")[:2000], "damaged"),
        (encoded(screenshot(), "WEBP")[:200], "damaged"),
        (bomb(500, 500), "damaged"),
    ],
)
def test_what_is_no_whole_picture_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(PictureError, match=why):
        load_picture(content)


@given(st.data())
@settings(deadline=None)
def test_damaged_bytes_never_raise_anything_else(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))
    content = bytearray(encoded(screenshot((64, 48), (4, 4, 9, 9)), form))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        load_picture(bytes(content))
    except PictureError as error:
        assert str(error)
