"""Turns under role words and names; and the many lines with a colon that nobody says."""

from __future__ import annotations

import pytest

from src.agents.recognisers.roles import Roles
from tests.agents.recognisers.support import block_document, exchange, found, paragraphs, talks

SAID = ("Hello, who are you?", "I am Ann. And you?", "Nobody.", "Well, hello then!")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("User:", "Assistant:"), ("Human:", "AI:"), ("user:", "assistant:"), ("USER:", "ASSISTANT:"),
        ("Customer:", "Agent:"),
        ("**User:**", "**Assistant:**"), ("**User**:", "**Assistant**:"), ("### User:", "### Assistant:"),
        ("- User:", "- Bot:"),
        ("Interviewer:", "Interviewee:"), ("You:", "ChatGPT:"), ("Client:", "Support:"), ("Patient:", "Doctor:"),
        ("Customer (Ann):", "Agent (Marta):"), ("Kunde:", "Berater:"), ("Cliente:", "Agente:"), ("用户：", "助手："),
        ("Speaker 1:", "Speaker 2:"), ("SPEAKER_00:", "SPEAKER_01:"), ("Person A:", "Person B:"),
        ("Tom:", "Ann:"), ("TOM:", "ANN:"), ("Dr. Jane Smith:", "Tom O'Brien:"), ("MR. SMITH:", "MS. JONES:"),
        ("**Tom:**", "**Ann:**"),
        ("White guy:", "Asian girl:"), ("Guy #1:", "Guy #2:"), ("JL:", "ZM:"), ("THE WEEKLY:", "OKAFOR:"),
        ("Jean-Luc:", "Zoë:"),
        ("Мария:", "Иван:"), ("田中：", "佐藤："),
    ],
)  # fmt: skip
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_two_speakers_take_turns(first: str, second: str, gap: str) -> None:
    lines = [f"{(first, second)[number % 2]} {words}" for number, words in enumerate(SAID)]
    assert talks(gap.join(lines)) == [exchange(*SAID)]


@pytest.mark.parametrize(
    "form", ["[10:{t}] {n}: ", "{n} (10:{t}): ", "10:{t} {n}: ", "{n} [00:10:{t}]: ", "{n} 10:{t}\n"]
)
def test_times_beside_names_are_no_part_of_what_is_said(form: str) -> None:
    names = ("Ann Lee", "Tom Fox")
    lines = [form.format(t=32 + number, n=names[number % 2]) + words for number, words in enumerate(SAID)]
    assert talks("\n\n".join(lines)) == [exchange(*SAID)]


def test_role_words_say_who_is_who_whoever_begins() -> None:
    text = "Agent: Hello, can I help?\nCustomer: It leaks.\nAgent: Close the valve, please.\n"
    assert talks(text) == [exchange("Hello, can I help?", "It leaks.", "Close the valve, please.", first="assistant")]
    assert found(text)[0].speakers == (("Agent", "assistant"), ("Customer", "user"))


def test_the_user_of_the_tool_says_who_is_who() -> None:
    text = "Tom: Who are you?\nAnn: I am Ann.\nTom: Oh!\nAnn: Yes."
    chosen = Roles({"tom": "assistant", "ANN": "user"})
    assert talks(text, chosen) == [exchange("Who are you?", "I am Ann.", "Oh!", "Yes.", first="assistant")]


def test_of_three_speakers_the_first_is_the_user_and_the_others_are_joined() -> None:
    text = "Mia: Shall we begin?\nTom: Yes.\nAnn: I am ready, too.\nMia: Then go.\nAnn: I will.\nTom: So will I.\n"
    assert talks(text) == [exchange("Shall we begin?", "Yes.\nI am ready, too.", "Then go.", "I will.\nSo will I.")]
    assert found(text)[0].speakers == (("Mia", "user"), ("Tom", "assistant"), ("Ann", "assistant"))


def test_a_system_message_begins_a_conversation() -> None:
    text = "System: Be nice.\nUser: Hi\nAssistant: Hello\nSystem: Be brief.\nUser: Yo\nAssistant: Yo\n"
    assert talks(text) == [
        [("system", "Be nice."), *exchange("Hi", "Hello")],
        [("system", "Be brief."), *exchange("Yo", "Yo")],
    ]


def test_names_inside_a_chat_are_part_of_what_is_said() -> None:
    script = "A scene:\n\nTom: Who is it?\nAnn: It is me.\nTom: Oh, you!\nAnn: Yes."
    assert talks(f"User: Write a scene.\n\nAssistant: {script}\n\nUser: Thanks!\n\nAssistant: You are welcome.") == [
        exchange("Write a scene.", script, "Thanks!", "You are welcome.")
    ]


ANSWER = """Sure! You need:

- eggs: two
- milk

## Steps

1. Mix at 10:30.
2. Bake. See http://example.com

---

Note: **hot**.
Tip: wait.

```
User: not a turn
```"""


def test_an_answer_in_markdown_is_whole() -> None:
    assert talks(f"User: A recipe?\nAssistant: {ANSWER}\n\nUser: Thanks\nAssistant: Welcome") == [
        exchange("A recipe?", ANSWER, "Thanks", "Welcome")
    ]


@pytest.mark.parametrize("between", ["## Chat 2", "------------", "Second chat", "Chat 2\n======"])
def test_headings_and_rulers_part_chats(between: str) -> None:
    text = f"## Chat 1\n\nUser: a?\n\nAssistant: b.\n\n{between}\n\nUser: c?\n\nAssistant: d.\n"
    assert talks(text) == [exchange("a?", "b."), exchange("c?", "d.")]


def test_prose_below_a_chat_that_stands_line_by_line_is_outside() -> None:
    text = "User: a?\nAssistant: b.\n\nThat was all for today, as far as we know.\n\nUser: c?\nAssistant: d.\n"
    assert talks(text) == [exchange("a?", "b."), exchange("c?", "d.")]


def test_blank_lines_part_talks_of_different_people() -> None:
    text = (
        "White guy: Any plans?\nAsian girl: Yeah, being angry!\nWhite guy: Oh, good.\n\n"
        "Hobo: Hey you!\nSuit: No.\nHobo: Please.\n\nGirl: Hi!\nGuy: Hello.\nGirl: Bye.\n"
    )
    assert [talk[0][1] for talk in talks(text)] == ["Any plans?", "Hey you!", "Hi!"]


def test_slides_with_the_same_title_go_on() -> None:
    document = block_document(
        ("The chat", "heading", "slide 1"),
        ("User: a?", "paragraph", "slide 1"),
        ("The chat (cont.)", "heading", "slide 2"),
        ("Assistant: b.", "paragraph", "slide 2"),
    )
    assert talks(document) == [exchange("a?", "b.")]


def test_paragraphs_without_label_belong_to_the_turn_above() -> None:
    document = paragraphs("Tom: Who?", "Ann: I.", "And you too, maybe.", "Tom: Me?", "Ann: Yes, you.", "Well.")
    assert talks(document) == [exchange("Who?", "I.\n\nAnd you too, maybe.", "Me?", "Yes, you.\n\nWell.")]


def test_nicks_of_a_log_speak() -> None:
    assert talks("<bob> hi?\n<al> hello you\n<bob> bye\n<al> see you\n") == [
        exchange("hi?", "hello you", "bye", "see you")
    ]


def test_names_with_a_point_in_a_play() -> None:
    text = "HAMLET. Are you honest?\nOPHELIA. My lord?\nHAMLET. Are you fair?\nOPHELIA. What means your lordship?\n"
    assert talks(text) == [exchange("Are you honest?", "My lord?", "Are you fair?", "What means your lordship?")]


@pytest.mark.parametrize(
    "text",
    [
        "Note: be careful.\nWarning: you may die!\nNote: really?\nWarning: yes!\n" * 2,
        "Package: foo\nVersion: 1\nDepends: bar\n\nPackage: bar\nVersion: 2\nDepends: foo\n",
        "Return type: int\nParameters: you pass one\nReturn type: str\nParameters: none\n",
        "From: Ann\nTo: Tom\nSubject: Are you there?\n\nFrom: Tom\nTo: Ann\nSubject: Yes!\n",
        "Step 1: Do it.\nStep 2: Do it again!\nStep 1: Are you sure?\nStep 2: Yes.\n",
        "Figure 1: A pump.\nFigure 2: A valve?\nFigure 1: See you.\n",
        "Name: ______\nAddress: ______\nName: ______\nAddress: ______\n",
        "Name: Tom Fisher\nAge: 3\nCity: Bremen\n\nName: Ann Lee\nAge: 4\nCity: Leeds\n",
        "TODO: do you think so?\nFIXME: yes!\nTODO: what?\nFIXME: this.\n",
        "Pump: a machine that moves water.\nValve: a part that closes.\nSeal: what keeps it tight.\n",
        "10:32: did you see it?\n10:40: yes!\n10:50: no?\n",
        "John 3:16 says so.\nMark 1:1 says this.\nJohn 3:17 says more.\n",
        "host: localhost\nport: 80\nhost: example.org\nport: 81\n",
        "Content-Type: text/html\nHost: you.example\nContent-Type: a\nHost: me.example\n",
        "default:\n  break;\ncase:\n  return;\ndefault:\n  you();\ncase:\n  me();\n",
        "Customer: ACME GmbH\nAgent: Schmidt\nDate: 3 May\nTotal: 40\n",
        "Problem: You cannot log in.\nSolution: Restart your phone!\nProblem: Why?\nSolution: Because.\n",
        "Win32: Does not work with you.\nMac: Why not?\nWin32: Fixed.\nMac: Yes.\n",
        "```\nTom: Who are you?\nAnn: I am Ann.\nTom: Oh!\nAnn: Yes.\n```\n",
        "Smith: The Art of Pumps. Knuth: The Art of Programs.\n",
        "Args:\n    you: a person.\nReturns:\n    me.\nArgs:\n    no: nothing.\nReturns:\n    yes.\n",
    ],
)
def test_lines_with_a_colon_that_nobody_says(text: str) -> None:
    assert talks(text) == []


def test_labels_in_a_code_block_are_no_turns() -> None:
    code = "User: hi\nAssistant: hello"
    assert talks(block_document((code, "code", "paragraph 1"))) == []


def test_points_of_a_list_under_names_are_not_said() -> None:
    said = "GNUPG: - Not enough was given to the agent.\n\nGCRYPT: - A part has not been given.\n\n" * 2
    assert not found(said + "GNUPG: - The number is too short or has\n  letters that the card does not try.\n")


def test_fields_of_classes_are_not_said() -> None:
    code = (
        'class Item:\n    agent: Optional[MessageAgent]\n    """The agent that made it."""\n\n'
        '    caller: Optional[MessageCaller]\n    """Who called it?"""\n'
    )
    assert not found(code)


def test_code_that_two_sides_show_each_other_is_still_said() -> None:
    said = "User: def add(a, b):\n    return a + b\nAssistant: def add(a: int, b: int) -> int:\n    return a + b\n"
    assert len(found(said)) == 1
