"""torchtune's transforms to messages and its validate_messages, for rows of text (it has no tool calls)."""

from __future__ import annotations

from typing import Any

from protocol import answer, by_row, stand_in

stand_in("torchao")  # quantised training: nothing of the data loaders needs it

from torchtune.data import (  # noqa: E402
    AlpacaToMessages,
    OpenAIToMessages,
    ShareGPTToMessages,
    validate_messages,
)

TRANSFORMS = {"messages": OpenAIToMessages(), "sharegpt": ShareGPTToMessages(), "alpaca": AlpacaToMessages()}


def check_row(row: dict[str, Any], form: str) -> None:
    validate_messages(TRANSFORMS[form](row)["messages"])


answer(by_row(check_row))
