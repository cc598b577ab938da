from __future__ import annotations

import base64
import struct

import pytest

from src.providers.formats.training_example import MediaPart
from src.providers.tokenizers.frames.framed import unknown_size
from src.providers.tokenizers.frames.pictures import (
    claude_pictures,
    mistral_pictures,
    openai_pictures,
    picture_size,
)


def uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def png(width: int, height: int) -> str:
    return uri(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0", "png")


def written_by_pillow(kind: str, **options: object) -> str:
    import io

    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (321, 123), "red").save(stream, kind, **options)  # type: ignore[arg-type]
    return uri(stream.getvalue(), kind.lower())


@pytest.mark.parametrize(
    "picture",
    [
        written_by_pillow("PNG"),
        written_by_pillow("JPEG"),
        written_by_pillow("JPEG", progressive=True, exif=b"Exif\0\0" + b"x" * 5000),
        written_by_pillow("GIF"),
        written_by_pillow("WEBP"),
        written_by_pillow("WEBP", lossless=True),
        written_by_pillow("WEBP", exif=b"Exif\0\0MM"),
    ],
)
def test_the_size_is_read_from_a_pictures_head(picture: str) -> None:
    assert picture_size(MediaPart(picture)) == (321, 123)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://example.org/a.png",
        "data:,x",
        "data:image/png;base64,***",
        uri(b"?", "png"),
        uri(b"\x89PNG\r\n\x1a\n", "png"),
        uri(b"\xff\xd8\xff", "jpeg"),
        uri(b"RIFF????WEBPVP8X", "webp"),
    ],
)
def test_no_size_is_guessed(address: str) -> None:
    assert picture_size(MediaPart(address)) is None
    assert openai_pictures("gpt-4o")(MediaPart(address)) is None


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        # OpenAI's own examples in "Images and vision" (read 2026-11-21).
        ("gpt-4o-2024-08-06", (1024, 1024), 765),
        ("gpt-4o-2024-08-06", (2048, 4096), 1105),
        ("gpt-4o-mini-2024-07-18", (1024, 1024), 2833 + 4 * 5667),
        ("gpt-4.1-mini-2025-04-14", (1024, 1024), 1659),  # 1,024 patches x 1.62
        ("gpt-4.1-mini-2025-04-14", (1800, 2400), 2353),  # 1,452 patches x 1.62
    ],
)
def test_openais_examples_come_out(model: str, size: tuple[int, int], tokens: int) -> None:
    assert openai_pictures(model)(MediaPart(png(*size))) == tokens


def test_a_picture_of_low_detail_costs_the_same_whatever_its_size() -> None:
    assert openai_pictures("gpt-4o")(MediaPart("https://example.org/a.png", detail="low")) == 85


def test_a_model_without_a_formula_has_no_figure() -> None:
    assert openai_pictures("gpt-3.5-turbo-0125") is unknown_size
    assert unknown_size(MediaPart(png(10, 10))) is None


def test_claudes_pictures_cost_their_area_once_they_are_shrunk() -> None:
    assert claude_pictures(MediaPart(png(200, 300))) == 80
    assert claude_pictures(MediaPart(png(3136, 1000))) == claude_pictures(MediaPart(png(1568, 500)))


def test_mistrals_pictures_cost_as_in_mistral_common() -> None:
    from mistral_common.tokens.tokenizers.image import ImageConfig, ImageEncoder, SpecialImageIDs
    from PIL import Image

    encoder = ImageEncoder(ImageConfig(16, 1024), SpecialImageIDs(1, 2, 3))
    for size in ((1, 1), (16, 16), (17, 33), (1024, 1024), (3000, 1000), (5000, 3)):
        across, down = encoder._image_to_num_tokens(Image.new("1", size))
        assert mistral_pictures(MediaPart(png(*size))) == (across + 1) * down
