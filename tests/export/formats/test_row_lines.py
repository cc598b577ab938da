from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from src.errors import FormatError
from src.export.batches import Batch
from src.export.formats import EXPORT_FORMATS
from src.export.formats.full_samples import RawTurn, raw_turns
from src.export.formats.lines.provider_rows import lines_for_format, lines_for_provider
from src.export.formats.lines.row_lines import Built, RowLines, escape_line_ends
from src.persistence.models import SampleRow
from src.providers import PROVIDERS
from src.providers.formats.registry import FORMATS
from src.providers.validation.json_lines import json_line
from src.records import Message
from tests.export.formats.writing_formats import AWKWARD

ROW_FORMATS = [name for name in EXPORT_FORMATS if name in FORMATS]
_WORDS = [word for form in FORMATS.values() for word in form.abilities.reserved_texts]
_LLAMA = [
    "Environment: ipython\n",
    "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n",
    "Today Date: x\n\n",
]
_PIECES = st.sampled_from(
    [*AWKWARD[:19], *_WORDS, *_LLAMA, *(word.lower() for word in _WORDS), "\n", " ", "\u00a0", '"', "\\", "{", "]"]
)
TEXTS = st.lists(_PIECES, max_size=3).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ROLES = st.sampled_from(
    ["ua", "sua", "uaua", "suaua", "u", "a", "s", "", "usa", "auua", "ssua", "uu", "uuaa", "sau", "uas"]
)
_NAMES = {"s": "system", "u": "user", "a": "assistant"}


@st.composite
def conversations(draw: st.DrawFn) -> list[dict[str, str]]:
    roles = draw(ROLES)
    return [{"role": _NAMES[role], "content": draw(TEXTS)} for role in roles]


def turns_of(messages: list[dict[str, str]]) -> list[RawTurn]:
    content = json.dumps(messages, ensure_ascii=False)
    return raw_turns(Batch([SampleRow("s1", content, 1, "", "", None, "{}")]))[0]


@pytest.mark.parametrize("name", ROW_FORMATS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages=conversations())
def test_the_short_cut_writes_what_the_row_format_makes(name: str, messages: list[dict[str, str]]) -> None:
    maker, turns = lines_for_format(name), turns_of(messages)
    quick, slow = maker.line(turns), maker.line_by_format(turns)
    assert quick.text == slow.text
    assert {(one.rule, one.severity) for one in quick.changes} == {(one.rule, one.severity) for one in slow.changes}


@pytest.mark.parametrize("name", ROW_FORMATS)
def test_whatever_character_a_text_ends_or_begins_with(name: str) -> None:
    maker = lines_for_format(name)
    for character in map(chr, [*range(0x180), 0x1680, *range(0x2000, 0x2030), 0x3000, 0xFEFF]):
        for text in (f"a{character}", f"{character}a"):
            turns = turns_of([{"role": "user", "content": text}, {"role": "assistant", "content": text}])
            assert maker.line(turns).text == maker.line_by_format(turns).text


@pytest.mark.parametrize("name", ROW_FORMATS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(several=st.lists(conversations(), min_size=2, max_size=5))
def test_lines_of_several_samples_are_those_of_each(name: str, several: list[list[dict[str, str]]]) -> None:
    maker, turns = lines_for_format(name), list(map(turns_of, several))
    assert [line.text for line in maker.lines(turns)] == [maker.line_by_format(one).text for one in turns]


@pytest.mark.parametrize("name", PROVIDERS)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages=conversations())
def test_a_providers_line_is_that_of_its_format_example(name: str, messages: list[dict[str, str]]) -> None:
    provider = PROVIDERS[name]
    model = provider.get_models()[0]
    maker = lines_for_provider(name, model)
    spoken = [Message(message["role"], message["content"]) for message in messages]  # type: ignore[arg-type]
    try:
        expected = json_line(provider.format_example(spoken, model))
    except FormatError as error:
        with pytest.raises(FormatError) as refused:
            maker.line(turns_of(messages))
        assert str(refused.value) == str(error)
    else:
        assert maker.line(turns_of(messages)).text == expected[:-1]


def test_a_format_is_asked_once_for_rows_of_the_same_roles() -> None:
    asked: list[int] = []

    def build(messages: object) -> Built:
        asked.append(1)
        return Built({"texts": [message.content for message in messages]})  # type: ignore[attr-defined]

    maker = RowLines(build)
    lines = [maker.line(turns_of([{"role": "user", "content": f"text {n}"}])).text for n in range(50)]
    assert lines == [b'{"texts": ["text %d"]}' % n for n in range(50)]
    assert len(asked) == 1


@pytest.mark.parametrize("text", ["a\u2028b", "a\u2029b", "a\x85b", "ä\u2028\u2028"])
def test_what_readers_take_for_the_end_of_a_line_is_escaped(text: str) -> None:
    line = escape_line_ends(json.dumps(text, ensure_ascii=False).encode())
    assert len(line.decode().splitlines()) == 1
    assert json.loads(line) == text


def test_characters_that_begin_like_line_ends_stay() -> None:
    line = json.dumps("€ “quoted” © … \u2027", ensure_ascii=False).encode()
    assert escape_line_ends(line) == line
