"""Chat calls through the OpenAI SDK, to OpenAI and to every host that speaks its format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.wire.completion import read_completion
from src.providers.clients.wire.http_client import open_http_client
from src.providers.clients.wire.openai_dialect import OpenAIDialect
from src.providers.clients.wire.sdk_client import ClientOptions
from src.providers.clients.wire.stainless import StainlessClient

OPENAI_HOST = "api.openai.com"


class OpenAIClient(StainlessClient):
    """One model at one OpenAI-compatible host."""

    path = "/chat/completions"

    def __init__(
        self,
        provider: str,
        model: str,
        api_key: str,
        base_url: str,
        timeout: float = 60.0,
        options: ClientOptions | None = None,
    ) -> None:
        super().__init__(provider, model, api_key, base_url, timeout, options)
        host = urlsplit(base_url).hostname or ""
        self.dialect = OpenAIDialect(
            schema_style="strict" if host.endswith(OPENAI_HOST) else "full",  # eu.api.openai.com is OpenAI, too
            reasoning_effort=self.options.reasoning_effort,
        )

    def answer_from(self, body: Mapping[str, Any]) -> ChatAnswer:
        return read_completion(self.host, body)

    @staticmethod
    def load_library() -> Any:
        import openai

        return openai

    def _open(self) -> Any:
        import openai

        key = str(self.host.key) or "none"  # the SDK refuses an empty key, Ollama needs none
        return openai.OpenAI(
            api_key=key,
            base_url=self.base_url,
            max_retries=0,
            timeout=openai.Timeout(self.timeout),
            http_client=open_http_client(self.base_url, key, self.timeout),
        )
