"""What differs between two config locks, in words, and whether the result of a run could differ with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from src.config.config_lock import Lock
from src.config.program_state import UNKNOWN

Weight = Literal["refused", "told"]
# How fast, how patiently and for how much is asked; no answer and no sample depends on it.
_PACE = {
    "ingestion.cache_mb", "ingestion.workers", "system.budget_tokens", "system.budget_usd", "system.concurrency",
    "system.confirm_above_usd", "system.max_retries", "system.max_wait", "system.price_per_million_input",
    "system.price_per_million_output", "system.requests_per_minute", "system.timeout", "system.tokens_per_minute",
}  # fmt: skip
# They carry questions, answers, settings and news about; none has a hand in what is written. Every other package has.
_CARRIERS = {
    "anthropic", "colorama", "google-generativeai", "httpx2", "mistralai", "openai", "psycopg", "pydantic",
    "python-dotenv", "pyyaml", "requests", "ruamel.yaml", "sqlalchemy", "tqdm",
}  # fmt: skip
_EMBEDDED = "xllamacpp"
_NO_INPUTS = "the lock does not name its input files: its dataset was stored by a program that kept no locks"


@dataclass(frozen=True, slots=True)
class Difference:
    """`what` differs. "refused": the result could be another one; "told": good to know, no more.

    `remedy` is a package as pip takes it, where installing it would help.
    """

    weight: Weight
    what: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.message}"


def compare_lock(lock: Lock, now: Lock) -> list[Difference]:
    """Every difference, what is refused first: setting by setting, file by file, package by package."""
    found = [
        *_changes(int(lock.get("changes", 0))),
        *_settings(lock["settings"], now["settings"]),
        *_plain("run", lock["run"], now["run"]),
        *_plain("seeds", lock["seeds"], now["seeds"]),
        *_plain("LLM", lock["agent"] or {}, now["agent"] or {}),
        *_plain("tokenizer", lock["tokenizer"], now["tokenizer"]),
        *_inputs(lock["inputs"], now["inputs"]),
        *_files("the file of", lock["files"], now["files"]),
        *_prompts(lock["prompts"], now["prompts"]),
        *_facts(lock, now),
        *_tool(lock["tool"], now["tool"]),
        *_python(lock["python"], now["python"]),
        *_packages(lock, now),
        *(Difference("told", one.what, one.message) for one in _plain("platform", lock["platform"], now["platform"])),
    ]
    return sorted(found, key=lambda one: one.weight)


def _changes(count: int) -> Iterator[Difference]:
    if count:
        yield Difference(
            "refused", "samples", f"were changed {count:,} time(s) after the run, which a run cannot do again"
        )


def _settings(lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    then, today = flat(lock), flat(now)
    for key in sorted(then.keys() | today.keys()):
        if then.get(key) != today.get(key):
            weight: Weight = "told" if key in _PACE else "refused"
            yield Difference(weight, key, _was(then.get(key), today.get(key)))


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """The values of nested mappings by dotted key; an empty mapping is a value."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        inner = flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {}
        found.update(inner or {f"{before}{key}": value})
    return found


def _plain(name: str, lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(lock.keys() | now.keys()):
        if lock.get(key) != now.get(key):
            yield Difference("refused", f"{name} {key}", _was(lock.get(key), now.get(key)))


def _inputs(lock: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[Difference]:
    if lock is None:
        yield Difference("refused", "input files", _NO_INPUTS)
    else:
        yield from _files("input file", lock, now or {})


def _files(kind: str, lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted(lock.keys() | now.keys()):
        if name not in now:
            yield Difference("refused", f"{kind} {name}", "is missing")
        elif name not in lock:
            yield Difference("refused", f"{kind} {name}", "is not in the lock; move it out of the folder")
        elif lock[name] != now[name]:
            yield Difference("refused", f"{kind} {name}", f"was changed ({_digests(lock[name], now[name])})")


def _digests(lock: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    parts = [f"{one['bytes']:,} bytes, SHA-256 {one['sha256'][:12]}..." for one in (lock, now)]
    return f"then {parts[0]}; now {parts[1]}"


def _prompts(lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted(lock.keys() | now.keys()):
        then, today = lock.get(name), now.get(name)
        if then is None or today is None:
            yield Difference("refused", f"prompt {name}", "is missing" if today is None else "is not in the lock")
        elif then["id"] != today["id"]:
            yield Difference("refused", f"prompt {name}", f"was changed (then {then['id']}, now {today['id']})")
        elif then != today:
            yield Difference("told", f"prompt {name}", "its comments were changed; what is sent is the same")


def _facts(lock: Lock, now: Lock) -> Iterator[Difference]:
    """Limits and prices. Only those of the provider trained with decide what a dataset may hold."""
    deciding = f"models/{lock['settings'].get('provider')}.yaml"
    for name in sorted(lock["facts"].keys() | now["facts"].keys()):
        if lock["facts"].get(name) != now["facts"].get(name):
            yield Difference("refused" if name.endswith(f"providers/{deciding}") else "told", name, "was changed")


def _tool(lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    if lock["version"] != now["version"]:
        yield Difference("refused", "program's version", _was(lock["version"], now["version"]))
    then, today = lock["commit"], now["commit"]
    if then != today and UNKNOWN not in (then, today):
        yield Difference("refused", "program's commit", f"{_was(then, today)}; git checkout {then}")
    elif then != today:
        yield Difference("told", "program's commit", _was(then, today))
    if lock["source_sha256"] != now["source_sha256"]:
        state = {True: "with edited files", False: "as committed", None: "outside of git"}
        message = f"differs (then {state[lock['dirty']]}, now {state[now['dirty']]})"
        yield Difference("refused", "program's source", message)
    elif lock["dirty"] != now["dirty"]:
        yield Difference("told", "program's work tree", "its state in git differs, its source does not")


def _python(lock: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    then, today = lock["version"], now["version"]
    if then != today:
        same_minor = then.split(".")[:2] == today.split(".")[:2]
        yield Difference("told" if same_minor else "refused", "Python", _was(then, today))
    if lock["implementation"] != now["implementation"]:
        yield Difference("refused", "Python", _was(lock["implementation"], now["implementation"]))


def _packages(lock: Lock, now: Lock) -> Iterator[Difference]:
    local = bool(lock["agent"] and lock["agent"]["is_local"])
    then, today = lock["packages"], now["packages"]
    for name in sorted(then.keys() | today.keys()):
        if then.get(name) != today.get(name):
            told = name in _CARRIERS or (name == _EMBEDDED and not local)
            wanted = then.get(name, "")
            remedy = f"{name}=={wanted}" if wanted[:1].isdigit() and not told else ""
            yield Difference(
                "told" if told else "refused", f"package {name}", _was(wanted or None, today.get(name)), remedy
            )


def _was(then: object, now: object) -> str:
    return f"the lock says {_shown(then)}, now it is {_shown(now)}"


def _shown(value: object) -> str:
    wordlike = isinstance(value, str) and any(character.isalnum() for character in value)
    text = "nothing" if value is None else str(value) if wordlike else repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
