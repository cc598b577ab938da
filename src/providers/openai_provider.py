"""OpenAI: chat JSONL, preference pairs (DPO), prompts for a grader (reinforcement), and the old prompt/completion."""

from __future__ import annotations

from src.providers.base_provider import Provider


class OpenAIProvider(Provider):
    name = "openai"
    format_names = ("openai-chat", "openai-preference", "openai-reinforcement", "openai-completion")
