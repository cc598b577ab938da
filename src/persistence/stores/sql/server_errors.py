"""What a database server complains about, in our words and without the password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from src.errors import PersistenceError
from src.persistence.stores.sql.database_url import shown

if TYPE_CHECKING:
    import sqlalchemy as sa

# What the server's or the driver's message holds, and what to do.
_HOST = "check the host in DATABASE_URL; Supabase's direct host needs IPv6, its pooler not"
_ADVICE = {
    "password authentication failed": "check user and password in DATABASE_URL",
    "no password supplied": "put the password into DATABASE_URL",
    "Tenant or user not found": "on Supabase's pooler the user is postgres.<project reference>",
    "does not support SSL": "add ?sslmode=disable to DATABASE_URL if the network between is yours",
    "certificate": "check sslmode and sslrootcert in DATABASE_URL",
    "could not translate host name": _HOST,
    "failed to resolve host": _HOST,
    "onnection refused": "check host and port in DATABASE_URL, and that the server runs",
    "timeout": "check host and port in DATABASE_URL, and the network",
    "does not exist": "check the name of the database in DATABASE_URL",
    "permission denied": "the user in DATABASE_URL may not do this; grant it, or use another user",
    "too many": "the server has no connection left; close others, or use its pooler",
    "No space left": "the server's disk is full; nothing was changed",
    "disk is full": "the disk is full; nothing was changed",
    "locked": "another process is using the database; let it finish, then try again",
}


class RepeatedIdError(PersistenceError):
    """Two samples of a dataset have the same id."""


@contextmanager
def explained(url: sa.URL) -> Iterator[None]:
    """Turn the errors of SQLAlchemy and psycopg inside the block into a PersistenceError."""
    import sqlalchemy as sa

    errors: tuple[type[Exception], ...] = (sa.exc.SQLAlchemyError, OSError)
    if url.drivername != "sqlite":
        import psycopg

        errors = (*errors, psycopg.Error)  # COPY goes past SQLAlchemy
    try:
        yield
    except errors as error:
        original = getattr(error, "orig", None) or error
        text = _without_password(str(original), url)
        kind = RepeatedIdError if "idx_sample_id" in text or "UNIQUE" in text else PersistenceError
        raise kind(f"{shown(url)}: {_explain(text)}") from None


@contextmanager
def repeated_ids(name_them: Callable[[], None]) -> Iterator[None]:
    """Where the database refuses an id that it has already, let `name_them` raise first."""
    try:
        yield
    except RepeatedIdError:
        name_them()
        raise


def _explain(text: str) -> str:
    said = " ".join(line.strip() for line in text.splitlines()[:2])[:300].rstrip(". ")
    advice = next((advice for part, advice in _ADVICE.items() if part in text), "")
    return f"{said}; {advice}." if advice else f"{said}."


def _without_password(text: str, url: sa.URL) -> str:
    return text.replace(str(url.password), "***") if url.password else text
