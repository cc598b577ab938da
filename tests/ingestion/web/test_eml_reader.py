"""The reader of mail: subject, people and text as it was sent, with its quotes."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from src.errors import IngestionError
from src.ingestion.sniff import detect_kind
from src.ingestion.web.eml_reader import read
from src.ingestion.web.flowed_text import joined_lines
from tests.ingestion.support import Reading, reading


def read_mail(content: bytes | EmailMessage, folder: Path) -> Reading:
    path = folder / "a.eml"
    path.write_bytes(content if isinstance(content, bytes) else content.as_bytes())
    assert detect_kind(path) == "eml"
    return reading(read, path)


def letter(text: str = "Hello,\n\n> You wrote\n>> that\n\nYes.\n") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Zoë Müller <zoe@example.org>"
    mail["To"] = "bob@example.org"
    mail["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    mail["Subject"] = "Grüße and questions"
    mail.set_content(text)
    return mail


def test_subject_people_and_text(tmp_path: Path) -> None:
    found = read_mail(letter(), tmp_path)

    assert [(piece.kind, piece.place, piece.text) for piece in found.pieces] == [
        ("heading", "message", "Grüße and questions"),
        (
            "note",
            "message",
            "From: Zoë Müller <zoe@example.org>\nTo: bob@example.org\nDate: Sat, 21 Nov 2026 10:00:00 +0000",
        ),
        ("paragraph", "message, line 1", "Hello,"),
        ("paragraph", "message, line 3", "> You wrote\n>> that"),
        ("paragraph", "message, line 6", "Yes."),
    ]


@pytest.mark.parametrize(("charset", "encoding"), [("utf-8", "base64"), ("iso-8859-1", "quoted-printable")])
def test_encoded_bodies_are_decoded(charset: str, encoding: str, tmp_path: Path) -> None:
    mail = letter()
    mail.set_content("Où est le café ?\n", charset=charset, cte=encoding)

    assert read_mail(mail, tmp_path).pieces[-1].text == "Où est le café ?"


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=no-such", "; charset=us-ascii"])
def test_a_wrong_charset_is_found_out(charset: str, tmp_path: Path) -> None:
    raw = f"From: a@b\nTo: c@d\nSubject: x\nContent-Type: text/plain{charset}\n\nOù est le café ?\n"

    assert read_mail(raw.encode("cp1252"), tmp_path).pieces[-1].text == "Où est le café ?"


def test_plain_text_is_taken_before_html(tmp_path: Path) -> None:
    mail = letter("the plain one\n")
    mail.add_alternative("<p>the <b>rich</b> one</p>", subtype="html")

    assert [piece.text for piece in read_mail(mail, tmp_path).pieces[2:]] == ["the plain one"]


def test_html_alone_is_read_as_a_page(tmp_path: Path) -> None:
    mail = letter()
    mail.set_content("<h1>Top</h1><p>the <b>rich</b> é</p><script>no</script>", subtype="html")

    assert [(piece.kind, piece.text, piece.place) for piece in read_mail(mail, tmp_path).pieces[2:]] == [
        ("heading", "Top", "message"),
        ("paragraph", "the rich é", "message"),
    ]


def test_attachments_are_named_and_attached_messages_read(tmp_path: Path) -> None:
    mail, inner = letter("outer\n"), letter("inner\n")
    mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="Rechnung ü.pdf")
    mail.add_attachment("not for reading", filename="notes.txt")
    mail.add_attachment(inner)

    found = read_mail(mail, tmp_path)

    assert [(piece.place, piece.text) for piece in found.pieces if piece.kind == "paragraph"] == [
        ("message, line 1", "outer"),
        ("message 2, line 1", "inner"),
    ]
    assert found.notes == ("2 attachments not read: Rechnung ü.pdf, notes.txt",)


def test_flowed_lines_are_one_paragraph() -> None:
    text = "A long \nline.\n> quoted \n> more\n>> deeper\n stuffed\n-- \nBob"

    assert joined_lines(text) == "A long line.\n> quoted more\n>> deeper\nstuffed\n-- \nBob"
    assert joined_lines("日本 \n語", delete_space=True) == "日本語"


@pytest.mark.parametrize("depth", [31, 300, 3000])
def test_parts_in_parts_without_end_are_refused(depth: int, tmp_path: Path) -> None:
    body = "text"
    for level in range(depth):
        body = f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n{body}\n--b{level}--\n'

    with pytest.raises(IngestionError, match=r"^a\.eml is nested deeper than 30 levels") as refusal:
        read_mail(f"From: a@b\nSubject: x\n{body}".encode(), tmp_path)

    assert refusal.value.status == "refused"


def test_thousands_of_parts_are_refused(tmp_path: Path) -> None:
    raw = "From: a@b\nSubject: x\nContent-Type: multipart/mixed; boundary=b\n\n" + "--b\n\npart\n" * 1500 + "--b--\n"

    with pytest.raises(IngestionError, match="more than 1,000 parts"):
        read_mail(raw.encode(), tmp_path)


def test_encrypted_mail_is_told(tmp_path: Path) -> None:
    raw = b"From: a@b\nTo: c@d\nSubject: x\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nAAAA\n"

    with pytest.raises(IngestionError, match=r"^a\.eml is an encrypted e-mail") as refusal:
        read_mail(raw, tmp_path)

    assert refusal.value.status == "encrypted"


@pytest.mark.parametrize(
    "header", ["From: <<<@@,;:\n", "From: =?utf-8?q?=ff?= <\n", "Subject: a\x00\x07b\n", "To: undisclosed:;\nCc: \n"]
)
def test_malformed_headers_do_no_harm(header: str, tmp_path: Path) -> None:
    found = read_mail(f"{header}Date: never\nMIME-Version: x\n\nbody\n".encode(), tmp_path)

    assert found.pieces[-1].text == "body"
