"""A process that writes the answer journal in one of several ways: until it is killed, a while, or until it cannot."""

from __future__ import annotations

import os
import sys
import threading
import time
from itertools import count
from pathlib import Path

from src.errors import PersistenceError
from src.persistence.journal.journal_writer import Commit
from src.persistence.journal.run_journal import RunJournal

THREADS = 4


def send(journal: RunJournal, key: str, run_id: str = "run", stage: str = "create", model: str = "m") -> Commit:
    return journal.sent(run_id, key, stage=stage, provider="p", model=model, request=f"request of {key}")


def answer(
    journal: RunJournal,
    key: str,
    text: str = "",
    input_tokens: int = 5,
    output_tokens: int = 7,
    usd: float | None = 0.5,
) -> Commit:
    return journal.answered(
        key,
        text=text or text_of(key),
        finish_reason="stop",
        answer_model="m-2",
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        seconds=1.5,
        usd=usd,
    )


def text_of(key: str) -> str:
    return f"answer to {key}, " * 20


def answer_until_killed(journal: RunJournal, run_id: str, acknowledged: str) -> None:
    """Each answer that was reported as written is added to a file of its own before the next call."""
    journal.begin_run(run_id, "killed", {})
    log = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def work(worker: int) -> None:
        for number in count():
            key = f"{run_id}-{worker}-{number}"
            answer_one(journal, key, run_id)
            os.write(log, f"{key}\n".encode())

    for worker in range(THREADS):
        threading.Thread(target=work, args=(worker,), daemon=True).start()
    say_ready_and_wait()


def send_until_killed(journal: RunJournal, run_id: str) -> None:
    """Six calls are sent: three get no reply, one an answer, one is refused and one turned down."""
    journal.begin_run(run_id, "killed", {"samples": 6})
    for number in range(6):
        send(journal, f"{run_id}-{number}", run_id).wait()
    answer(journal, f"{run_id}-3").wait()
    journal.failed(f"{run_id}-4", "ContentRefusedError", "no").wait()
    journal.not_billed(f"{run_id}-5").wait()
    say_ready_and_wait()


def answer_a_while(journal: RunJournal, run_id: str, calls: str) -> None:
    for number in range(int(calls)):
        answer_one(journal, f"{run_id}-{number}", run_id)


def answer_until_full(journal: RunJournal, run_id: str, limit: str) -> None:
    """As on a full disk: no file of this process may grow over the limit. Once one would, there is room again."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    for number in range(10_000):
        try:
            answer_one(journal, f"{run_id}-{number}")
        except PersistenceError as error:
            print(number, error, flush=True)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            answer_one(journal, f"{run_id}-{number}")
            return


def answer_one(journal: RunJournal, key: str, run_id: str = "run") -> None:
    send(journal, key, run_id).wait()
    answer(journal, key).wait()


def say_ready_and_wait() -> None:
    print("ready", flush=True)
    time.sleep(600)


WAYS = {way.__name__: way for way in (answer_until_killed, send_until_killed, answer_a_while, answer_until_full)}

if __name__ == "__main__":
    with RunJournal(Path(sys.argv[2])) as opened:
        WAYS[sys.argv[1]](opened, *sys.argv[3:])
