"""The fine-tuning providers, in menu order."""

from __future__ import annotations

from src.errors import UsageError
from src.providers.anthropic_provider import AnthropicProvider
from src.providers.base_provider import Provider
from src.providers.google_provider import GoogleProvider
from src.providers.llama_provider import LlamaProvider
from src.providers.mistral_provider import MistralProvider
from src.providers.openai_provider import OpenAIProvider

PROVIDERS: dict[str, Provider] = {
    "openai": OpenAIProvider(),
    "anthropic": AnthropicProvider(),
    "google": GoogleProvider(),
    "mistral": MistralProvider(),
    "llama": LlamaProvider(),
}


def find_provider(name: str) -> Provider:
    """The provider of that name. Raises UsageError that names the known ones."""
    if name not in PROVIDERS:
        raise UsageError(f"'{name}' is not a provider; use one of {', '.join(PROVIDERS)}.")
    return PROVIDERS[name]
