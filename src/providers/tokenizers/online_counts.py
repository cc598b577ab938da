"""Counts from a provider's own count endpoint, asked once for each example and remembered on this machine.

What is sent is the Messages format of Anthropic (docs.anthropic.com, "Count tokens in a Message", read 2026-11-21).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from src.config.environment import cache_folder
from src.errors import UsageError
from src.providers.formats.training_example import MediaPart, TextPart, TrainingExample, Turn
from src.providers.tokenizers.frames.framed import as_json

# A request without its model -> its tokens. Raises LLMError.
AskOnline = Callable[[Mapping[str, Any]], int]


class OnlineCounts:
    """The counts of one model's endpoint. Safe to use from several threads; each new count is kept at once."""

    def __init__(self, model: str, ask: AskOnline) -> None:
        self._ask = ask
        self._lock = Lock()
        self._path = cache_folder() / "counts" / f"{re.sub(r'[^A-Za-z0-9._-]', '_', model)}.txt"
        self._known = _read(self._path)

    def count(self, example: TrainingExample) -> int:
        """The tokens of the example as the endpoint counts them. Raises LLMError, and UsageError for the cache."""
        body = as_anthropic(example)
        key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        with self._lock:
            if key in self._known:
                return self._known[key]
        tokens = self._ask(body)
        with self._lock:
            self._known[key] = tokens
            self._keep(f"{key} {tokens}\n")
        return tokens

    def _keep(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="ascii") as stream:
                stream.write(line)
        except OSError as error:
            raise UsageError(
                f"the count cannot be kept in {self._path}: {error.strerror}; "
                "set FTDB_CACHE_DIR to a folder you may write to."
            ) from error


def as_anthropic(example: TrainingExample) -> dict[str, Any]:
    """The example as a request: of a preference, the conversation and the better answer."""
    turns = (Turn("user", example.text),) if example.text is not None else example.turns + example.preferred
    system = "\n\n".join(turn.text for turn in turns if turn.role in ("system", "developer"))
    body: dict[str, Any] = {"messages": [_message(turn) for turn in turns if turn.role not in ("system", "developer")]}
    if system:
        body["system"] = system
    if example.tools:
        body["tools"] = [
            {
                "name": tool.name,
                "description": tool.description or "",
                "input_schema": {"type": "object", **(tool.parameters or {})},
            }
            for tool in example.tools
        ]
    return body


def _message(turn: Turn) -> dict[str, Any]:
    if turn.role == "tool":
        answer = {"type": "tool_result", "tool_use_id": turn.tool_call_id, "content": turn.text}
        return {"role": "user", "content": [answer]}
    if isinstance(turn.content, tuple):
        blocks = [_block(part) for part in turn.content]
    else:
        blocks = [{"type": "text", "text": turn.content}] if turn.content else []
    for call in turn.tool_calls:
        blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": as_json(call.arguments)})
    return {"role": turn.role, "content": blocks}


def _block(part: TextPart | MediaPart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    inline = re.fullmatch(r"data:([^;,]+);base64,(.*)", part.uri, re.DOTALL)
    if inline is None:
        return {"type": "image", "source": {"type": "url", "url": part.uri}}
    return {"type": "image", "source": {"type": "base64", "media_type": inline[1], "data": inline[2]}}


def _read(path: Path) -> dict[str, int]:
    """What was counted before; a line that was cut off when the program was killed is left out."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    return {line[:64]: int(line[65:]) for line in lines if re.fullmatch(r"[0-9a-f]{64} [0-9]+", line)}
