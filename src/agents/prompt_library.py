"""Load the prompts in prompts/ and fill in their placeholders."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from src.errors import PromptError
from src.records import Message

_SECTION = re.compile(r"^\[(system|user)\][ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file. `id` changes with its text, so that lineage tells which wording made a sample."""

    id: str
    system: str
    user: str

    def messages(self, values: Mapping[str, str]) -> tuple[Message, ...]:
        """The messages to send. Values are set into the user part only: document text never gets the system role."""
        user = Template(self.user).safe_substitute(values)
        return Message("system", self.system), Message("user", re.sub(r"\n{3,}", "\n\n", user).strip())


def load_prompt(path: Path, placeholders: Collection[str] = ("passage",)) -> Prompt:
    """The prompt in a file with a [system] and a [user] section.

    Raises PromptError when the file is missing, lacks a section or one of the `placeholders`.
    """
    text = _read(path)
    parts = _SECTION.split(text)
    sections = {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    missing = [f"[{name}]" for name in ("system", "user") if not sections.get(name)]
    missing += [f"${name}" for name in placeholders if f"${name}" not in sections.get("user", "")]
    if missing:
        raise PromptError(f"{path}: {', '.join(missing)} missing; see the comment at the top of the file as shipped.")
    return Prompt(prompt_id(path.stem, text), sections["system"], sections["user"])


def load_instructions(path: Path) -> str:
    """The user's own instructions in a file; "" when it is missing or holds comments only."""
    return _read(path).strip() if path.is_file() else ""


def prompt_texts(folder: Path) -> list[str]:
    """The text of every prompt file below the folder, without comments."""
    return [text for path in sorted(folder.rglob("*.txt")) if (text := _read(path).strip())]


def prompt_id(name: str, text: str) -> str:
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def fenced(text: str) -> str:
    """Document text as a data block. The fence is made from the text, so no document can hold its own."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"<<<PASSAGE {mark}\n{text}\nPASSAGE {mark}>>>"


def _read(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror}); restore it from the repository.") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"{path}: is not UTF-8 text; save it as UTF-8.") from error
    return "\n".join(line for line in lines if not line.startswith("#"))
