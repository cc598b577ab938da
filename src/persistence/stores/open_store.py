"""The store that config.yaml asks for."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from src.config.environment import Environment
from src.config.settings import PersistenceSettings
from src.errors import ConfigError, PersistenceError
from src.persistence.stores.store import Store


def open_store(settings: PersistenceSettings, database: Path, environment: Environment) -> Store:
    """The database, opened; `database` is the file of backend sqlite. Use it with `with`.

    Raises ConfigError when a variable is not set or is no address, PersistenceError when a package is missing or the
    database cannot be used.
    """
    if settings.backend == "postgres":
        return _open_postgres(environment)
    if settings.backend == "supabase":
        return _open_supabase(environment)
    from src.persistence.sqlite_client import DatasetStore

    return DatasetStore(database)


def _open_postgres(environment: Environment) -> Store:
    _require("postgres", "sqlalchemy", "psycopg")
    if environment.database_url is None:
        raise _unset("postgres", "DATABASE_URL")
    from src.persistence.stores.sql.sql_store import SqlStore

    return SqlStore(environment.database_url)


def _open_supabase(environment: Environment) -> Store:
    _require("supabase", "supabase")
    if not environment.supabase_url or environment.supabase_key is None:
        raise _unset("supabase", "SUPABASE_URL and SUPABASE_KEY")
    from src.persistence.stores.supabase.supabase_store import SupabaseStore

    return SupabaseStore(environment.supabase_url, environment.supabase_key)


def _require(backend: str, *packages: str) -> None:
    if not all(find_spec(package) for package in packages):
        raise PersistenceError(
            f"persistence.backend: {backend} needs packages that are not installed; "
            f"run `pip install -r requirements-{backend}.txt`."
        )


def _unset(backend: str, names: str) -> ConfigError:
    return ConfigError([f"persistence.backend: {backend} needs {names} (see .env.example)"], ".env")
