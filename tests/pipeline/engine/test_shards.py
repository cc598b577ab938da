from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.config.settings import SystemSettings
from src.errors import EngineError
from src.pipeline.engine import EXECUTORS
from src.pipeline.engine.executor import Executor
from src.pipeline.engine.lines import decode_lines, encode_lines
from src.pipeline.engine.shards import ShardWork, run_shards, write_shard
from src.pipeline.engine.sharing import Engine

COUNT = ShardWork(
    "tokens",
    "src.pipeline.engine.stages.tokens:count_part",
    {"provider": "openai", "model": "gpt-4o", "tokenizer": "o200k_base (exact)"},
)


def inputs(parts: int = 4, samples: int = 3) -> Iterator[bytes]:
    for part in range(parts):
        yield encode_lines([[("user", f"part {part}"), ("assistant", "word " * number)] for number in range(samples)])


@pytest.fixture
def local() -> Iterator[Executor]:
    executor = EXECUTORS["local"](SystemSettings(), 2)
    yield executor
    executor.close()


def test_shards_are_whole_and_marked(local: Executor, tmp_path: Path) -> None:
    shards = list(run_shards(local, COUNT, tmp_path, inputs()))
    assert [shard.read() for shard in shards] == [COUNT.do(part) for part in inputs()]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"{number:06d}.{kind}" for number in range(4) for kind in ("done", "out")]


def test_what_was_done_is_not_done_again(local: Executor, tmp_path: Path) -> None:
    first = [shard.read() for shard in run_shards(local, COUNT, tmp_path, inputs())]
    (tmp_path / "000002.done").unlink()
    again = list(run_shards(local, COUNT, tmp_path, inputs()))
    assert [shard.read() for shard in again] == first
    assert [shard.known for shard in again] == [True, True, False, True]


def test_another_input_makes_another_shard(local: Executor, tmp_path: Path) -> None:
    list(run_shards(local, COUNT, tmp_path, inputs()))
    other = list(run_shards(local, COUNT, tmp_path, inputs(samples=5)))
    assert not any(shard.known for shard in other)
    assert len(list(decode_lines(other[0].read()))) == 5


def test_a_damaged_shard_is_not_believed(local: Executor, tmp_path: Path) -> None:
    (shard, *_) = run_shards(local, COUNT, tmp_path, inputs())
    content = bytearray(shard.path.read_bytes())
    content[0] ^= 1
    shard.path.write_bytes(content)
    with pytest.raises(EngineError, match="is not what was written"):
        shard.read()


def test_a_shard_that_fails_says_why_and_the_others_are_kept(local: Executor, tmp_path: Path) -> None:
    parts = list(inputs())
    parts[1] = b"no json\n"
    with Engine(SystemSettings(), tmp_path, 2) as engine:
        with pytest.raises(EngineError, match="part 2 could not be done"):
            list(engine.share(COUNT, "job", parts))
        assert (tmp_path / "tokens-job" / "000000.done").exists()
        made = list(engine.share(COUNT, "job", inputs()))
    assert len(made) == 4 and engine.known["tokens"] >= 1
    assert not (tmp_path / "tokens-job").exists()


def test_a_node_that_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    order = {"function": COUNT.function, "path": str(tmp_path / "gone" / "000000.out"), "params": {}, "key": "k"}
    with pytest.raises(EngineError, match=r"does not see .*all nodes share"):
        write_shard(order)


def test_a_single_part_is_done_here(tmp_path: Path) -> None:
    with Engine(SystemSettings(), tmp_path / "engine", 2) as engine:
        assert len(list(engine.share(COUNT, "job", inputs(1)))) == 1
    assert not (tmp_path / "engine").exists()


def test_a_node_with_another_tokenizer_is_told_apart() -> None:
    with pytest.raises(EngineError, match=r"counts with o200k_base .exact. instead of gemma"):
        ShardWork("tokens", COUNT.function, {**COUNT.params, "tokenizer": "gemma3 (exact)"}).do(next(inputs()))


def test_two_jobs_of_one_name_do_not_disturb_each_other(tmp_path: Path) -> None:
    with Engine(SystemSettings(), tmp_path, 2) as one, Engine(SystemSettings(), tmp_path, 2) as other:
        first, second = one.share(COUNT, "job", inputs()), other.share(COUNT, "job", inputs())
        pairs = list(zip(first, second, strict=True))
    assert len(pairs) == 4 and all(left == right for left, right in pairs)
    assert [path.name for path in tmp_path.iterdir()] == ["tokens-job.lock"]


def test_a_program_killed_in_the_middle_leaves_only_whole_shards(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from tests.pipeline.engine.test_shards import COUNT, inputs\n"
        "from src.config.settings import SystemSettings; from src.pipeline.engine.sharing import Engine\n"
        f"engine = Engine(SystemSettings(), Path({str(tmp_path)!r}), 2)\n"
        "for n, part in enumerate(engine.share(COUNT, 'job', inputs(60, 200))):\n"
        "    print(n, flush=True)\n"
    )
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None and program.stdout.readline()
        program.kill()
    for mark in (tmp_path / "tokens-job").glob("*.done"):
        assert mark.with_suffix(".out").stat().st_size == json.loads(mark.read_bytes())["size"]
    with Engine(SystemSettings(), tmp_path, 2) as engine:
        made = list(engine.share(COUNT, "job", inputs(60, 200)))
    assert made == [COUNT.do(part) for part in inputs(60, 200)]
    assert engine.known["tokens"] >= 1


def test_lines_carry_every_text() -> None:
    records = [["plain", "\u2028 \x85 \x00 line\nbreak"], ["\ud800 broken"], [1, None, 2.5]]
    assert list(decode_lines(encode_lines(records))) == records


def test_the_size_of_parts_is_measured_once_a_job(tmp_path: Path) -> None:
    records = [[("user", f"question {number} " * 5), ("assistant", "word " * 50)] for number in range(3_000)]
    with Engine(SystemSettings(), tmp_path, 2) as engine:
        first = list(engine.parts_of(COUNT, "job", records, 1_000))
        size = engine.sizes["tokens"]
        (tmp_path / "tokens-job.size").write_text("123")
        again = list(engine.parts_of(COUNT, "job", records, 1_000))
    assert 1 <= size <= 1_000 and b"".join(first) == b"".join(again)
    assert len(again[0].splitlines()) == 123


def test_a_part_that_an_older_worker_finished_meanwhile_is_taken(tmp_path: Path) -> None:
    order = {"function": COUNT.function, "path": str(tmp_path / "000000.out"), "params": COUNT.params, "key": "k"}
    (tmp_path / "000000.in").write_bytes(next(iter(inputs(1, 5))))
    first = write_shard(order)
    assert not (tmp_path / "000000.in").exists()
    assert write_shard(order) == first
    with pytest.raises(EngineError, match="does not see"):
        write_shard({**order, "key": "another"})
