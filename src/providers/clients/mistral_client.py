"""Chat calls through the Mistral SDK."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from src.errors import ConnectionFailedError, TimedOutError
from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.wire.completion import read_completion
from src.providers.clients.wire.http_client import open_http_client
from src.providers.clients.wire.openai_dialect import OpenAIDialect
from src.providers.clients.wire.sdk_client import ClientOptions, Failure, Reply, SdkClient

T = TypeVar("T")


class MistralClient(SdkClient):
    """One Mistral model. `base_url` may end in /v1 or not."""

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
        self.dialect = OpenAIDialect(seed_key="random_seed")
        self._seen = threading.local()

    def answer_from(self, body: Mapping[str, Any]) -> ChatAnswer:
        return read_completion(self.host, body)

    @staticmethod
    def load_library() -> Any:
        import mistralai.client

        return mistralai.client

    def attempt(self, action: Callable[[], T]) -> T | Failure:
        import httpx2
        from mistralai.client.errors import MistralError

        try:
            return action()
        except MistralError as error:
            return self._refused(error, error.status_code, error.body, error.headers)
        except httpx2.TimeoutException as error:
            return self._failed(TimedOutError, f"no answer within {self.timeout:g} s", error)
        except httpx2.RequestError as error:
            return self._failed(ConnectionFailedError, "the connection failed", error, str(error))

    def _open(self) -> Any:
        import httpx2
        from mistralai.client import Mistral

        key = str(self.host.key) or "none"
        http = open_http_client(self.base_url, key, self.timeout)
        http.event_hooks["response"].append(self._keep)
        return Mistral(
            api_key=key,
            server_url=self.base_url,
            client=http,
            # Never used, but made if not given, and then closed in an event loop of its own.
            async_client=httpx2.AsyncClient(transport=httpx2.AsyncBaseTransport(), trust_env=False),
            timeout_ms=int(self.timeout * 1000),
        )

    def _send(self, body: dict[str, Any]) -> Reply:
        from mistralai.client.errors import MistralError

        sdk = self.sdk()
        self._seen.response = None
        try:
            sdk.chat.complete(**body)
        except MistralError as error:
            # A 200 that its typed model does not like may still be an answer; we read it below.
            if error.status_code != 200:
                raise
        response = self._seen.response
        return Reply(response.content, response.headers)

    def _keep(self, response: Any) -> None:
        self._seen.response = response

    def _shut(self, sdk: Any) -> None:
        sdk.sdk_configuration.client.close()
