"""How the stub behaves: its knobs, its rate limit, and the fate of each request, drawn by seed."""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

Fate = Literal["answer", "cut", "truncate", "limited", "fail", "hang", "reset"]
# What a host without a limit of its own says in its headers: more than any client here can use.
AMPLE_PER_MINUTE = 60_000


@dataclass(frozen=True)
class Knobs:
    """Seconds, shares from 0 to 1, and counts. The shares of p429 to preset exclude each other; 0 switches off.

    `tail` of the calls take `tail_seconds` more. `rpm` is a true limit of requests per minute of which `burst`
    may come at once, `max_inflight` one of calls at a time. `exact_tokens` bills what o200k_base counts, the
    schema included, instead of a quarter of the characters. `headers` 0 keeps the limits secret.
    """

    latency: float = 0.2
    jitter: float = 0.0
    tail: float = 0.0
    tail_seconds: float = 2.0
    p429: float = 0.0
    retry_after: int = 1
    p500: float = 0.0
    pcut: float = 0.0
    ptruncate: float = 0.0
    phang: float = 0.0
    preset: float = 0.0
    rpm: int = 0
    burst: int = 0
    max_inflight: int = 0
    exact_tokens: int = 0
    headers: int = 1
    seed: int = 7

    def changed(self, values: Mapping[str, Any]) -> Knobs:
        """These knobs with some set anew. Raises ValueError for one that is not there."""
        known = {field.name for field in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"no knob is called {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        return replace(self, **{name: type(getattr(self, name))(value) for name, value in values.items()})


def add_knobs(parser: argparse.ArgumentParser) -> None:
    for field in fields(Knobs):
        name = f"--{field.name.replace('_', '-')}"
        parser.add_argument(name, dest=field.name, type=type(field.default), default=field.default)


def knobs_from(arguments: argparse.Namespace) -> Knobs:
    return Knobs(**{field.name: getattr(arguments, field.name) for field in fields(Knobs)})


class Bucket:
    """A token bucket: `per_minute` requests flow in, at most `burst` are held."""

    def __init__(self, per_minute: int, burst: int) -> None:
        self.per_minute = per_minute
        self.burst = max(1.0, burst or per_minute / 10)
        self._held = self.burst
        self._seen: float | None = None

    def wait(self, now: float) -> float:
        """0 when a request may pass, which is then taken out; else the seconds until the next one may."""
        self._refill(now)
        if self._held >= 1:
            self._held -= 1
            return 0.0
        return (1 - self._held) * 60 / self.per_minute

    def state(self, now: float) -> tuple[int, int, float]:
        """The limit per minute, how many may come right now, the seconds until the bucket is full."""
        self._refill(now)
        return self.per_minute, int(self._held), (self.burst - self._held) * 60 / self.per_minute

    def _refill(self, now: float) -> None:
        if self._seen is not None:
            self._held = min(self.burst, self._held + (now - self._seen) * self.per_minute / 60)
        self._seen = now


class Conduct:
    """Decides what becomes of each request. The same knobs and order of requests give the same fates."""

    def __init__(self, knobs: Knobs) -> None:
        self.knobs = knobs
        self._rng = random.Random(knobs.seed)
        self._bucket = Bucket(knobs.rpm, knobs.burst) if knobs.rpm else None

    def fate(self, now: float, in_flight: int) -> tuple[Fate, float]:
        """What happens, and after how many seconds; for "limited" the seconds are those of Retry-After."""
        knobs = self.knobs
        lot, jitter, tail = self._rng.random(), self._rng.random(), self._rng.random()
        wait = self._bucket.wait(now) if self._bucket else 0.0
        if wait or (knobs.max_inflight and in_flight > knobs.max_inflight):
            return "limited", float(math.ceil(wait) or 1)
        fate = self._drawn(lot)
        if fate == "limited":
            return fate, float(knobs.retry_after)
        return fate, knobs.latency + jitter * knobs.jitter + (knobs.tail_seconds if tail < knobs.tail else 0.0)

    def limits(self, now: float) -> tuple[int, int, float] | None:
        """Limit, remaining and seconds to full as the headers tell them; None when they are kept secret."""
        if not self.knobs.headers:
            return None
        return self._bucket.state(now) if self._bucket else (AMPLE_PER_MINUTE, AMPLE_PER_MINUTE - 1, 0.001)

    def _drawn(self, lot: float) -> Fate:
        knobs = self.knobs
        shares: tuple[tuple[Fate, float], ...] = (
            ("limited", knobs.p429),
            ("fail", knobs.p500),
            ("cut", knobs.pcut),
            ("truncate", knobs.ptruncate),
            ("hang", knobs.phang),
            ("reset", knobs.preset),
        )
        for fate, share in shares:
            if lot < share:
                return fate
            lot -= share
        return "answer"
