from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from src.config.environment import Environment, read_environment
from src.config.settings import PersistenceSettings
from src.errors import ConfigError
from src.persistence.sqlite_client import DatasetStore
from src.persistence.stores.open_store import open_store
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.servers import Postgres, Supabase

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("sqlalchemy", "psycopg", "supabase", "httpx")


def environment(**variables: str) -> Environment:
    return read_environment(Path("no such file"), variables)


def test_the_file_is_the_default(tmp_path: Path) -> None:
    with open_store(PersistenceSettings(), tmp_path / "x.db", environment(DATABASE_URL="postgresql://h/x")) as store:
        assert isinstance(store, DatasetStore)
        assert store.backup() is not None
    assert store.place == str(tmp_path / "x.db")


def test_postgres_is_opened_by_database_url(postgres_server: Postgres, tmp_path: Path) -> None:
    pytest.importorskip("sqlalchemy", reason="pip install -r requirements-postgres.txt runs this test")
    address = postgres_server.address(postgres_server.new_database())
    settings = PersistenceSettings(backend="postgres")
    with open_store(settings, tmp_path / "x.db", environment(DATABASE_URL=address)) as store:
        store.save_dataset(make_dataset([make_example(1)]), {})
        assert store.place == address
        assert store.backup() is None
    assert not (tmp_path / "x.db").exists()


def test_supabase_is_opened_by_its_two_variables(
    supabase_server: tuple[Supabase, Postgres, str], tmp_path: Path
) -> None:
    pytest.importorskip("supabase", reason="pip install -r requirements-supabase.txt runs this test")
    server = supabase_server[0]
    variables = environment(SUPABASE_URL=server.url, SUPABASE_KEY=server.secret_key)
    with open_store(PersistenceSettings(backend="supabase"), tmp_path / "x.db", variables) as store:
        assert store.place == server.url
        assert store.backup() is None


@pytest.mark.parametrize(
    ("backend", "variables", "named"),
    [
        ("postgres", {}, "DATABASE_URL"),
        ("supabase", {"SUPABASE_URL": "https://abc.supabase.co"}, "SUPABASE_URL and SUPABASE_KEY"),
        # What .env.example holds.
        (
            "supabase",
            {"SUPABASE_URL": "https://your-project.supabase.co", "SUPABASE_KEY": "your-supabase-anon-key"},
            "KEY",
        ),
    ],
)
def test_variables_that_are_not_set_are_named(
    backend: str, variables: dict[str, str], named: str, tmp_path: Path
) -> None:
    settings = PersistenceSettings.model_validate({"backend": backend})
    for package in HEAVY:
        pytest.importorskip(package, reason="the packages of both extras are wanted")
    with pytest.raises(ConfigError, match=named):
        open_store(settings, tmp_path / "x.db", environment(**variables))


@pytest.mark.parametrize("backend", ["postgres", "supabase"])
def test_a_missing_package_names_the_command_that_installs_it(backend: str) -> None:
    """In a Python that sees none of the installed packages but those of requirements.txt."""
    program = (
        "import sys, importlib.machinery as m\n"
        "class Without(m.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        f"        return None if name.split('.')[0] in {HEAVY!r} else super().find_spec(name, path, target)\n"
        "sys.meta_path = [Without if f is m.PathFinder else f for f in sys.meta_path]\n"
        "from pathlib import Path\n"
        "from src.config.environment import read_environment\n"
        "from src.config.settings import PersistenceSettings\n"
        "from src.persistence.stores.open_store import open_store\n"
        f"open_store(PersistenceSettings(backend={backend!r}), Path('x.db'), read_environment(Path('none'), {{}}))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert f"pip install -r requirements-{backend}.txt" in done.stderr.splitlines()[-1]


def test_a_file_needs_none_of_the_servers_libraries(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from src.config.environment import read_environment\nfrom src.config.settings import PersistenceSettings\n"
        "from src.persistence.stores.open_store import open_store\n"
        f"path = Path({str(tmp_path / 'x.db')!r})\n"
        "open_store(PersistenceSettings(), path, read_environment(Path('none'), {})).close()\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
