"""bedrock-conversation: {"schemaVersion", "system"?, "toolConfig"?, "messages": [{"role", "content": [blocks]}, ...]}.

For Amazon Nova and Llama 3.2 and 3.3. The normal form has the keys schemaVersion, system, toolConfig, messages in this
order; `conversation_rows` says what stands in them. The owners of buckets and an assistant's reasoning, which only this
format knows, are extras of the example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from src.providers.formats.bedrock.blocks import check_block, check_files
from src.providers.formats.bedrock.conversation_rows import (
    build_messages,
    build_system,
    build_tool_config,
    read_owners,
    read_reasoning,
    read_system,
    read_tools,
    read_turns,
)
from src.providers.formats.bedrock.fitting_tools import fit_call_ids, fit_tool_specs
from src.providers.formats.bedrock.said import RESERVED, check_said, is_free_text
from src.providers.formats.bedrock.tool_blocks import check_tool_config, check_uses
from src.providers.formats.chat.order_rules import OrderRules, check_order
from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.findings import Finding, problem
from src.providers.formats.fitting.abilities import Abilities, Fitted
from src.providers.formats.row_format import RowFormat
from src.providers.formats.training_example import TrainingExample
from src.providers.formats.vertex.fitting_answers import (
    fit_json_answers,
    fit_lone_texts,
    only_accepted,
    take_steps,
)

VERSION = "bedrock-conversation-2024"
_KEYS = ("schemaVersion", "system", "toolConfig", "messages")
_ORDER = OrderRules(alternate="required", ends_with_assistant="required")
_ROLES = ("user", "assistant")
_SOURCE = (
    'AWS, "Preparing data for fine-tuning Understanding models" and "Preparing data for SFT on Amazon Nova 2" (Amazon '
    "Nova user guide), nova_ft_dataset_validator.py (aws-samples/amazon-bedrock-samples 85fba9d, amazon-nova-samples) "
    "and the SFT validator of amzn-nova-forge 1.4.10, read 2026-11-21"
)
_RULE_SOURCES = {
    "tools_may_fail": 'AWS, "Supervised fine-tuning on Amazon Nova 2.0" (Bedrock user guide), read 2026-11-21',
    "system_repeated": "AWS, the schema of meta-llama/dataset_validation in amazon-bedrock-samples, read 2026-11-21",
    "reserved_text_in_any_case": "AWS, nova_dataset_validator.py in amazon-nova-samples, read 2026-11-21",
}


class BedrockConversation(RowFormat):
    name = "bedrock-conversation"
    title = "Bedrock conversation"
    family = "bedrock"
    abilities = Abilities(
        system="first",
        alternates=True,
        parts=True,
        media_on=("user",),
        media_schemes=("s3:",),
        media_types=True,
        media_details=False,
        reserved_texts=RESERVED,
        tools=True,
        canonical_arguments=True,
        tool_names=False,
        parallel_flag=False,
        strict_tools=False,
    )
    source = _SOURCE
    rule_sources = _RULE_SOURCES

    def recognises(self, row: Mapping[str, object]) -> bool:
        return "messages" in row and ("schemaVersion" in row or "toolConfig" in row or type(row.get("system")) is list)

    def check(self, row: object) -> Iterator[Finding]:
        if not isinstance(row, dict):
            yield problem("", "not_an_object", f'a row must be an object like {{"schemaVersion": "{VERSION}", ...}}.')
            return
        yield from check_known_keys(row, _KEYS)
        yield from _check_version(row)
        if "system" in row:
            yield from _check_system(row["system"])
        if "toolConfig" in row:
            yield from check_tool_config(row["toolConfig"])
        messages = row.get("messages")
        if not isinstance(messages, list) or not messages:
            yield problem("messages", "messages_missing", "'messages' must be a list with at least two messages.")
            return
        plain = [_is_plain(message) for message in messages]
        for index, message in enumerate(messages):
            if not plain[index]:
                yield from _check_message(message, f"messages[{index}]")
        roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
        if all(role in _ROLES for role in roles):
            yield from check_order([str(role) for role in roles], _ORDER, "messages")
        if not all(plain):
            yield from check_files(messages)
            yield from check_uses(messages, row.get("toolConfig"))

    def read(self, row: Mapping[str, object]) -> TrainingExample:
        messages = row["messages"]
        found: dict[str, object] = {"bucketOwners": read_owners(messages), "reasoning": read_reasoning(messages)}
        extras = {key: value for key, value in found.items() if value}
        return TrainingExample(
            read_system(row.get("system")) + read_turns(messages),
            tools=read_tools(row.get("toolConfig")),
            extras=extras,
            extras_of=self.family if extras else "",
        )

    def build(self, example: TrainingExample) -> dict[str, object]:
        row: dict[str, object] = {"schemaVersion": VERSION, **build_system(example.turns)}
        if example.tools:
            row["toolConfig"] = build_tool_config(example.tools)
        owners = cast("list[str]", example.extras.get("bucketOwners", []))
        reasoning = cast("dict[str, str]", example.extras.get("reasoning", {}))
        return {**row, "messages": build_messages(example.turns, owners, reasoning)}

    def fit(self, example: TrainingExample) -> Fitted:
        fitted = super().fit(example)
        if example.text_only:
            return fitted
        steps = (fit_lone_texts, fit_json_answers, fit_tool_specs, fit_call_ids)
        return take_steps(fitted, *steps, only_accepted(self))


def _check_version(row: Mapping[str, object]) -> Iterator[Finding]:
    version = row.get("schemaVersion")
    if version != VERSION:
        text = (
            f"is {shown(version)}; write {VERSION!r}." if "schemaVersion" in row else f"is missing; write {VERSION!r}."
        )
        yield problem("schemaVersion", "schema_version", text)


def _check_system(system: object) -> Iterator[Finding]:
    if not isinstance(system, list) or not system:
        yield problem("system", "system_not_list", 'must be a list like [{"text": "..."}]; remove an empty one.')
        return
    for index, block in enumerate(system):
        if isinstance(block, dict) and set(block) == {"text"}:
            yield from check_said(block["text"], f"system[{index}].text")
        else:
            yield problem(f"system[{index}]", "bad_block", 'must be {"text": "..."} and nothing more.')
    if len(system) > 1:
        text = "Nova takes several system texts, Llama one; join them for Llama."
        yield problem("system[1]", "system_repeated", text, "warning")


def _is_plain(message: object) -> bool:
    """Whether a message is one text without any fault, as nearly all are."""
    if type(message) is not dict or len(message) != 2 or message.get("role") not in _ROLES:
        return False
    blocks: Any = message.get("content")
    if type(blocks) is not list or len(blocks) != 1 or type(blocks[0]) is not dict or len(blocks[0]) != 1:
        return False
    text = blocks[0].get("text")
    return type(text) is str and bool(text) and not text.isspace() and is_free_text(text)


def _check_message(message: object, path: str) -> Iterator[Finding]:
    if not isinstance(message, dict):
        yield problem(path, "message_not_object", f"must be an object with role and content, not {kind_of(message)}.")
        return
    yield from check_known_keys(message, ("role", "content"), path)
    role, blocks = message.get("role"), message.get("content")
    if role not in _ROLES:
        text = f"the role is {shown(role)}; use user or assistant (the system text stands beside the messages)."
        yield problem(f"{path}.role", "unknown_role" if "role" in message else "role_missing", text)
    if not isinstance(blocks, list) or not blocks:
        yield problem(f"{path}.content", "content_not_list", 'must be a list like [{"text": "..."}].')
        return
    for index, block in enumerate(blocks):
        yield from check_block(block, role, f"{path}.content[{index}]")
    yield from _check_kinds(blocks, path)


def _check_kinds(blocks: list[object], path: str) -> Iterator[Finding]:
    thoughts = [block for block in blocks if isinstance(block, dict) and "reasoningContent" in block]
    if len(thoughts) > 1:
        yield problem(f"{path}.content", "bad_reasoning", "an answer holds its reasoning once; join the two.")
    elif thoughts and len(blocks) == 1:
        yield problem(f"{path}.content", "bad_reasoning", "holds nothing but reasoning; add the answer.")
