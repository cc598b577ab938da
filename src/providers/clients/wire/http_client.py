"""The HTTP client under the SDKs that use httpx2: our key, our address, nothing followed, nothing taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from src.errors import ModelUnavailableError
from src.providers.clients.wire.transport import transport_per_thread

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
# More workers than this are of no use: one process sends them all (0.9 ms of CPU a call, measured 2026-11-21).
POOL_SIZE = 256
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What the SDKs add by themselves from OPENAI_ORG_ID, OPENAI_PROJECT_ID, ANTHROPIC_CUSTOM_HEADERS and the like.
_NOT_OURS = ("openai-organization", "openai-project", "x-api-key", "cookie")


def open_http_client(base_url: str, key: str, timeout: float) -> httpx2.Client:
    """A client that sends `key` and no other credential, follows no redirect and has room for POOL_SIZE threads.

    Raises ModelUnavailableError for a proxy or a certificate file in the environment that cannot be used.
    """
    import httpx2

    connect = min(CONNECT_SECONDS, timeout)
    trust_env = not is_loopback(base_url)

    def settle(request: httpx2.Request) -> None:
        request.headers["authorization"] = f"Bearer {key}"
        for name in _NOT_OURS:
            request.headers.pop(name, None)
        # mistralai sets one figure for connecting and reading.
        request.extensions.get("timeout", {})["connect"] = connect

    try:
        return httpx2.Client(
            timeout=httpx2.Timeout(timeout, connect=connect),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=POOL_SIZE),
            follow_redirects=False,
            trust_env=trust_env,
            transport=transport_per_thread(trust_env, encrypted=urlsplit(base_url).scheme == "https"),
            event_hooks={"request": [settle]},
        )
    except (ImportError, ValueError, OSError, httpx2.InvalidURL) as error:
        hint = "Check HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR in the environment."
        raise ModelUnavailableError(f"No connection can be set up: {error}.", hint=hint) from error


def is_loopback(base_url: str) -> bool:
    """Whether the address is this machine: a proxy has no business between us and it."""
    return urlsplit(base_url).hostname in LOOPBACK
