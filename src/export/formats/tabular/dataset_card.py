"""What stands beside the shards of a Hugging Face dataset: README.md with its YAML head, and dataset_infos.json.

The features are spelt as `datasets` 2 and 3 wrote them, which 4 and 5 read as well ("Sequence" became "List" there).
Source: huggingface/datasets, features/features.py and info.py of 3.6.0 and 5.2.0, tried 2026-11-21.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from src.export.formats.export_format import ExportJob
from src.export.formats.full_samples import field_names
from src.records import SPLITS, Split

CONFIG = "default"
# huggingface/hub-docs, datasetcard.md: the categories of size_categories, read 2026-11-21
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_NESTING = {"topic_keywords": ("string", 1), "span": ("int64", 1), "turn_spans": ("int64", 3)}
_COLUMNS = {
    "id": "the sample's id",
    "split": "train, validation or test",
    "messages": "the conversation: role and content of each message",
    "token_length": "its tokens, as the provider counts them",
    "topic_keywords": "what it is about",
    "source_file": "the document it comes from",
    "method": "created, identified or free; edited or added where a person or an instruction changed or wrote it",
    "place": "where in the document",
    "document_id": "SHA-256 of the document",
    "span": "the characters of the document's text it rests on, [start, end)",
    "turn_spans": "the same for each turn, for conversations that were found in the document",
    "chunk_id": "the passage",
    "prompt_id": "the prompt",
    "model": "the model that wrote it, empty where none did",
    "call_id": "the call in the journal",
    "edited_from": "the id it had before it was edited",
    "group": "the group it was put in",
}


@dataclass(frozen=True, slots=True)
class SplitSize:
    """A split's rows, and their bytes in memory as Arrow has them."""

    rows: int
    bytes: int


def features_json(job: ExportJob) -> dict[str, Any]:
    """The features as they stand in dataset_infos.json and in the shards' schema."""
    return {name: _feature(name) for name in field_names(job)}


def schema_metadata(job: ExportJob) -> dict[str, str]:
    """What `datasets` looks for in the schema of a Parquet file."""
    return {"huggingface": json.dumps({"info": {"features": features_json(job)}})}


def dataset_card(job: ExportJob, sizes: Mapping[Split, SplitSize], download_bytes: int) -> str:
    """README.md."""
    head = {
        "pretty_name": job.name,
        "task_categories": ["text-generation"],
        "tags": ["fine-tuning", "conversational"],
        "size_categories": [_size_category(sum(size.rows for size in sizes.values()))],
        "configs": [{"config_name": CONFIG, "data_files": [_data_file(split) for split in _present(sizes)]}],
        "dataset_info": {
            "config_name": CONFIG,
            "features": [_yaml_feature(name) for name in field_names(job)],
            "splits": [_split_info(split, sizes[split]) for split in _present(sizes)],
            "download_size": download_bytes,
            "dataset_size": sum(size.bytes for size in sizes.values()),
        },
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    return f"---\n{text}---\n\n{_body(job, sizes)}"


def dataset_infos(job: ExportJob, sizes: Mapping[Split, SplitSize], download_bytes: int) -> dict[str, Any]:
    """dataset_infos.json, which older readers look for."""
    return {
        CONFIG: {
            "description": "",
            "citation": "",
            "homepage": "",
            "license": "",
            "features": features_json(job),
            "config_name": CONFIG,
            "splits": {
                split: {**_split_info(split, sizes[split]), "dataset_name": job.name} for split in _present(sizes)
            },
            "download_size": download_bytes,
            "dataset_size": sum(size.bytes for size in sizes.values()),
        }
    }


def head_of(card: str) -> dict[str, Any]:
    """The YAML head of a dataset card. Raises ValueError where there is none."""
    parts = card.split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise ValueError("it does not begin with a YAML head between two lines of ---")
    try:
        head = yaml.safe_load(parts[1])
    except yaml.YAMLError as error:
        raise ValueError(f"its head is not YAML ({error})") from error
    if not isinstance(head, dict):
        raise ValueError("its head holds no keys")
    return head


def _present(sizes: Mapping[Split, SplitSize]) -> list[Split]:
    return [split for split in SPLITS if split in sizes]


def _split_info(split: Split, size: SplitSize) -> dict[str, Any]:
    return {"name": split, "num_bytes": size.bytes, "num_examples": size.rows}


def _data_file(split: Split) -> dict[str, str]:
    return {"split": split, "path": f"data/{split}-*"}


def _feature(name: str) -> Any:
    if name == "messages":
        return [{"role": _value("string"), "content": _value("string")}]
    kind, depth = _NESTING.get(name, ("int64" if name == "token_length" else "string", 0))
    feature = _value(kind)
    for _ in range(depth):
        feature = {"feature": feature, "_type": "Sequence"}
    return feature


def _value(kind: str) -> dict[str, Any]:
    return {"dtype": kind, "_type": "Value"}


def _yaml_feature(name: str) -> dict[str, Any]:
    if name == "messages":
        return {"name": name, "list": [{"name": key, "dtype": "string"} for key in ("role", "content")]}
    kind, depth = _NESTING.get(name, ("int64" if name == "token_length" else "string", 0))
    if not depth:
        return {"name": name, "dtype": kind}
    nested: Any = kind
    for _ in range(depth - 1):
        nested = {"sequence": nested}
    return {"name": name, "sequence": nested}


def _size_category(rows: int) -> str:
    return next((name for limit, name in _SIZES if rows < limit), "1M<n<10M" if rows < 10_000_000 else "10M<n<100M")


def _body(job: ExportJob, sizes: Mapping[Split, SplitSize]) -> str:
    splits = "\n".join(f"| {split} | {sizes[split].rows} |" for split in _present(sizes))
    columns = "\n".join(f"| `{name}` | {_COLUMNS[name]} |" for name in field_names(job))
    made_for = f"Made for {job.provider}, {job.model}." if job.model else f"Made for {job.provider}."
    return (
        f"# {job.name}\n\nConversations for fine-tuning. {made_for}\n\n"
        '```python\nfrom datasets import load_dataset\n\ndataset = load_dataset("path/to/this/folder")\n```\n\n'
        f"| split | samples |\n|---|---|\n{splits}\n\n| column | what it holds |\n|---|---|\n{columns}\n"
    )
