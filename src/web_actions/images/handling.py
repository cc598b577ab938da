"""From the screenshot a step names to the picture its sample names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from src.web_actions.images.augmenting import augment
from src.web_actions.images.finding import FindPicture
from src.web_actions.images.keeping import Keep, as_webp
from src.web_actions.images.loading import Picture, load_picture
from src.web_actions.images.placing import Box, Placed, Point, crop_to_target, fit, place


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """What is done to pictures: `crop` is the side of the part around the target (0: all of it), then `max_side` is
    what neither side exceeds. `pixel_ratio` is how many pixels of a screenshot make one CSS pixel.
    """

    max_side: int = 1280
    crop: int = 0
    pixel_ratio: float = 1.0
    quality: int = 85


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture that is stored, and where in it (in its own pixels) the target and the pointer are."""

    uri: str
    width: int
    height: int
    bytes: int
    box: Box | None
    point: Point | None


@dataclass(slots=True)
class PictureTally:
    """What came in and went out. `sizes` counts pictures by their width and height as they came."""

    formats: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0
    kept: int = 0
    outside: int = 0

    def count(self, picture: Picture, placed: Placed, kept: KeptPicture) -> None:
        self.formats[picture.form] += 1
        self.sizes[f"{picture.width} x {picture.height}"] += 1
        self.bytes_in += picture.bytes
        self.bytes_out += kept.bytes
        self.kept += 1
        self.outside += placed.outside

    def to_json(self) -> dict[str, object]:
        """The same as plain values that json.dumps takes; of the sizes the most frequent ones."""
        return {
            "pictures": self.kept,
            "formats": dict(self.formats),
            "sizes": dict(self.sizes.most_common(100)),
            "bytes_recorded": self.bytes_in,
            "bytes_stored": self.bytes_out,
            "target_outside": self.outside,
            "refused": dict(self.refused.most_common(100)),
        }


@dataclass(slots=True)
class ImageHandler:
    """Finds, checks, fits and keeps pictures. Its methods may be called by several threads at once, but for find."""

    find: FindPicture
    keep: Keep
    plan: PicturePlan = field(default_factory=PicturePlan)
    tally: PictureTally = field(default_factory=PictureTally)
    _counting: Lock = field(default_factory=Lock)

    def count(self, picture: Picture, placed: Placed, kept: KeptPicture) -> None:
        """Note a picture that became part of a sample."""
        with self._counting:
            self.tally.count(picture, placed, kept)

    def prepare(self, content: bytes, box: Box | None, point: Point | None) -> tuple[Picture, Placed]:
        """The picture as samples show it, with its places in it. Raises PictureError."""
        picture = load_picture(content)
        placed = place(picture.image, box, point, self.plan.pixel_ratio)
        if self.plan.crop:
            placed = crop_to_target(placed, self.plan.crop)
        return picture, fit(placed, self.plan.max_side)

    def store(self, placed: Placed) -> KeptPicture:
        """Keep it as WEBP. Raises OSError, StorageError."""
        content = as_webp(placed.image, self.plan.quality)
        uri = self.keep(content)
        return KeptPicture(uri, *placed.size, len(content), placed.box, placed.point)

    def variant(self, content: bytes, box: Box | None, point: Point | None, seed: str) -> KeptPicture:
        """Another version of the picture, drawn by the seed, for training. Raises PictureError."""
        _, placed = self.prepare(content, box, point)
        return self.store(augment(placed, seed))
