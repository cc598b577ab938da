from __future__ import annotations

import pytest

from src.errors import ConfigError
from src.persistence.stores.sql.database_url import connect_arguments, parse_database_url, shown

pytest.importorskip("sqlalchemy", reason="pip install -r requirements-postgres.txt runs these tests")

POOLER = (
    "postgres://postgres.abc:geh%40eim@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1"
)


def test_the_addresses_that_hosts_hand_out_are_taken() -> None:
    url = parse_database_url(POOLER)
    assert (url.drivername, url.password, url.port) == ("postgresql+psycopg", "geh@eim", 6543)
    assert dict(url.query) == {"sslmode": "require"}
    assert connect_arguments(url)["prepare_threshold"] is None


@pytest.mark.parametrize(
    ("address", "sslmode"),
    [
        ("postgresql://u:p@db.example.org/x", "require"),
        ("postgresql://u:p@db.example.org/x?sslmode=verify-full", "verify-full"),
        ("postgresql+psycopg://u:p@db.example.org/x?sslmode=disable", "disable"),
        ("postgresql://u:p@127.0.0.1:5432/x", None),
        ("postgresql://u@localhost/x", None),
        ("postgresql://postgres:@/postgres?host=/run/postgresql", None),
        ("postgresql://postgres:@/postgres?host=db.example.org", "require"),
    ],
)
def test_what_leaves_this_machine_is_encrypted_unless_said_otherwise(address: str, sslmode: str | None) -> None:
    assert parse_database_url(address).query.get("sslmode") == sslmode


def test_the_password_is_not_shown() -> None:
    assert (
        shown(parse_database_url(POOLER)) == "postgresql://postgres.abc:***@aws-0-eu.pooler.supabase.com:6543/postgres"
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://u:geh@eim@host/x", "%40"),
        ("postgresql://u:geheim@host:port/x", "no address like"),
        ("geheim", "no address like"),
        ("mysql://u:geheim@host/x", "'mysql://' is not supported"),
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(address: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse_database_url(address)
    assert "geh" not in str(caught.value)
    assert "eim" not in str(caught.value)
