"""What the openai and anthropic SDKs have in common: both are made by the same generator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from src.errors import ConnectionFailedError, MalformedAnswerError, TimedOutError
from src.providers.clients.wire.sdk_client import NOT_AN_ANSWER, Failure, Reply, SdkClient

T = TypeVar("T")


class StainlessClient(SdkClient):
    """Sends through the SDK's way for raw endpoints: the same key and errors, without its typed models.

    (1.65 ms of CPU for `create`, 0.94 ms for `post`: openai 3.52, measured 2026-11-21.)
    """

    path: str

    def attempt(self, action: Callable[[], T]) -> T | Failure:
        library = self.load_library()
        try:
            return action()
        except library.APITimeoutError as error:
            return self._failed(TimedOutError, f"no answer within {self.timeout:g} s", error)
        except library.APIConnectionError as error:
            return self._failed(ConnectionFailedError, "the connection failed", error, str(error.__cause__ or ""))
        except library.APIStatusError as error:
            response = error.response
            return self._refused(error, response.status_code, response.text, response.headers)
        except library.APIError as error:
            return self._failed(MalformedAnswerError, NOT_AN_ANSWER, error, error.message)

    def _send(self, body: dict[str, Any]) -> Reply:
        import httpx2

        response = self.sdk().post(self.path, cast_to=httpx2.Response, body=body)
        return Reply(response.content, response.headers)
