"""Strict parsing by the protocol buffers of google-cloud-aiplatform, which refuse unknown fields and wrong types."""

from __future__ import annotations

from typing import Any

from google.cloud.aiplatform_v1.types import GenerateContentRequest
from google.protobuf import json_format
from protocol import answer, by_row

REQUEST = GenerateContentRequest.pb(GenerateContentRequest())
CONTENT = REQUEST.contents.add().__class__


def check_row(row: dict[str, Any], form: str) -> None:
    request = {key: value for key, value in row.items() if key != "completions"}
    parsed = json_format.ParseDict(request, REQUEST.__class__())
    if not parsed.contents:
        raise ValueError("no contents")
    for completion in row.get("completions", []):
        json_format.ParseDict(completion["completion"], CONTENT())


answer(by_row(check_row))
