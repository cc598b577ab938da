"""Change keys of config.yaml without losing the user's comments, order or quotes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from src.errors import ConfigError


def update_config(path: Path, changes: Mapping[str, Any]) -> None:
    """Set dotted keys ("split.ratio": 0.9) in the file at `path`, creating it when missing.

    Comments, order and quoting of everything else stay. The file is replaced as a whole, so a
    crash leaves the old one or the new one. Raises ConfigError when the file cannot be read or written.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    editor = YAML()  # round-trip
    editor.preserve_quotes = True
    editor.width = 4096
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = editor.load(text)
        remarks = ""
        if document is None:  # nothing but comments, which hang on no key
            document, remarks = {}, text
        for dotted, value in changes.items():
            _set_key(document, dotted, value)
        _replace_file(path, editor, document, remarks)
    except (OSError, YAMLError) as error:
        raise ConfigError([f"cannot be changed: {' '.join(str(error).split())}"], path.name) from error


def _set_key(document: Any, dotted: str, value: Any) -> None:
    *sections, last = dotted.split(".")
    for section in sections:
        if not isinstance(document.get(section), dict):
            document[section] = {}
        document = document[section]
    old = document.get(last)
    # A quoted value stays quoted: ruamel keeps quotes in the type of the string.
    document[last] = type(old)(value) if isinstance(old, str) and isinstance(value, str) else value


def _replace_file(path: Path, editor: Any, document: Any, remarks: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(remarks)
            editor.dump(document, stream)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            os.chmod(temporary, path.stat().st_mode & 0o7777)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
