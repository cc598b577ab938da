"""The readers inside torch's DataLoader. torch is no requirement: pip install torch to run these."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from src.export.packing.reading.packed_dataset import PackedDataset
from src.export.packing.reading.packed_stream import PackedStream
from tests.export.packing.reading.packed_files import numbered, numbers

pytest.importorskip("torch", reason="torch is not installed")
from torch.utils.data import DataLoader, IterableDataset, Subset

ROOT = Path(__file__).resolve().parents[4]
WAYS = [
    (0, None),
    pytest.param(2, "spawn", marks=pytest.mark.slow),
    pytest.param(2, "fork", marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")),
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return numbered(tmp_path_factory.mktemp("torch"), 101, "zstd", frame_records=7)


def loaded(dataset: Any, workers: int, context: str | None, **choices: Any) -> list[int]:
    loader = DataLoader(
        dataset, batch_size=8, num_workers=workers, multiprocessing_context=context, collate_fn=list, **choices
    )
    return [number for batch in loader for number in numbers(batch)]


@pytest.mark.parametrize(("workers", "context"), WAYS)
@pytest.mark.parametrize("lazy", [False, True])
def test_a_dataset_loads_in_order_and_shuffled(path: Path, lazy: bool, workers: int, context: str | None) -> None:
    with PackedDataset(path, lazy=lazy) as dataset:
        assert loaded(dataset, workers, context) == list(range(101))
        assert sorted(loaded(dataset, workers, context, shuffle=True)) == list(range(101))
        assert loaded(Subset(dataset, [5, 3, 99]), workers, context) == [5, 3, 99]


@pytest.mark.parametrize(("workers", "context"), WAYS)
@pytest.mark.parametrize("choices", [{}, {"lazy": True}, {"shuffle": True, "window": 3}])
def test_a_stream_loads_every_record_once(
    path: Path, choices: dict[str, Any], workers: int, context: str | None
) -> None:
    with PackedStream(path, **choices) as stream:
        assert sorted(loaded(stream, workers, context)) == list(range(101))
    shares = [PackedStream(path, rank=rank, world_size=3, **choices) for rank in range(3)]
    assert sorted(number for share in shares for number in loaded(share, workers, context)) == list(range(101))


def test_with_drop_last_workers_of_all_ranks_have_as_much(path: Path) -> None:
    for rank in range(3):
        with PackedStream(path, rank=rank, world_size=3, drop_last=True) as stream:
            assert len(loaded(stream, 2, None)) == 101 // 6 * 2


def test_without_workers_the_loader_gives_what_the_stream_gives(path: Path) -> None:
    with PackedStream(path, shuffle=True) as stream:
        assert loaded(stream, 0, None) == numbers(stream)


def test_epochs_reach_new_workers_and_are_counted_by_kept_ones(path: Path) -> None:
    with PackedStream(path, shuffle=True) as stream:
        loader = DataLoader(stream, batch_size=8, num_workers=2, collate_fn=list, persistent_workers=True)
        kept = [[number for batch in loader for number in numbers(batch)] for _ in range(3)]
        for epoch in range(3):
            stream.set_epoch(epoch)
            assert loaded(stream, 2, None) == kept[epoch]
    assert kept[0] != kept[1] != kept[2]


def test_torchs_own_collating_makes_tensors_of_lazy_records(path: Path) -> None:
    with PackedDataset(path, lazy=True) as dataset:
        assert next(iter(DataLoader(dataset, batch_size=4)))["n"].tolist() == [0, 1, 2, 3]


def test_a_stream_is_an_iterable_dataset_to_torch(path: Path) -> None:
    with PackedStream(path) as stream, PackedDataset(path) as dataset:
        assert isinstance(stream, IterableDataset)
        assert not isinstance(dataset, IterableDataset)


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_stream_made_before_torch_was_imported_says_what_to_do(path: Path) -> None:
    script = """
        import sys
        from src.export.packing.reading.packed_stream import PackedStream
        stream = PackedStream(sys.argv[1])
        assert "torch" not in sys.modules
        from torch.utils.data import DataLoader
        next(iter(DataLoader(stream, batch_size=4)))
    """
    process = run(script, str(path))
    _, errors = process.communicate(timeout=120)
    assert process.returncode != 0
    assert "make the stream after torch.utils.data is imported" in errors


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the rendezvous file of gloo is for Linux and macOS")
@pytest.mark.parametrize("context", ["fork", "spawn"])
def test_ranks_come_from_torch_distributed_and_reach_the_workers(path: Path, tmp_path: Path, context: str) -> None:
    script = """
        import json, sys
        import torch.distributed as distributed
        from torch.utils.data import DataLoader
        from src.export.packing.reading.packed_stream import PackedStream
        path, meeting, rank, context = sys.argv[1:]
        if __name__ == "__main__":
            distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=int(rank), world_size=2)
            stream = PackedStream(path, shuffle=True)
            loader = DataLoader(
                stream, batch_size=8, num_workers=2, collate_fn=list, multiprocessing_context=context
            )
            print(json.dumps([[record["n"] for record in stream], [r["n"] for batch in loader for r in batch]]))
            distributed.barrier()
            distributed.destroy_process_group()
    """
    source = tmp_path / "rank.py"
    source.write_text(textwrap.dedent(script))
    program = (
        f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); runpy.run_path({str(source)!r}, run_name='__main__')"
    )
    ranks = [run(program, str(path), str(tmp_path / "meeting"), str(rank), context) for rank in range(2)]
    answers = [rank.communicate(timeout=180) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], answers
    for way in (0, 1):
        together = [number for output, _ in answers for number in json.loads(output)[way]]
        assert sorted(together) == list(range(101))


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated")  # torchdata 0.11 calls it
@pytest.mark.parametrize(("workers", "kept"), [(0, False), (2, False), (2, True)])
def test_a_stateful_loader_goes_on_where_it_stood(path: Path, workers: int, kept: bool) -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader", reason="torchdata is not installed")

    def loader() -> Any:
        stream = PackedStream(path, shuffle=True, window=3, seed=3)
        return stateful.StatefulDataLoader(
            stream, batch_size=8, num_workers=workers, collate_fn=list, persistent_workers=kept
        )

    whole = [numbers(batch) for batch in loader()]
    for stop in (0, 1, 5, len(whole) - 1, len(whole)):
        stopped = loader()
        batches = iter(stopped)
        before = [numbers(next(batches)) for _ in range(stop)]
        resumed = loader()
        resumed.load_state_dict(json.loads(json.dumps(stopped.state_dict())))
        assert before + [numbers(batch) for batch in resumed] == whole
