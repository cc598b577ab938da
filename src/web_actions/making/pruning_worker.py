"""A process that prunes: messages of a length in 4 bytes and MessagePack come in, as many go out. Run by pruning.py."""

from __future__ import annotations

import gc
import os
import struct
import sys
from dataclasses import dataclass
from typing import IO

from src.web_actions.dom.pruning import PrunedDom, prune_dom
from src.web_actions.dom.unusable import UnusableStepError
from src.web_actions.session import Action

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Asked:
    """Recorded DOMs with their actions, and how many characters of each to keep."""

    steps: list[tuple[str, Action]]
    budget: int


def prune_all(asked: Asked) -> list[PrunedDom | str]:
    """The pruned DOMs; where a step cannot be used, the reason."""
    return [_pruned(dom, action, asked.budget) for dom, action in asked.steps]


def _pruned(dom: str, action: Action, budget: int) -> PrunedDom | str:
    try:
        return prune_dom(dom, action, budget)
    except UnusableStepError as error:
        return str(error)


def main() -> None:
    """Serve until standard input ends."""
    from msgspec import msgpack

    gc.set_threshold(50_000, 20, 20)
    requests, answers = sys.stdin.buffer, _private_output()
    decoder = msgpack.Decoder(Asked)
    while (message := read_message(requests)) is not None:
        write_message(answers, msgpack.encode(prune_all(decoder.decode(message))))


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message; None where there is no whole one."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    message = stream.read(length)
    return message if len(message) == length else None


def write_message(stream: IO[bytes], message: bytes) -> None:
    stream.write(_LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _private_output() -> IO[bytes]:
    """Standard output for the answers alone: what a library prints goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "wb")


if __name__ == "__main__":
    main()
