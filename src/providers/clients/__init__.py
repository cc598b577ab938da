"""Chat calls to an LLM: the only place with LLM SDKs. CLIENTS says which class talks to which provider."""

from src.providers.clients.anthropic_client import AnthropicClient
from src.providers.clients.google_client import GoogleClient
from src.providers.clients.mistral_client import MistralClient
from src.providers.clients.openai_client import OpenAIClient
from src.providers.clients.wire.sdk_client import SdkClient

# Each is made with (provider, model, api_key, base_url, timeout, options); the SDK is imported with the first call.
CLIENTS: dict[str, type[SdkClient]] = {
    "openai": OpenAIClient,
    "anthropic": AnthropicClient,
    "google": GoogleClient,
    "mistral": MistralClient,
    "llama": OpenAIClient,
}
