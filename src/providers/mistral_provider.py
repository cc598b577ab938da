"""Mistral: instruct JSONL and raw text, as mistral-finetune and the fine-tuning API read them."""

from __future__ import annotations

from src.providers.base_provider import Provider


class MistralProvider(Provider):
    name = "mistral"
    format_names = ("mistral-chat", "mistral-text")
