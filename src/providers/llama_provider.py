"""Llama and the open world: what Together, Fireworks, TRL, axolotl, LLaMA-Factory and torchtune train on."""

from __future__ import annotations

from src.providers.base_provider import Provider


class LlamaProvider(Provider):
    name = "llama"
    format_names = (
        "messages",
        "preference",
        "trl-preference",
        "trl-prompt-completion",
        "prompt-completion",
        "sharegpt",
        "alpaca",
        "llama-text",
    )
