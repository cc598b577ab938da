from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from src.config.settings import StorageSettings
from src.persistence.storage import open_storage
from src.web_actions.images.finding import pictures_in_folder, pictures_in_storage
from src.web_actions.images.handling import ImageHandler, PicturePlan
from src.web_actions.images.keeping import as_webp, keep_in_folder, keep_in_storage
from src.web_actions.images.loading import PictureError, load_picture
from tests.web_actions.images.pictures import encoded, screenshot


def test_the_same_picture_is_kept_once_under_the_hash_of_its_bytes(tmp_path: Path) -> None:
    keep, content = keep_in_folder(tmp_path), as_webp(screenshot(), 85)
    address = keep(content)
    digest = hashlib.sha256(content).hexdigest()
    assert address == keep(content) == f"images/{digest[:2]}/{digest}.webp"
    assert (tmp_path / address).read_bytes() == content
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / address]


def test_quality_100_loses_nothing() -> None:
    image = screenshot()
    assert load_picture(as_webp(image, 100)).image.tobytes() == image.tobytes()


def test_pictures_are_uploaded_once_and_named_by_their_whole_address(tmp_path: Path) -> None:
    with open_storage(str(tmp_path / "bucket"), StorageSettings()) as storage:
        keep = keep_in_storage(storage, "test")
        address = keep(as_webp(screenshot(), 85))
        assert keep(as_webp(screenshot(), 85)) == address
    assert Path(address).is_file() and Path(address).is_relative_to(tmp_path / "bucket" / "images")


def test_a_picture_is_found_beside_its_recording_below_the_folder_and_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.png").write_bytes(b"beside")
    (tmp_path / "b.png").write_bytes(b"below")
    with zipfile.ZipFile(tmp_path / "day" / "trace.zip", "w") as archive:
        archive.writestr("resources/c.jpeg", b"within")
    find = pictures_in_folder(tmp_path)
    assert find("a.png", "day/run.jsonl") == b"beside"
    assert find("b.png", "day/run.jsonl") == b"below"
    assert find("trace.zip!resources/c.jpeg", "day/trace.zip") == b"within"
    assert find("day/trace.zip!resources/c.jpeg", "day/trace.zip") == b"within"


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("../secret.png", "outside"),
        ("/etc/passwd", "outside"),
        ("link.png", "outside"),
        ("https://example.com/a.png", "an address"),
        ("file:///etc/passwd", "an address"),
        ("data:image/png;base64,AAAA", "an address"),
        ("none.png", "there is no file"),
        ("", "no name"),
        ("a\0.png", "no name"),
        ("../other.zip!a.png", "outside"),
        ("trace.zip!none.png", "no member"),
        ("trace.zip!../a.png", "no member"),
        ("bad.zip!a.png", "cannot be unpacked"),
    ],
)
def test_what_a_recording_names_leads_nowhere_else(tmp_path: Path, reference: str, why: str) -> None:
    root = tmp_path / "input"
    root.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "bad.zip").write_bytes(b"PK\x03\x04 no archive")
    with zipfile.ZipFile(root / "trace.zip", "w") as archive:
        archive.writestr("a.png", b"a")
    with pytest.raises(PictureError, match=why):
        pictures_in_folder(root)(reference, "run.jsonl")


def test_a_member_that_unpacks_to_gigabytes_is_read_to_the_limit_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(100 << 20))
    content = pictures_in_folder(tmp_path)("bomb.zip!a.png", "bomb.zip")
    with pytest.raises(PictureError, match="bytes"):
        load_picture(content)


def test_pictures_in_a_storage_are_found_by_key_and_address_but_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.png").write_bytes(b"beside")
    with open_storage(str(tmp_path), StorageSettings()) as storage:
        find = pictures_in_storage(storage)
        assert find("a.png", "day/run.jsonl") == find(f"{tmp_path}/day/a.png", "run.jsonl") == b"beside"
        for reference in ("s3://another-bucket/a.png", "../a.png", "none.png"):
            with pytest.raises(PictureError):
                find(reference, "day/run.jsonl")


def test_formats_and_sizes_are_reported(tmp_path: Path) -> None:
    handler = ImageHandler(pictures_in_folder(tmp_path), keep_in_folder(tmp_path), PicturePlan(max_side=100))
    for form, size in (("PNG", (400, 300)), ("JPEG", (400, 300)), ("PNG", (200, 200))):
        picture, placed = handler.prepare(encoded(screenshot(size, (5, 5, 9, 9)), form), (5, 5, 9, 9), None)
        handler.count(picture, placed, handler.store(placed))
    told = handler.tally.to_json()
    assert told["formats"] == {"PNG": 2, "JPEG": 1} and told["sizes"] == {"400 x 300": 2, "200 x 200": 1}
    assert (told["pictures"], told["target_outside"]) == (3, 0)
