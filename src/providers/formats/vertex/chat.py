"""vertex-chat: {"systemInstruction"?, "contents": [{"role", "parts"}, ...], "tools"?, ...}, supervised tuning.

Both spellings of a key are read (system_instruction, file_data), as the service does; the documented one is written.
The normal form has the keys systemInstruction, contents, tools, toolConfig, generationConfig, labels, safetySettings,
in this order; `rows` and `declarations` say what stands in them. What a function answered is the text beside
{"output": ...}, as on Google's page on tuning with functions, or the text of the response's whole JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample
from src.providers.formats.vertex.contents import (
    SYSTEM_KEY,
    check_calls,
    check_contents,
    check_media_count,
    check_order,
    check_system,
    is_plain,
)
from src.providers.formats.vertex.declarations import build_tools, check_tools, read_tools
from src.providers.formats.vertex.fitting_answers import (
    fit_json_answers,
    fit_texts_in_parts,
    only_accepted,
    take_steps,
)
from src.providers.formats.vertex.rows import (
    build_contents,
    build_system,
    read_beside_media,
    read_contents,
    read_system,
)
from src.providers.formats.vertex.settings import SETTINGS, check_settings
from src.providers.formats.vertex.spelling import check_spelt_keys, get, has

# What stands beside the files of a row is kept under this name, one object a file.
_BESIDE = "besideMedia"
_RULE_SOURCES = {
    **dict.fromkeys(
        ("too_many_images", "too_many_documents", "file_too_large", "bad_resolution", "bad_video_cut"),
        'Google Cloud, "Image tuning", "Document tuning" and "Video tuning", read 2026-11-21',
    ),
    **dict.fromkeys(
        ("bad_schema", "too_many_tools", "bad_tool_name", "bad_response"),
        "google-cloud-aiplatform 2.7.0, Schema, Tool, FunctionDeclaration and FunctionResponse, read 2026-11-21",
    ),
}


class VertexChat(RowFormat):
    name = "vertex-chat"
    title = "Vertex AI"
    family = "vertex"
    abilities = Abilities(
        system="first",
        alternates=True,
        media_on=("user",),
        media_schemes=("gs:", "https:", "http:", "data:"),
        media_types=True,
        media_details=False,
        tools=True,
        canonical_arguments=True,
        call_ids="none",
        parallel_flag=False,
        strict_tools=False,
    )
    source = (
        'Google Cloud, "About supervised fine-tuning for Gemini models", "Prepare supervised fine-tuning data" and '
        '"Tune function calling", and google-cloud-aiplatform 2.7.0, read 2026-11-21'
    )
    rule_sources = _RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "contents" in row and "completions" not in row

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", 'a row must be an object like {"contents": [...]}.')
            return
        contents = row.get("contents")
        if row.keys() != {"contents"}:
            yield from _check_keys(row)
            yield from check_system(row)
            yield from check_settings(row)
        if is_plain(contents):
            return
        yield from check_contents(contents)
        if isinstance(contents, list):
            yield from check_order(contents, ends_with="model")
            yield from check_calls(contents)
            yield from check_media_count(contents)

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        extras = {key: get(row, key) for key in SETTINGS if has(row, key)}
        beside = read_beside_media(row["contents"])
        if beside:
            extras[_BESIDE] = beside
        return TrainingExample(
            read_system(row) + read_contents(row["contents"]),
            tools=read_tools(row.get("tools")),
            extras=extras,
            extras_of=self.family if extras else "",
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        beside = cast("list[Mapping[str, object]]", example.extras.get(_BESIDE, []))
        row = {**build_system(example.turns), "contents": build_contents(example.turns, beside)}
        if example.tools:
            row["tools"] = build_tools(example.tools)
        return {**row, **{key: example.extras[key] for key in SETTINGS if key in example.extras}}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if example.text_only:
            return fitted
        return take_steps(fitted, fit_texts_in_parts, fit_json_answers, only_accepted(self))


def _check_keys(row: Mapping[str, object]) -> Iterator[Finding]:
    if "messages" in row:
        text = "'messages' is the format of Gemini 1.0; write 'contents' with 'parts' and the roles user and model."
        yield problem("messages", "old_format", text)
    known = (SYSTEM_KEY, "contents", "tools", *SETTINGS)
    rest = {key: value for key, value in row.items() if key not in ("messages", "system_instruction")}
    yield from check_spelt_keys(rest, known)
    if "tools" in row:
        yield from check_tools(row["tools"])
