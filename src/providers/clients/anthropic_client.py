"""Chat calls through the Anthropic SDK."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from src.errors import MalformedAnswerError
from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.wire.anthropic_dialect import AnthropicDialect, read_message
from src.providers.clients.wire.http_client import open_http_client
from src.providers.clients.wire.sdk_client import ClientOptions
from src.providers.clients.wire.stainless import StainlessClient


class AnthropicClient(StainlessClient):
    """One Claude model, or one at a gateway that speaks Anthropic's format. `base_url` may end in /v1 or not."""

    path = "/v1/messages"

    def __init__(
        self,
        provider: str,
        model: str,
        api_key: str,
        base_url: str,
        timeout: float = 60.0,
        options: ClientOptions | None = None,
    ) -> None:
        super().__init__(provider, model, api_key, re.sub(r"/v1/?$", "", base_url), timeout, options)
        self.dialect = AnthropicDialect()

    def answer_from(self, body: Mapping[str, Any]) -> ChatAnswer:
        return read_message(self.host, body)

    def count_tokens(self, body: Mapping[str, Any]) -> int:
        """The input tokens of a request (without its model) by Anthropic's own count, at no charge. Raises LLMError."""
        found = self.run(lambda: self.sdk().messages.count_tokens(model=self.model, **body))
        tokens = getattr(found, "input_tokens", None)
        if not isinstance(tokens, int):
            raise self.host.error(MalformedAnswerError, "the answer is not a count of tokens; check the base URL")
        return tokens

    @staticmethod
    def load_library() -> Any:
        import anthropic

        return anthropic

    def _open(self) -> Any:
        import anthropic

        key = str(self.host.key) or "none"
        return anthropic.Anthropic(
            api_key=key,
            base_url=self.base_url,
            max_retries=0,
            timeout=anthropic.Timeout(self.timeout),
            http_client=open_http_client(self.base_url, key, self.timeout),
            open_telemetry=False,  # no traces of the user's documents
        )
