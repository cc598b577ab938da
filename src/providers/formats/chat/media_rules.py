"""Rules for pictures among the parts of a message."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.providers.formats.chat.color_modes import color_mode
from src.providers.formats.chat.texts import check_known_keys
from src.providers.formats.findings import Finding, problem

_DATA_URI = re.compile(r"data:([a-zA-Z0-9.+-]+/[a-zA-Z0-9.+-]+);base64,", re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaRules:
    """What one format takes: most pictures an example and bytes a picture (None: not published), kinds and places.

    `plain_string` takes a picture's place without {"url"} around it; `rgb_only` refuses colours but RGB and RGBA.
    """

    most_per_example: int | None = 10
    most_bytes: int | None = 10 << 20
    mime_types: tuple[str, ...] = ("image/jpeg", "image/png", "image/webp")
    schemes: tuple[str, ...] = ("https", "data")
    plain_string: bool = False
    rgb_only: bool = False


def check_image(part: Mapping[str, object], path: str, rules: MediaRules) -> Iterator[Finding]:
    """Objections to {"type": "image_url", "image_url": {"url", "detail"}} (or, in Mistral's way, a plain string)."""
    image = part.get("image_url")
    yield from check_known_keys(part, ("type", "image_url"), path)
    if isinstance(image, str) and rules.plain_string:
        yield from check_image_uri(image, f"{path}.image_url", rules)
    elif isinstance(image, dict):
        yield from check_known_keys(image, ("url", "detail"), f"{path}.image_url")
        yield from check_image_uri(image.get("url"), f"{path}.image_url.url", rules)
        if image.get("detail", "auto") not in ("auto", "low", "high"):
            yield problem(f"{path}.image_url.detail", "bad_image", "the detail is auto, low or high.")
    else:
        yield problem(f"{path}.image_url", "bad_image", 'must be {"url": "https://... or data:image/png;base64,..."}.')


def check_image_uri(uri: object, path: str, rules: MediaRules) -> Iterator[Finding]:
    """Objections to the place of a picture; one that stands in the row itself is decoded and measured."""
    if not isinstance(uri, str) or not _stands_at(uri, rules.schemes):
        schemes = " or ".join("data:" if scheme == "data" else f"{scheme}://" for scheme in rules.schemes)
        yield problem(path, "bad_image", f"a picture's place starts with {schemes}, and holds no spaces.")
        return
    if not uri.startswith("data:"):
        return
    head = _DATA_URI.match(uri)
    if not head or head[1] not in rules.mime_types:
        yield problem(path, "bad_image", f"a picture in the row is base64 of {', '.join(rules.mime_types)}.")
        return
    try:
        content = base64.b64decode(uri[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        yield problem(path, "bad_image", "the picture's base64 is broken; encode it again.")
        return
    yield from _check_content(content, head[1], path, rules)


def _stands_at(uri: str, schemes: Sequence[str]) -> bool:
    return any(
        uri.startswith("data:") if scheme == "data" else re.match(rf"{scheme}://\S+\Z", uri) is not None
        for scheme in schemes
    )


def _check_content(content: bytes, mime_type: str, path: str, rules: MediaRules) -> Iterator[Finding]:
    if not _looks_like(content, mime_type):
        yield problem(path, "bad_image", f"the bytes are not those of {mime_type}; name the kind it is.")
        return
    mode = color_mode(content, mime_type)
    if rules.rgb_only and mode not in ("RGB", "RGBA", ""):
        text = f"the picture's colours are {mode}; only RGB and RGBA are taken: save it as RGB."
        yield problem(path, "bad_image_colours", text)
    if rules.most_bytes is not None and len(content) > rules.most_bytes:
        text = f"the picture has {len(content):,} bytes; at most {rules.most_bytes:,} are taken: make it smaller."
        yield problem(path, "image_too_large", text)


def check_image_count(count: int, path: str, rules: MediaRules) -> Iterator[Finding]:
    if rules.most_per_example is not None and count > rules.most_per_example:
        text = f"{count} pictures; at most {rules.most_per_example} are taken in an example: leave some out."
        yield problem(path, "too_many_images", text)


def count_images(messages: object) -> int:
    """Pictures in messages that may be of any shape."""
    contents = [m.get("content") for m in messages if isinstance(m, dict)] if isinstance(messages, list) else []
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return sum(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)


def _looks_like(content: bytes, mime_type: str) -> bool:
    marks = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "image/gif": b"GIF8"}
    if mime_type == "image/webp":
        return content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return content.startswith(marks.get(mime_type, b""))
