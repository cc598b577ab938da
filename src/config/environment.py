"""API keys, base URLs and paths from the environment and .env: the only place that reads os.environ."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# The order in which `agentic_llm: auto` looks for a key.
KEY_NAMES: Mapping[str, str] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GOOGLE_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "llama": "LLAMA_API_KEY",
}
BASE_URL_NAMES: Mapping[str, str] = {
    "openai": "OPENAI_BASE_URL",
    "anthropic": "ANTHROPIC_BASE_URL",
    "google": "GOOGLE_BASE_URL",
    "mistral": "MISTRAL_BASE_URL",
    "llama": "LLAMA_BASE_URL",
}
# What the libraries behind s3:// and gs:// read from the environment by themselves.
STORAGE_NAMES = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION",
    "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_CA_BUNDLE", "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT", "STORAGE_EMULATOR_HOST",
)  # fmt: skip
# What .env.example holds until the user fills it in: "sk-your-api-key-here", "https://your-project.supabase.co".
_PLACEHOLDER = re.compile(r"(^|[-/])your-|^changeme$|^xxx+$|^<.*>$", re.IGNORECASE)


_FOR_CHILDREN = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
# The template's agent. Whoever copies it and sets only another key means that key; and Google has shut the model down
# (https://ai.google.dev/gemini-api/docs/deprecations, read 2026-11-21), so its name stands for the default model.
_TEMPLATE_AGENT = ("google", "gemini-2.0-flash-exp")


class Secret(str):
    """A string that shows only its last characters when it is printed by accident with repr()."""

    def __repr__(self) -> str:
        return f"Secret({self.masked()!r})"

    def masked(self) -> str:
        return f"...{self[-4:]}" if len(self) >= 12 else "..."


@dataclass(frozen=True)
class Environment:
    """What the environment says: one API key and one base URL per provider, None where not set.

    `database_url` holds a password, too.
    """

    keys: Mapping[str, Secret]
    base_urls: Mapping[str, str]
    agent_provider: str = ""
    agent_model: str = ""
    no_color: bool = False
    database_url: Secret | None = None
    supabase_url: str = ""
    supabase_key: Secret | None = None

    def first_provider_with_key(self) -> str | None:
        return next((name for name in KEY_NAMES if name in self.keys), None)


def read_environment(env_file: Path = Path(".env"), variables: Mapping[str, str] | None = None) -> Environment:
    """The variables of `env_file` with the process's own (or `variables`) on top.

    Placeholder values of the template count as not set, its agent without a Google key, too.
    """
    merged = {**_read_env_file(env_file), **(os.environ if variables is None else variables)}
    real = {name: value.strip() for name, value in merged.items() if _is_set(value)}
    keys = {provider: Secret(real[name]) for provider, name in KEY_NAMES.items() if name in real}
    agent = (real.get("AGENT_PROVIDER", ""), real.get("AGENT_MODEL", ""))
    if agent == _TEMPLATE_AGENT:
        agent = ("google" if "google" in keys else "", "")
    return Environment(
        keys=keys,
        base_urls={provider: real[name] for provider, name in BASE_URL_NAMES.items() if name in real},
        agent_provider=agent[0],
        agent_model=agent[1],
        no_color=bool(merged.get("NO_COLOR")) or merged.get("TERM") == "dumb",
        database_url=Secret(real["DATABASE_URL"]) if "DATABASE_URL" in real else None,
        supabase_url=real.get("SUPABASE_URL", ""),
        supabase_key=Secret(real["SUPABASE_KEY"]) if "SUPABASE_KEY" in real else None,
    )


def cache_folder() -> Path:
    """The user's cache folder for models and vocabularies; FTDB_CACHE_DIR moves it."""
    chosen = os.environ.get("FTDB_CACHE_DIR")
    if chosen:
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "fine-tuning-dataset-builder"


def child_environment() -> dict[str, str]:
    """What a child process needs to run at all: no keys, no proxies."""
    return {name: os.environ[name] for name in _FOR_CHILDREN if name in os.environ}


def set_variable(name: str, value: str) -> None:
    """Set a variable that a library reads by itself (TIKTOKEN_CACHE_DIR)."""
    os.environ[name] = value


def share_storage_variables(env_file: Path = Path(".env")) -> None:
    """Give the storage libraries what .env says for them; what the process's environment says stays."""
    said = _read_env_file(env_file)
    for name in STORAGE_NAMES:
        if name not in os.environ and _is_set(said.get(name, "")):
            os.environ[name] = said[name].strip()


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    # No interpolation: a key may hold "$".
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}


def _is_set(value: str) -> bool:
    return bool(value.strip()) and not _PLACEHOLDER.search(value.strip())
