"""Pictures kept by their content: the same picture is there once, under the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from src.persistence.durable_files import incomplete_path
from src.persistence.storage.storage import Label

if TYPE_CHECKING:
    from PIL.Image import Image

    from src.persistence.storage.storage import Storage

# Stores a picture's bytes and gives the address that samples name it by.
Keep = Callable[[bytes], str]


def as_webp(image: Image, quality: int) -> bytes:
    """The picture as WEBP; 100 is without loss. The same picture gives the same bytes with the same Pillow."""
    stream = BytesIO()
    image.save(stream, "WEBP", quality=quality, lossless=quality == 100, method=4)
    return stream.getvalue()


def address_of(content: bytes) -> str:
    """images/ab/abcd....webp: two letters keep folders small."""
    digest = hashlib.sha256(content).hexdigest()
    return f"images/{digest[:2]}/{digest}.webp"


def keep_in_folder(folder: Path) -> Keep:
    """Below images/ of the folder; the address is the path from there."""

    def keep(content: bytes) -> str:
        address = address_of(content)
        path = folder / address
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = incomplete_path(path)
            half.write_bytes(content)
            half.replace(path)
        return address

    return keep


def keep_in_storage(storage: Storage, tool: str) -> Keep:
    """Below images/ of the storage; the address is the whole one, like s3://bucket/prefix/images/ab/abcd....webp."""
    there: set[str] = set()

    def keep(content: bytes) -> str:
        address = address_of(content)
        if address not in there:
            sha256 = Path(address).stem
            storage.put_new(address, content, Label(sha256, "image/webp", "", "", tool))
            there.add(address)
        return f"{storage.url}/{address}"

    return keep
