"""Letters of a thread are found in the order of writing, without quote marks, headers and signatures."""

from __future__ import annotations

import pytest

from src.agents.recognisers.exports.email_threads import find_email_threads
from src.agents.recognisers.roles import Roles
from src.ingestion.pieces import Piece
from tests.agents.recognisers.exports.support import Turns, document, text_document, turns

ANN, BO = "Ann Lee <ann@x.org>", "Bo Ray <bo@y.org>"
HI = [("user", "Is it open?\n\nBest, Ann"), ("assistant", "Yes, until nine.")]


def found(text: str) -> Turns:
    return turns(find_email_threads, text_document(text))


def mail(body: str, writer: str = BO) -> Turns:
    pieces = [
        Piece("Re: Opening", "heading", "message"),
        Piece(f"From: {writer}\nTo: {ANN}\nDate: Mon, 15 Sep 2025 09:40:00 +0200", "note", "message"),
        Piece(body, "paragraph", "message, line 1"),
    ]
    return turns(find_email_threads, document(pieces, "a.eml"))


@pytest.mark.parametrize(
    "introduction",
    [
        f"On Mon, 15 Sep 2025 at 08:12, {ANN} wrote:",
        "On Mon, 15 Sep 2025 at 08:12, Ann Lee\n<ann@x.org> wrote:",
        "On 15/09/2025 08:12, Ann Lee wrote:",
        f"Am Mo., 15. Sept. 2025 um 08:12 Uhr schrieb {ANN}:",
        "Ann Lee schrieb am 15.09.2025 um 08:12:",
        f"Le lun. 15 sept. 2025 à 08:12, {ANN} a écrit :",
        f"El lun, 15 sept 2025 a las 8:12, {ANN} escribió:",
        f"Il giorno lun 15 set 2025 alle ore 08:12 {ANN} ha scritto:",
        f"Em seg., 15 de set. de 2025 às 08:12, {ANN} escreveu:",
        f"Op ma 15 sep 2025 om 08:12 schreef {ANN}:",
        f"Den mån 15 sep. 2025 kl 08:12 skrev {ANN}:",
        f"W dniu 15.09.2025 o 08:12, {ANN} pisze:",
        f"пн, 15 сент. 2025 г. в 08:12, {ANN} пишет:",
        f"2025-09-15 8:12 GMT+02:00 {ANN}:",
    ],
)
def test_introductions_of_quotes_in_many_languages(introduction: str) -> None:
    quoted = "> Is it open?\n>\n> Best, Ann"
    expected = [("user", "Is it open?\nBest, Ann"), ("assistant", "Yes, until nine.")]
    assert mail(f"Yes, until nine.\n\n{introduction}\n\n{quoted}\n") == [expected]
    assert found(f"Yes, until nine.\n\n{introduction}\n{quoted}\n") == [expected]
    source = text_document(f"Yes, until nine.\n\n{introduction}\n{quoted}\n")
    assert next(find_email_threads(source, Roles())).speakers[0] == ("Ann Lee", "user")


@pytest.mark.parametrize(
    "head",
    [
        f"-----Original Message-----\nFrom: {ANN}\nSent: Monday, Sept 15, 2025 08:12\nTo: {BO}\nSubject: Opening\n",
        f"________________________________\nFrom: {ANN}\nSent: Monday, September 15, 2025 08:12\nSubject: Opening\n",
        f"Von: Ann Lee [mailto:ann@x.org]\nGesendet: Montag, 15. September 2025 08:12\nAn: {BO}\nBetreff: Opening\n",
        f"De : {ANN}\nEnvoyé : lundi 15 septembre 2025 08:12\nÀ : Bo\nObjet : Opening\n",
        f"*From:* {ANN}\n*Sent:* Monday\n*To:* Bo\n*Subject:* RE: Opening\n",
        f"On Mon, 15 Sep 2025 at 08:12, {ANN} wrote:\n",
    ],
)
def test_letters_below_header_lines(head: str) -> None:
    assert mail(f"Yes, until nine.\n\n{head}\nIs it open?\n\nBest, Ann\n") == [HI]
    assert found(f"Yes, until nine.\n\n{head}\nIs it open?\n\nBest, Ann\n") == [HI]


def test_nested_quotes_come_oldest_first() -> None:
    body = (
        f"So late?\n\nOn Tue, 16 Sep 2025 at 08:12, {BO} wrote:\n> Yes, until nine.\n>\n"
        f"> On Mon, 15 Sep 2025 at 08:12, {ANN} wrote:\n>> Is it open?\n>> Today?\n"
    )
    assert mail(body, ANN) == [
        [("user", "Is it open?\nToday?"), ("assistant", "Yes, until nine."), ("user", "So late?")]
    ]
    # Without a header the newest letter is taken for an answer of who wrote before.
    assert found(body) == mail(body, ANN)


def test_answers_below_quotes_follow_them() -> None:
    body = f"On Mon, {ANN} wrote 15 Sep 2025:\n> Is it open?\n\nYes.\n\n> And today?\n> I mean now.\n\nNo.\n-- \nBo\n"
    body = body.replace("wrote 15 Sep 2025", "15 Sep 2025 wrote")
    expected = [
        ("user", "Is it open?"),
        ("assistant", "Yes."),
        ("user", "And today?\nI mean now."),
        ("assistant", "No."),
    ]
    assert mail(body) == [expected]


@pytest.mark.parametrize(
    "end",
    ["-- \nBo Ray\nPhone 1234", "--\nBo", "Sent from my iPhone", "Von meinem iPhone gesendet",
     "This e-mail and any attachments are confidential and intended solely for you.\nDelete it."],
)  # fmt: skip
def test_signatures_and_notices_are_outside(end: str) -> None:
    body = f"Yes, until nine.\n\n{end}\n\nOn Mon, 15 Sep 2025 at 08:12, {ANN} wrote:\n> Is it open?\n> -- \n> Ann\n"
    assert mail(body) == [[("user", "Is it open?"), ("assistant", "Yes, until nine.")]]


def test_the_footer_of_a_mailing_list_is_no_answer() -> None:
    body = (
        f"Yes, until nine.\n\nOn Mon, 15 Sep 2025 at 08:12, {ANN} wrote:\n> Is it open?\n"
        "_______________________________________________\nlist mailing list\nlist@x.org\n"
    )
    assert mail(body) == [[("user", "Is it open?"), ("assistant", "Yes, until nine.")]]


def test_letters_printed_oldest_first_stay_so() -> None:
    text = (
        f"From: {ANN}\nDate: Mon, 15 Sep 2025 08:12:00 +0200\nSubject: Opening\n\nIs it open?\n\nBest, Ann\n\n"
        f"From: {BO}\nDate: Mon, 15 Sep 2025 09:12:00 +0200\nSubject: Re: Opening\n\nYes, until nine.\n"
    )
    assert found(text) == [HI]


def test_letters_with_other_subjects_are_other_threads() -> None:
    def thread(subject: str) -> str:
        newest = f"From: {BO}\nDate: Mon, 15 Sep 2025 09:12:00 +0200\nSubject: Re: {subject}\n\nYes.\n\n"
        return newest + f"From: {ANN}\nSubject: {subject}\n\nOpen?\n\n"

    assert len(found(thread("One") + thread("Two"))) == 2


@pytest.mark.parametrize(
    "text",
    [
        "In 1845 Marx wrote:\n> a quote\n",
        "She wrote: hello.\nHe wrote:\nhello\n",
        f"From: {ANN}\nTo: {BO}\nSubject: Alone\n\nOne letter only.\n",
        "From: here\nTo: there\nGo by bus.\n",
        "The header fields are\nFrom: the sender\nTo: the receiver\n\nand the body follows.\n",
        "> a quote\n\nand an answer\n\n> another\n",
        "Chapter one.\n\n" + "Prose goes on. " * 2000 + f"\nOn 5 May 2001 at 10:32, {ANN} wrote:\n> a quote\n",
    ],
)
def test_what_is_no_thread_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "unit", ["> ", ">" * 40 + "\n", "On 1 wrote\n", "wrote:\n", "From: a\nTo: b\n", "From: a\n b\n",
             f"On 1:11 {ANN} wrote:\n> a\nb\n",
             "_" * 40 + "\n", "-----Original Message", "a@", "On 12:30 " + "a" * 190 + "\n"],
)  # fmt: skip
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    """A quadratic or exponential pattern would keep this test from ending."""
    assert found("wrote:\n" + unit * (200_000 // len(unit))) == []
