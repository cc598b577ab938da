"""DATABASE_URL as users have it, made into an address that SQLAlchemy and psycopg take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from src.errors import ConfigError

if TYPE_CHECKING:
    import sqlalchemy as sa

# Settings of other libraries (Prisma) in the addresses that Supabase's dashboard offers; libpq refuses them.
_FOREIGN_OPTIONS = ("pgbouncer", "connection_limit", "pool_timeout", "schema")
_LOCAL = ("localhost", "127.0.0.1", "::1", "", None)
_DIALECTS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
_EXAMPLE = "postgresql://user:password@host:5432/database"


def parse_database_url(text: str) -> sa.URL:
    """The address with psycopg as its driver, encrypted by default unless the server is on this machine.

    Raises ConfigError, without repeating the address: there may be a password in it.
    """
    import sqlalchemy as sa

    try:
        url = sa.make_url(text.strip())
        if {"@", "#"} & set(url.host or ""):
            raise ValueError("a part of the password was taken for the host")
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigError([f"DATABASE_URL: it is no address like {_EXAMPLE}{_encoding_hint(text)}"], ".env") from None
    driver = _DIALECTS.get(url.drivername, url.drivername)
    if driver not in ("postgresql+psycopg", "sqlite"):
        raise ConfigError([f"DATABASE_URL: '{url.drivername}://' is not supported; use {_EXAMPLE}"], ".env")
    url = url.set(drivername=driver).difference_update_query(_FOREIGN_OPTIONS)
    if driver == "sqlite" or "sslmode" in url.query or is_local(url):
        return url
    return url.update_query_dict({"sslmode": "require"})


def is_local(url: sa.URL) -> bool:
    host = url.query.get("host") or url.host
    return host in _LOCAL or str(host).startswith("/")


def shown(url: sa.URL) -> str:
    """The address without its password and options."""
    return url.set(query={}, password=None, drivername=url.drivername.partition("+")[0]).render_as_string()


def connect_arguments(url: sa.URL) -> dict[str, Any]:
    """What psycopg is told so that it works through a pooler that gives each transaction another connection."""
    if url.drivername == "sqlite":
        return {}
    # A statement prepared on one connection is unknown, or taken, on the next.
    return {"prepare_threshold": None, "connect_timeout": 10, "application_name": "dataset-builder"}


def _encoding_hint(text: str) -> str:
    return "; write @ : / # ? % in a password as %40 %3A %2F %23 %3F %25" if text.count("@") > 1 or "#" in text else ""
