"""What a storage holds, and what is swept from it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from src.config.settings import StorageSettings
from src.persistence.storage.hosts.s3 import S3Bucket
from src.persistence.storage.upkeep import remote_versions, remove_incomplete
from tests.persistence.storage.servers import Server
from tests.persistence.storage.support import TARGET, Place, make_export, s3_place, sample_files


def test_versions_are_listed_by_number_with_what_counts(place: Place, tmp_path: Path) -> None:
    files = sample_files()
    for number in ("1.0.0", "1.10.0", "1.9.0"):
        place.upload(make_export(tmp_path / number, files, f"v{number}"), f"exports/demo/v{number}")
    place.put("exports/begun/v1.0.0/train.jsonl", b"{}")
    place.put("exports/begun/v1.0.0/deeper/manifest.json", b"{}")
    place.put("exports/stray.txt", b"x")
    place.put("logs/run.log", b"x")
    storage = place.storage
    found = remote_versions(storage)
    assert [(item.name, item.version, item.complete) for item in found] == [
        ("begun", "v1.0.0", False),
        ("demo", "v1.0.0", True),
        ("demo", "v1.9.0", True),
        ("demo", "v1.10.0", True),
    ]
    assert found[1].files == len(files) + 2
    assert found[1].url == f"{place.url}/exports/demo/v1.0.0"
    place_of_one = Place(found[3].url, place.settings)
    assert place_of_one.download(tmp_path / "back", "").version == "v1.10.0"
    place_of_one.close()


def test_what_uploads_left_is_removed_and_the_rest_stays(place: Place, tmp_path: Path) -> None:
    place.upload(make_export(tmp_path / "v1.0.0", sample_files()))
    kept = place.objects()
    place.put("exports/demo/v2.0.0/train.jsonl", b"half")
    place.put("incomplete/exports/demo/v2.0.0.claim.json", json.dumps({"manifest_sha256": "f" * 64}).encode())
    place.put("incomplete/exports/demo/v2.0.0/x.parquet/1a2b/part-000000", b"part")
    place.put("logs/run.log", b"x")
    storage = place.storage
    assert remove_incomplete(storage, older_than=3600).objects == 0
    removed = remove_incomplete(storage, older_than=-60)
    assert removed.versions == ("demo v2.0.0",)
    assert removed.objects == 3
    assert place.objects() == sorted([*kept, "logs/run.log"])
    place.upload(make_export(tmp_path / "v2.0.0", sample_files(2), "v2.0.0"), "exports/demo/v2.0.0")


def test_an_upload_at_work_is_not_swept(tmp_path: Path) -> None:
    """Its data are old, its claim is new: it goes on with what an earlier try left."""
    place = Place(str(tmp_path), StorageSettings())
    place.put(f"{TARGET}/train.jsonl", b"old")
    place.put(f"incomplete/{TARGET}.claim.json", b"{}")
    long_ago = time.time() - 7 * 24 * 3600
    os.utime(tmp_path / TARGET / "train.jsonl", (long_ago, long_ago))
    storage = place.storage
    assert remove_incomplete(storage).objects == 0
    os.utime(tmp_path / f"incomplete/{TARGET}.claim.json", (long_ago, long_ago))
    assert remove_incomplete(storage).objects == 2


def test_half_sent_objects_of_s3_are_removed(s3: Server) -> None:
    place, neighbour = s3_place(s3.url), s3_place(s3.url)
    for bucket in (place.storage, neighbour.storage):
        assert isinstance(bucket, S3Bucket)
        bucket._call("create_multipart_upload", Key=bucket._key("exports/demo/v1.0.0/large"))
    assert remove_incomplete(place.storage, older_than=3600).halves == 0
    assert remove_incomplete(place.storage, older_than=-60).halves == 1
    assert remove_incomplete(place.storage, older_than=-60).halves == 0
    assert remove_incomplete(neighbour.storage, older_than=-60).halves == 1
    place.close()
    neighbour.close()
