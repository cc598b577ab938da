"""Every stage that is shared gives on each engine what it gives when nothing is shared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from src.config.qa_settings import PiiSettings, QASettings
from src.config.settings import SystemSettings
from src.dataset.duplicates.finding import find_duplicates
from src.dataset.quality.assessing import Surroundings, assess
from src.errors import EngineError
from src.ingestion.extracts.extract_cache import ExtractCache
from src.ingestion.file_processor import ReadingPlan, find_files, read_files
from src.ingestion.isolation.jobs import Limits
from src.pipeline.engine.lines import encode_lines
from src.pipeline.engine.shards import ShardWork
from src.pipeline.engine.sharing import Engine
from src.pipeline.engine.stages import quality, reading, tokens
from src.pipeline.engine.stages.duplicates import find_shared
from src.pipeline.run_plan import Workspace
from src.providers.token_counter import counter_for
from src.records import RunReport, Sample
from tests.dataset.example_samples import make_example
from tests.dataset.quality.base_samples import base_items, make
from tests.dataset.quality.defects import DEFECTS
from tests.pipeline.runs import carried_out, contents, elsewhere, identify_plan, talk_workspace

FACTS = ShardWork(
    "facts", "src.pipeline.engine.stages.quality:find_part", {"pii": PiiSettings().model_dump(mode="json")}
)
pytestmark = pytest.mark.filterwarnings("ignore:::ray", "ignore::ResourceWarning")


@pytest.fixture
def engine(system: SystemSettings, tmp_path: Path) -> Iterator[Engine]:
    with Engine(system, tmp_path / "engine", 2, records_in_part=40) as engine:
        yield engine


def samples() -> list[Sample]:
    return list(make(base_items()).samples)  # type: ignore[attr-defined]


def test_tokens_are_counted_alike(engine: Engine) -> None:
    plain = samples()
    counted = list(tokens.count_samples(engine, "job", plain, "openai", "gpt-4o"))
    assert counted == counter_for("openai", "gpt-4o").count_examples([sample.messages for sample in plain])


def test_duplicates_are_found_alike(engine: Engine) -> None:
    many = [make_example(number % 3_000, split="train") for number in range(9_000)]
    shared = find_shared(engine, "job", many)
    alone = find_duplicates(many)
    assert engine.parts["duplicates"] == 3
    assert json.dumps(shared.to_json()) == json.dumps(alone.to_json())


def test_the_qa_report_is_the_same(engine: Engine) -> None:
    spoilt = list(base_items())
    wanted = {"toxicity", "crisis", "injection", "secrets", "personal_data", "identifiers", "mixed_languages"}
    for defect in DEFECTS.values():
        spoilt = defect.plant(spoilt) if defect.expected in wanted else spoilt
    planted = make(spoilt)
    plain, around = list(planted.samples), Surroundings(passage_of=planted.passage_of, prompts=["Answer briefly."])  # type: ignore[attr-defined]
    alone = assess(plain, QASettings(), around, name="x")
    shared = quality.assess_shared(engine, "job", plain, QASettings(), around, name="x")
    assert engine.parts["facts"] > 3
    assert wanted <= {name for name, flags in alone.flags.items() if flags}
    assert json.dumps(shared.to_json()) == json.dumps(alone.to_json())
    assert shared.flags == alone.flags and list(engine.folder.glob("facts-*/")) == []


def test_documents_are_read_alike(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(150):
        (folder / f"{number}.md").write_text(f"# Part {number}\n\nWater moves.\n", encoding="utf-8")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 no more")
    (folder / "empty.txt").write_bytes(b"")
    found = [_read(folder, tmp_path / "alone", None), _read(folder, tmp_path / "shared", engine)]
    assert found[0] == found[1] and len(found[0][0]) == 150
    if engine.is_cluster:
        assert engine.parts["reading"] == 3


def _read(folder: Path, cache: Path, engine: Engine | None) -> tuple[list[str], list[str], dict[str, int]]:
    report, plan = RunReport(), ReadingPlan(Limits(), 2)
    files = find_files(folder, report)
    given = (files, folder, report, ExtractCache.open(cache), plan)
    extracts = read_files(*given, reading.reader_for(engine, "run")) if engine else read_files(*given)
    texts = [extract.path.read_bytes().hex() for extract in extracts if extract is not None]
    return texts, [str(issue) for issue in report.issues], dict(report.counts)


@pytest.mark.slow
def test_a_run_on_a_cluster_gives_the_same_export(cluster, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    here = talk_workspace(tmp_path / "one")
    for number in range(150):
        text = f"Q: What does pump {number} do?\nA: It moves {number} litres.\n"
        (here.input_dir / f"pump{number}.txt").write_text(text, encoding="utf-8")
    there = replace(
        elsewhere(here, tmp_path / "two"),
        system=lambda: SystemSettings(engine="ray", ray_address=cluster.address),
    )
    alone, alone_export = carried_out(identify_plan(here), here)
    shared, shared_export = carried_out(identify_plan(there), there, lock=alone.lock)
    assert shared.usage is not None and shared.usage.parts["reading"] == 3
    assert shared.dataset is not None and alone.dataset is not None and len(alone.dataset) == 50
    assert list(shared.dataset.samples) == list(alone.dataset.samples)
    assert contents(shared_export.folder) == contents(alone_export.folder)
    assert not list((tmp_path / "two" / "memory" / "engine").glob("*/"))


@pytest.mark.slow
def test_a_node_lost_in_the_middle_costs_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    second = cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
    texts = [[message.content for message in sample.messages] for sample in samples()]
    parts = [encode_lines(texts[start : start + 20]) for start in range(0, len(texts), 20)]
    system = SystemSettings(engine="ray", ray_address=cluster.address)
    try:
        with Engine(system, tmp_path / "engine", 2) as engine:
            given = engine.share(FACTS, "job", parts)
            made = [next(given)]
            cluster.remove_node(second, allow_graceful=False)
            made += given
    finally:
        cluster.shutdown()
    assert made == [FACTS.do(part) for part in parts]


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_the_user_is_told_what_to_do(tmp_path: Path) -> None:
    with (
        Engine(SystemSettings(engine="ray"), tmp_path, 2) as engine,
        pytest.raises(EngineError, match="requirements-ray"),
    ):
        _ = engine.executor


def test_a_cluster_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    system = SystemSettings(engine="ray", ray_address="127.0.0.1:1")
    with Engine(system, tmp_path, 2) as engine, pytest.raises(EngineError, match=r"127\.0\.0\.1:1.*ray start --head"):
        _ = engine.executor


def test_workspace_keeps_shards_beside_the_database(tmp_path: Path) -> None:
    assert (
        Workspace(tmp_path, tmp_path, tmp_path / "memory" / "x.db", tmp_path).engine == tmp_path / "memory" / "engine"
    )
