from __future__ import annotations

import base64

import pytest

from src.providers.formats.chat.color_modes import color_mode
from src.providers.formats.chat.media_rules import MediaRules, check_image_uri, count_images
from tests.providers.formats.chat.examples import ANSWER, picture, shows

RULES = MediaRules(rgb_only=True, most_bytes=200)


def rules_broken(uri: object, rules: MediaRules = RULES) -> list[str]:
    return [finding.rule for finding in check_image_uri(uri, "p", rules)]


def jpeg(components: int) -> bytes:
    """The head of a JPEG: a marker segment of no interest, then a frame of that many colours."""
    return b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x01\x00\x01" + bytes([components]) + b"\x00" * 12


def data_uri(content: bytes, mime_type: str) -> str:
    return f"data:{mime_type};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.example/b.png",
        picture(2),
        picture(6),
        data_uri(jpeg(3), "image/jpeg"),
        data_uri(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_good_pictures_are_accepted(uri: str) -> None:
    assert rules_broken(uri) == []


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        (5, "bad_image"),
        ("ftp://a.example/b.png", "bad_image"),
        ("https://", "bad_image"),
        ("https://a.example/b c.png", "bad_image"),
        ("data:image/tiff;base64,AAAA", "bad_image"),
        ("data:image/png,AAAA", "bad_image"),
        ("data:image/png;base64,A?==", "bad_image"),
        (picture(2, "image/jpeg"), "bad_image"),
        (picture(0), "bad_image_colours"),
        (picture(3), "bad_image_colours"),
        (data_uri(jpeg(4), "image/jpeg"), "bad_image_colours"),
        (data_uri(jpeg(3) + b"\0" * 200, "image/jpeg"), "image_too_large"),
    ],
)
def test_each_broken_rule_is_named(uri: object, rule: str) -> None:
    assert rules_broken(uri) == [rule]


def test_colours_matter_only_where_the_format_says_so() -> None:
    assert rules_broken(picture(0), MediaRules()) == []


@pytest.mark.parametrize(
    ("content", "mime_type", "mode"),
    [(jpeg(1), "image/jpeg", "grey"), (b"\xff\xd8\xff", "image/jpeg", ""), (b"GIF89a", "image/gif", "")],
)
def test_the_head_of_a_picture_tells_its_colours_or_nothing(content: bytes, mime_type: str, mode: str) -> None:
    assert color_mode(content, mime_type) == mode


def test_pictures_are_counted_in_messages_of_any_shape() -> None:
    assert count_images([shows("a", "b"), ANSWER, 5, {"content": [5, {"type": "image_url"}]}]) == 3
    assert count_images("no list") == 0
