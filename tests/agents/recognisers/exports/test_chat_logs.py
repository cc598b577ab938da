"""Chats kept as text are found in the forms of the common programs; logs, timetables and prose are left alone."""

from __future__ import annotations

import pytest

from src.agents.recognisers.exports.chat_logs import find_chat_logs
from src.agents.recognisers.roles import Roles
from src.ingestion.pieces import Piece
from src.records import Document
from tests.agents.recognisers.exports.support import Turns, document, text_document, turns

ASKED, SAID, THANKS = "Is it open?", "Yes, until nine.\nEven today.", "Thank you"
TALK = [("user", ASKED), ("assistant", SAID), ("user", THANKS)]


def found(text: str) -> Turns:
    return turns(find_chat_logs, text_document(text))


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("12/31/23, 9:15 PM - Ann: ", "12/31/23, 9:16 PM - Bo Ray: ", "12/31/23, 9:18 PM - Ann: "),
        ("12/31/23, 9:15\u202fPM - Ann: ", "12/31/23, 9:16\u202fPM - Bo: ", "1/1/24, 12:18\u202fAM - Ann: "),
        ("31/12/2023, 21:15 - Ann: ", "31/12/2023, 21:15 - +49 170 1234567: ", "31/12/2023, 21:19 - Ann: "),
        ("31.12.23, 21:15 - Ann: ", "31.12.23, 21:15 - ~ Bo: ", "31.12.23, 21:19 - Ann: "),
        ("2023-12-31 21:15 - Ann: ", "2023-12-31 21:15 - Bo: ", "2023-12-31 21:19 - Ann: "),
        ("[31.12.23, 21:15:03] Ann: ", "[31.12.23, 21:15:04] Bo: ", "\u200e[31.12.23, 21:17:04] Ann: "),
        ("[12/31/23, 9:15:03\u202fPM] Ann: ", "[12/31/23, 9:15:09\u202fPM] Bo: ", "[12/31/23, 9:16:09\u202fPM] Ann: "),
        ("[2024-01-05 10:00] Ann: ", "[2024-01-05 10:01] Bo: ", "[2024-01-05 10:02] Ann: "),
        ("Ann, [05.01.24 10:00]\n", "Bo, [05.01.24 10:01]\n", "Ann, [05.01.24 10:01]\n"),
        ("Ann  10:32 AM\n", "Bo  10:33 AM\n", "Ann  10:39 AM\n"),
        ("Ann Lee [10:32 AM]\n", "Bo Ray [10:33 AM]\n", "Ann Lee [10:34 AM]\n"),
        ("[10:32 AM] Ann Lee\n", "[10:33 AM] Bo Ray\n", "[10:39 AM] Ann Lee\n"),
        ("[1/5 10:32 AM] Ann Lee\n", "[1/5 10:33 AM] Bo Ray\n", "[1/5 10:39 AM] Ann Lee\n"),
        ("Ann Lee, 10:32 AM:\n", "Bo Ray, 10:33 AM:\n", "Ann Lee, 10:36 AM:\n"),
        ("Ann — Today at 10:32\n", "Bo — Today at 10:33\n", "Ann — Today at 10:34\n"),
        ("Ann — 01/05/2024 10:32 AM\n", "Bo — 01/05/2024 10:33 AM\n", "Ann — 01/05/2024 10:34 AM\n"),
        ("Ann Lee\n  10:32 AM\n", "Bo Ray\n  10:33 AM\n", "Ann Lee\n  10:34 AM\n"),
        ("ann\n — \n01/05/2024 10:32 AM\n", "bo\n — \n01/05/2024 10:33 AM\n", "ann\n — \n01/05/2024 10:34 AM\n"),
        ("(10:32:15) Visitor 123: ", "(10:32:18) Kim: ", "(10:32:19) Visitor 123: "),
        ("Ann Lee   0:03\n", "Bo Ray   0:07\n", "Ann Lee   1:02:03\n"),
        ("<ann> ", "<@bo> ", "<ann> "),
        ("[10:32] <ann> ", "[10:32] <bo> ", "[10:33] <ann> "),
        ("10:32 < ann> ", "10:32 <@bo_> ", "10:33 < ann> "),
        ("2024-01-05 10:32:11 <ann> ", "2024-01-05 10:32:19 <bo> ", "2024-01-05 10:32:19 <ann> "),
        ("(10:32:15) ann: ", "(10:32:19) bo: ", "(10:32:25) ann: "),
        ("[10:32] Ann: ", "[10:33] Bo: ", "[10:34] Ann: "),
        ("10:32:15 From Ann Lee to Everyone: ", "10:32:18 From Bo to Ann Lee: ", "10:32:19 From Ann Lee to Everyone: "),
        ("Ann (10:32): ", "Bo (10:33): ", "Ann (10:34): "),
        ("10:32 - Ann: ", "10:33 - Bo: ", "10:34 - Ann: "),
    ],
)
def test_forms_of_messages(first: str, second: str, third: str) -> None:
    assert found(f"{first}{ASKED}\n{second}{SAID}\n{third}{THANKS}\n") == [TALK]
    assert found(f"{first}{ASKED}\n\n{second}{SAID}\n\n{third}{THANKS}\n\n") == [TALK]


def test_notices_and_media_of_whatsapp_are_no_turns() -> None:
    text = (
        "31.12.23, 21:10 - Messages and calls are end-to-end encrypted. No one outside of this chat can read them.\n"
        "31.12.23, 21:14 - Ann created group \"Opening: times\"\n"
        f"31.12.23, 21:15 - Ann: {ASKED}\n"
        "31.12.23, 21:15 - Bo: <Media omitted>\n"
        "31.12.23, 21:16 - Bo: This message was deleted\n"
        "31.12.23, 21:16 - Bo: IMG-20231231-WA0001.jpg (file attached)\n"
        f"31.12.23, 21:16 - Bo: {SAID} <This message was edited>\n"
        "31.12.23, 21:17 - Cy left\n"
        f"31.12.23, 21:18 - Ann: {THANKS}\n"
    )  # fmt: skip
    assert found(text) == [TALK]
    text = (
        "[31.12.23, 21:10:00] Ann: \u200eMessages and calls are end-to-end encrypted.\n"
        f"[31.12.23, 21:15:00] Ann: {ASKED}\n"
        "\u200e[31.12.23, 21:15:01] Bo: \u200eimage omitted\n"
        f"[31.12.23, 21:16:00] Bo: {SAID}\n"
        "[31.12.23, 21:17:00] \u200eBo changed the group name\n"
        f"[31.12.23, 21:18:00] Ann: {THANKS}\n"
    )
    assert found(text) == [TALK]


def test_events_of_irc_end_a_message() -> None:
    text = f"[10:31] *** cy has joined #a\n[10:32] <ann> {ASKED}\n[10:32] * bo waves\n"
    text += f"[10:33] <bo> {SAID}\n[10:33] <ann> {THANKS}"
    assert found(text) == [TALK]


def test_messages_of_one_person_in_a_row_are_joined() -> None:
    text = "[10:32] Ann: Hi\n[10:32] Ann: Open?\n[10:33] Bo: Yes\n[10:34] Ann: Thanks"
    assert found(text) == [[("user", "Hi\nOpen?"), ("assistant", "Yes"), ("user", "Thanks")]]


def test_a_day_between_messages_belongs_to_none() -> None:
    text = f"Ann  4:50 PM\n{ASKED}\n\n----- Tuesday, May 7 -----\n\nBo  4:55 PM\n{SAID}\n\n"
    text += f"Today\n\nAnn  4:59 PM\n{THANKS}\n"
    assert found(text) == [TALK]


def test_a_chat_is_cut_at_nights_but_not_before_the_answer() -> None:
    text = (
        "01.02.24, 20:00 - Ann: a b?\n02.02.24, 09:00 - Bo: c d\n02.02.24, 09:05 - Ann: e f\n"
        "03.02.24, 10:00 - Bo: g h\n03.02.24, 10:01 - Ann: i j\n"
    )
    assert found(text) == [
        [("user", "a b?"), ("assistant", "c d"), ("user", "e f")],
        [("assistant", "g h"), ("user", "i j")],
    ]


def test_a_chat_in_a_document_ends_with_its_last_paragraph() -> None:
    pieces = [Piece("We kept this chat.", "paragraph", "p"), Piece("It is short.", "paragraph", "p")]
    pieces += [Piece("Some notes follow.", "paragraph", "p")] * 3
    for name, text in (("Ann Lee", ASKED), ("Bo Ray", SAID), ("Ann Lee", THANKS)):
        pieces += [Piece(f"[10:32 AM] {name}", "paragraph", "p"), Piece(text, "paragraph", "p")]
    pieces.append(Piece("Our office is open on weekdays.", "paragraph", "p"))
    assert turns(find_chat_logs, document(pieces, "a.docx")) == [TALK]


def test_the_users_choice_of_roles_counts() -> None:
    text = "[10:32] Ann: Hi?\n[10:33] Bo: Yes\n[10:34] Ann: Thanks"
    source = text_document(text)
    one = next(find_chat_logs(source, Roles({"ann": "assistant"})))
    assert one.speakers == (("Ann", "assistant"), ("Bo", "user"))


@pytest.mark.parametrize(
    "text",
    [
        "[10:32:15] INFO: started\n[10:32:16] ERROR: failed\n[10:32:17] INFO: done\n",
        "10:32:15 main: started the work\n10:32:16 worker: got a job\n10:32:17 main: done\n",
        "2024-01-05 10:32:15 - root - INFO: started\n2024-01-05 10:32:16 - app - ERROR: failed\n",
        "2024-01-05 10:32:15,123 INFO app: started\n2024-01-05 10:32:16,200 INFO db: started\n",
        "Jan  5 10:32:15 host sshd[12]: Accepted\nJan  5 10:32:16 host cron[13]: Run\n",
        "Registration  9:00\nFoyer\nKeynote  9:30\nHall A\nCoffee  10:30\nFoyer\n",
        "Yesterday  2:05\nHelp  2:18\nGirl  2:30\nYesterday  2:05\n",
        "<file>  the input\n<dir>  the output\n<file>  once more\n",
        "<li> one item\n<dd> two items\n<li> three?\n",
        "Lunch (12:00): soup\nDinner (18:00): stew\nLunch (12:30): bread\n",
        "At 10:32 Ann said: hello. At 10:33 Bo said: hi.\nIt was 10:34 then.\n",
        "Last updated 10:32\nSome text here.\nLast updated 10:40\nMore text here.\n",
        "commit 1\nAuthor: Ann\nDate:   Thu Jan 5 10:32:15 2024 +0100\n\n    Fix it\n\n"
        "commit 2\nAuthor: Bo\nDate:   Thu Jan 5 10:32:15 2024\n",
    ],
)
def test_what_only_looks_like_a_chat_is_left_alone(text: str) -> None:
    assert found(text) == []
    assert found(text * 3) == []


@pytest.mark.parametrize(
    "unit",
    ["10:32 ", "[10:32] a", "[1.1.24, 10:32] ", "1/1/24, 9:15 PM - ", "<a> ", "10:32\n", "a 10:32\n", "<a> b\n",
     "\u200e", "a  1:11\n\n", "[1/1/24, 1:11] a: \n", "1:1", " ", "- - ", "May 1, "],
)  # fmt: skip
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    """A quadratic or exponential pattern would keep this test from ending."""
    assert found(unit * (300_000 // len(unit))) == []


def test_every_turn_is_a_span_of_the_text() -> None:
    source: Document = text_document("[10:32] Ann: Hi\n\nthere\n[10:33] Bo: Yes\n[10:34] Ann: Thanks")
    for one in find_chat_logs(source, Roles()):
        assert [source.text_of(piece) for turn in one.turns for piece in turn.pieces] == [
            "Hi\n\nthere",
            "Yes",
            "Thanks",
        ]


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("[2025-09-15 08:12] Customer (Ann Lee):", "[2025-09-15 08:20] Support (Bo Ray):",
         "[2025-09-15 09:12] Customer (Ann Lee):"),
        ("Ann Lee (Customer) wrote on 15 September 2025 08:12:", "Bo Ray (Support) wrote on 15 September 2025 09:12:",
         "Ann Lee (Customer) wrote on 16 September 2025 08:12:"),
        ("#1 Ann Lee (Customer), 15/09/2025 08:12", "#2 Bo Ray (Support), 15/09/2025 09:12",
         "#3 Ann Lee (Customer), 16/09/2025 08:12"),
        ("--- Customer: Ann Lee | 2025-09-15 08:12 ---", "--- Support: Bo Ray | 2025-09-15 09:12 ---",
         "--- Customer: Ann Lee | 2025-09-16 08:12 ---"),
        ("Comment by Ann Lee on 15 Sep 2025", "Comment by Bo Ray on 15 Sep 2025", "Comment by Ann Lee on 16 Sep 2025"),
        ("Requester wrote:", "Agent wrote:", "Requester wrote:"),
    ],
)  # fmt: skip
def test_comments_of_tickets(first: str, second: str, third: str) -> None:
    fields = "Ticket: #4711\nSubject: Opening\nStatus: Closed\nPriority: Normal\nAssigned to: Desk 2\n\n"
    assert found(f"{fields}{first}\n{ASKED}\n\n{second}\n{SAID}\n\n{third}\n{THANKS}\n") == [TALK]


def test_internal_notes_of_tickets_are_no_turns() -> None:
    text = (
        f"Comment by Ann Lee on 15 Sep 2025 10:00\n{ASKED}\n\n"
        "Internal note by Bo Ray on 15 Sep 2025 11:00\nCheck the door.\n\n"
        f"Comment by Bo Ray on 15 Sep 2025 12:00\n{SAID}\n\nComment by Ann Lee on 15 Sep 2025 12:30\n{THANKS}\n"
    )
    assert found(text) == [TALK]
