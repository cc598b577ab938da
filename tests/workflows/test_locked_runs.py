"""`run --locked` makes the same files again, byte for byte, in another process; `trace` follows them back."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.agents.support import answer_about_focus
from tests.providers.clients.stub_llm import StubLLM
from tests.workflows.llm_runs import as_json, llm_folder, openai_env, run_json
from tests.workflows.support import SAMPLES, run


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_identify_run_of_the_samples_is_made_again_without_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "provider: openai\nmodel: gpt-4o\nmode: identify\ndataset_size: 40\noutput_name: talks\n"
        "split: {ratio: 0.8, validation: 0.15, test: 0.05}\n"
        "output: {formats: [jsonl, json, csv, parquet, huggingface, tfrecord, pytorch, sharegpt]}\n",
        encoding="utf-8",
    )
    here = ("--input", str(SAMPLES))
    # Words are hashed otherwise in each process, so that no order may come from a set.
    assert run(tmp_path, "run", "--yes", *here, env={"PYTHONHASHSEED": "1"}).code == 0
    first = tmp_path / "output_datasets" / "talks" / "v1.0.0"
    there = tmp_path / "there"
    there.mkdir()
    done = run(there, "run", "--yes", "--locked", str(first), *here, env={"PYTHONHASHSEED": "2"})
    assert done.code == 0, done.err
    assert files(there / "output_datasets" / "talks" / "v1.0.0") == files(first)
    assert {"json", "csv", "parquet", "huggingface", "tfrecord", "pytorch"} <= {path.name for path in first.iterdir()}


def test_a_create_run_is_made_again_from_its_journal_without_a_call(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "first", dataset_size=12)
    with StubLLM(answer_about_focus) as stub:
        run_json(folder, env=openai_env(stub, PYTHONHASHSEED="1"))
        asked, env = len(stub.requests), openai_env(stub, PYTHONHASHSEED="2")
    first = folder / "output_datasets" / "my_dataset" / "v1.0.0"
    there = tmp_path / "there"
    (there / "memory").mkdir(parents=True)
    shutil.copy(folder / "memory" / "dataset_builder.journal.db", there / "memory")
    again = ("--locked", str(first / "config_lock.json"), "--input", str(folder / "input_files"))
    assert run_json(there, *again, env=env)["exit_code"] == 0 and asked == 12
    second = there / "output_datasets" / "my_dataset" / "v1.0.0"
    assert files(second) == files(first)
    sample = (second / "lineage.jsonl").read_text(encoding="utf-8").partition('"id":"')[2][:21]
    traced = as_json(run(there, "trace", sample, "--json", "--input", str(folder / "input_files"), env=env))
    assert traced["holds"] and {step["check"] for step in traced["steps"]} == {"verified"}


def test_a_run_that_would_be_another_one_is_refused_with_every_reason(tmp_path: Path) -> None:
    folder = llm_folder(tmp_path / "first", dataset_size=4, mode="identify")
    (folder / "input_files" / "faq.txt").write_text("Q: Who?\nA: Me.\n\nQ: Where?\nA: Here.\n", encoding="utf-8")
    assert run(folder, "run", "--yes").code == 0
    (folder / "input_files" / "faq.txt").write_text("Q: Who?\nA: You.\n", encoding="utf-8")
    (folder / "input_files" / "new.txt").write_text("new", encoding="utf-8")
    lock = folder / "output_datasets" / "my_dataset" / "v1.0.0" / "config_lock.json"
    refused = run(folder, "run", "--yes", "--locked", str(lock))
    assert refused.code == 2
    assert "input file faq.txt: was changed" in refused.err and "input file new.txt: is not in the lock" in refused.err
    assert not (folder / "output_datasets" / "my_dataset" / "v1.0.1").exists()
