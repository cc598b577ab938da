"""A sample is traced back to its document, prompt, model and call; every link says whether it still holds."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from reportlab.lib import pdfencrypt

from src.errors import UsageError
from src.export.exporter import ExportResult
from src.persistence.journal.run_journal import RunJournal
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.orchestrator import Run
from src.pipeline.run_plan import Workspace, plan_run
from src.pipeline.tracing import Step, Trace, trace
from src.records import Dataset, Message, Sample
from tests.agents.support import answer_about_focus
from tests.agents.test_free_agent import TALK
from tests.agents.test_llm_stage import GOOD
from tests.agents.test_llm_stage import TALK as UNMARKED
from tests.ingestion.pdf.test_pdf_reader import lines_pdf
from tests.pipeline.llm.llm_plans import environment, plan, settings
from tests.pipeline.runs import (
    carried_out,
    identify_plan,
    prose_workspace,
    samples_of,
    stub,
    talk_workspace,
)

LINKS = ["sample", "export", "document", "place", "span", "chunk", "prompt", "model", "call"]


@dataclass(frozen=True)
class Made:
    """A finished run and its export."""

    workspace: Workspace
    run: Run
    result: ExportResult

    @property
    def samples(self) -> list[Sample]:
        return samples_of(self.run)


@pytest.fixture(scope="module")
def _identified(tmp_path_factory: pytest.TempPathFactory) -> Made:
    workspace = talk_workspace(tmp_path_factory.mktemp("identified"))
    return Made(workspace, *carried_out(identify_plan(workspace), workspace))


@pytest.fixture(scope="module")
def _created(tmp_path_factory: pytest.TempPathFactory) -> Made:
    workspace = prose_workspace(tmp_path_factory.mktemp("created"))
    with stub() as server:
        return Made(workspace, *carried_out(plan(workspace, server.url, mode="create"), workspace, server.url))


@contextmanager
def _copied(made: Made, folder: Path) -> Iterator[Made]:
    """A copy of all files, to be damaged."""
    home = made.workspace.input_dir.parent
    at = folder / home.name
    shutil.copytree(home, at)
    workspace = replace(
        made.workspace,
        input_dir=at / "in",
        output_dir=at / "out",
        database=at / made.workspace.database.relative_to(home),
    )
    result = replace(made.result, folder=at / made.result.folder.relative_to(home))
    yield Made(workspace, made.run, result)


@pytest.fixture
def identified(_identified: Made, tmp_path: Path) -> Iterator[Made]:
    with _copied(_identified, tmp_path) as made:
        yield made


@pytest.fixture
def created(_created: Made, tmp_path: Path) -> Iterator[Made]:
    with _copied(_created, tmp_path) as made:
        yield made


def step(found: Trace, what: str) -> Step:
    (one,) = [step for step in found.steps if step.what == what]
    return one


def checks(found: Trace) -> dict[str, str]:
    return {step.what: step.check for step in found.steps}


def test_every_identified_sample_is_verified_from_the_export_to_the_document(identified: Made) -> None:
    for sample in identified.samples:
        found = trace(sample.id, identified.workspace)
        assert [one.what for one in found.steps] == LINKS
        assert {what for what, check in checks(found).items() if check == "verified"} == set(LINKS[:6])
        assert [step(found, what).value for what in ("prompt", "model", "call")] == ["none"] * 3
        assert found.holds
    assert "2 turns stand there word for word" in step(found, "span").remark
    assert step(found, "export").value.startswith("v1.0.0, ")


def test_every_created_sample_is_verified_up_to_its_call_in_the_journal(created: Made) -> None:
    for sample in created.samples:
        found = trace(sample.id, created.workspace)
        assert set(checks(found).values()) == {"verified"}, found
        assert step(found, "call").value == sample.origin.call_id and len(sample.origin.call_id) == 64
    about = step(found, "call").remark
    assert "accepted" in about and "tokens in" in about and created.run.run_id in about and "USD" not in about
    assert "the quote stands there" in step(found, "span").remark


def test_the_start_of_an_id_is_enough_when_it_is_the_only_one(created: Made) -> None:
    ids = [sample.id for sample in created.samples]
    start = next(ids[0][:length] for length in range(2, 22) if sum(i.startswith(ids[0][:length]) for i in ids) == 1)
    assert trace(start, created.workspace).sample_id == ids[0]
    with pytest.raises(UsageError, match=r"Several samples of the database have an id that starts with 's': s"):
        trace("s", created.workspace)
    with pytest.raises(UsageError, match="There is no sample 'sx' in the database"):
        trace("sx", created.workspace)


def test_the_newest_dataset_that_has_the_sample_is_taken_or_the_one_that_is_named(created: Made) -> None:
    sample = created.samples[0]
    with DatasetStore(created.workspace.database) as store:
        (old,) = store.list_datasets()
        for name, samples in (("newer", [sample]), ("newest", created.samples[1:])):
            store.save_dataset(Dataset(name, old.provider, old.model, old.mode, samples), old.config)
    assert trace(sample.id, created.workspace).dataset.startswith("newer (d")
    assert trace(sample.id[:19], created.workspace).dataset.startswith("newer (d")
    assert trace(sample.id, created.workspace, dataset=old.name).dataset == f"{old.name} ({old.id})"
    assert step(trace(sample.id, created.workspace), "export").value == "none"
    with pytest.raises(UsageError, match=r"There is no sample .* in newest"):
        trace(sample.id, created.workspace, dataset="newest")


def test_an_id_that_is_the_start_of_others_names_itself(identified: Made) -> None:
    sample = identified.samples[0]
    with DatasetStore(identified.workspace.database) as store:
        (old,) = store.list_datasets()
        twins = [replace(sample, id=name) for name in ("t12", "t1", "t123")]
        store.save_dataset(Dataset("twins", old.provider, old.model, old.mode, twins), old.config)
    assert trace("t1", identified.workspace).sample_id == "t1"
    assert trace("t123", identified.workspace).sample_id == "t123"
    with pytest.raises(UsageError, match=r"Several samples .*: t12, t1, t123"):
        trace("t", identified.workspace)


def test_an_export_alone_is_enough_without_the_database(created: Made, identified: Made) -> None:
    for made, checked in ((created, set(LINKS)), (identified, set(LINKS[:6]))):
        bare = replace(made.workspace, output_dir=made.result.folder / "none")
        bare.database.unlink()
        for sample in made.samples:
            found = trace(sample.id[:18], bare, export=made.result.folder)
            assert {what for what, check in checks(found).items() if check == "verified"} == checked, found
        assert not bare.database.exists()
    with pytest.raises(UsageError, match="There is no sample 'sx'"):
        trace("sx", bare, export=made.result.folder)


def test_a_changed_source_file_differs_and_its_text_is_not_checked(identified: Made) -> None:
    sample = identified.samples[0]
    path = identified.workspace.input_dir / sample.origin.source_file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    found = trace(sample.id, identified.workspace)
    assert not found.holds and "was changed since: its SHA-256 is" in step(found, "document").remark
    assert [step(found, what).check for what in ("document", "place", "span", "chunk")] == [
        "differs", "not possible", "not possible", "not possible",
    ]  # fmt: skip


def test_a_missing_source_file_is_told_and_is_no_difference(identified: Made) -> None:
    sample = identified.samples[0]
    (identified.workspace.input_dir / sample.origin.source_file).unlink()
    found = trace(sample.id, identified.workspace)
    assert found.holds and step(found, "document").check == "not possible"
    assert step(found, "document").remark.startswith("missing: ")


def test_documents_that_moved_are_traced_where_they_are_now(identified: Made) -> None:
    there = identified.workspace.input_dir.rename(identified.workspace.input_dir.with_name("moved"))
    assert checks(trace(identified.samples[0].id, identified.workspace))["document"] == "not possible"
    found = trace(identified.samples[0].id, replace(identified.workspace, input_dir=there))
    assert step(found, "span").check == "verified"


def stored_anew(made: Made, sample: Sample, workspace: Workspace | None = None) -> Trace:
    """The trace of a sample that was put into the database in the place of what was made."""
    with DatasetStore(made.workspace.database) as store:
        (stored,) = store.list_datasets()
        dataset = Dataset(stored.name, stored.provider, stored.model, stored.mode, [sample])
        store.save_dataset(dataset, stored.config, stored.report, dataset_id=stored.id)
    return trace(sample.id, workspace or made.workspace)


def test_a_turn_that_was_edited_in_the_database_differs_everywhere_it_shows(identified: Made) -> None:
    sample = identified.samples[0]
    edited = replace(sample, messages=(*sample.messages[:-1], Message("assistant", "It moves milk.")))
    found = stored_anew(identified, edited)
    assert [step(found, what).check for what in ("sample", "export", "span")] == ["differs"] * 3
    assert "turn 2 is It moves milk.; in the document stands: It moves water" in step(found, "span").remark


def test_a_created_text_that_is_not_the_answers_differs(created: Made) -> None:
    sample = created.samples[0]
    found = stored_anew(created, replace(sample, messages=(sample.messages[0], Message("assistant", "Something."))))
    assert step(found, "call").check == "differs" and "its answer says otherwise" in step(found, "call").remark
    moved = replace(sample, origin=replace(sample.origin, call_id=created.samples[1].origin.call_id))
    assert [step(stored_anew(created, moved), what).check for what in ("span", "call")] == ["differs"] * 2


def test_a_quote_in_the_journal_that_does_not_stand_at_the_span_differs(created: Made) -> None:
    sample = created.samples[0]
    with RunJournal(created.workspace.journal) as journal:
        call = journal.find(sample.origin.call_id)
        assert call is not None
        answer = json.loads(call.text)
    words = answer["quote"].split()
    changed = {**answer, "quote": " ".join([*words[:4], "z" * len(words[4]), *words[5:]])}
    answer_instead(created.workspace, sample.origin.call_id, json.dumps(changed))
    found = trace(sample.id, created.workspace)
    assert step(found, "span").check == "differs" and "zzz" in step(found, "span").remark
    assert step(found, "call").check == "verified"


def test_a_span_chunk_or_place_that_does_not_fit_the_document_differs(created: Made) -> None:
    sample = created.samples[0]
    origin = sample.origin
    assert origin.span is not None
    beyond = replace(origin.span, start=origin.span.start + 10**6, end=origin.span.end + 10**6)
    for changed, what in (
        (replace(origin, span=beyond), "span"),
        (replace(origin, chunk_id=f"{'0' * 12}:0-{origin.span.end}"), "chunk"),
        (replace(origin, chunk_id=origin.chunk_id.partition(":")[0] + ":0-1"), "chunk"),
        (replace(origin, place="page 99"), "place"),
        (replace(origin, model="another"), "model"),
    ):
        assert step(stored_anew(created, replace(sample, origin=changed)), what).check == "differs", what


def test_a_row_that_was_changed_in_the_export_differs(created: Made) -> None:
    found = trace(created.samples[0].id, created.workspace)
    version, split, line = step(found, "export").value.split(", ")
    path = created.result.folder / f"{split}.jsonl"
    rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    number = int(line.removeprefix("line ")) - 1
    rows[number] = rows[number].replace("What is true of", "What is false of")
    path.write_text("".join(rows), encoding="utf-8")
    found = trace(created.samples[0].id, created.workspace)
    assert version == "v1.0.0" and step(found, "export").check == "differs"
    alone = step(trace(created.samples[0].id, created.workspace, export=created.result.folder), "export")
    assert alone.check == "not possible" and "`verify` tells whether it was changed" in alone.remark


def answer_instead(workspace: Workspace, key: str, text: str) -> None:
    """Put another answer into the journal under a key, as nothing in the program does."""
    with closing(sqlite3.connect(workspace.journal)) as connection, connection:
        connection.execute("UPDATE answers SET text = ? WHERE call = (SELECT id FROM calls WHERE key = ?)", (text, key))


def test_a_prompt_that_was_changed_since_differs(created: Made, tmp_path: Path) -> None:
    shutil.copytree(created.workspace.prompts, tmp_path / "prompts")
    workspace = replace(created.workspace, prompts=tmp_path / "prompts")
    path = tmp_path / "prompts" / "system" / "create_mode.txt"
    path.write_text("# a comment is not sent\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert step(trace(created.samples[0].id, workspace), "prompt").check == "verified"
    path.write_text(path.read_text(encoding="utf-8") + "\nBe brief.", encoding="utf-8")
    prompt = step(trace(created.samples[0].id, workspace), "prompt")
    assert prompt.check == "differs" and "the prompt was changed since (now create_mode-" in prompt.remark
    shutil.copy(path, tmp_path / "create_mode.txt")
    sample = created.samples[0]
    outside = replace(sample, origin=replace(sample.origin, prompt_id="../../create_mode-1"))
    prompt = step(stored_anew(created, outside, workspace), "prompt")
    assert prompt.check == "not possible" and prompt.remark == "'../../create_mode' names no prompt file."
    path.unlink()
    assert step(trace(created.samples[0].id, workspace), "prompt").check == "not possible"


def test_without_the_journal_or_its_answer_what_needs_it_is_not_possible(created: Made) -> None:
    sample = created.samples[0]
    with RunJournal(created.workspace.journal) as journal:
        journal.prune(older_than_days=None, keep_unfinished=False)
    pruned = trace(sample.id, created.workspace)
    for path in created.workspace.journal.parent.glob("*.journal.db*"):
        path.unlink()
    for found, why in (
        (pruned, "it was pruned, or made elsewhere"),
        (trace(sample.id, created.workspace), "is not here"),
    ):
        assert [step(found, what).check for what in ("span", "model", "call")] == ["not possible"] * 3
        assert why in step(found, "call").remark and found.holds
        assert step(found, "document").check == step(found, "place").check == step(found, "chunk").check == "verified"
    assert not created.workspace.journal.exists()


def test_a_passage_of_several_places_is_named_as_one_and_the_quotes_own_place_is_told(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    for path in workspace.input_dir.iterdir():
        path.write_text(path.read_text(encoding="utf-8").replace(". ", ".\n\n"), encoding="utf-8")
    with stub() as server:
        run, _ = carried_out(plan(workspace, server.url, mode="create"), workspace, server.url)
    found = [trace(sample.id, workspace) for sample in samples_of(run)]
    assert all(set(checks(one).values()) == {"verified"} for one in found), found
    assert any("the passage stands there, the span in it at line" in step(one, "place").remark for one in found)


def test_typed_instructions_of_free_mode_are_known_from_the_lock(tmp_path: Path) -> None:
    workspace = prose_workspace(tmp_path)
    with stub(lambda request: json.dumps({**TALK, "system": str(len(str(request)))})) as server:
        asked = plan_run(
            settings(mode="free", dataset_size=1), environment(server.url), workspace, instructions="Be a pirate."
        )
        run, result = carried_out(asked, workspace, server.url)
    for found in (
        trace(samples_of(run)[0].id, workspace),
        trace(samples_of(run)[0].id, workspace, export=result.folder),
    ):
        assert set(checks(found).values()) == {"verified"}, found
        assert step(found, "prompt").remark == "what was typed for the run is what was sent"


def test_lines_that_an_llm_marked_are_verified_in_the_document_and_the_journal(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    (workspace.input_dir / "talk.txt").write_text(UNMARKED, encoding="utf-8")
    with stub(lambda _: json.dumps({"turns": GOOD})) as server:
        asked = plan_run(settings(mode="identify", dataset_size=50), environment(server.url), workspace, llm_stage=True)
        run, _ = carried_out(asked, workspace, server.url)
    (sample,) = [one for one in samples_of(run) if one.origin.call_id]
    found = trace(sample.id, workspace)
    assert set(checks(found).values()) == {"verified"}, found
    answer_instead(workspace, sample.origin.call_id, "no marks at all")
    assert step(trace(sample.id, workspace), "call").check == "differs"


def test_a_quote_is_looked_for_as_closely_as_the_run_did(tmp_path: Path) -> None:
    def careless(request: dict[str, Any]) -> str:
        answer = json.loads(answer_about_focus(request))
        words = answer["quote"].split()
        return json.dumps({**answer, "quote": " ".join([*words[:2], "zzzz", *words[3:]])})

    workspace = prose_workspace(tmp_path)
    with stub(careless) as server:
        loose = {"create": {"grounding_threshold": 0.7}}
        run, result = carried_out(plan(workspace, server.url, mode="create", agent=loose), workspace, server.url)
    assert len(samples_of(run)) == 6
    for sample in samples_of(run):
        for export in (None, result.folder):
            assert step(trace(sample.id, workspace, export=export), "span").check == "verified"


def test_documents_are_read_again_with_the_options_of_the_run_and_the_passwords_of_today(tmp_path: Path) -> None:
    workspace = talk_workspace(tmp_path)
    book = Workbook()
    book.active.append(["nothing", "here"])
    hidden = book.create_sheet("hidden")
    hidden.sheet_state = "hidden"
    for row in (["question", "answer"], ["Who hides?", "This sheet does."]):
        hidden.append(row)
    book.save(workspace.input_dir / "book.xlsx")
    lines = [["Q: What is locked?", "A: This file is locked."]]
    lines_pdf(workspace.input_dir / "locked.pdf", lines, pdfencrypt.StandardEncryption("sesame", ownerPassword="owner"))
    ingestion = {"hidden_sheets": True, "passwords": {"locked.pdf": "sesame"}}
    run, result = carried_out(identify_plan(workspace, ingestion=ingestion), workspace)
    special = {s.origin.source_file: s for s in samples_of(run) if s.origin.source_file in ("book.xlsx", "locked.pdf")}
    assert len(special) == 2
    shutil.rmtree(workspace.extracts)
    for sample in special.values():
        for export in (None, result.folder):
            found = trace(sample.id, workspace, export=export, passwords={"locked.pdf": "sesame"})
            assert step(found, "span").check == "verified", found
        shutil.rmtree(workspace.extracts)
    without = step(trace(special["locked.pdf"].id, workspace), "span")
    assert without.check == "not possible" and "is encrypted" in without.remark


def test_a_lineage_that_points_outside_the_folders_reads_nothing_there(identified: Made, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Q: a?\nA: b.", encoding="utf-8")
    sample = identified.samples[0]
    path = identified.result.folder / "lineage.jsonl"
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for name, split in (("../../secret.txt", "../../secret"), (str(tmp_path / "secret.txt"), "train")):
        changed = [{**one, "source_file": name, "split": split, "prompt": "../../x-1"} for one in entries]
        path.write_text("".join(json.dumps(one, separators=(",", ":")) + "\n" for one in changed), encoding="utf-8")
        found = trace(sample.id, identified.workspace, export=identified.result.folder)
        assert "does not lie in" in step(found, "document").remark
        assert step(found, "prompt").check == "not possible"


def test_a_trace_comes_as_plain_values(created: Made) -> None:
    found = trace(created.samples[0].id, created.workspace)
    plain = json.loads(json.dumps(found.to_json()))
    assert plain["sample"] == created.samples[0].id and plain["holds"] is True
    assert plain["steps"][0] == {
        "what": "sample", "value": created.samples[0].id, "check": "verified", "remark": found.steps[0].remark,
    }  # fmt: skip
