"""Chat calls to an LLM: the only place with LLM SDKs. CLIENTS says which class talks to which provider."""

from src.providers.clients.openai_client import OpenAIClient

# Each is made with (provider, model, api_key, base_url, timeout, dialect); the SDK is imported with the first call.
CLIENTS: dict[str, type[OpenAIClient]] = {
    "openai": OpenAIClient,
    "anthropic": OpenAIClient,
    "google": OpenAIClient,
    "mistral": OpenAIClient,
    "llama": OpenAIClient,
}
