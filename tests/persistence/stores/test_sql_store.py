from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from src.errors import PersistenceError
from src.persistence.edits.changing import change_samples, undo
from src.persistence.edits.records import Edit, Note
from src.persistence.stores.sql.sql_store import SqlStore
from src.persistence.stores.supabase.supabase_store import schema_sql
from src.records import Dataset, Sample
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.conftest import PassesThrough
from tests.persistence.servers import Postgres, free_port

pytest.importorskip("sqlalchemy", reason="pip install -r requirements-postgres.txt runs these tests")
psycopg = pytest.importorskip("psycopg", reason="pip install -r requirements-postgres.txt runs these tests")

EXAMPLES = make_dataset([make_example(n) for n in range(40)])


@pytest.fixture
def address(postgres_server: Postgres) -> str:
    return postgres_server.address(postgres_server.new_database())


def execute(address: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_a_connection_lost_during_a_save_leaves_the_old_samples(address: str) -> None:
    """The server ends the connection while samples are on their way."""

    def broken_off() -> Iterator[Sample]:
        for number in range(20_000):
            if number == 15_000:
                execute(
                    address,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'dataset-builder' AND state <> 'idle'",
                )
            yield make_example(number)

    with SqlStore(address) as store:
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
        with pytest.raises(PersistenceError, match="postgresql://"):
            store.save_dataset(replace(EXAMPLES, samples=PassesThrough(broken_off())), {}, dataset_id="d1")
        assert store.load_dataset("d1") == EXAMPLES
    assert execute(address, "SELECT count(*) FROM samples") == [(len(EXAMPLES),)]


def test_a_changed_letter_is_found_and_its_sample_named(address: str) -> None:
    with SqlStore(address) as store:
        loaded = store.load_dataset(store.save_dataset(EXAMPLES, {}))
        execute(address, "UPDATE samples SET content = replace(content, 'Answer 7', 'Answer 8')")
        assert loaded[3] == EXAMPLES[3]
        with pytest.raises(PersistenceError, match=r"sample s000007: .*checksum"):
            list(loaded)


def test_nothing_is_left_behind_when_a_dataset_is_replaced(address: str) -> None:
    with SqlStore(address) as store:
        for _ in range(3):
            store.save_dataset(EXAMPLES, {}, dataset_id="d1")
    assert execute(address, "SELECT count(*) FROM samples") == [(len(EXAMPLES),)]


def test_tables_of_somebody_else_are_not_touched(address: str) -> None:
    execute(address, "CREATE TABLE datasets (id INTEGER)")
    with pytest.raises(PersistenceError, match="a table 'datasets' that this program did not make"):
        SqlStore(address)
    assert execute(address, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'") == [
        ("datasets",)
    ]


def test_a_database_of_a_newer_program_is_refused(address: str) -> None:
    with SqlStore(address):
        execute(address, "INSERT INTO dataset_builder_schema VALUES (99)")
    with pytest.raises(PersistenceError, match="version 99"):
        SqlStore(address)


def test_tables_of_version_1_get_what_changes_need_and_keep_their_datasets(address: str) -> None:
    with SqlStore(address) as store:
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
    for statement in (
        "DROP TABLE sample_changes, changed_samples, sample_gaps, sample_reviews",
        "ALTER TABLE datasets DROP COLUMN revision",
        "UPDATE dataset_builder_schema SET version = 1",
    ):
        execute(address, statement)
    for _ in range(2):
        with SqlStore(address) as store:
            assert store.load_dataset("d1") == EXAMPLES
            change = change_samples(store, "d1", [Edit("s000003", None)], Note("delete", "m", ""))
            undo(store, "d1", [change.number], "m")
    assert execute(address, "SELECT max(version) FROM dataset_builder_schema") == [(2,)]


def test_several_may_open_an_empty_database_at_once(address: str) -> None:
    errors: list[Exception] = []

    def open_it() -> None:
        try:
            SqlStore(address).close()
        except PersistenceError as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_the_schema_shipped_for_supabase_makes_the_same_tables(postgres_server: Postgres) -> None:
    by_hand, by_program = postgres_server.new_database(), postgres_server.new_database()
    for _ in range(2):  # it may be run again
        postgres_server.execute(schema_sql(), by_hand)
    SqlStore(postgres_server.address(by_program)).close()
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
    for query in (columns, indexes):
        made = execute(postgres_server.address(by_hand), query)
        assert made
        assert made == execute(postgres_server.address(by_program), query)
    with SqlStore(postgres_server.address(by_hand)) as store:
        assert store.load_dataset(store.save_dataset(EXAMPLES, {})) == EXAMPLES


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("postgresql://someone:geheim@127.0.0.1:{free}/x", "check host and port"),
        ("postgresql://someone:geheim@127.0.0.1:{port}/postgres", 'role "someone" does not exist'),
        ("postgresql://postgres:geheim@127.0.0.1:{port}/nowhere", "check the name of the database"),
        ("postgresql://postgres:geheim@127.0.0.1:{port}/postgres?sslmode=require", "sslmode=disable"),
        ("postgresql://u:geheim@nowhere.invalid/x", "check the host"),
        ("postgresql://u:geheim@127.0.0.1:{port}/x?sslmode=geheim", "sslmode"),
    ],
)
def test_a_server_that_cannot_be_used_is_named_without_the_password(
    postgres_server: Postgres, address: str, advice: str
) -> None:
    with pytest.raises(PersistenceError, match=advice) as caught:
        SqlStore(address.format(free=free_port(), port=postgres_server.port))
    seen = f"{caught.value!s} {caught.value!r} {caught.value.__cause__}"
    assert "geheim" not in seen


def test_it_works_through_a_pooler_that_gives_each_transaction_another_connection(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    database = postgres_server.new_database()
    with pooler(postgres_server, tmp_path) as port:
        address = f"postgresql://postgres@127.0.0.1:{port}/{database}"
        errors = save_and_load_in_threads(address)
        assert errors == []
        with SqlStore(address) as store:
            assert len(store.list_datasets()) == 24


def save_and_load_in_threads(address: str) -> list[Exception]:
    errors: list[Exception] = []

    def work(who: int) -> None:
        own = make_dataset([make_example(n, text=f"text {who}") for n in range(30)], f"own-{who}")
        try:
            with SqlStore(address) as store:
                for _ in range(6):
                    saved = store.save_dataset(own, {})
                    assert_same(store.load_dataset(saved), own)
        except (PersistenceError, AssertionError) as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def assert_same(loaded: Dataset, saved: Dataset) -> None:
    assert loaded == saved


@contextmanager
def pooler(server: Postgres, folder: Path) -> Iterator[int]:
    """PgBouncer in transaction mode with two connections for everybody, as Supabase's port 6543."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    user = shutil.which("setpriv")
    if program is None or user is None:
        pytest.skip("apt-get install pgbouncer runs this test")
    port = free_port()
    (folder / "users.txt").write_text('"postgres" ""\n')
    (folder / "pgbouncer.ini").write_text(
        f"""[databases]
* = host=127.0.0.1 port={server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder / "users.txt"}
pool_mode = transaction
default_pool_size = 2
"""
    )
    above = [path for path in folder.parents if Path(tempfile.gettempdir()) in path.parents]
    for path in (folder, *above, *folder.iterdir()):
        path.chmod(path.stat().st_mode | 0o555)
    # It refuses to run as root.
    command = [user, "--reuid=65534", "--regid=65534", "--clear-groups", program, str(folder / "pgbouncer.ini")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            wait_for(f"postgresql://postgres@127.0.0.1:{port}/postgres", child)
            yield port
        finally:
            child.terminate()


def wait_for(address: str, child: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert child.poll() is None, "pgbouncer ended"
        try:
            psycopg.connect(address, prepare_threshold=None).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("pgbouncer does not answer")
