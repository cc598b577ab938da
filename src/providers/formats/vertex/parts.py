"""Rules for the parts of a Gemini content: text, files, function calls and what the functions answered."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from src.providers.formats.chat.texts import check_text, kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.vertex.spelling import check_spelt_keys, get, has, place

DATA_KEYS = ("text", "fileData", "inlineData", "functionCall", "functionResponse")
# What may stand beside a file: "Video tuning" has videoMetadata, and the three pages on media a mediaResolution for
# each part (from Gemini 3 on; release notes of 2026-05-20).
BESIDE_MEDIA = ("videoMetadata", "mediaResolution")
# google-cloud-aiplatform 2.7.0, FunctionDeclaration.name.
NAMES = re.compile(r"[a-zA-Z_][a-zA-Z0-9_.-]{0,63}")
IMAGES, PDF = "image/", "application/pdf"
MIME_TYPES = (
    *("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif", "image/gif", PDF, "text/plain"),
    *("video/mp4", "video/mpeg", "video/mpg", "video/mov", "video/quicktime", "video/avi", "video/x-flv"),
    *("video/webm", "video/wmv", "video/3gpp", "audio/aac", "audio/flac", "audio/mp3", "audio/m4a", "audio/mpeg"),
    *("audio/mpga", "audio/mp4", "audio/opus", "audio/ogg", "audio/pcm", "audio/wav", "audio/webm"),
)
LEVELS = tuple(f"MEDIA_RESOLUTION_{level}" for level in ("LOW", "MEDIUM", "HIGH", "ULTRA_HIGH"))
# "Image tuning" and "Document tuning": 20 MB a file.
MOST_BYTES = 20 << 20
_MIME = re.compile(r"[a-z]+/[a-zA-Z0-9.+-]+")
_DURATION = re.compile(r"[0-9]+(\.[0-9]{1,9})?s")


def kind_of_part(part: object) -> str:
    """The one kind of content a part holds; "" where it holds none, or several."""
    kinds = [key for key in DATA_KEYS if has(part, key)] if isinstance(part, dict) else []
    return kinds[0] if len(kinds) == 1 else ""


def check_part(part: object, path: str, kinds: tuple[str, ...]) -> Iterator[Finding]:
    """Objections to one part, which must hold one of those kinds of content."""
    kind = kind_of_part(part)
    if not isinstance(part, dict) or not kind:
        text = f'a part holds exactly one of {", ".join(kinds)}, as in {{"text": "..."}}.'
        yield problem(path, "bad_part", text)
        return
    spot, value = place(part, kind, path), get(part, kind)
    beside = BESIDE_MEDIA if kind in ("fileData", "inlineData") else ()
    yield from check_spelt_keys(part, (kind, *beside), path)
    if kind not in kinds:
        yield problem(spot, "misplaced_part", f"'{kind}' may not stand here; only {' or '.join(kinds)}.")
    elif kind == "text":
        yield from check_text(value, spot)
    elif not isinstance(value, dict):
        yield problem(spot, "bad_part", f"must be an object, not {kind_of(value)}.")
    elif kind in ("functionCall", "functionResponse"):
        yield from _check_function(value, spot, "args" if kind == "functionCall" else "response")
    else:
        yield from _check_file(value, spot) if kind == "fileData" else _check_inline(value, spot)
        yield from _check_beside(part, path)


def _check_function(call: Mapping[str, object], path: str, body: str) -> Iterator[Finding]:
    yield from check_spelt_keys(call, ("name", body, "id"), path)
    yield from check_function_name(call.get("name"), f"{path}.name")
    if "id" in call and not (isinstance(call["id"], str) and call["id"]):
        yield problem(f"{path}.id", "bad_call_id", f"an id is a text, not {shown(call['id'])}; remove it.")
    # A call of a function without parameters needs no args.
    if (body == "response" or body in call) and not isinstance(call.get(body), dict):
        rule = "bad_arguments" if body == "args" else "bad_response"
        yield problem(f"{path}.{body}", rule, f"must be an object, not {kind_of(call.get(body))}.")


def check_function_name(name: object, path: str) -> Iterator[Finding]:
    if not isinstance(name, str) or not NAMES.fullmatch(name):
        text = f"the name is {shown(name)}; a function's name matches {NAMES.pattern}."
        yield problem(path, "bad_tool_name", text)


def _check_file(file: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_spelt_keys(file, ("mimeType", "fileUri"), path)
    yield from _check_mime_type(file, path)
    uri = get(file, "fileUri")
    if not isinstance(uri, str) or not re.match(r"(gs|https?)://[^/\s]+/\S", uri):
        text = f"is {shown(uri)}; name a file as gs://bucket/name or https://host/name."
        yield problem(place(file, "fileUri", path), "bad_file", text)


def _check_inline(blob: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_spelt_keys(blob, ("mimeType", "data"), path)
    yield from _check_mime_type(blob, path)
    data = blob.get("data")
    try:
        content = base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        yield problem(f"{path}.data", "bad_file", "must be the base64 of a file; encode it again.")
    elif len(content) > MOST_BYTES:
        text = f"the file has {len(content):,} bytes; at most {MOST_BYTES:,} are taken: make it smaller."
        yield problem(f"{path}.data", "file_too_large", text)
    else:
        text = "Google's pages on tuning show files in Cloud Storage only; put the file there and write fileData."
        yield problem(path, "inline_data", text, "warning")


def _check_mime_type(file: Mapping[str, object], path: str) -> Iterator[Finding]:
    mime_type, spot = get(file, "mimeType"), place(file, "mimeType", path)
    if not isinstance(mime_type, str) or not _MIME.fullmatch(mime_type):
        yield problem(spot, "bad_mime_type", f"is {shown(mime_type)}; write the file's kind, as in 'image/png'.")
    elif mime_type not in MIME_TYPES:
        text = f"{shown(mime_type)} is none of the kinds Gemini is documented to read; use another file."
        yield problem(spot, "unusual_mime_type", text, "warning")


def _check_beside(part: Mapping[str, object], path: str) -> Iterator[Finding]:
    """Objections to the cut of a video and to the resolution of one part."""
    if has(part, "videoMetadata"):
        cut, spot = get(part, "videoMetadata"), place(part, "videoMetadata", path)
        times = list(cut.values()) if isinstance(cut, dict) else [None]
        if not all(isinstance(time, str) and _DURATION.fullmatch(time) for time in times):
            yield problem(spot, "bad_video_cut", 'must be {"startOffset": "5s", "endOffset": "25s"}.')
        elif isinstance(cut, dict):
            yield from check_spelt_keys(cut, ("startOffset", "endOffset"), spot)
    if has(part, "mediaResolution"):
        resolution, spot = get(part, "mediaResolution"), place(part, "mediaResolution", path)
        if not isinstance(resolution, dict) or set(resolution) != {"level"} or resolution["level"] not in LEVELS:
            yield problem(spot, "bad_resolution", f'must be {{"level": one of {", ".join(LEVELS)}}}.')
