from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from src.errors import ConfigError, PersistenceError, UsageError
from src.persistence.edits.changing import change_samples
from src.persistence.edits.records import Edit, Note
from src.persistence.stores.supabase.supabase_store import SupabaseStore
from src.records import Message, Sample
from tests.dataset.example_samples import make_dataset, make_example
from tests.persistence.conftest import PassesThrough
from tests.persistence.servers import Postgres, Supabase, free_port

pytest.importorskip("supabase", reason="pip install -r requirements-supabase.txt runs these tests")
psycopg = pytest.importorskip("psycopg", reason="pip install -r requirements-postgres.txt runs these tests")

EXAMPLES = make_dataset([make_example(n) for n in range(700)])
KEY = "sb_secret_geheim-geheim-geheim-1234"
Behind = tuple[Postgres, str]


@pytest.fixture
def server(supabase_server: tuple[Supabase, Postgres, str]) -> Supabase:
    behind, database = supabase_server[1:]
    behind.execute("TRUNCATE datasets, samples, unfinished_saves", database)
    return supabase_server[0]


@pytest.fixture
def address(supabase_server: tuple[Supabase, Postgres, str]) -> str:
    return supabase_server[1].address(supabase_server[2])


def execute(address: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def rows_left(address: str) -> tuple[object, ...]:
    """How many datasets, samples and unfinished saves there are."""
    counts = (f"(SELECT count(*) FROM {table})" for table in ("datasets", "samples", "unfinished_saves"))
    return execute(address, f"SELECT {', '.join(counts)}")[0]


def test_a_finished_save_leaves_nothing_but_the_dataset(server: Supabase, address: str) -> None:
    with SupabaseStore(server.url, server.secret_key) as store:
        for _ in range(2):
            store.save_dataset(EXAMPLES, {}, dataset_id="d1")
    assert rows_left(address) == (1, len(EXAMPLES), 0)


def test_a_failed_save_leaves_nothing(server: Supabase, address: str) -> None:
    broken = replace(make_example(900), messages=(Message("user", "\ud83d"),))
    with SupabaseStore(server.url, server.secret_key) as store:
        with pytest.raises(PersistenceError, match="broken character"):
            store.save_dataset(make_dataset([*EXAMPLES.samples, broken]), {})
        with pytest.raises(PersistenceError, match="twice"):
            store.save_dataset(make_dataset([*EXAMPLES.samples, make_example(650)]), {})
    assert rows_left(address) == (0, 0, 0)


def test_what_a_killed_save_left_is_no_dataset_and_is_removed_a_day_later(server: Supabase, address: str) -> None:
    def killed() -> Iterator[Sample]:
        yield from EXAMPLES
        # As a kill would: nobody tidies up.
        execute(address, "CREATE TABLE kept AS SELECT * FROM samples")
        execute(address, "CREATE TABLE noted AS SELECT * FROM unfinished_saves")
        raise KeyboardInterrupt

    with SupabaseStore(server.url, server.secret_key) as store:
        with pytest.raises(KeyboardInterrupt):
            store.save_dataset(replace(EXAMPLES, samples=PassesThrough(killed())), {})
        execute(address, "INSERT INTO samples SELECT * FROM kept; INSERT INTO unfinished_saves SELECT * FROM noted")
        execute(address, "DROP TABLE kept; DROP TABLE noted")
        assert store.list_datasets() == []
        store.save_dataset(make_dataset([]), {}, dataset_id="d1")
        assert rows_left(address) == (1, 500, 1)
        execute(address, "UPDATE unfinished_saves SET started_at = '2020-01-01 00:00:00.000'")
        store.save_dataset(make_dataset([]), {}, dataset_id="d1")
        assert rows_left(address) == (1, 0, 0)


def test_samples_of_a_dataset_are_never_taken_for_left_over(server: Supabase, address: str) -> None:
    with SupabaseStore(server.url, server.secret_key) as store:
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
        execute(address, "INSERT INTO unfinished_saves SELECT samples_key, '2020-01-01' FROM datasets")
        store.save_dataset(make_dataset([]), {}, dataset_id="d2")
        assert store.load_dataset("d1") == EXAMPLES
    assert rows_left(address) == (2, len(EXAMPLES), 0)


def test_a_changed_letter_is_found_and_its_sample_named(server: Supabase, address: str) -> None:
    with SupabaseStore(server.url, server.secret_key) as store:
        loaded = store.load_dataset(store.save_dataset(EXAMPLES, {}))
        execute(address, "UPDATE samples SET content = replace(content, 'Answer 7.', 'Answer 8.')")
        with pytest.raises(PersistenceError, match=r"sample s000007: .*checksum"):
            list(loaded)


def test_more_datasets_than_a_page_are_all_listed(server: Supabase, address: str) -> None:
    execute(
        address,
        "INSERT INTO datasets SELECT 'd' || n, 'name', 'p', 'm', 'create', '2026-01-01', 0, 0, '{}', NULL, 'k' || n "
        "FROM generate_series(1, 2345) n",
    )
    with SupabaseStore(server.url, server.secret_key) as store:
        assert len({stored.id for stored in store.list_datasets()}) == 2345


def test_requests_that_fail_for_a_moment_are_sent_again(server: Supabase, address: str) -> None:
    with unreliable(server.url) as url, SupabaseStore(url, server.secret_key) as store:
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
        assert store.load_dataset("d1") == EXAMPLES
    assert rows_left(address) == (1, len(EXAMPLES), 0)


def test_a_key_that_may_see_nothing_is_told_so(server: Supabase) -> None:
    with pytest.raises(PersistenceError, match=r"SUPABASE_KEY to the project's secret"):
        SupabaseStore(server.url, server.publishable_key)


def test_a_wrong_key_and_a_silent_server_are_named_without_the_key(server: Supabase) -> None:
    for url, said in ((server.url, "set SUPABASE_KEY"), (f"http://127.0.0.1:{free_port()}", "check SUPABASE_URL")):
        with pytest.raises(PersistenceError, match=said) as caught:
            SupabaseStore(url, KEY)
        assert "geheim" not in f"{caught.value!s} {caught.value!r} {caught.value.__cause__}"


@pytest.mark.parametrize("url", ["http://project.supabase.co", "project.supabase.co", "ftp://127.0.0.1", "https://"])
def test_an_address_that_would_show_the_key_to_all_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="no address like"):
        SupabaseStore(url, KEY)


@contextmanager
def unreliable(behind: str) -> Iterator[str]:
    """In front of the server: every fifth request is answered with 503, every seventh's answer is lost."""
    target = urlsplit(behind).netloc
    seen = iter(range(1, 1_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            number = next(seen)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if number % 5 == 0:
                self._answer(503, b"upstream gone")
                return
            connection = HTTPConnection(target, timeout=20)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if number % 7 == 0:
                self.close_connection = True  # the work is done, the answer is lost
                return
            kept = {n: v for n, v in answer.getheaders() if n.lower() in ("content-type", "content-range")}
            self._answer(answer.status, content, kept)

        def _answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = _pass_on

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_samples_are_not_changed_over_rest_but_what_was_changed_through_its_database_is_read(
    server: Supabase, address: str
) -> None:
    from src.persistence.stores.sql.sql_store import SqlStore

    behind = [replace(sample) for number, sample in enumerate(EXAMPLES) if number % 3]
    with SupabaseStore(server.url, server.secret_key) as store, SqlStore(address) as database:
        store.save_dataset(EXAMPLES, {}, dataset_id="d1")
        with pytest.raises(UsageError, match="DATABASE_URL"):
            change_samples(store, "d1", [Edit("s000001", None)], Note("delete", "m", ""))
        gone = [Edit(sample.id, None) for sample in list(EXAMPLES)[::3]]
        change_samples(database, "d1", gone, Note("curate", "m", ""))
        loaded = store.load_dataset("d1")
        assert list(loaded) == behind
        assert [loaded[n] for n in (0, 200, 465)] == [behind[n] for n in (0, 200, 465)]
        assert loaded[300:450:70] == behind[300:450:70]
