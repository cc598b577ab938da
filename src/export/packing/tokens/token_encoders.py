"""Texts as token ids, and the ids of the special tokens, for the tokenizers whose ids are public and here.

A text never becomes a special token, whatever it says: "<|eot_id|>" in a user's message is spelled out in ordinary
tokens. Special tokens are only what a chat template puts in.

The special ids are those of Meta's llama-models 0.3.0 (llama3/tokenizer.py), of tiktoken_ext/openai_public.py in
tiktoken 0.14.0, of mistral_common 1.13.1 (tekken.py and the model files) and of Gemma 3's model; read 2026-11-21.
OpenAI does not publish <|im_start|> and <|im_end|>: for cl100k_base they are those of tiktoken's own README ("Extending
tiktoken"), for o200k_base those in common use (tiktokenizer and others).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from src.errors import FormatError, UsageError
from src.providers.tokenizers import FETCH, TOKENIZERS
from src.providers.tokenizers.cores import core_count, on_all_cores
from src.providers.tokenizers.engines import PATTERNS
from src.providers.tokenizers.gemma import is_gemma_here, verified_gemma
from src.providers.tokenizers.vocabularies import VOCABULARIES, packaged_file, read_vocabulary, vocabulary_file

EncodeTexts = Callable[[Sequence[str]], "list[list[int]]"]
# tiktoken's regular expressions run out of stack in longer runs of white space (see vocabulary_counter.py).
LONGEST_GAP = 50_000
_HUGE_GAP = re.compile(rf"\s{{{LONGEST_GAP}}}")
_MISTRAL_FILES = {
    "mistral-v1": "tokenizer.model.v1",
    "mistral-v2": "mistral_instruct_tokenizer_240216.model.v2",
    "mistral-v3": "mistral_instruct_tokenizer_240323.model.v3",
    "mistral-v7": "mistral_instruct_tokenizer_241114.model.v7",
}
_TEKKEN_SPECIALS = 1000
_TEKKEN_MARKS = (
    "<unk>", "<s>", "</s>", "[INST]", "[/INST]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]", "[TOOL_CALLS]", "[IMG]", "<pad>",
)  # fmt: skip
_BPE: Mapping[str, tuple[str, int, int, dict[str, int]]] = {
    # name: vocabulary, what is added to its ranks, all ids, special ids
    "llama3": ("llama3", 0, 128_256, {
        "<|begin_of_text|>": 128_000, "<|end_of_text|>": 128_001, "<pad>": 128_004, "<|start_header_id|>": 128_006,
        "<|end_header_id|>": 128_007, "<|eot_id|>": 128_009,
    }),
    "o200k_base": ("o200k_base", 0, 200_266, {
        "<|endoftext|>": 199_999, "<pad>": 199_999, "<|im_start|>": 200_264, "<|im_end|>": 200_265,
    }),
    "cl100k_base": ("cl100k_base", 0, 100_277, {
        "<|endoftext|>": 100_257, "<pad>": 100_257, "<|im_start|>": 100_264, "<|im_end|>": 100_265,
    }),
    "mistral-tekken": (
        "tekken", _TEKKEN_SPECIALS, 131_072, {mark: place for place, mark in enumerate(_TEKKEN_MARKS)}
    ),
}  # fmt: skip
_SENTENCEPIECE_MARKS: Mapping[str, tuple[str, ...]] = {
    "gemma3": ("<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>"),
    "mistral-v1": ("<s>", "</s>"),
    "mistral-v2": ("<s>", "</s>", *_TEKKEN_MARKS[3:10]),
    "mistral-v3": ("<s>", "</s>", *_TEKKEN_MARKS[3:10]),
    "mistral-v7": ("<s>", "</s>", *_TEKKEN_MARKS[3:10], "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_CONTENT]"),
}
ENCODERS: tuple[str, ...] = (*_BPE, *_SENTENCEPIECE_MARKS)
_REFUSED = {
    "claude-3": "its token ids are not public (what counts for it is a reconstruction)",
    "amazon-nova": "Amazon publishes no tokenizer",
    "gemma4": "it is not here; what counts for it is gemma3",
    "mistral-tekken-newer": "the newer models' own tekken is not published with mistral-common",
    "mistral-pixtral": "its examples hold pictures; texts are encoded by mistral-tekken",
    "openai-unknown": "it stands for models that are not listed; name o200k_base",
}


@dataclass(frozen=True, slots=True)
class TokenEncoder:
    """`encode` gives the ids of each text, none of them special; all ids are below `size`.

    `sha256` is that of the vocabulary's file. `specials` are the special ids by name, with "<pad>" the one to fill up
    with.
    """

    name: str
    size: int
    sha256: str
    specials: Mapping[str, int]
    encode: EncodeTexts


def check_tokenizer(name: str) -> None:
    """Raises UsageError, without loading anything, for a tokenizer whose ids cannot be had."""
    if name in _REFUSED:
        raise UsageError(f"'{name}' cannot be packed as tokens: {_REFUSED[name]}. Use one of {', '.join(ENCODERS)}.")
    if name not in ENCODERS:
        raise UsageError(f"'{name}' is not a tokenizer; use one of {', '.join(ENCODERS)}.")
    if name == "gemma3" and not is_gemma_here():
        raise UsageError(f"Gemma's tokenizer was not fetched yet; run: {FETCH}")
    if name in _MISTRAL_FILES and not TOKENIZERS[name].is_here():
        raise UsageError("sentencepiece or mistral-common is not installed; run: pip install -r requirements.txt")


def load_encoder(name: str) -> TokenEncoder:
    """The encoder of that name. Raises UsageError."""
    check_tokenizer(name)
    if name in _BPE:
        return _byte_pairs(name)
    folder = "data/" + _MISTRAL_FILES.get(name, "")
    return _sentence_pieces(name, verified_gemma() if name == "gemma3" else packaged_file("mistral_common", folder))


def refuse_huge_gaps(texts: Iterable[str]) -> None:
    """Raises FormatError for texts that a tokenizer cannot cut."""
    if any(len(text) >= LONGEST_GAP and _HUGE_GAP.search(text) for text in texts):
        raise FormatError(f"a run of {LONGEST_GAP:,} characters of white space or more")


def _byte_pairs(name: str) -> TokenEncoder:
    import tiktoken

    vocabulary, added, size, specials = _BPE[name]
    ranks = read_vocabulary(vocabulary_file(vocabulary))
    encoding = tiktoken.Encoding(name, pat_str=PATTERNS[vocabulary], mergeable_ranks=ranks, special_tokens={})
    # The Python copy of the vocabulary, 25 MB, is kept for pickling only.
    encoding._mergeable_ranks = {}
    ordinary = encoding.encode_ordinary

    def encode_one(text: str) -> list[int]:
        return [rank + added for rank in ordinary(text)] if added else ordinary(text)

    return TokenEncoder(name, size, VOCABULARIES[vocabulary].sha256, specials, partial(on_all_cores, encode_one))


def _sentence_pieces(name: str, path: Path) -> TokenEncoder:
    from sentencepiece import SentencePieceProcessor

    model = path.read_bytes()
    processor = SentencePieceProcessor(model_proto=model)
    specials = {mark: _control_id(processor, mark) for mark in _SENTENCEPIECE_MARKS[name]}
    # The Mistral models before tekken have no token to fill up with; what is filled is neither seen nor learnt.
    specials.setdefault("<pad>", processor.unk_id())

    def encode(texts: Sequence[str]) -> list[list[int]]:
        ids: list[list[int]] = processor.encode(list(texts), num_threads=core_count())
        return ids

    return TokenEncoder(name, processor.vocab_size(), hashlib.sha256(model).hexdigest(), specials, encode)


def _control_id(processor: object, mark: str) -> int:
    number: int = processor.piece_to_id(mark)  # type: ignore[attr-defined]
    # Only then does SentencePiece never find it in a text.
    if not processor.is_control(number):  # type: ignore[attr-defined]
        raise UsageError(f"{mark} is not a control token of the installed tokenizer; reinstall requirements.txt.")
    return number
