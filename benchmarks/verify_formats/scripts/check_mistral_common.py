"""mistral-common's request validator in finetuning mode, over its own message classes (which refuse unknown keys).

The validators of tokenizers v3 (7B v0.3, Large v2, Nemo) and v7 and later, which is less strict, both run.
"""

from __future__ import annotations

import json
from typing import Any

from mistral_common.protocol.instruct.messages import FinetuningMessage
from mistral_common.protocol.instruct.tool_calls import Tool
from mistral_common.protocol.instruct.validator import (
    MistralRequestValidatorV3,
    MistralRequestValidatorV5,
    ValidationMode,
)
from protocol import answer, by_row
from pydantic import TypeAdapter

MESSAGES = TypeAdapter(list[FinetuningMessage])
TOOLS = TypeAdapter(list[Tool])
VALIDATORS = [kind(ValidationMode.finetuning) for kind in (MistralRequestValidatorV3, MistralRequestValidatorV5)]


def check_row(row: dict[str, Any], form: str) -> None:
    if unknown := set(row) - {"messages", "tools"}:
        raise ValueError(f"unknown keys {sorted(unknown)}")
    messages = MESSAGES.validate_json(json.dumps(row["messages"]))
    tools = TOOLS.validate_json(json.dumps(row.get("tools") or []))
    for validator in VALIDATORS:
        validator.validate_messages(messages)
        validator._validate_tools(tools)


answer(by_row(check_row))
