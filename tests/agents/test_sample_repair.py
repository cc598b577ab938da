from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from src.agents.sample_repair import SampleRepair
from src.errors import AuthenticationError
from src.persistence.edits.changing import change_samples, history_of, list_changes, undo, undoable
from src.persistence.edits.records import Edit, Note
from src.persistence.sqlite_client import DatasetStore
from src.pipeline.stages.curation import repair_stored
from src.providers.clients.flow.dispatching import Dispatching
from src.records import Message
from tests.agents.support import ROOT, client_for, journaled
from tests.dataset.example_samples import make_dataset, make_example
from tests.providers.clients.stub_llm import Reply

INSTRUCTION = "Write every answer in capital letters."
SAMPLES = [make_example(number) for number in range(45)]


def count(messages: Sequence[Message]) -> int:
    return sum(len(message.content.split()) for message in messages)


def in_capitals(request: dict[str, Any]) -> str:
    """What a good model does; sample 7 it gets wrong, sample 8 it lets be."""
    text = request["messages"][-1]["content"]
    assert INSTRUCTION in text
    found = re.search(r"<<<PASSAGE \w+\n(.*?)\nPASSAGE \w+>>>", text, re.DOTALL)
    assert found is not None
    messages = json.loads(found[1])["messages"]
    if "Question 7?" in text:
        return json.dumps({"changed": "yes", "messages": messages[:2]})
    if "Question 8?" not in text:
        messages[-1]["content"] = messages[-1]["content"].upper()
    return json.dumps({"changed": "no" if "Question 8?" in text else "yes", "messages": messages})


def repair_with(dispatcher: Dispatching) -> SampleRepair:
    return SampleRepair(ROOT / "prompts", INSTRUCTION, dispatcher, count, passage_of=lambda sample: "The pump moves.")


def test_samples_are_repaired_stored_and_taken_back(tmp_path: Path) -> None:
    ids = [sample.id for sample in SAMPLES[:30]]
    with DatasetStore(tmp_path / "x.db") as store, client_for(in_capitals) as (client, stub):
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        with journaled(tmp_path, client) as (bench, journal):
            repair = repair_with(bench.llm)
            tally = repair_stored(store, "d1", ids, INSTRUCTION, repair, "maria")
            assert tally.outcomes == {"repaired": 28, "unchanged": 1, "malformed": 1}
            assert tally.reasons == {"the reply has other turns than the sample": 1}
            first = store.load_dataset("d1")[0]
            assert first.messages[-1].content == "ANSWER 0."
            assert (first.origin.method, first.origin.model) == ("edited", "stub-model")
            assert first.origin.prompt_id.startswith("repair_mode-")
            call = journal.find(first.origin.call_id)
            assert call is not None and "ANSWER 0." in call.text
            assert list(store.load_dataset("d1"))[30:] == SAMPLES[30:]
            assert "The pump moves." in stub.requests[0]["messages"][-1]["content"]
        assert [change.samples for change in list_changes(store, "d1")] == [8, 20]
        assert history_of(store, "d1", first.id)[0].before == SAMPLES[0]
        undo(store, "d1", undoable(list_changes(store, "d1")), "maria")
        assert list(store.load_dataset("d1")) == SAMPLES


def test_a_repair_that_was_stopped_goes_on_and_pays_for_nothing_twice(tmp_path: Path) -> None:
    ids = [sample.id for sample in SAMPLES]
    with DatasetStore(tmp_path / "x.db") as store:
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        with client_for(in_capitals) as (client, stub), journaled(tmp_path, client) as (bench, _):
            repair = repair_with(bench.llm)

            def stop(tally: object) -> None:
                if len(stub.requests) >= 27:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                repair_stored(store, "d1", ids, INSTRUCTION, repair, "maria", stop)
            asked = len(stub.requests)
            assert asked < len(SAMPLES)
            left = [sample for sample in store.load_dataset("d1") if sample.origin.method != "edited"]
            assert 45 - 2 - asked <= len(left) - 2 <= 45 - 25
        with client_for(in_capitals) as (client, again), journaled(tmp_path, client) as (bench, _):
            tally = repair_stored(store, "d1", ids, INSTRUCTION, repair_with(bench.llm), "maria")
            assert asked + len(again.requests) <= len(SAMPLES) + 1
        assert (tally.total, tally.done) == (45, 45)
        assert sum(sample.origin.method == "edited" for sample in store.load_dataset("d1")) == 43


def test_a_sample_that_is_no_longer_there_is_passed_over(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "x.db") as store, client_for(in_capitals) as (client, stub):
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        change_samples(store, "d1", [Edit("s000001", None)], Note("delete", "m", ""))
        with journaled(tmp_path, client) as (bench, _):
            tally = repair_stored(store, "d1", ["s000001", "s000002"], INSTRUCTION, repair_with(bench.llm), "m")
        assert (tally.done, len(stub.requests)) == (1, 1)


def test_a_wrong_key_ends_it_and_changes_nothing(tmp_path: Path) -> None:
    with (
        DatasetStore(tmp_path / "x.db") as store,
        client_for([Reply(status=401)]) as (client, _),
        journaled(tmp_path, client) as (bench, _),
    ):
        store.save_dataset(make_dataset(SAMPLES), {}, dataset_id="d1")
        with pytest.raises(AuthenticationError):
            repair_stored(store, "d1", ["s000001"], INSTRUCTION, repair_with(bench.llm), "m")
        assert list_changes(store, "d1") == []


def test_what_this_repair_made_is_not_repaired_again(tmp_path: Path) -> None:
    with DatasetStore(tmp_path / "x.db") as store, client_for(in_capitals) as (client, stub):
        store.save_dataset(make_dataset(SAMPLES[:3]), {}, dataset_id="d1")
        with journaled(tmp_path, client) as (bench, _):
            for _ in range(2):
                ids = [sample.id for sample in store.load_dataset("d1")]
                tally = repair_stored(store, "d1", ids, INSTRUCTION, repair_with(bench.llm), "m")
        assert (tally.total, tally.done, len(stub.requests)) == (3, 3, 3)
        assert len(list_changes(store, "d1")) == 1
