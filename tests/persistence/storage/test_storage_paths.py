"""Where things go below a storage's root."""

from __future__ import annotations

import pytest

from src.errors import UsageError
from src.persistence.storage.storage_paths import StoragePaths


def test_exports_checkpoints_and_logs_have_their_places() -> None:
    assert StoragePaths.export("faq", "v1.2.3") == "exports/faq/v1.2.3"
    assert StoragePaths.checkpoint("dataset_builder-20261121.db") == "checkpoints/dataset_builder-20261121.db"
    assert StoragePaths.log("run.log") == "logs/run.log"
    assert StoragePaths.claim("exports/faq/v1.2.3") == "incomplete/exports/faq/v1.2.3.claim.json"


def test_a_key_tells_its_export() -> None:
    assert StoragePaths.export_of("exports/faq/v1.2.3/parquet/train.parquet") == ("faq", "v1.2.3")
    for other in ("exports/faq/v1.2.3", "exports/faq/latest/x", "logs/faq/v1.2.3/x", "exports/..%2f/v1.0.0/x"):
        assert StoragePaths.export_of(other) is None


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "a\\b", "/x", ".hidden", "a\nb", "x" * 201, "ä"])
def test_names_that_could_lead_elsewhere_are_refused(name: str) -> None:
    for make in (StoragePaths.checkpoint, StoragePaths.log, lambda name: StoragePaths.export(name, "v1.0.0")):
        with pytest.raises(UsageError):
            make(name)
    with pytest.raises(UsageError):
        StoragePaths.export("faq", name)
