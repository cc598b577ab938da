"""Read packed files in a process of their own with little memory, and say how each went: `python limits.py PATH...`."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ADDRESS_SPACE = 600 << 20


def read_everything(path: Path) -> None:
    """Every way to read: whole frames, decoded, one by one from the end, the metadata."""
    from src.export.packing.reading.pack import open_pack

    with open_pack(path) as pack:
        lines = [line for frame in range(pack.frames) for line in pack.lines(frame)]
        values = [value for frame in range(pack.frames) for value in pack.values(frame)]
        one_by_one = [pack.line(record) for record in range(min(len(pack), 1000))]
        single = [pack.value(record) for record in reversed(range(min(len(pack), 1000)))]
        assert isinstance(pack.metadata, dict)
        if one_by_one != lines[:1000] or repr(list(reversed(single))) != repr(values[:1000]):
            raise SystemExit(f"{path}: records differ by the way they are read")


def _verify(path: Path) -> None:
    from src.errors import PackError
    from src.export.packing.verifying.verify_pack import verify_pack

    report = verify_pack(path)
    if not report.ok:
        raise PackError("; ".join(f"{check.name}: {check.text}" for check in report.checks if check.state == "failed"))


def _unpack(path: Path) -> None:
    from src.export.packing.unpacking import unpack

    unpack(path, path.with_name(path.name + ".unpacked"), overwrite=True)


def outcome(way: Callable[[Path], None], path: Path) -> str:
    from src.errors import PackError

    try:
        way(path)
    except PackError as error:
        return f"PackError: {error}"
    except Exception as error:  # noqa: BLE001 - what the tests look for
        return f"{type(error).__name__}: {error}"[:500]
    return "read"


def main(paths: list[str]) -> dict[str, Any]:
    import lz4.block  # noqa: F401
    import msgspec  # noqa: F401
    import orjson  # noqa: F401
    import zstandard  # noqa: F401

    from src.export.packing.verifying.verify_pack import verify_pack  # noqa: F401
    from src.providers.formats.registry import FORMATS  # noqa: F401

    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    told: dict[str, Any] = {}
    for path in map(Path, paths):
        begun = time.monotonic()
        ways = {"read": read_everything, "verify": _verify, "unpack": _unpack}
        told[path.name] = {name: outcome(way, path) for name, way in ways.items()}
        told[path.name]["seconds"] = time.monotonic() - begun
        told[path.name]["peak"] = peak_mib()
    return told


def peak_mib() -> int:
    """The most memory this process had. Not getrusage: it begins with what the parent had when it forked."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return int(status.read_text().split("VmHWM:")[1].split()[0]) >> 10


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
