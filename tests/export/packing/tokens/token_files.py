"""What the tests of token files share: rows, JSONL files and packed ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from src.export.packing.tokens.templates import template_for
from src.export.packing.tokens.templates.rendering import TrainOn
from src.export.packing.tokens.token_encoders import TokenEncoder, load_encoder
from src.export.packing.tokens.token_packer import pack_tokens
from src.providers.formats.training_example import TrainingExample
from src.providers.tokenizers.gemma import is_gemma_here

# Words that are special tokens of one tokenizer or another.
SPECIAL_WORDS = (
    "<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|start_header_id|>", "<|end_header_id|>",
    "<|python_tag|>", "<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|endoftext|>", "<|endofprompt|>", "[INST]",
    "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "<s>", "</s>", "<unk>",
    "<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>", "<0x0A>", "<unused5>", "<start_of_image>",
)  # fmt: skip
TOKENIZERS = ["llama3", "o200k_base", "cl100k_base", "mistral-v1", "mistral-v2", "mistral-v3", "mistral-v7"]
TOKENIZERS += ["mistral-tekken", *(["gemma3"] if is_gemma_here() else [])]


def chat(*texts: str, system: str | None = None, weights: dict[int, int] | None = None) -> dict[str, Any]:
    """A row of question and answer in turn; `weights` are those of messages, by place."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": system}] if system is not None else []
    messages += [{"role": ("user", "assistant")[place % 2], "content": text} for place, text in enumerate(texts)]
    for place, weight in (weights or {}).items():
        messages[place]["weight"] = weight
    return {"messages": messages}


def write_jsonl(path: Path, rows: Sequence[object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def packed(folder: Path, rows: Sequence[object], tokenizer: str = "mistral-v3", **options: Any) -> Path:
    source = write_jsonl(folder / "chat.jsonl", rows)
    return pack_tokens(source, folder / "chat.tokens.arrow", tokenizer=tokenizer, **options).path


def tokens_of(
    encoder: TokenEncoder, example: TrainingExample, train_on: TrainOn = "assistant"
) -> list[tuple[int, bool]]:
    """Each id of an example, and whether it is learnt."""
    rendering = template_for(encoder).render(example)
    found = []
    for (payload, _), learnt in zip(rendering.pieces, rendering.learnt(train_on), strict=True):
        ids = encoder.encode([payload])[0] if isinstance(payload, str) else payload
        found += [(number, learnt) for number in ids]
    return found


def encoder_of(name: str) -> TokenEncoder:
    if name not in _loaded:
        _loaded[name] = load_encoder(name)
    return _loaded[name]


_loaded: dict[str, TokenEncoder] = {}
