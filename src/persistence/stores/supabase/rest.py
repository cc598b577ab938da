"""Requests to a Supabase project's tables: tried again where that helps, explained where it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from src.errors import ConfigError, PersistenceError

if TYPE_CHECKING:
    from postgrest.exceptions import APIError
    from supabase import Client

SCHEMA_HINT = "paste src/persistence/stores/supabase/schema.sql into the project's SQL editor"
_KEY_HINT = "set SUPABASE_KEY to the project's secret (service_role) key, or give the key's role policies of its own"
_TRIES = 5
_TIMEOUT = 60
# Statuses of the gateway; PostgREST without a database connection; a statement that took too long.
_PASSING = {"429", "500", "502", "503", "504", "520", "522", "PGRST000", "PGRST001", "PGRST002", "PGRST003", "57014"}
_ADVICE = {
    "42501": _KEY_HINT,
    "401": _KEY_HINT,
    "403": _KEY_HINT,
    "42P01": SCHEMA_HINT,
    "PGRST205": SCHEMA_HINT,
    "PGRST204": SCHEMA_HINT,
    "42703": SCHEMA_HINT,
}
TAKEN = "23505"  # unique_violation

Refine = Callable[[Any], Any]


class RequestError(PersistenceError):
    """The server refused. `code` is PostgreSQL's, PostgREST's or the HTTP status."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Rest:
    """The tables of one project. Connects when the first request is made; usable again after close().

    Every request raises RequestError when it is refused, PersistenceError when there is no answer.
    """

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._key = key
        self._client: Client | None = None
        self._is_open = True
        _refuse_unsafe(self.url)

    def close(self) -> None:
        """Close the connections. What is asked afterwards gets one of its own."""
        self._is_open = False
        self._disconnect()

    def select(self, table: str, columns: str, refine: Refine) -> list[dict[str, Any]]:
        """The rows; `refine` adds conditions, order and limit."""
        return list(self._run(lambda client: refine(client.table(table).select(columns))).data)

    def count(self, table: str, samples_key: str) -> int:
        from postgrest import CountMethod

        query = self._run(
            lambda client: (
                client.table(table).select("position", count=CountMethod.exact).eq("samples_key", samples_key).limit(1)
            )
        )
        return int(query.count or 0)

    def insert(self, table: str, row: Mapping[str, Any]) -> None:
        """Raises RequestError with the code TAKEN when there is one with its key."""
        from postgrest import ReturnMethod

        self._run(lambda client: client.table(table).insert(dict(row), returning=ReturnMethod.minimal))

    def write(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Insert them or, after an answer that was lost, put them in place of themselves."""
        from postgrest import ReturnMethod

        self._run(lambda client: client.table(table).upsert(rows, returning=ReturnMethod.minimal))

    def update(self, table: str, values: Mapping[str, Any], refine: Refine) -> None:
        """Change the rows that `refine` leaves; none is no error."""
        self._run(lambda client: refine(client.table(table).update(dict(values))))

    def delete(self, table: str, refine: Refine) -> None:
        from postgrest import ReturnMethod

        self._run(lambda client: refine(client.table(table).delete(returning=ReturnMethod.minimal)))

    def _run(self, request: Callable[[Any], Any]) -> Any:
        """What the built request answers; it may be sent several times."""
        try:
            return self._answer(request)
        finally:
            if not self._is_open:
                self._disconnect()

    def _answer(self, request: Callable[[Any], Any]) -> Any:
        import httpx
        from postgrest.exceptions import APIError

        for attempt in range(_TRIES):
            last = attempt == _TRIES - 1
            try:
                return request(self._connected()).execute()
            except APIError as error:
                if last or str(error.code) not in _PASSING:
                    raise self._refused(error) from None
            except httpx.HTTPError as error:
                if last:
                    said = str(error).replace(self._key, "***")
                    raise PersistenceError(
                        f"{self.url}: no answer ({type(error).__name__}: {said}); check SUPABASE_URL and the network."
                    ) from None
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("unreachable")

    def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.postgrest.session.close()

    def _connected(self) -> Client:
        if self._client is None:
            from supabase import ClientOptions, create_client
            from supabase.client import SupabaseException

            options = ClientOptions(auto_refresh_token=False, persist_session=False, postgrest_client_timeout=_TIMEOUT)
            try:
                self._client = create_client(self.url, self._key, options)
            except SupabaseException as error:
                raise ConfigError([f"SUPABASE_URL, SUPABASE_KEY: {error}".replace(self._key, "***")], ".env") from None
            # We try again ourselves: not only what reads, and not for half a minute.
            self._client.postgrest.retry_enabled = False
        return self._client

    def _refused(self, error: APIError) -> RequestError:
        code = str(error.code or "")
        said = str(error.message).replace(self._key, "***").rstrip(". ")
        advice = _KEY_HINT if "API key" in said else _ADVICE.get(code, "")
        return RequestError(f"{self.url}: {said}; {advice}." if advice else f"{self.url}: {said} ({code}).", code)


def _refuse_unsafe(url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    # Over http the key would travel for all to read.
    if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
        raise ConfigError([f"SUPABASE_URL: '{url[:80]}' is no address like https://project.supabase.co"], ".env")
