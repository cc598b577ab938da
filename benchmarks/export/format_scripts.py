"""What a user's own script would make of the rows of the database: json.loads, and the shape each raw library wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from src.export.formats.full_samples import FIELDS

Messages = list[dict[str, str]]
_LLAMA = "<|start_header_id|>{}<|end_header_id|>\n\n{}<|eot_id|>"
_LLAMA_DATES = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n"


def script_for(name: str) -> Callable[[Sequence[Any]], Any]:
    """What makes a row of the database, its columns as SAMPLE_COLUMNS has them, into a row for the format's peer."""
    if name in _SHAPES:
        shape = _SHAPES[name]
        return lambda row: shape(json.loads(row[1]))
    return _FULL.get(name, _sample)


def _sample(row: Sequence[Any]) -> dict[str, Any]:
    sample_id, content, tokens, keywords, source, split, origin = row
    told = json.loads(origin)
    known = {
        "id": sample_id, "split": split, "messages": json.loads(content), "token_length": tokens,
        "topic_keywords": keywords.split(","), "source_file": source,
    }  # fmt: skip
    return {**known, **{key: told.get(key, "") for key in FIELDS[6:]}}


def _cells(row: Sequence[Any]) -> list[Any]:
    sample = _sample(row)
    texts = _single_turn(sample["messages"])
    lists = {key: _json(sample[key]) for key in ("messages", "topic_keywords", "span", "turn_spans")}
    cells = {**sample, **lists, "token_length": str(sample["token_length"])}
    return [cells["id"], cells["split"], *texts, *list(cells.values())[2:]]


def _features(row: Sequence[Any]) -> dict[str, Any]:
    sample = _sample(row)
    messages = sample["messages"]
    texts = {"messages": json.dumps(messages), "turn_spans": json.dumps(sample["turn_spans"])}
    features = {**sample, **texts, "system": "", "user": "", "assistant": ""}
    for message in messages:
        features[message["role"]] = message["content"]
    return features


def _single_turn(messages: Messages) -> tuple[str, str, str]:
    texts = {message["role"]: message["content"] for message in messages}
    return (texts.get("system", ""), texts["user"], texts["assistant"]) if len(messages) == len(texts) else ("", "", "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _apart(messages: Messages) -> tuple[str | None, Messages]:
    """The system text, and the other messages."""
    return (messages[0]["content"], messages[1:]) if messages[0]["role"] == "system" else (None, messages)


def _as_messages(messages: Messages) -> dict[str, Any]:
    return {"messages": messages}


def _completion(messages: Messages) -> dict[str, Any]:
    system, (question, answer) = _apart(messages)
    prompt = f"{system}\n\n{question['content']}" if system else question["content"]
    return {"prompt": prompt, "completion": answer["content"]}


def _claude(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    return {**({"system": system} if system else {}), "messages": turns}


def _bedrock(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    return {
        "schemaVersion": "bedrock-conversation-2024",
        **({"system": [{"text": system}]} if system else {}),
        "messages": [{"role": turn["role"], "content": [{"text": turn["content"]}]} for turn in turns],
    }


def _vertex(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    names = {"user": "user", "assistant": "model"}
    return {
        **({"systemInstruction": {"role": "system", "parts": [{"text": system}]}} if system else {}),
        "contents": [{"role": names[turn["role"]], "parts": [{"text": turn["content"]}]} for turn in turns],
    }


def _trl(messages: Messages) -> dict[str, Any]:
    return {"prompt": messages[:-1], "completion": messages[-1:]}


def _sharegpt(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    names = {"user": "human", "assistant": "gpt"}
    spoken = [{"from": names[turn["role"]], "value": turn["content"]} for turn in turns]
    return {"conversations": spoken, **({"system": system} if system else {})}


def _alpaca(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    texts = [turn["content"] for turn in turns]
    history = [list(pair) for pair in zip(texts[:-2:2], texts[1:-2:2], strict=True)]
    return {
        "instruction": texts[-2],
        "input": "",
        "output": texts[-1],
        **({"system": system} if system else {}),
        **({"history": history} if history else {}),
    }


def _llama(messages: Messages) -> dict[str, Any]:
    system, turns = _apart(messages)
    spoken = "".join(_LLAMA.format(turn["role"], turn["content"]) for turn in turns)
    return {"text": f"<|begin_of_text|>{_LLAMA.format('system', _LLAMA_DATES + (system or ''))}{spoken}"}


_FULL: Mapping[str, Callable[[Sequence[Any]], Any]] = {"csv": _cells, "tfrecord": _features}
_SHAPES: Mapping[str, Callable[[Messages], dict[str, Any]]] = {
    **dict.fromkeys(("jsonl", "openai-chat", "mistral-chat", "messages"), _as_messages),
    **dict.fromkeys(("openai-completion", "bedrock-completion", "prompt-completion"), _completion),
    "bedrock-claude": _claude,
    "bedrock-conversation": _bedrock,
    "vertex-chat": _vertex,
    "trl-prompt-completion": _trl,
    "sharegpt": _sharegpt,
    "alpaca": _alpaca,
    "llama-text": _llama,
}
