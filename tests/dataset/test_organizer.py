from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.dataset.fields import fields_of
from src.dataset.organizer import MOST_GROUPS, GroupFolders, folder_name, group_namer
from src.errors import UsageError
from tests.dataset.example_samples import make_example


@pytest.mark.parametrize(
    "rule, group",
    [
        ("topic", "tax"),
        ("method", "identified"),
        ("source", "law/guide.pdf"),
        ("complexity", "low"),
        ("token_length > 500", "yes"),
        ("token_length > 5000", "no"),
        ("token_length // 500", "1"),
        ("token_length / 1000", "0.7"),
        ("'long' if token_length > 500 else 'short'", "long"),
    ],
)
def test_a_sample_is_named_by_what_the_rule_says(rule: str, group: str) -> None:
    sample = make_example(1, source="law/guide.pdf", method="identified", keywords=("tax", "law"), tokens=700)
    assert group_namer(rule)(fields_of(sample)) == group


def test_a_sample_without_keywords_has_a_topic_too() -> None:
    assert group_namer("topic")(fields_of(make_example(1))) == "(no keyword)"


def test_a_rule_that_gives_a_list_is_refused() -> None:
    with pytest.raises(UsageError, match="needs one value"):
        group_namer("keywords")


@pytest.mark.parametrize(
    "group, name",
    [
        ("law/guide.pdf", "law-guide.pdf"),
        ("..", "none"),
        ("../../etc/passwd", "-..-etc-passwd".strip("-.")),
        ("C:\\x", "C-x"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("console", "console"),
        (".hidden. ", "hidden"),
        ("a\x00b\nc", "a-b-c"),
        ("größe 字", "größe 字"),
        ("", "none"),
        ("\ud800", "none"),
        ("-rf", "rf"),
        ("x" * 300, "x" * 60),
        ("字" * 300, "字" * 40),
    ],
)
def test_folder_names_are_safe(group: str, name: str) -> None:
    assert folder_name(group) == name


@given(st.lists(st.text(max_size=80), unique=True, max_size=20))
def test_different_groups_have_different_folders_everywhere(groups: list[str]) -> None:
    folders = GroupFolders()
    names = [folders.folder_of(group) for group in groups]
    assert len({unicodedata.normalize("NFKC", name).casefold() for name in names}) == len(names)
    assert [folders.folder_of(group) for group in groups] == names
    for name in names:
        assert Path(name).name == name and name not in (".", "..") and name == name.strip(" .")
        assert not set(name) & set('<>:"/\\|?*\x00\n') and len(name.encode()) <= 130


def test_every_folder_can_be_made(tmp_path: Path) -> None:
    folders = GroupFolders()
    for group in ("Tax", "tax", "TAX", "tax-2", "a/b", "a:b", "nul", "é", "e\u0301", "..", "%s", "\u202e"):
        (tmp_path / folders.folder_of(group)).mkdir()
    assert {"Tax", "tax-2", "TAX-3", "tax-2-2"} <= {path.name for path in tmp_path.iterdir()}


def test_too_many_groups_are_refused_with_advice() -> None:
    folders = GroupFolders()
    for number in range(MOST_GROUPS):
        folders.folder_of(f"group {number}")
    folders.folder_of("group 7")
    with pytest.raises(UsageError, match=r"more than 200 groups.*organize_as: column"):
        folders.folder_of("one more")
