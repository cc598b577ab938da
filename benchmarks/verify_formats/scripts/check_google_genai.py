"""google-genai's pydantic types, which forbid unknown keys: Content, Tool, GenerationConfig, GeminiPreferenceExample.

GeminiPreferenceExample has no system instruction, which Google's page on preference tuning shows: it is checked apart.
"""

from __future__ import annotations

import json
from typing import Any

from google.genai import types
from protocol import answer, by_row

SYSTEM = ("systemInstruction", "system_instruction")
KEYS = {"contents", "tools", "toolConfig", "tool_config", "generationConfig", "generation_config", *SYSTEM}


def check_row(row: dict[str, Any], form: str) -> None:
    check_preference(row) if form == "vertex-preference" else check_chat(row)


def check_chat(row: dict[str, Any]) -> None:
    if unknown := set(row) - KEYS:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    check_system(row)
    for content in row["contents"]:
        validate(types.Content, content)
    for tool in row.get("tools", []):
        validate(types.Tool, tool)
    for key in ("generationConfig", "generation_config"):
        if key in row:
            validate(types.GenerationConfig, row[key])


def check_preference(row: dict[str, Any]) -> None:
    check_system(row)
    validate(types.GeminiPreferenceExample, {key: value for key, value in row.items() if key not in SYSTEM})


def check_system(row: dict[str, Any]) -> None:
    for key in SYSTEM:
        if key in row:
            validate(types.Content, row[key])


def validate(kind: Any, value: Any) -> None:
    kind.model_validate_json(json.dumps(value))


answer(by_row(check_row))
