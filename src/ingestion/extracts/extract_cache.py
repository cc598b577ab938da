"""Keeps extracted text by the file's SHA-256, the readers' version and the options: nothing is read twice.

The folder may be deleted at any time; it holds the documents' text in clear, so only its owner may look into it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from src.errors import IngestionError
from src.ingestion.pieces import ReadOptions

_INGESTION = Path(__file__).resolve().parents[1]
# What turns bytes into text: another version may give other text.
_LIBRARIES = ("pypdfium2", "pdfplumber", "lxml", "charset-normalizer")
_STATES = "seen_files.json"
# A file changed within the clock's grain of our look at it could look unchanged later.
_GRAIN_NS = 2_000_000_000


@lru_cache(maxsize=1)
def readers_version() -> str:
    """Changes whenever the code of the readers or a library below them does."""
    digest = hashlib.sha256()
    for source in sorted(_INGESTION.rglob("*.py")):
        digest.update(source.relative_to(_INGESTION).as_posix().encode() + b"\0" + source.read_bytes())
    for library in _LIBRARIES:
        with suppress(metadata.PackageNotFoundError):
            digest.update(f"{library} {metadata.version(library)}".encode())
    return digest.hexdigest()[:12]


def options_key(options: ReadOptions) -> str:
    """A short name for what the user decided about reading. A password opens a file; it does not change its text."""
    decided = {name: value for name, value in asdict(options).items() if name not in ("password", "safe")}
    return hashlib.sha256(json.dumps(decided, sort_keys=True).encode()).hexdigest()[:8]


@dataclass(slots=True)
class ExtractCache:
    """A folder of extracts. `most_bytes` is what prune() leaves; what this process used stays in any case."""

    folder: Path
    most_bytes: int = 4 * 2**30
    _seen: dict[str, list[object]] = field(default_factory=dict)
    _used: set[Path] = field(default_factory=set)

    @classmethod
    def open(cls, folder: Path, most_bytes: int = 4 * 2**30) -> ExtractCache:
        """Create the folder where it is missing. Raises IngestionError when nothing can be written there."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise IngestionError(
                f"Extracted text cannot be kept in {folder} ({error.strerror}); check the folder's permissions and "
                "the free space, or move the database.",
                "unreadable",
            ) from error
        cache = cls(folder, most_bytes)
        cache._load_states()
        return cache

    def path_for(self, sha256: str, options: ReadOptions) -> Path:
        """Where the extract of a file with these bytes stands, or would."""
        return self.folder / f"{sha256}.{readers_version()}.{options_key(options)}.extract"

    def known(self, path: Path, options: ReadOptions) -> Path | None:
        """The extract of a file that has not changed since it was read, by its size and times; None if unknown."""
        sha256 = self.known_hash(path)
        extract = self.path_for(sha256, options) if sha256 else None
        return extract if extract is not None and extract.is_file() else None

    def known_hash(self, path: Path) -> str:
        """The SHA-256 of a file that has not changed since it was read, by its size and times; "" if unknown."""
        state = _state_of(path)
        seen = self._seen.get(_name_of(path))
        return str(seen[-1]) if state is not None and seen is not None and seen[:-1] == state else ""

    def remember(self, path: Path, sha256: str) -> None:
        """Note the file's size and times, unless it was changed just now."""
        state = _state_of(path)
        if state is not None and time.time_ns() - max(int(str(state[1])), int(str(state[2]))) > _GRAIN_NS:
            self._seen[_name_of(path)] = [*state, sha256]

    def used(self, extract: Path) -> None:
        """Mark an extract as needed, now and by the age that prune() goes by."""
        self._used.add(extract)
        with suppress(OSError):
            os.utime(extract)

    def save(self) -> None:
        """Write the files' states, then make room. A full disk is no failure: the files are read again next time."""
        with suppress(OSError):
            draft = self.folder / f".{_STATES}.{os.getpid()}"
            draft.write_text(json.dumps(self._seen), encoding="utf-8")
            draft.replace(self.folder / _STATES)
        self.prune()

    def prune(self) -> None:
        """Delete the extracts used longest ago, and drafts of runs that died, until the rest fits."""
        found: list[tuple[float, int, Path]] = []
        for entry in os.scandir(self.folder):
            with suppress(OSError):
                stat = entry.stat(follow_symlinks=False)
                if entry.name.startswith(".") and time.time() - stat.st_mtime > 86_400:
                    os.unlink(entry.path)
                elif entry.name.endswith(".extract"):
                    found.append((stat.st_mtime, stat.st_size, Path(entry.path)))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self.most_bytes:
                break
            if path not in self._used:
                with suppress(OSError):
                    path.unlink()
                    total -= size

    def _load_states(self) -> None:
        with suppress(OSError, ValueError):
            states = json.loads((self.folder / _STATES).read_text(encoding="utf-8"))
            if isinstance(states, dict):
                self._seen = {name: state for name, state in states.items() if isinstance(state, list) and state}


def _name_of(path: Path) -> str:
    """The path as a key; names that are not UTF-8 as their bytes."""
    return os.fsencode(path.absolute()).hex() if not str(path).isascii() else str(path.absolute())


def _state_of(path: Path) -> list[object] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]
