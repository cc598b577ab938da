from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from src.errors import PersistenceError, UsageError
from src.persistence.backup import KEPT_BACKUPS, create_backup, list_backups, restore_backup
from src.persistence.durable_files import incomplete_path
from src.persistence.sqlite_client import DatasetStore
from tests.dataset.example_samples import make_dataset, make_example

ROOT = Path(__file__).resolve().parents[2]
PAGE = 16_384


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "memory" / "datasets.db"
    save(path, "first")
    return path


def save(path: Path, name: str) -> None:
    with DatasetStore(path) as store:
        store.save_dataset(make_dataset([make_example(n) for n in range(50)], name), {})


def names_in(path: Path) -> set[str]:
    with DatasetStore(path) as store:
        return {stored.name for stored in store.list_datasets()}


def test_a_backup_taken_in_use_holds_what_was_saved(database: Path) -> None:
    with DatasetStore(database) as store:
        store.save_dataset(make_dataset([make_example(1)], "second"), {})
        backup = create_backup(database)
    assert backup.parent == database.parent / "backups"
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT name FROM datasets ORDER BY name").fetchall() == [("first",), ("second",)]
    assert sorted(backup.parent.iterdir()) == [backup]


def test_the_newest_five_backups_stay(database: Path) -> None:
    made = [create_backup(database) for _ in range(KEPT_BACKUPS + 2)]
    assert list_backups(database) == made[:1:-1]


def test_backups_of_another_database_and_other_files_are_left_alone(database: Path) -> None:
    other = database.with_name("datasets-2.db")
    save(other, "other")
    kept = create_backup(other)
    (kept.parent / "datasets-notes.db").write_text("mine")
    for _ in range(3):
        create_backup(database, keep=1)
    assert list_backups(other) == [kept]
    assert len(list_backups(database)) == 1
    assert (kept.parent / "datasets-notes.db").exists()


def test_leftovers_of_a_killed_backup_are_swept(database: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    first = create_backup(database)
    host = os.uname().nodename if hasattr(os, "uname") else ""
    safe_host = "".join(c if c.isascii() and c.isalnum() else "_" for c in host)
    dead = first.parent / f".x.db.incomplete-{safe_host}-{child.pid}-00000000"
    alive = first.parent / f".x.db.incomplete-{safe_host}-{os.getpid()}-00000000"
    beside = [path.with_name(path.name + "-journal") for path in (dead, alive)]
    for path in (dead, alive, *beside):
        path.touch()
    create_backup(database)
    assert [path.exists() for path in (dead, alive, *beside)] == [False, True, False, True]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells when a process began")
def test_leftovers_of_a_process_whose_number_another_one_has_now_are_swept(database: Path) -> None:
    folder = create_backup(database).parent
    mine = incomplete_path(folder / "x.db")
    began = re.search(r"-\d+\.(\d+)-", mine.name)
    assert began
    others = folder / mine.name.replace(f".{began[1]}-", f".{int(began[1]) - 1}-")
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has asked how
    unasked = folder / mine.name.replace(f"-{os.getpid()}.", f"-{child.pid}.")
    for path in (mine, others, unasked):
        path.touch()
    create_backup(database)
    child.wait()
    assert [path.exists() for path in (mine, others, unasked)] == [True, False, False]


def test_restore_brings_back_the_backup_and_keeps_what_was_there(database: Path) -> None:
    backup = create_backup(database)
    save(database, "second")
    kept = restore_backup(database, backup)
    assert names_in(database) == {"first"}
    assert kept in list_backups(database)
    restore_backup(database, kept)
    assert names_in(database) == {"first", "second"}


def test_restoring_the_oldest_backup_does_not_rotate_it_away(database: Path) -> None:
    oldest = create_backup(database)
    save(database, "second")
    for _ in range(KEPT_BACKUPS - 1):
        create_backup(database)
    restore_backup(database, oldest)
    assert names_in(database) == {"first"}
    assert oldest.exists()


def test_a_backup_with_another_page_size_can_be_restored(database: Path) -> None:
    backup = create_backup(database)
    with closing(sqlite3.connect(backup)) as connection:
        connection.executescript("PRAGMA page_size = 8192; VACUUM;")
    restore_backup(database, backup)
    assert names_in(database) == {"first"}


def test_restore_without_a_database(database: Path) -> None:
    backup = create_backup(database)
    database.unlink()
    assert restore_backup(database, backup) is None
    assert names_in(database) == {"first"}


def test_restore_sets_a_damaged_database_aside(database: Path) -> None:
    backup = create_backup(database)
    database.write_bytes(b"rubbish" * 1000)
    aside = restore_backup(database, backup)
    assert names_in(database) == {"first"}
    assert aside is not None
    assert aside.name.endswith("-damaged.db")
    assert aside.read_bytes() == b"rubbish" * 1000
    assert list_backups(database) == [backup]


def test_restore_replaces_a_database_with_a_damaged_page(database: Path) -> None:
    backup = create_backup(database)
    content = bytearray(database.read_bytes())
    content[PAGE : PAGE * 3] = b"\xa5" * (2 * PAGE)
    database.write_bytes(content)
    aside = restore_backup(database, backup)
    assert names_in(database) == {"first"}
    assert aside is not None
    assert aside.read_bytes()[PAGE : PAGE * 3] == b"\xa5" * (2 * PAGE)


def test_restore_is_refused_while_another_process_has_the_database_open(database: Path) -> None:
    backup = create_backup(database)
    command = [sys.executable, "-m", "tests.persistence.hold_open", str(database)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        with pytest.raises(PersistenceError, match="another process"):
            restore_backup(database, backup)
        child.communicate()
    restore_backup(database, backup)


def test_a_damaged_or_foreign_backup_is_refused_before_anything_changes(database: Path, tmp_path: Path) -> None:
    backup = create_backup(database)
    content = bytearray(backup.read_bytes())
    content[PAGE : PAGE * 3] = b"\xa5" * (2 * PAGE)
    (tmp_path / "damaged.db").write_bytes(content)
    (tmp_path / "text.db").write_text("no database")
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as foreign:
        foreign.execute("CREATE TABLE other (x)")
    before = database.read_bytes()
    for name, problem in (("damaged.db", "damaged"), ("text.db", "damaged"), ("foreign.db", "no database of this")):
        with pytest.raises(PersistenceError, match=problem):
            restore_backup(database, tmp_path / name)
    with pytest.raises(UsageError, match="no such backup"):
        restore_backup(database, tmp_path / "missing.db")
    assert database.read_bytes() == before
    assert list_backups(database) == [backup]


def test_a_damaged_database_is_not_backed_up_as_if_it_were_sound(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[PAGE : PAGE * 3] = b"\xa5" * (2 * PAGE)
    database.write_bytes(content)
    with pytest.raises(PersistenceError, match=r"damaged .*restore"):
        create_backup(database)
    assert list_backups(database) == []


def test_a_missing_database_cannot_be_backed_up(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no database"):
        create_backup(tmp_path / "datasets.db")
    assert list_backups(tmp_path / "datasets.db") == []
