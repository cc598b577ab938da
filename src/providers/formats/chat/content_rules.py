"""Rules for what a message says: a text, or a list of parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from src.providers.formats.chat.media_rules import MediaRules, check_image
from src.providers.formats.chat.texts import check_known_keys, check_text, shown
from src.providers.formats.findings import Finding, problem


@dataclass(frozen=True, kw_only=True, eq=False)
class ContentRules:
    """What one format takes as the content of a message.

    `parts` says whether content may be a list of parts, `parts_on` on which roles only (None: on all); `media` is None
    where pictures may not be among them, `media_on` are the roles whose messages may hold them. `refusal_parts` takes
    one {"type": "refusal"} as the assistant's content. `reserved_texts` may not stand in a text.
    """

    parts: bool = False
    parts_on: tuple[str, ...] | None = None
    media: MediaRules | None = None
    media_on: tuple[str, ...] = ("user",)
    refusal_parts: bool = False
    reserved_texts: tuple[str, ...] = ()


def check_content(message: Mapping[str, object], path: str, rules: ContentRules, silent: bool) -> Iterator[Finding]:
    """Objections to a message's content; `silent` says that it may have none."""
    content, place, role = message.get("content"), f"{path}.content", message.get("role")
    if content in (None, "") and silent:
        return
    if content is None:
        yield problem(place, "content_missing", "has no text; write the message's text into 'content'.")
    elif isinstance(content, list) and rules.parts and (rules.parts_on is None or role in rules.parts_on):
        yield from _check_parts(content, role, place, rules)
    else:
        yield from check_text(content, place, rules.reserved_texts)


def _check_parts(parts: Sequence[object], role: object, path: str, rules: ContentRules) -> Iterator[Finding]:
    if not parts:
        yield problem(path, "text_empty", "is empty; write a text or remove the example.")
    for index, part in enumerate(parts):
        place = f"{path}[{index}]"
        if isinstance(part, dict):
            yield from _check_part(part, role, place, rules, alone=len(parts) == 1)
        else:
            yield problem(place, "unknown_part", 'a part is an object like {"type": "text", "text": "..."}.')


def _check_part(
    part: Mapping[str, object], role: object, place: str, rules: ContentRules, alone: bool
) -> Iterator[Finding]:
    kind = part.get("type")
    if kind == "text":
        yield from check_text(part.get("text"), f"{place}.text", rules.reserved_texts)
        yield from check_known_keys(part, ("type", "text"), place)
    elif kind == "image_url" and rules.media is not None:
        if role not in rules.media_on:
            text = f"a {role} message may not hold pictures; move it to a {' or '.join(rules.media_on)} message."
            yield problem(place, "misplaced_image", text)
        yield from check_image(part, place, rules.media)
    elif kind == "refusal" and rules.refusal_parts and role == "assistant":
        if not alone:
            yield problem(place, "bad_refusal", "a refusal stands alone; remove the other parts.")
        yield from check_text(part.get("refusal"), f"{place}.refusal", rules.reserved_texts)
    else:
        known = "text or image_url" if rules.media is not None else "text"
        yield problem(place, "unknown_part", f"the type is {shown(kind)}; a part is of type {known}.")
