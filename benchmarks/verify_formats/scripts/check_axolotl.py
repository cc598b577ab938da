"""axolotl's chat_template and alpaca strategies, down to tokens and labels, with the Llama 3.1 template of TRL's wheel.

The tokenizer is one of bytes: which ids the words get does not matter, that some are trained on does.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
logging.disable(logging.CRITICAL)

from protocol import answer, by_row, stand_in  # noqa: E402

stand_in("torchaudio", "av")

from axolotl.prompt_strategies import alpaca_w_system  # noqa: E402
from axolotl.prompt_strategies.alpaca_chat import load as load_alpaca  # noqa: E402
from axolotl.prompt_strategies.chat_template import ChatTemplatePrompter, ChatTemplateStrategy  # noqa: E402
from axolotl.utils.dict import DictDefault  # noqa: E402
from tokenizers import Tokenizer, decoders, pre_tokenizers  # noqa: E402
from tokenizers.models import BPE  # noqa: E402
from transformers import PreTrainedTokenizerFast  # noqa: E402

SPECIAL = [
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|python_tag|>",
    "<|eom_id|>",
]


def tokenizer_of_bytes() -> PreTrainedTokenizerFast:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytes_only = Tokenizer(BPE({letter: number for number, letter in enumerate(alphabet)}, []))
    bytes_only.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_only.decoder = decoders.ByteLevel()
    bytes_only.add_special_tokens(SPECIAL)
    made = PreTrainedTokenizerFast(tokenizer_object=bytes_only, bos_token=SPECIAL[0], eos_token="<|eot_id|>")
    template = Path(str(distribution("trl").locate_file("trl/chat_templates/llama3_1.jinja")))
    made.chat_template = template.read_text("utf-8")
    return made


TOKENIZER = tokenizer_of_bytes()


def chat_strategy(**more: Any) -> ChatTemplateStrategy:
    prompter = ChatTemplatePrompter(TOKENIZER, chat_template=TOKENIZER.chat_template, max_length=1 << 20, **more)
    return ChatTemplateStrategy(prompter, TOKENIZER, False, 1 << 20, roles_to_train=["assistant"], train_on_eos="turn")


SETTINGS = DictDefault({"train_on_inputs": False, "sequence_len": 1 << 20})
STRATEGIES = {
    "messages": chat_strategy(),
    "sharegpt": chat_strategy(
        field_messages="conversations",
        message_property_mappings={"role": "from", "content": "value"},
        roles={"user": ["human"], "assistant": ["gpt", "function_call"], "tool": ["observation"], "system": ["system"]},
    ),
    "alpaca": load_alpaca(TOKENIZER, SETTINGS),
}
WITH_SYSTEM = alpaca_w_system.load(TOKENIZER, SETTINGS)


def check_row(row: dict[str, Any], form: str) -> Iterator[str]:
    strategy = WITH_SYSTEM if form == "alpaca" and "system" in row else STRATEGIES[form]
    made = strategy.tokenize_prompt(row)
    if all(label == -100 for label in made["labels"]):
        yield "nothing in the row would be trained on"


answer(by_row(check_row))
