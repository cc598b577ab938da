"""Chat calls to Gemini through google-generativeai: the one file to change when google-genai takes its place."""

from __future__ import annotations

import functools
import json
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from src.errors import ConnectionFailedError, TimedOutError
from src.providers.clients.chat_client import ChatAnswer
from src.providers.clients.wire.google_dialect import GoogleDialect, read_candidate
from src.providers.clients.wire.http_client import CONNECT_SECONDS, POOL_SIZE, is_loopback
from src.providers.clients.wire.sdk_client import ClientOptions, Failure, Reply, SdkClient

T = TypeVar("T")
_IMPORTING = threading.Lock()


class GoogleClient(SdkClient):
    """One Gemini model. `base_url` may end in /v1beta or not.

    Each client has a transport and a session of its own: `genai.configure` would share one key among all.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        api_key: str,
        base_url: str,
        timeout: float = 60.0,
        options: ClientOptions | None = None,
    ) -> None:
        root = re.sub(r"/v1(beta)?(/openai)?/?$", "", base_url)
        super().__init__(provider, model, api_key, root, timeout, options)
        self.dialect = GoogleDialect()
        self._seen = threading.local()

    def answer_from(self, body: Mapping[str, Any]) -> ChatAnswer:
        return read_candidate(self.host, body)

    def attempt(self, action: Callable[[], T]) -> T | Failure:
        self.sdk()  # the first import, with its warnings silenced
        import requests
        from google.api_core.exceptions import GoogleAPICallError

        try:
            return action()
        except (requests.HTTPError, requests.TooManyRedirects, GoogleAPICallError) as error:
            response: Any = error.response
            return self._refused(error, response.status_code, response.text, response.headers)
        except requests.Timeout as error:
            return self._failed(TimedOutError, f"no answer within {self.timeout:g} s", error)
        except requests.RequestException as error:
            return self._failed(ConnectionFailedError, "the connection failed", error, str(error))

    @staticmethod
    def load_library() -> Any:
        """google.generativeai, without its warnings of ends of support, on which users cannot act."""
        with _IMPORTING, warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            import google.generativeai

            return google.generativeai

    def _open(self) -> Any:
        self.load_library()
        from google.ai.generativelanguage_v1beta.services.generative_service import GenerativeServiceClient
        from google.ai.generativelanguage_v1beta.services.generative_service.transports import rest
        from google.auth.credentials import AnonymousCredentials

        session = self._session()

        class Transport(rest.GenerativeServiceRestTransport):
            """With our session: the package's own sends a request that was answered with 401 three times."""

            def _prep_wrapped_messages(self, client_info: Any) -> None:
                self._session.close()  # type: ignore[no-untyped-call]
                self._session = session
                super()._prep_wrapped_messages(client_info)  # type: ignore[no-untyped-call]

        # Anonymous, so that nobody looks for credentials on disk or asks a metadata server; the session has the key.
        nobody: Any = AnonymousCredentials
        return GenerativeServiceClient(transport=Transport(host=self.base_url, credentials=nobody()))

    def _session(self) -> Any:
        import requests

        session = requests.Session()
        session.headers["x-goog-api-key"] = str(self.host.key)
        session.auth = _unchanged
        session.trust_env = not is_loopback(self.base_url)
        session.max_redirects = 0
        session.hooks["response"].append(self._keep)
        for scheme in ("https://", "http://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=POOL_SIZE))
        return session

    def _send(self, body: dict[str, Any]) -> Reply:
        from google.protobuf.json_format import ParseError

        self._seen.response = None
        try:
            self._generate(body)
        except (ParseError, ValueError, AttributeError, TypeError):
            # The package reads an odd body less well than we do below.
            if self._seen.response is None:
                raise
        response = self._seen.response
        response.raise_for_status()
        return Reply(response.content, response.headers)

    def _generate(self, body: dict[str, Any]) -> None:
        from google.generativeai import protos, types

        request = protos.GenerateContentRequest.from_json(json.dumps(body))
        request.model = self.model if "/" in self.model else f"models/{self.model}"
        # Without options the package asks again for 600 s after a 503.
        within: Any = self._within_time
        options = types.RequestOptions(timeout=within, retry=None)
        self.sdk().generate_content(request, **options)

    def _within_time(self, call: Callable[..., T]) -> Callable[..., T]:
        """The package hands a plain number on as both timeouts; a host that is not there is known sooner."""
        return functools.partial(call, timeout=(min(CONNECT_SECONDS, self.timeout), self.timeout))

    def _keep(self, response: Any, **_: object) -> None:
        self._seen.response = response

    def _shut(self, sdk: Any) -> None:
        sdk.transport.close()


def _unchanged(request: T) -> T:
    """The session's auth: with none, requests would add what a .netrc holds for the host."""
    return request
