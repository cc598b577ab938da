"""A screenshot's bytes as a picture, or the reason why it is refused. The bytes come from strangers."""

from __future__ import annotations

import threading
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_BYTES = 32 << 20
# Four times a 4K screen, twice over for long pages; unpacked that is 200 MB.
MOST_PIXELS = 66_000_000
_opening = threading.Lock()


class PictureError(ValueError):
    """A picture that is not used. The text says why, without its name."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in plain RGB, turned as it is meant to be seen. `form` is the format of the bytes it came from."""

    image: Image
    form: str
    width: int
    height: int
    bytes: int


def load_picture(content: bytes) -> Picture:
    """Read a PNG, JPEG or WEBP whole; of an animation the first frame.

    Transparent parts become white, colours RGB, and whatever else the file carries is left behind. Raises PictureError
    for other formats, for more than MOST_BYTES or MOST_PIXELS (before anything is unpacked) and for damaged ones.
    """
    if len(content) > MOST_BYTES:
        raise PictureError(f"it has {len(content):,} bytes; at most {MOST_BYTES:,} are read")
    try:
        with _opened(content) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                raise PictureError(f"it has {width:,} x {height:,} pixels; at most {MOST_PIXELS:,} are unpacked")
            form = str(image.format)
            image.load()
            plain = _plain(image)
    except PictureError:
        raise
    except Exception as error:
        raise PictureError(f"it is damaged or no picture ({_short(error)})") from error
    return Picture(plain, form, *plain.size, len(content))


def _opened(content: bytes) -> Image:
    """Only the head is read. Raises PictureError for what is no such picture or says it is enormous."""
    from PIL import Image, UnidentifiedImageError

    # Which warnings are errors is a matter of the whole program, so one thread at a time.
    with _opening, warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return Image.open(BytesIO(content), formats=FORMATS)
        except UnidentifiedImageError as error:
            raise PictureError("it is no PNG, JPEG or WEBP") from error
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise PictureError(f"it has far more than {MOST_PIXELS:,} pixels") from error


def _plain(image: Image) -> Image:
    from PIL import Image as Images
    from PIL import ImageOps

    turned = ImageOps.exif_transpose(image)
    if turned.has_transparency_data:
        turned = turned.convert("RGBA")
        white = Images.new("RGBA", turned.size, "white")
        turned = Images.alpha_composite(white, turned)
    elif turned.mode.startswith(("I", "F")):
        # 16 bits a channel: Pillow's own conversion would cut them off.
        turned = turned.convert("I").point([value / 256 for value in range(65_536)], "L")
    plain = turned.convert("RGB")
    return Images.frombytes("RGB", plain.size, plain.tobytes())


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]
