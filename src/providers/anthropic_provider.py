"""Anthropic's Claude 3 Haiku on Amazon Bedrock, and the live models Bedrock tunes beside it (Nova, Llama)."""

from __future__ import annotations

from src.providers.base_provider import Provider


class AnthropicProvider(Provider):
    name = "anthropic"
    format_names = ("bedrock-claude", "bedrock-conversation", "bedrock-completion")
