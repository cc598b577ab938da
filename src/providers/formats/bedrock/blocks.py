"""Rules for the content blocks of a Bedrock conversation: text, files in S3, reasoning, tool uses and their results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from src.providers.formats.bedrock.said import check_said
from src.providers.formats.bedrock.tool_blocks import check_tool_result, check_tool_use
from src.providers.formats.chat.texts import check_known_keys, kind_of, shown
from src.providers.formats.findings import Finding, problem

FILE_FORMATS: Mapping[str, tuple[str, ...]] = {
    "image": ("jpeg", "png", "gif", "webp"),
    "video": ("mov", "mkv", "mp4", "webm"),
    "document": ("pdf",),
}
# "Dataset constraints": 10 images or one video a sample; a document is Nova 2's, one a sample in AWS's script.
MOST_FILES = {"image": 10, "video": 1, "document": 1}
_KINDS = {
    "user": ("text", *FILE_FORMATS, "toolResult"),
    "assistant": ("text", "reasoningContent", "toolUse"),
}
_ALL_KINDS = ("text", *FILE_FORMATS, "toolUse", "toolResult", "reasoningContent")
_PLACE = re.compile(r"s3://[\w\-/.]+")


def check_block(block: object, role: object, path: str) -> Iterator[Finding]:
    """Objections to one block in a message of that role."""
    kinds = _KINDS.get(str(role), _ALL_KINDS)
    if not isinstance(block, dict) or len(block) != 1 or next(iter(block)) not in _ALL_KINDS:
        text = f'a block is an object with one key, as in {{"text": "..."}}; known are {", ".join(kinds)}.'
        yield problem(path, "bad_block", text)
        return
    ((kind, value),) = block.items()
    spot = f"{path}.{kind}"
    if kind not in kinds:
        text = f"'{kind}' may not stand in a message of the {role}'s; only {', '.join(kinds)}."
        yield problem(spot, "misplaced_block", text)
    elif kind == "text":
        yield from check_said(value, spot)
    elif not isinstance(value, dict):
        yield problem(spot, "bad_block", f"must be an object, not {kind_of(value)}.")
    elif kind in FILE_FORMATS:
        yield from _check_file(value, kind, spot)
    elif kind == "reasoningContent":
        yield from _check_reasoning(value, spot)
    else:
        yield from check_tool_use(value, spot) if kind == "toolUse" else check_tool_result(value, spot)


def _check_file(file: Mapping[str, object], kind: str, path: str) -> Iterator[Finding]:
    yield from check_known_keys(file, ("format", "source"), path)
    form = file.get("format")
    if not isinstance(form, str) or form.lower() not in FILE_FORMATS[kind]:
        text = f"the format is {shown(form)}; use one of {', '.join(FILE_FORMATS[kind])}."
        yield problem(f"{path}.format", "bad_file_format", text)
    source = file.get("source")
    place = source.get("s3Location") if isinstance(source, dict) else None
    if not isinstance(source, dict) or not isinstance(place, dict):
        text = 'must be {"s3Location": {"uri": "s3://bucket/name", "bucketOwner": "account id"}}.'
        yield problem(f"{path}.source", "bad_file", text)
        return
    yield from check_known_keys(source, ("s3Location",), f"{path}.source")
    yield from _check_place(place, f"{path}.source.s3Location")


def _check_place(place: Mapping[str, object], path: str) -> Iterator[Finding]:
    yield from check_known_keys(place, ("uri", "bucketOwner"), path)
    uri, owner = place.get("uri"), place.get("bucketOwner")
    if not isinstance(uri, str) or not _PLACE.fullmatch(uri):
        text = f"is {shown(uri)}; write s3://bucket/name with letters, digits and _ - / . alone."
        yield problem(f"{path}.uri", "bad_file", text)
    if "bucketOwner" not in place:
        text = "AWS's SDK asks for the number of the account the bucket is of; add bucketOwner."
        yield problem(f"{path}.bucketOwner", "owner_missing", text, "warning")
    elif not isinstance(owner, str) or not owner.strip():
        text = f"is {shown(owner)}; write the number of the account the bucket is of, as a text."
        yield problem(f"{path}.bucketOwner", "bad_file", text)


def _check_reasoning(reasoning: Mapping[str, object], path: str) -> Iterator[Finding]:
    inner = reasoning.get("reasoningText")
    yield from check_known_keys(reasoning, ("reasoningText",), path)
    if not isinstance(inner, dict):
        yield problem(path, "bad_reasoning", 'must be {"reasoningText": {"text": "..."}}.')
        return
    yield from check_known_keys(inner, ("text",), f"{path}.reasoningText")
    yield from check_said(inner.get("text"), f"{path}.reasoningText.text")


def check_files(messages: Sequence[object]) -> Iterator[Finding]:
    """Objections to more files in a row than are taken, or to files of several kinds."""
    counts = dict.fromkeys(FILE_FORMATS, 0)
    for message in messages:
        blocks = message.get("content") if isinstance(message, dict) else None
        for block in blocks if isinstance(blocks, list) else ():
            for kind in counts:
                counts[kind] += isinstance(block, dict) and kind in block
    for kind, count in counts.items():
        if count > MOST_FILES[kind]:
            text = f"{count} {kind}s; at most {MOST_FILES[kind]} may stand in an example: leave some out."
            yield problem("messages", f"too_many_{kind}s", text)
    given = [kind for kind, count in counts.items() if count]
    if len(given) > 1:
        text = f"{' and '.join(given)} in one example; a dataset holds files of one kind: divide it."
        yield problem("messages", "mixed_files", text)
