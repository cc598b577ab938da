"""openai 0.28.1's `fine_tunes.prepare_data` validators, for prompt/completion files: its errors and necessary changes.

Its optional suggestions (a common ending, a leading space) suited the models of 2021 and refuse nothing.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from openai.validators import get_validators, read_any_format
from protocol import answer, count_lines


def check(path: Path, form: str) -> Iterator[str]:
    if count_lines(path) == 1:
        # It takes a single line for another kind of file.
        path.write_bytes(path.read_bytes() * 2)
    with contextlib.redirect_stdout(io.StringIO()):
        table, reading = read_any_format(str(path))
    if reading.error_msg or reading.necessary_msg:
        yield reading.error_msg or reading.necessary_msg
        return
    for validator in get_validators():
        with contextlib.redirect_stdout(io.StringIO()):
            remedy = validator(table)
        if remedy is None:
            continue
        # A single row ends as all rows do, of course.
        if remedy.error_msg and not (len(table.drop_duplicates()) == 1 and "identical" in remedy.error_msg):
            yield remedy.error_msg
            return
        if remedy.necessary_msg:
            yield f"{remedy.name}: {remedy.necessary_msg}"
            table = remedy.necessary_fn(table)


answer(check)
