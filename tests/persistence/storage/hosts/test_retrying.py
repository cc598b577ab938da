"""What may pass is tried again, so many times and no more."""

from __future__ import annotations

import pytest

from src.errors import StorageError
from src.persistence.storage.hosts.retrying import with_retries


def failing(times: int, error: Exception) -> tuple[list[int], object]:
    tries: list[int] = []

    def action() -> str:
        tries.append(len(tries))
        if len(tries) <= times:
            raise error
        return "done"

    return tries, action


def explained(error: Exception) -> StorageError:
    return StorageError(f"told: {error}", passing=isinstance(error, TimeoutError))


def test_what_passes_succeeds_in_the_end() -> None:
    tries, action = failing(2, TimeoutError("slow"))
    assert with_retries(action, (OSError,), explained, 2) == "done"  # type: ignore[arg-type]
    assert len(tries) == 3


def test_what_does_not_pass_is_told_after_the_last_try() -> None:
    tries, action = failing(9, TimeoutError("slow"))
    with pytest.raises(StorageError, match="told: slow") as told:
        with_retries(action, (OSError,), explained, 1)  # type: ignore[arg-type]
    assert told.value.passing
    assert len(tries) == 2


def test_what_cannot_pass_is_told_at_once_and_strange_errors_fly() -> None:
    tries, action = failing(9, PermissionError("no"))
    with pytest.raises(StorageError, match="told: no"):
        with_retries(action, (OSError,), explained, 5)  # type: ignore[arg-type]
    assert len(tries) == 1
    _, action = failing(9, KeyError("bug"))
    with pytest.raises(KeyError):
        with_retries(action, (OSError,), explained, 5)  # type: ignore[arg-type]
