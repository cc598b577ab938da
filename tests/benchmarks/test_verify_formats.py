"""The parts of verify-formats that need no checker's environment: its files, its faults, its restated checkers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.verify_formats.checkers import CHECKERS, Checker
from benchmarks.verify_formats.environments import folder_of
from benchmarks.verify_formats.examples import EXAMPLES
from benchmarks.verify_formats.faults.all_faults import bad_bytes, bad_rows
from benchmarks.verify_formats.faults.fault import BadRow, put
from benchmarks.verify_formats.files import plain_rows, rows_in, write_rows
from benchmarks.verify_formats.mutations import mutations
from benchmarks.verify_formats.ours import row_findings
from benchmarks.verify_formats.running import NotRunError, run_checker
from benchmarks.verify_formats.table import Table
from benchmarks.verify_formats.verdicts import BadFile, Verdict, ask, our_fault, their_fault
from src.providers.formats.registry import FORMATS

COOKBOOK = next(checker for checker in CHECKERS if checker.name == "openai cookbook")
CLAUDE = next(checker for checker in CHECKERS if checker.name == "AWS Claude script")
RESTATED = [checker for checker in CHECKERS if checker.restated]


def test_every_format_has_a_checker() -> None:
    read = {form for checker in CHECKERS for form in checker.formats}
    assert set(FORMATS) <= read


def test_checkers_read_formats_and_kinds_that_exist() -> None:
    for checker in CHECKERS:
        assert set(checker.formats) <= set(FORMATS), checker.name
        assert set(checker.not_for) <= set(EXAMPLES), checker.name
        assert checker.path.is_file(), checker.name


def test_pins_decide_the_environment() -> None:
    one = Checker("a", "together", (), ("together==1",))
    two = Checker("a", "together", (), ("together==2",))
    assert folder_of(one) == folder_of(Checker("b", "together", ("messages",), ("together==1",)))
    assert folder_of(one) != folder_of(two)


def test_every_kind_of_example_is_written_by_some_format() -> None:
    unwritten = [kind for kind, many in EXAMPLES.items() if not any(rows_in(form, many) for form in FORMATS.values())]
    assert unwritten == []


def test_plain_rows_differ_and_are_accepted() -> None:
    for name, form in FORMATS.items():
        rows = list(plain_rows(form, 12))
        assert len({json.dumps(row) for row in rows}) == 12, name
        assert not [error for row in rows for error in row_findings(row, name)], name


@pytest.mark.parametrize("bad", bad_rows(), ids=lambda bad: f"{bad.form}: {bad.name}")
def test_a_fault_is_made_in_a_row_that_is_good_without_it(bad: BadRow) -> None:
    good = rows_in(FORMATS[bad.form], EXAMPLES[bad.kind])[0]
    assert row_findings(good, bad.form) == []
    assert bad.row() != good
    assert bad.rule in {error.rule for error in row_findings(bad.row(), bad.form, bad.severity)}


def test_faults_name_checkers_that_read_their_format() -> None:
    reads = {checker.name: checker.formats for checker in CHECKERS}
    for bad in (*bad_rows(), *bad_bytes()):
        for name in bad.refused_by:
            assert bad.form in reads[name], (bad.name, name)


def test_names_of_faults_are_unique_in_a_format() -> None:
    names = [(bad.form, bad.name) for bad in (*bad_rows(), *bad_bytes())]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("checker", RESTATED, ids=lambda checker: checker.name)
def test_restated_checkers_refuse_the_faults_that_name_them(checker: Checker, tmp_path: Path) -> None:
    faults = [bad for bad in bad_rows() if checker.name in bad.refused_by]
    answers = run_checker(checker, [], [(bad.row(), bad.form) for bad in faults], tmp_path)
    assert faults
    for bad, objections in zip(faults, answers.rows, strict=True):
        assert their_fault(bad, checker.name, objections) == "", bad.name


def test_a_checker_sees_how_many_rows_a_file_has(tmp_path: Path) -> None:
    rows = list(plain_rows(FORMATS["bedrock-claude"], 32))
    enough, few = write_rows(tmp_path / "a.jsonl", rows), write_rows(tmp_path / "b.jsonl", rows[:31])
    answers = run_checker(CLAUDE, [(enough, "bedrock-claude"), (few, "bedrock-claude")], [], tmp_path)
    assert answers.files == [[], ["file has 31 lines, not 32 to 10000"]]


def test_a_script_that_fails_is_not_taken_for_acceptance(tmp_path: Path) -> None:
    missing = Checker("none", "no_such_script", ("openai-chat",))
    with pytest.raises(NotRunError, match="the script failed"):
        run_checker(missing, [], [({}, "openai-chat")], tmp_path)


def test_a_refusal_for_another_reason_is_a_trouble() -> None:
    bad = BadRow("openai-chat", "x", "text", put("human", "messages", 0, "role"), "unknown_role", {"c": "role"})
    assert their_fault(bad, "c", ["line 1: the role is human"]) == ""
    assert their_fault(bad, "c", ["line 1: no content"]) == (
        "the checker refuses it for another reason: line 1: no content"
    )
    assert their_fault(bad, "c", []) == "the checker accepts it"
    assert our_fault(bad, "unknown_role, text_empty") == ""
    assert our_fault(bad, "text_empty") == "we refuse it for text_empty, not unknown_role"
    assert our_fault(bad, "accepted") == "we accept it; expected unknown_role"


def test_a_fault_that_the_checker_accepts_misses_the_bar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = BadRow("openai-chat", "fine", "text", lambda row: None, "unknown_role", {COOKBOOK.name: "role"})
    path = write_rows(tmp_path / "fine.jsonl", [bad.row()])
    found = ask(COOKBOOK, [], [BadFile(bad, path)], {path: "unknown_role"}, tmp_path)
    table = Table(all_lines=False)
    table.add(COOKBOOK, found)
    assert not table.close(offline_ok=False)
    assert "the checker accepts it" in capsys.readouterr().out


def test_all_as_it_must_be_meets_the_bar(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table(all_lines=True)
    table.add(COOKBOOK, [Verdict(COOKBOOK.name, "good  openai-chat: text", "accepted", "accepted")])
    assert table.close(offline_ok=False)
    assert "1 verdicts, 0 not as they must be" in capsys.readouterr().out


def test_mutations_change_every_place_and_leave_the_row_alone() -> None:
    row = {"messages": [{"role": "user", "content": "a"}]}
    before = json.dumps(row)
    made = [json.dumps(changed) for changed in mutations(row)]
    assert json.dumps(row) == before
    assert before not in made
    assert '{"messages": []}' in made and "{}" in made
    assert '{"messages": [{"content": "a"}]}' in made and '{"messages": [{"role": null, "content": "a"}]}' in made
