"""config_lock.json: all that determines the result of a run, so that it can be done again, or refused in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from src.config.program_state import program_state
from src.errors import UsageError

LOCK_NAME = "config_lock.json"
LOCK_FORMAT = 1
MOST_BYTES = 256 << 20  # a million input files take about 130 MB
Lock = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Tool(_Part):
    name: str
    version: str
    commit: str
    dirty: bool | None
    source_sha256: str


class _Python(_Part):
    version: str
    implementation: str


class _Platform(_Part):
    system: str
    machine: str


class _Run(_Part):
    llm_stage: bool
    instructions: str


class _File(_Part):
    sha256: str
    bytes: int


class _Prompt(_Part):
    id: str
    sha256: str


class _Agent(_Part):
    provider: str
    model: str
    is_local: bool
    model_file: _File | None = None


class _Tokenizer(_Part):
    name: str
    exactness: str


class LockShape(_Part):
    """What a lock holds; README and docs/config_lock.md tell it in words."""

    format: int
    created_at: str
    changes: int = Field(0, ge=0)
    tool: _Tool
    python: _Python
    platform: _Platform
    packages: dict[str, str]
    settings: dict[str, Any]
    settings_sha256: str
    seeds: dict[str, int]
    run: _Run
    agent: _Agent | None
    tokenizer: _Tokenizer
    prompts: dict[str, _Prompt]
    facts: dict[str, str]
    files: dict[str, _File]
    inputs: dict[str, _File] | None
    # Of a run that kept the splits of an earlier version, or divided by time; not known before the split.
    earlier_splits: str = ""
    source_times: dict[str, float] = {}


def make_lock(
    settings: Mapping[str, Any],
    *,
    run: Mapping[str, Any],
    agent: Mapping[str, Any] | None,
    tokenizer: Mapping[str, str],
    prompts: Mapping[str, Any],
    facts: Mapping[str, str],
    files: Mapping[str, Any],
    inputs: Mapping[str, Any] | None,
    created_at: str = "",
) -> Lock:
    """The lock of a run by this program, here and now. `settings` hold no secret, no address and no path.

    `prompts` have the id that lineage names and their file's SHA-256, by path; `facts` the SHA-256 of the program's
    data files; `files` and `inputs` SHA-256 and size, by the setting that names them and by the name below the input
    folder (None: not known). `created_at` is now unless it is given.
    """
    lock = {
        "format": LOCK_FORMAT,
        "created_at": created_at or datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **program_state(),
        "settings": settings,
        "settings_sha256": settings_hash(settings),
        "seeds": {"generation": settings["split"]["seed"], "split": settings["split"]["seed"]},
        "run": run,
        "agent": agent,
        "tokenizer": tokenizer,
        "prompts": prompts,
        "facts": facts,
        "files": files,
        "inputs": inputs,
    }
    # Plain values, as they come back from a file: only those can be compared.
    plain: Lock = json.loads(lock_bytes(lock))
    return plain


def settings_hash(settings: Mapping[str, Any]) -> str:
    """The SHA-256 of the settings as JSON with sorted keys and no spaces."""
    text = json.dumps(settings, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def lock_bytes(lock: Mapping[str, Any]) -> bytes:
    """What config_lock.json holds: the same bytes for the same lock."""
    text = json.dumps(lock, ensure_ascii=False, sort_keys=True, indent=2) + "\n"
    return text.encode("utf-8", "backslashreplace")


def read_lock(path: Path) -> Lock:
    """The lock in a file, or in the folder of an export.

    Raises UsageError when it cannot be read, is no lock, comes from a newer program or was edited.
    """
    file = path / LOCK_NAME if path.is_dir() else path
    lock = _read_json(file)
    if isinstance(lock.get("format"), int) and lock["format"] > LOCK_FORMAT:
        raise UsageError(f"{file} was written by a newer program (lock format {lock['format']}); use that one.")
    try:
        LockShape.model_validate(lock)
    except ValidationError as error:
        detail = error.errors()[0]
        where = ".".join(str(part) for part in detail["loc"])
        raise UsageError(f"{file} is no config lock, or a damaged one: {where}: {detail['msg']}.") from error
    if settings_hash(lock["settings"]) != lock["settings_sha256"]:
        raise UsageError(f"{file}: its settings were changed after it was written; take the original or a config.yaml.")
    return lock


def _read_json(file: Path) -> Lock:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise UsageError(f"{file} is no config lock: it has more than {MOST_BYTES:,} bytes.")
        lock = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}); give the {LOCK_NAME} of an export.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no config lock, or a damaged one: {error}.") from error
    if not isinstance(lock, dict):
        raise UsageError(f"{file} is no config lock: it is JSON, but no object.")
    return lock
