"""Addresses of storages, and what is refused as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from src.config.loader import build_settings
from src.errors import ConfigError, UsageError
from src.persistence.storage.addresses import Address, parse_address


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://bucket", Address("s3", "bucket", "")),
        ("s3://my.bucket-1/team a/sets/", Address("s3", "my.bucket-1", "team a/sets")),
        ("gs://bucket//x", Address("gs", "bucket", "x")),
        ("gcs://bucket/x", Address("gs", "bucket", "x")),
    ],
)
def test_buckets_are_told_from_their_prefix(url: str, address: Address) -> None:
    assert parse_address(url) == address


def test_a_path_and_a_file_address_are_folders(tmp_path: Path) -> None:
    assert parse_address(str(tmp_path)).prefix == str(tmp_path)
    assert parse_address("file:///a%20b/c") == Address("file", "", str(Path("/a b/c")))
    assert parse_address("C:\\data").scheme == "file"
    assert parse_address("relative/folder").scheme == "file"


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "ftp://host/x",
        "s3://",
        "s3://Bucket",
        "s3://b/../c",
        "s3://b/x\n",
        "gs://a/./b",
        "file://host/x",
        "a\0b",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_address(url)


@pytest.mark.parametrize("url", ["s3://AKIA123:hunter2@bucket/x", "s3://bucket/x?X-Amz-Signature=hunter2"])
def test_a_key_in_an_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_address(url)
    assert "hunter2" not in str(told.value)
    assert "environment" in str(told.value)


@pytest.mark.parametrize(
    "section",
    [
        {"url": "s3://AKIA:hunter2@bucket"},
        {"endpoint_url": "https://me:hunter2@host:9000"},
        {"endpoint_url": "host:9000"},
        {"access_key": "hunter2"},
        {"part_mb": 1},
        {"parallel": 0},
    ],
)
def test_settings_hold_no_keys_and_only_what_works(section: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as told:
        build_settings({"storage": section})
    assert "hunter2" not in str(told.value)
    assert "storage." in str(told.value)
