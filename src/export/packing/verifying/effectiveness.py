"""What compression gained, for each file of a packed dataset and for all."""

from __future__ import annotations

from dataclasses import dataclass, field

from src.export.packing.verifying.pack_report import Check

_LEAST_GAIN = 0.05
_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of a file as JSONL and as stored, its index included."""

    name: str
    raw: int
    stored: int

    @property
    def ratio(self) -> float:
        return self.stored / self.raw if self.raw else 1.0


@dataclass(slots=True)
class Effectiveness:
    """Takes the sizes of all files."""

    sizes: list[Size] = field(default_factory=list)

    def check(self, codec: str, frames: int) -> Check:
        whole = Size("", sum(size.raw for size in self.sizes), sum(size.stored for size in self.sizes))
        if not whole.raw or not frames:
            return Check("compression", "ok", "there are no records.")
        text = f"{codec}: {_mb(whole.raw)} of JSONL in {_mb(whole.stored)} ({whole.ratio:.3f} of the size)"
        text += f", frames of {whole.raw / frames / 1e3:,.1f} KB, stored in {whole.stored / frames / 1e3:,.1f} KB"
        if len(self.sizes) > 1:
            best, worst = min(self.sizes, key=lambda size: size.ratio), max(self.sizes, key=lambda size: size.ratio)
            text += (
                f"; {len(self.sizes):,} files from {best.ratio:.3f} ({best.name}) to {worst.ratio:.3f} ({worst.name})"
            )
        if codec != "none" and whole.ratio > 1 - _LEAST_GAIN:
            hint = "'zstd' compresses better, 'none' loads faster" if codec == "lz4" else "'none' loads faster"
            return Check("compression", "warning", f"{text}. It gains less than {_LEAST_GAIN:.0%}: {hint}.")
        return Check("compression", "ok", f"{text}.")


def _mb(count: int) -> str:
    return f"{count / _MILLION:,.1f} MB"
