"""Rules for the contents of a Gemini row: each content, the order of their roles, and answers to function calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from src.providers.formats.chat.texts import shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.vertex.parts import IMAGES, PDF, check_part, kind_of_part
from src.providers.formats.vertex.spelling import check_spelt_keys, get

Side = Literal["user", "model", "function", ""]
SYSTEM_KEY = "systemInstruction"
# The contents of Google's example of a chat with functions has no role where a function answers.
_ROLES = ("user", "model", "function", None)
_KINDS: Mapping[Side, tuple[str, ...]] = {
    "user": ("text", "fileData", "inlineData", "functionResponse"),
    "model": ("text", "functionCall"),
    "function": ("functionResponse",),
}
# "Image tuning" and "Document tuning", read 2026-11-21.
MOST_IMAGES, MOST_PDFS = 30, 4


def check_system(row: Mapping[str, object]) -> Iterator[Finding]:
    """Objections to the system instruction, which is text only; its role is ignored by the service."""
    if SYSTEM_KEY in row and "system_instruction" in row:
        text = "the system instruction stands twice; keep systemInstruction."
        yield problem("system_instruction", "system_repeated", text)
    for key in (SYSTEM_KEY, "system_instruction"):
        if key in row:
            yield from _check_content(row[key], key, ("text",), any_role=True)


def check_contents(contents: object, path: str = "contents", text_only: bool = False) -> Iterator[Finding]:
    """Objections to each content by itself."""
    if not isinstance(contents, list) or not contents:
        yield problem(path, "contents_missing", f"'{path}' must be a list with at least one turn.")
        return
    for index, content in enumerate(contents):
        kinds = ("text",) if text_only else _KINDS.get(side_of(content), ("text",))
        yield from _check_content(content, f"{path}[{index}]", kinds)


def check_answer(content: object, path: str) -> Iterator[Finding]:
    """Objections to a content that must be a text of the model's."""
    yield from _check_content(content, path, ("text",))
    if isinstance(content, dict) and content.get("role") in _ROLES and content.get("role") != "model":
        yield problem(f"{path}.role", "unknown_role", f"the role is {shown(content.get('role'))}; write model.")


def _check_content(content: object, path: str, kinds: tuple[str, ...], any_role: bool = False) -> Iterator[Finding]:
    if not isinstance(content, dict):
        yield problem(path, "content_not_object", "must be an object with role and parts.")
        return
    yield from check_spelt_keys(content, ("role", "parts"), path)
    role = content.get("role")
    if not any_role and not side_of(content):
        text = f"the role is {shown(role)}; use user for the question and model for the answer."
        yield problem(f"{path}.role", "unknown_role", text)
    elif role is not None and not isinstance(role, str):
        yield problem(f"{path}.role", "unknown_role", f"the role is {shown(role)}; write it as a string.")
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts:
        yield problem(f"{path}.parts", "parts_missing", '\'parts\' must be a list like [{"text": "..."}].')
        return
    for index, part in enumerate(parts):
        yield from check_part(part, f"{path}.parts[{index}]", kinds)


def side_of(content: object) -> Side:
    """Whose turn a content is; "" where its role says nothing known.

    What a function answered is its turn, whether the role is user, function or left out.
    """
    role = content.get("role") if isinstance(content, dict) else ""
    if not isinstance(content, dict) or role not in _ROLES:
        return ""
    if role == "model":
        return "model"
    if role == "function":
        return "function"
    kinds = {kind_of_part(part) for part in parts_of(content)}
    if role is None:
        return "function" if kinds == {"functionResponse"} else ""
    return "function" if kinds == {"functionResponse"} else "user"


def parts_of(content: Mapping[str, object]) -> Sequence[object]:
    parts = content.get("parts")
    return parts if isinstance(parts, list) else ()


def check_order(contents: Sequence[object], ends_with: Literal["model", "user"]) -> Iterator[Finding]:
    """Objections to the order of turns: user first, in turn, the answers of functions on the user's side."""
    sides = [side_of(content) for content in contents]
    if not sides or "" in sides:
        return
    if sides[0] != "user":
        yield problem(
            "contents[0].role", "first_not_user", f"the first turn is the {sides[0]}'s; start with the user's."
        )
    for index in range(1, len(sides)):
        before, side = sides[index - 1], sides[index]
        if (before == "model") == (side == "model"):
            both = f"two {side} turns" if before == side else f"a {before} and a {side} turn"
            text = f"{both} in a row; join them or put the other side's turn between."
            yield problem(f"contents[{index}].role", "roles_not_in_turn", text)
    if sides[-1] != ends_with:
        text = f"the last turn is the {sides[-1]}'s; end with the {ends_with}'s."
        yield problem(f"contents[{len(sides) - 1}].role", f"last_not_{ends_with}", text)


def check_calls(contents: Sequence[object]) -> Iterator[Finding]:
    """Objections to answers without a call before them; calls without an answer are warned of."""
    open_calls: Counter[object] = Counter()
    for index, content in enumerate(contents):
        if not isinstance(content, dict):
            continue
        for number, part in enumerate(parts_of(content)):
            name = _name(part, "functionResponse")
            if name is not None and not open_calls[name]:
                text = f"answers {shown(name)}, which the turn before does not call (or which is answered already)."
                yield problem(f"contents[{index}].parts[{number}]", "answer_without_call", text)
            elif name is not None:
                open_calls[name] -= 1
        for name in +open_calls:
            text = f"the call of {shown(name)} in the turn before is not answered; add a functionResponse."
            yield problem(f"contents[{index}]", "call_without_answer", text, "warning")
        names = (_name(part, "functionCall") for part in parts_of(content))
        open_calls = Counter(name for name in names if name is not None)


def _name(part: object, kind: str) -> object:
    call = get(part, kind) if isinstance(part, dict) else None
    return call.get("name") if isinstance(call, dict) and isinstance(call.get("name"), str) else None


def check_media_count(contents: Sequence[object]) -> Iterator[Finding]:
    """Objections to more pictures or PDFs in an example than are taken."""
    kinds = [_mime_type(part) for content in contents if isinstance(content, dict) for part in parts_of(content)]
    images, pdfs = sum(kind.startswith(IMAGES) for kind in kinds), kinds.count(PDF)
    if images > MOST_IMAGES:
        text = f"{images} pictures; at most {MOST_IMAGES} are taken in an example: leave some out."
        yield problem("contents", "too_many_images", text)
    if pdfs > MOST_PDFS:
        text = f"{pdfs} PDF files; at most {MOST_PDFS} are taken in an example: leave some out."
        yield problem("contents", "too_many_documents", text)


def _mime_type(part: object) -> str:
    file = (get(part, "fileData") or get(part, "inlineData")) if isinstance(part, dict) else None
    mime_type = get(file, "mimeType") if isinstance(file, dict) else None
    return mime_type if isinstance(mime_type, str) else ""


def is_plain(contents: object) -> bool:
    """Whether contents are user and model in turn, each with texts alone: nothing to object to, as in most rows."""
    if type(contents) is not list or not contents or len(contents) % 2:
        return False
    for index, content in enumerate(contents):
        if type(content) is not dict or len(content) != 2 or content.get("role") != ("model" if index % 2 else "user"):
            return False
        if not is_plain_text(content.get("parts")):
            return False
    return True


def is_plain_text(parts: object) -> bool:
    if type(parts) is not list or not parts:
        return False
    for part in parts:
        text = part.get("text") if type(part) is dict and len(part) == 1 else None
        if type(text) is not str or not text or text.isspace():
            return False
    return True
