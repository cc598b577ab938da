"""The stores that the contract is run on. Servers are started once, when the first test wants them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import overload

import pytest

from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.store import Store
from src.persistence.stores.supabase.supabase_store import schema_sql
from src.records import Sample
from tests.persistence.servers import Postgres, Supabase, postgres, supabase

# Opens the same database again and again.
Open = Callable[[], Store]
BACKENDS = ("sqlite", "sqlite through core", "postgres", "supabase")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def supabase_server(postgres_server: Postgres) -> Iterator[tuple[Supabase, Postgres, str]]:
    """The server, and the database behind it with the tables of schema.sql."""
    database = postgres_server.new_database()
    postgres_server.execute(schema_sql(), database)
    with supabase(postgres_server, database) as server:
        yield server, postgres_server, database


@pytest.fixture(params=BACKENDS)
def open_it(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens an empty database of one kind, each time the same."""
    if request.param == "sqlite":
        return lambda: DatasetStore(tmp_path / "memory" / "datasets.db")
    pytest.importorskip("sqlalchemy", reason="pip install -r requirements-postgres.txt runs this test")
    from src.persistence.stores.sql.sql_store import SqlStore

    if request.param == "sqlite through core":
        return lambda: SqlStore(f"sqlite:///{tmp_path / 'core.db'}")
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        address = server.address(server.new_database())
        return lambda: SqlStore(address)
    return _open_supabase(*request.getfixturevalue("supabase_server"))


@pytest.fixture
def store(open_it: Open) -> Iterator[Store]:
    with ExitStack() as stack:
        yield stack.enter_context(open_it())


def _open_supabase(server: Supabase, behind: Postgres, database: str) -> Open:
    pytest.importorskip("supabase", reason="pip install -r requirements-supabase.txt runs this test")
    from src.persistence.stores.supabase.supabase_store import SupabaseStore

    behind.execute("TRUNCATE datasets, samples, unfinished_saves", database)
    return lambda: SupabaseStore(server.url, server.secret_key)


class PassesThrough(Sequence[Sample]):
    """Samples that come from an iterator and are nowhere all at once."""

    def __init__(self, samples: Iterator[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return 0  # a hint that says nothing

    def __iter__(self) -> Iterator[Sample]:
        return self._samples

    @overload
    def __getitem__(self, index: int) -> Sample: ...
    @overload
    def __getitem__(self, index: slice) -> list[Sample]: ...
    def __getitem__(self, index: int | slice) -> Sample | list[Sample]:
        raise AssertionError("the samples are to be gone through in order")
