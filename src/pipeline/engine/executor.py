"""What runs work on many items: a Protocol with one member for this machine and one for a cluster."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

FailureKind = Literal["error", "timeout", "died", "cancelled"]


@dataclass(frozen=True, slots=True)
class Work:
    """What is done to each item. `function` is a name, "src.package.module:function"; it is given JSON and gives JSON.

    An item may take `timeout_s` seconds (None: as long as it likes). One whose worker died is tried `attempts` times;
    so a function may be called more than once for the same item, and must not mind.
    """

    function: str
    timeout_s: float | None = None
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an item has no value. An "error" is the function's own, and `error` its class; the others befell it."""

    kind: FailureKind
    message: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the item with this number, counted from 0: a value, or a failure. `node` is where it was made."""

    number: int
    value: Any = None
    failure: Failure | None = None
    attempts: int = 1
    node: str = ""


class Executor(Protocol):
    """Runs the same work on this machine or on a cluster, with the same outcomes. Close it when done."""

    name: str

    @property
    def workers(self) -> int:
        """How many items are worked on at the same time."""

    def map(
        self, work: Work, items: Iterable[Any], *, ordered: bool = True, cancel: threading.Event | None = None
    ) -> Generator[Outcome, None, None]:
        """One Outcome for each item, in the order of the items or as they are done; never raises for an item.

        Items are drawn as they are needed, a few for each worker. Once `cancel` is set nothing new is begun, what runs
        is ended, and the items already drawn come as failures. Raises EngineError for a function that may not be
        called, and when no worker can be had at all.
        """

    def close(self) -> None:
        """End all workers, whatever they are doing. Safe to call twice."""
