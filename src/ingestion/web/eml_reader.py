"""Read an e-mail message: subject, sender and text; attached messages too, other attachments are only named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from src.errors import IngestionError
from src.ingestion.pieces import Piece, ReadOptions, Remarks, clean, damage_refused
from src.ingestion.text.plain_text import cleaned, paragraphs
from src.ingestion.text.text_decoding import decoded, open_regular
from src.ingestion.web.flowed_text import joined_lines
from src.ingestion.web.html_reader import decoded_page, page_pieces

if TYPE_CHECKING:
    from email.message import Message
    from email.policy import Policy

MAX_BYTES = 128 << 20
MAX_DEPTH = 30
MAX_PARTS = 1000
_LONGEST_HEADER = 8000
_NAMED = 5
_NOTED = ("From", "To", "Cc", "Date")


def read(path: Path, options: ReadOptions, remarks: Remarks) -> Iterator[Piece]:
    """The subject as heading, a note of sender, receivers and date, and the text with its quotes as they are.

    Plain text is taken before HTML. Place is "message" and "message, line N", for attached messages "message 2" and
    so on. Raises IngestionError for encrypted mail and for more parts or levels than mail has.
    """
    with damage_refused(path, "an e-mail"):
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"{path.name} is larger than {MAX_BYTES >> 20} MB; save it without attachments."
            raise IngestionError(message, "refused")
        mail = _Mail(path.name, remarks)
        yield from mail.pieces(_parsed(content, path.name))
        mail.tell()


def _parsed(content: bytes, name: str) -> Message:
    from email.message import EmailMessage
    from email.parser import BytesParser
    from email.policy import EmailPolicy

    class ShortHeaders(EmailPolicy):
        """The parser of structured headers takes time with the square of their length."""

        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            key, value = super().header_source_parse(sourcelines)
            return key, value[:_LONGEST_HEADER]

    parts = 0

    def part(policy: Policy[Any] | None = None) -> EmailMessage:
        # Counted while they are parsed, which takes longer than to count them.
        nonlocal parts
        parts += 1
        if parts > MAX_PARTS:
            message = f"{name} has more than {MAX_PARTS:,} parts, which no mail program writes; save it again."
            raise IngestionError(message, "refused")
        return EmailMessage(policy)

    try:
        return BytesParser(part, policy=ShortHeaders()).parsebytes(content.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError as error:
        raise _too_deep(name) from error


def _too_deep(name: str) -> IngestionError:
    return IngestionError(
        f"{name} is nested deeper than {MAX_DEPTH} levels, which no mail program writes; save the message again.",
        "refused",
    )


class _Mail:
    """One file: the messages in it, and what of it is not read."""

    def __init__(self, name: str, remarks: Remarks) -> None:
        self._name = name
        self._remarks = remarks
        self._attachments: list[str] = []
        self._messages = 0

    def pieces(self, message: Message) -> Iterator[Piece]:
        """The message and those attached to it, one after the other."""
        waiting = [(message, 0)]
        while waiting:
            message, depth = waiting.pop(0)
            self._messages += 1
            place = "message" if self._messages == 1 else f"message {self._messages}"
            texts: list[Message] = []
            attached: list[tuple[Message, int]] = []
            self._sort(message, depth, texts, attached)
            yield from self._head(message, place)
            for text in texts:
                for piece in self._body(text):
                    line = piece.place if piece.place.startswith("line ") else ""
                    yield piece._replace(place=f"{place}, {line}" if line else place)
            waiting += attached

    def tell(self) -> None:
        """Note the attachments."""
        if not self._attachments:
            return
        number = len(self._attachments)
        more = f" and {number - _NAMED:,} more" if number > _NAMED else ""
        names = ", ".join(self._attachments[:_NAMED])
        self._remarks.note(f"{number:,} attachment{'s' * (number > 1)} not read: {names}{more}")

    def _sort(self, part: Message, depth: int, texts: list[Message], attached: list[tuple[Message, int]]) -> None:
        """Find the parts to read below `part`: of alternatives only one."""
        if depth > MAX_DEPTH:
            raise _too_deep(self._name)
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or "enveloped" in str(part.get_param("smime-type") or "").lower():
            raise IngestionError(f"{self._name} is an encrypted e-mail; save it decrypted.", "encrypted")
        below = cast("list[Message]", part.get_payload()) if part.is_multipart() else []
        if kind == "message/rfc822":
            attached += [(one, depth + 1) for one in below]
        elif kind == "multipart/alternative":
            self._sort_alternatives(below, depth, texts, attached)
        elif below:
            for one in below:
                self._sort(one, depth + 1, texts, attached)
        elif kind in ("text/plain", "text/html") and not _is_attachment(part):
            texts.append(part)
        elif kind.startswith("multipart/"):
            texts.append(part)  # its boundary is nowhere: what is there is shown as text
        else:
            self._attachments.append(clean(_file_name(part)) or kind)

    def _sort_alternatives(
        self, parts: list[Message], depth: int, texts: list[Message], attached: list[tuple[Message, int]]
    ) -> None:
        """The plain text when there is any in it, else the last form, which is the richest (RFC 2046, 5.1.4)."""
        plain = [one for one in parts if one.get_content_type() == "text/plain" and _payload(one).strip()]
        for one in plain[:1] or parts[-1:]:
            self._sort(one, depth + 1, texts, attached)

    def _head(self, message: Message, place: str) -> Iterator[Piece]:
        subject = _header(message, "Subject")
        if subject:
            yield Piece(subject, "heading", place)
        lines = [f"{name}: {value}" for name in _NOTED if (value := _header(message, name))]
        if lines:
            yield Piece("\n".join(lines), "note", place)

    def _body(self, part: Message) -> Iterator[Piece]:
        content = _payload(part)
        charset = str(part.get_content_charset() or "")
        if part.get_content_type() == "text/html":
            if charset and charset != "us-ascii":
                text = decoded(content, self._name, self._remarks, charset)
            else:
                text = decoded_page(content, self._name, self._remarks)
            yield from page_pieces(text, self._remarks)
            return
        text = decoded(content, self._name, self._remarks, "" if charset == "us-ascii" else charset)
        text = "".join(cleaned([text], self._remarks))
        if str(part.get_param("format") or "").lower() == "flowed":
            text = joined_lines(text, delete_space=str(part.get_param("delsp") or "").lower() == "yes")
        first = True
        for piece in paragraphs([text], marked_up=False):
            # A body begins a block of its own, whatever stood before it.
            yield piece._replace(gap=2) if first else piece
            first = False


def _payload(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else str(part.get_payload()).encode("utf-8", "surrogateescape")


def _header(message: Message, name: str) -> str:
    """A header on one line; one that the parser of structured headers trips over is given as it stands."""
    try:
        value = message[name]
    except Exception:  # noqa: BLE001  the email package raises anything on malformed addresses
        value = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(clean(str(value or "").encode("utf-8", "replace").decode("utf-8")).split())


def _is_attachment(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _file_name(part: Message) -> str:
    try:
        return part.get_filename() or ""
    except Exception:  # noqa: BLE001  as above
        return ""
