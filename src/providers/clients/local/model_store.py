"""The embedded models: which there are, where they lie, and how they get there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from src.config.environment import cache_folder
from src.config.file_lock import locked
from src.config.loader import shipped_yaml
from src.errors import ModelUnavailableError
from src.providers.clients.local.download import DownloadError, Progress, download_parts, download_url, sha256_of

DEFAULT_MODEL = "qwen2.5-coder-1.5b-instruct"
_GGUF_MAGIC = b"GGUF"
_REGISTRY = Path(__file__).parent / "local_models.yaml"
# Room for one part beside the file itself, and for the rest of the machine.
_SPARE_BYTES = 300 << 20


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model that runs on the user's machine. `parts` are package requirements, each one piece of the file."""

    name: str
    display_name: str
    licence: str
    page: str
    url: str
    bytes: int
    sha256: str
    parts: tuple[str, ...]
    minimum_ram_mb: int


def _read_registry(path: Path) -> dict[str, LocalModel]:
    entries = shipped_yaml(path).items()
    return {name: LocalModel(name=name, **{**entry, "parts": _parts(entry)}) for name, entry in entries}


def _parts(entry: Mapping[str, Any]) -> tuple[str, ...]:
    given = entry["parts"]
    return tuple(f"{given['package']}{number}=={given['version']}" for number in range(1, given["count"] + 1))


LOCAL_MODELS: Mapping[str, LocalModel] = _read_registry(_REGISTRY)


def local_model(name: str) -> LocalModel:
    """The embedded model of that name. Raises ModelUnavailableError."""
    if name not in LOCAL_MODELS:
        raise ModelUnavailableError(f"There is no embedded model '{name}'.", hint=f"Use {' or '.join(LOCAL_MODELS)}.")
    return LOCAL_MODELS[name]


def model_path(name: str) -> Path:
    """Where the model's file lies or will lie."""
    return cache_folder() / "models" / f"{local_model(name).name}.gguf"


def is_cached(name: str) -> bool:
    """Whether the model's file is here and whole."""
    return is_whole(local_model(name), model_path(name))


def fetch_model(name: str, on_progress: Progress = lambda done, total: None) -> Path:
    """The path of the model's file, fetched when it is not here yet. `on_progress` gets bytes done and in all.

    Raises ModelUnavailableError when it cannot be had, saying what was tried and what to do.
    """
    return fetch_into(local_model(name), model_path(name), on_progress)


def fetch_into(model: LocalModel, path: Path, on_progress: Progress) -> Path:
    """Like fetch_model, for a given record and place. Two processes may ask at once: the second waits."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_suffix(".lock")):
            if not is_whole(model, path):
                _require_room(model, path)
                partial = _download(model, path, on_progress)
                os.replace(partial, path)
                _write_marker(model, path)
    except OSError as error:
        hint = "Free space or set FTDB_CACHE_DIR to a folder you can write to."
        raise ModelUnavailableError(f"{path} cannot be written: {error.strerror}.", hint=hint) from error
    on_progress(model.bytes, model.bytes)
    return path


def is_whole(model: LocalModel, path: Path) -> bool:
    """Whether `path` is the model. Its hash is taken again only when the file changed since it was last taken."""
    if not path.is_file() or path.stat().st_size != model.bytes:
        return False
    if _read_marker(path) == _marker(model, path):
        return True
    if sha256_of(path) != model.sha256:
        return False
    _write_marker(model, path)
    return True


def check_gguf(path: Path) -> Path:
    """The path of a model file of the user's own. Raises ModelUnavailableError when it is not a GGUF file."""
    hint = "Set system.local_model_path to a GGUF file, or leave it empty for the embedded model."
    try:
        with path.expanduser().open("rb") as stream:
            magic = stream.read(len(_GGUF_MAGIC))
    except OSError as error:
        raise ModelUnavailableError(f"{path} cannot be read: {error.strerror}.", hint=hint) from error
    if magic != _GGUF_MAGIC:
        raise ModelUnavailableError(f"{path} is not a GGUF model file.", hint=hint)
    return path.expanduser()


def _download(model: LocalModel, path: Path, on_progress: Progress) -> Path:
    partial, joined = path.with_suffix(".partial"), path.with_suffix(".joined")
    reasons = []
    try:
        download_url(model.url, partial, model.bytes, model.sha256, on_progress)
        return partial
    except DownloadError as error:
        reasons.append(str(error))
    try:
        download_parts(model.parts, joined, model.bytes, model.sha256, on_progress)
        partial.unlink(missing_ok=True)
        return joined
    except DownloadError as error:
        reasons.append(str(error))
        joined.unlink(missing_ok=True)
    raise ModelUnavailableError(
        f"{model.display_name} could not be fetched: {'; '.join(reasons)}.",
        hint=f"Download the GGUF file from {model.page} and name it in system.local_model_path, or set an API key.",
    )


def _require_room(model: LocalModel, path: Path) -> None:
    partial = path.with_suffix(".partial")
    there = partial.stat().st_size if partial.exists() else 0
    needed, free = model.bytes - there + _SPARE_BYTES, shutil.disk_usage(path.parent).free
    if free < needed:
        raise ModelUnavailableError(
            f"{model.display_name} needs {needed / 1e9:.1f} GB in {path.parent}, which has {free / 1e9:.1f} GB left.",
            hint="Free space or set FTDB_CACHE_DIR to a folder on a larger disk.",
        )


def _marker(model: LocalModel, path: Path) -> dict[str, Any]:
    stat = path.stat()
    return {"bytes": stat.st_size, "modified": stat.st_mtime_ns, "sha256": model.sha256}


def _read_marker(path: Path) -> object:
    try:
        return json.loads(path.with_suffix(".verified.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write_marker(model: LocalModel, path: Path) -> None:
    path.with_suffix(".verified.json").write_text(json.dumps(_marker(model, path)), encoding="utf-8")
