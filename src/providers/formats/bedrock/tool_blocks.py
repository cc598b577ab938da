"""Rules for tools in a Bedrock conversation: toolConfig, the uses of its tools and their results.

AWS's pages disagree: "Preparing data for SFT on Amazon Nova 2" (Nova user guide) and its script take tools, "Supervised
fine-tuning on Amazon Nova 2.0" (Bedrock user guide) says that they may make the job fail (both read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from src.providers.formats.bedrock.said import check_reserved
from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.chat.tool_rules import ToolRules, check_definition, check_name, check_schema
from src.providers.formats.findings import Finding, problem

_RULES = ToolRules(definition_keys=("name", "description", "inputSchema"), described=True)


def check_tool_config(config: object) -> Iterator[Finding]:
    """Objections to the definitions of a row's tools."""
    path = "toolConfig"
    tools = config.get("tools") if isinstance(config, dict) else None
    if not isinstance(config, dict) or not isinstance(tools, list) or not tools:
        yield problem(path, "bad_tool", 'must be {"tools": [{"toolSpec": {...}}, ...]} with at least one tool.')
        return
    yield from check_known_keys(config, ("tools",), path)
    names: set[str] = set()
    for index, tool in enumerate(tools):
        place = f"{path}.tools[{index}]"
        spec = tool.get("toolSpec") if isinstance(tool, dict) else None
        if not isinstance(tool, dict) or not isinstance(spec, dict):
            yield problem(place, "bad_tool", 'must be {"toolSpec": {"name", "description", "inputSchema"}}.')
            continue
        yield from check_known_keys(tool, ("toolSpec",), place)
        yield from _check_spec(spec, f"{place}.toolSpec")
        name = str(spec.get("name"))
        if name in names:
            yield problem(f"{place}.toolSpec.name", "tool_repeated", "a tool of this name stands there already.")
        names.add(name)
    text = (
        "AWS's Bedrock guide says that tools may make a job of Nova 2 fail, and Llama has none; try a few rows first."
    )
    yield problem(path, "tools_may_fail", text, "warning")


def _check_spec(spec: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_definition(spec, _RULES, path)
    description = spec.get("description")
    if isinstance(description, str) and not description.strip():
        yield problem(f"{path}.description", "bad_tool", "is empty; say what the tool does.")
    schema = spec.get("inputSchema")
    inner = schema.get("json") if isinstance(schema, dict) else None
    if not isinstance(schema, dict) or set(schema) != {"json"} or not isinstance(inner, dict) or "type" not in inner:
        text = 'must be {"json": {"type": "object", "properties": {...}}}.'
        yield problem(f"{path}.inputSchema", "bad_schema", text)
        return
    yield from check_schema(inner, f"{path}.inputSchema.json")


def check_tool_use(use: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_known_keys(use, ("toolUseId", "name", "input"), path)
    yield from _check_id(use.get("toolUseId"), f"{path}.toolUseId")
    yield from check_name(use.get("name"), _RULES, f"{path}.name")
    if not isinstance(use.get("input"), dict):
        yield problem(f"{path}.input", "bad_arguments", f"must be an object, not {kind_of(use.get('input'))}.")


def check_tool_result(result: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_known_keys(result, ("toolUseId", "content"), path)
    yield from _check_id(result.get("toolUseId"), f"{path}.toolUseId")
    content = result.get("content")
    if not isinstance(content, list) or not content:
        yield problem(f"{path}.content", "bad_result", 'must be a list like [{"text": "..."}] or [{"json": {...}}].')
        return
    for index, item in enumerate(content):
        text = item.get("text") if isinstance(item, dict) and set(item) == {"text"} else None
        value = item.get("json") if isinstance(item, dict) and set(item) == {"json"} else None
        if not isinstance(text, str) and not isinstance(value, dict):
            message = 'holds one of {"text": "..."} and {"json": {...}}.'
            yield problem(f"{path}.content[{index}]", "bad_result", message)
        elif isinstance(text, str):
            yield from check_reserved(text, f"{path}.content[{index}].text")


def _check_id(use_id: object, path: str) -> Iterator[Finding]:
    if not isinstance(use_id, str) or not use_id.strip():
        yield problem(path, "bad_call_id", f"the id is {shown(use_id)}; each use of a tool has an id, as a text.")


def check_uses(messages: Sequence[object], config: object) -> Iterator[Finding]:
    """Objections to uses of unknown tools, to ids that stand twice and to results of no use before them."""
    known = _names(config)
    used: set[str] = set()
    answered: set[str] = set()
    for path, kind, block in _tool_blocks(messages):
        use_id, name = block.get("toolUseId"), block.get("name")
        if kind == "toolUse" and isinstance(name, str) and name not in known:
            text = f"uses {shown(name)}, which 'toolConfig' does not define; add its definition."
            yield problem(path, "undefined_tool", text, "error" if known else "warning")
        if not isinstance(use_id, str):
            continue
        seen = used if kind == "toolUse" else answered
        if use_id in seen:
            yield problem(f"{path}.toolUseId", "call_id_repeated", "the id stands twice; give each use its own.")
        elif kind == "toolResult" and use_id not in used:
            text = f"answers the use {shown(use_id)}, which no message before it makes."
            yield problem(f"{path}.toolUseId", "answer_without_call", text)
        seen.add(use_id)


def _names(config: object) -> set[object]:
    tools = config.get("tools") if isinstance(config, dict) else None
    specs = [tool.get("toolSpec") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
    return {str(spec.get("name")) for spec in specs if isinstance(spec, dict)}


def _tool_blocks(messages: Sequence[object]) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    for index, message in enumerate(messages):
        blocks = message.get("content") if isinstance(message, dict) else None
        for number, block in enumerate(blocks if isinstance(blocks, list) else ()):
            for kind in ("toolUse", "toolResult"):
                inner = block.get(kind) if isinstance(block, dict) else None
                if isinstance(inner, dict):
                    yield f"messages[{index}].content[{number}].{kind}", kind, inner
