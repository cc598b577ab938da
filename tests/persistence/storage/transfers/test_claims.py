"""Claims on a version while several uploads of it are under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.errors import StorageError
from src.persistence.storage.hosts.local_folder import LocalFolder
from src.persistence.storage.storage import MissingObjectError, StoredObject
from src.persistence.storage.transfers.claims import claimed, holds_claim
from tests.persistence.storage.support import TARGET, Place

MINE, OTHER = "a" * 64, "b" * 64


class OtherUploadEnds(LocalFolder):
    """The other upload takes its claim back right after this one has seen it."""

    def stat(self, key: str) -> StoredObject | None:
        found = super().stat(key)
        self.delete(key)
        return found


def test_a_claim_that_goes_between_two_requests_is_seen_as_gone(tmp_path: Path) -> None:
    with claimed(LocalFolder(tmp_path), TARGET, MINE, "test 1"):
        assert not holds_claim(OtherUploadEnds(tmp_path), TARGET, MINE)


def test_a_claim_that_goes_while_it_is_looked_at_is_taken(tmp_path: Path) -> None:
    kept = claimed(LocalFolder(tmp_path), TARGET, OTHER, "test 1")
    kept.__enter__()
    with claimed(OtherUploadEnds(tmp_path), TARGET, MINE, "test 1"):
        assert holds_claim(LocalFolder(tmp_path), TARGET, MINE)


def test_a_claim_stays_after_a_failure_and_is_taken_back_after_success(folder_place: Place) -> None:
    with pytest.raises(ZeroDivisionError), claimed(folder_place.storage, TARGET, MINE, "test 1"):
        _ = 1 / 0
    assert holds_claim(folder_place.storage, TARGET, MINE)
    with claimed(folder_place.storage, TARGET, MINE, "test 1"):
        pass
    assert folder_place.objects() == []


def test_a_claim_of_another_manifest_is_respected(folder_place: Place) -> None:
    with (
        claimed(folder_place.storage, TARGET, OTHER, "test 1"),
        pytest.raises(StorageError, match="another export was being uploaded"),
        claimed(folder_place.storage, TARGET, MINE, "test 1"),
    ):
        pass


def test_reading_what_is_not_there_is_told_from_other_faults(place: Place) -> None:
    with pytest.raises(MissingObjectError):
        place.storage.read("exports/none.json", 0, 10)
