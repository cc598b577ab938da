"""The rules on Google's pages for tuning data that its types do not express, restated (read 2026-11-21).

"About supervised fine-tuning for Gemini models", "Prepare preference tuning data" and the classes of error in Google's
notebook on tuning data: roles in turn, the last turn the model's, one kind of content a part, text-only systems.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from protocol import answer, by_row

KINDS = ("text", "fileData", "file_data", "inlineData", "functionCall", "function_call",
         "functionResponse", "function_response")  # fmt: skip


def check_row(row: dict[str, Any], form: str) -> Iterator[str]:
    for key in ("systemInstruction", "system_instruction"):
        if key in row and not all(isinstance(part.get("text"), str) for part in row[key]["parts"]):
            yield "the system instruction is text only"
    contents = row.get("contents")
    if not contents:
        yield "no contents"
        return
    for content in contents:
        yield from check_parts(content)
    sides = ["model" if content.get("role") == "model" else "user" for content in contents]
    if any(content.get("role") not in ("user", "model", "function") and not is_answer(content) for content in contents):
        yield "role is not user or model"
    elif any(one == two for one, two in pairwise(sides)):
        yield "roles do not alternate"
    elif sides[0] != "user":
        yield "first content is not the user's"
    elif form == "vertex-preference":
        yield from check_preference(row, sides)
    elif sides[-1] != "model":
        yield "last content is not the model's"


def check_preference(row: dict[str, Any], sides: list[str]) -> Iterator[str]:
    if sides[-1] != "user":
        yield "the prompt does not end with the user"
    completions = row.get("completions")
    if not isinstance(completions, list) or len(completions) != 2:
        yield "not two completions"
        return
    if sorted(float(one["score"]) for one in completions) != [0.0, 1.0]:
        yield "the scores are not one 1 and one 0"
    for one in completions:
        if one["completion"].get("role") != "model":
            yield "a completion is not the model's"
        yield from check_parts(one["completion"])


def is_answer(content: dict[str, Any]) -> bool:
    """Google's example of a chat with functions gives no role to what a function answered."""
    parts = content.get("parts") or []
    return content.get("role") is None and all("functionResponse" in p or "function_response" in p for p in parts)


def check_parts(content: dict[str, Any]) -> Iterator[str]:
    if not content.get("parts"):
        yield "no parts"
    for part in content.get("parts") or []:
        if len([key for key in part if key in KINDS]) != 1:
            yield "a part has not exactly one kind of content"
        if "text" in part and not str(part["text"]).strip():
            yield "empty text"


answer(by_row(check_row))
