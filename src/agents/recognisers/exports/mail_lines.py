"""What the lines of an e-mail say: quote marks, "On ... wrote:" in many languages, header blocks, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_tz

_QUOTE = re.compile(r"(?:[ \t]{0,3}>){1,30} ?")
_ADDRESS = re.compile(r"[\w.+%'-]{1,64}@[\w.-]{1,190}\w")
_VERB = (
    r"(?:wrote|writes|schrieb|schreibt|a écrit|escribió|escribio|ha scritto|escreveu|schreef|skrev|napisał\(?a?\)?|"
    r"pisze|napsal\(?a?\)?|kirjoitti|írta|пишет|написал\(?а?\)?|писал\(?а?\)?|yazdı|έγραψε|a scris|đã viết|menulis|"
    r"写道|寫道|作成|작성)"
)
# "On Mon, 5 Jan 2024, Ann wrote:", "Ann schrieb am 5.1.:", "5.1.2024 10:32 Ann <a@b.c>:"
_WROTE = re.compile(rf"(?=[^\n]{{0,400}}?{_VERB})[^\n]{{3,400}}[:：]\s*$")
_GMAIL = re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}[^\n]{0,60}<[^<>\s]{3,200}@[^<>\s]{3,200}>[:：]\s*$")
_INTRO_START = re.compile(
    r"(?:On|Am|Le|El|Il|Em|Op|Den|På|W dniu|Dnia|Dne|Em|Vào|Pe|Στις)\s[^\n]{0,200}\d", re.IGNORECASE
)
_DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d\d")
_BARE_INTRO = re.compile(rf"[^\W\d][^\n:,;?!]{{1,60}} {_VERB} ?[:：]")
_MOST_LINES = 3  # of an introduction that the mail program broke

_MOST_FIELDS = 40  # lines of a header block
_SENDER = r"(?:From|Von|De|Da|Van|Från|Fra|Od|От|Lähettäjä|Gönderen|Feladó|Από|发件人|寄件者|差出人|보낸 사람)"
_FIELD = (
    r"(?:Sent|Date|To|Cc|Bcc|Subject|Reply-To|Importance|Attachments|Gesendet|Datum|An|Betreff|Kopie|Antwort an|Envoyé|"
    r"Date d['’]envoi|À|Objet|Enviado(?: el| em)?|Fecha|Para|Asunto|Assunto|Data|Inviato|A|Oggetto|Verzonden|Aan|"
    r"Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Wysłano|Do|Temat|Odesláno|Komu|Předmět|Отправлено|Дата|Кому|Тема|"
    r"发送时间|收件人|主题|抄送|送信日時|宛先|件名|보낸 날짜|받는 사람|제목|Message-ID|In-Reply-To)"
)
_FROM = re.compile(rf"\*{{0,2}}{_SENDER}\*{{0,2}}[ \u00a0]?[:：]\*{{0,2}}[ \t\u00a0]*(?P<value>\S.*)")
_OTHER_FIELD = re.compile(rf"\*{{0,2}}(?P<name>{_FIELD})\*{{0,2}}[ \u00a0]?[:：]\*{{0,2}}(?P<value>.*)", re.IGNORECASE)
_TECHNICAL = re.compile(
    r"(?:MIME-Version|Content-[A-Z][\w-]{1,30}|X-[\w-]{1,60}|Received|Return-Path|Message-I[Dd]|References|User-Agent|"
    r"List-[\w-]{1,30}|Precedence|Errors-To|Sender|Organi[sz]ation|Status|Lines|In-Reply-To|Delivered-To|Authentication-"
    r"Results|DKIM-Signature|ARC-[\w-]{1,40}|Thread-[\w-]{1,20}|Flags|Accept-Language): ?"
)
_SUBJECTS = {"subject", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne", "temat",
             "тема", "主题", "件名", "제목", "předmět"}  # fmt: skip
_DATES = {"sent", "date", "gesendet", "datum", "envoyé", "enviado", "enviado el", "enviado em", "fecha", "data",
          "inviato", "verzonden", "skickat", "sendt"}  # fmt: skip
_REPLY = re.compile(
    r"^(?:(?:re|aw|wg|fwd?|sv|vs|tr|rv|antw|res|enc|odp|ynt|回复|转发)(?:\[\d+\])?[:：]\s*)+", re.IGNORECASE
)
_NO_NAMES = {
    "at", "um", "uhr", "à", "on", "am", "le", "el", "il", "op", "den", "kl", "utc", "gmt", "cet", "cest", "est", "pst",
    "pdt", "edt", "du", "dem", "a", "las", "alle", "ore", "om", "às", "via", "from", "h",
}  # fmt: skip
SEPARATOR = re.compile(
    r"\s*(?:[-_=*]{2,}\s*[^\n]{0,8}(?:Original|Ursprüngliche|Forwarded|Weitergeleitete|Message|Mensaje|Messaggio|Mensagem|"
    r"Oorspronkelijk|Ursprungligt|Oprindelig|Nachricht|Исходное|原始|转发)[^\n]{0,40}[-_=*]{2,}|_{8,}|"
    r"(?:Begin forwarded message|Anfang der weitergeleiteten Nachricht|Début du message réexpédié):)\s*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"--[ \u00a0]?$|(?:Sent (?:from|via|with) (?:my|Yahoo|Outlook|Mail|Proton|Samsung)|Get Outlook for|"
    r"Von meinem \w+ gesendet|Gesendet (?:von|mit)|Diese Nachricht wurde von meinem|Envoyé (?:de|depuis) mon|"
    r"Enviado (?:desde|do|de) m[ie]|Inviato da(?:l mio)? (?:iPhone|iPad|smartphone)|Verzonden vanaf|Verstuurd vanaf|"
    r"Skickat från min|Sendt fra min|Wysłane z|Отправлено с|发自我的|iPhoneから送信)\b|"
    r"(?:This|The information (?:contained )?in this) (?:e-?mail|message|communication)\b.{0,120}\b"
    r"(?:confidential|intended)|CONFIDENTIALITY NOTICE|Disclaimer:|DISCLAIMER|Diese E-?Mail .{0,80}vertraulich|"
    r"Ce (?:message|courriel) .{0,80}confidentiel",
    re.IGNORECASE,
)
_ANY_FROM = re.compile(rf"\n[ \t>*]{{0,40}}(?=[FVDOLGОΑ发寄差보]){_SENDER}\*{{0,2}}[ \u00a0]?[:：]")
_COLON_AT_END = re.compile(r":[ \t]*(?:\n|\Z)|：[ \t]*(?:\n|\Z)")
_ANY_VERB = re.compile(_VERB)
_FIGURE = re.compile(r"[\d@]")
_ENDS_VERB = re.compile(rf"{_VERB} ?[:：]\Z")
_LONGEST_VERB = 20  # with the colon
_FARTHEST_VERB = 250
_HEAD = 400  # characters of a header block in which it shows what it is
_FEW_LINES = 6


@dataclass(frozen=True, slots=True)
class MailLine:
    """A line with its quote depth; `start` is where its text begins behind the quote marks."""

    depth: int
    start: int
    text: str

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote, as told by an introduction or a header block.

    `sure` with an address or a time of day; `opens_letter` where a letter may follow without quote marks.
    """

    name: str
    address: str = ""
    subject: str = ""
    at: float | None = None
    sure: bool = True
    opens_letter: bool = True


def has_signs(text: str) -> bool:
    """A quick look: whether somewhere a block of headers begins, or a line that says who wrote when."""
    if any(_begins_headers(text, match.start() + 1) for match in _ANY_FROM.finditer("\n" + text[:_HEAD])):
        return True
    if any(_begins_headers(text, match.start() + 1) for match in _ANY_FROM.finditer(text)):
        return True
    for colon in _COLON_AT_END.finditer(text):
        lines = text[max(0, colon.start() - _FARTHEST_VERB) : colon.start() + 1].rsplit("\n", _MOST_LINES)
        near = " ".join(lines[-_MOST_LINES:])
        if not _FIGURE.search(near) and not _ENDS_VERB.search(near[-_LONGEST_VERB:]):
            continue  # neither a date or an address nor an introduction without them: most lines
        if (_ANY_VERB.search(near) or near.endswith(">:")) and (
            _DATED.search(near) or _ADDRESS.search(near) or _BARE_INTRO.fullmatch(lines[-1].strip(" \t>"))
        ):
            return True
    return False


def _begins_headers(text: str, start: int) -> bool:
    few = "\n".join(text[max(0, start - 1) : start + _HEAD].lstrip("\n").split("\n")[:_FEW_LINES])
    return header_block(list(mail_lines(few)), 0) is not None


def mail_lines(text: str) -> Iterator[MailLine]:
    position = 0
    for line in text.split("\n"):
        quote = _QUOTE.match(line) if ">" in line[:4] else None
        length = quote.end() if quote else 0
        depth = line.count(">", 0, length) if quote else 0
        yield MailLine(depth, position + length, line[length:])
        position += len(line) + 1


def introduction(lines: Sequence[MailLine], at: int) -> tuple[Writer, int] | None:
    """The writer that the line here, or it and the next ones, introduces, and the number of these lines."""
    first = lines[at]
    stripped = first.text.strip()
    if not stripped or len(stripped) > 400 or first.text.startswith(("  ", "\t")):
        return None
    whole = stripped
    for count in range(1, _MOST_LINES + 1):
        if count > 1:
            if (
                at + count > len(lines)
                or lines[at + count - 1].depth != first.depth
                or not _INTRO_START.match(stripped)
            ):
                return None
            whole += " " + lines[at + count - 1].text.strip()
        if whole.endswith((":", "：")):
            is_intro = (_WROTE.match(whole) and (_DATED.search(whole) or _ADDRESS.search(whole))) or _GMAIL.match(whole)
            if is_intro or _BARE_INTRO.fullmatch(whole):
                return _introduced(whole, is_sure=bool(is_intro and (_CLOCK.search(whole) or "@" in whole))), count
            return None
        if not lines[at + count - 1].text.strip():
            return None
    return None


def _introduced(text: str, is_sure: bool) -> Writer:
    address = _ADDRESS.search(text)
    rest = re.sub(r"[<(\[]?(?:mailto:)?[\w.+%'-]{1,64}@[\w.-]{1,190}[>)\]]{0,2}", " ", text).rstrip(" :：")
    parts = re.split(rf"\s*(?<!\w){_VERB}(?!\w)\s*|\s*(?:写道|寫道)", rest, maxsplit=1)
    after = _name(parts[1]) if len(parts) > 1 else ""
    opens = is_sure and (address is not None or _INTRO_START.match(text) is not None)
    return Writer(after or _name(parts[0]), address[0].lower() if address else "", sure=is_sure, opens_letter=opens)


def _name(text: str) -> str:
    """The last words without digits: "On Mon, 5 Jan 2024 at 10:32 AM Ann Lee" gives "Ann Lee"."""
    words: list[str] = []
    for word in reversed(text.replace('"', " ").replace(",", " , ").split()):
        plain = word.strip(".;()[]<>")
        stops = (
            re.search(r"\d", word)
            or word == ","
            or plain.lower() in _NO_NAMES
            or re.fullmatch(r"[AaPp]\.?[Mm]\.?", word)
        )
        if stops and words:
            break
        if not stops and plain:
            words.append(plain)
    return " ".join(reversed(words[:5]))


def header_block(lines: Sequence[MailLine], at: int) -> tuple[Writer, int] | None:
    """The writer named by the block of From:, Sent:, To: lines that begins here, and the number of its lines."""
    first = _FROM.match(lines[at].text)
    if first is None:
        return None
    fields = {"from": first["value"]}
    count = 1
    while count < _MOST_FIELDS and at + count < len(lines) and lines[at + count].depth == lines[at].depth:
        text = lines[at + count].text
        match = _OTHER_FIELD.match(text.strip())
        if match:
            fields[match["name"].lower()] = match["value"].strip(" *")
        elif not _TECHNICAL.match(text) and not (text[:1] in (" ", "\t") and text.strip()):
            break
        count += 1
    value = fields["from"].strip(" *")
    address = _ADDRESS.search(value)
    if len(fields) < 2 or not (address or len(fields) > 2):
        return None
    name = re.sub(r"[<(\[][^<>()\[\]]{0,200}[>)\]]", " ", value).strip(" \"'*")
    subject = next((fields[key] for key in fields if key in _SUBJECTS), "")
    date = next((fields[key] for key in fields if key in _DATES), "")
    plain = _REPLY.sub("", subject).strip().lower()
    return Writer(name or value, address[0].lower() if address else "", plain, _moment(date)), count


def _moment(text: str) -> float | None:
    try:
        parsed = parsedate_tz(text[:100])
    except (ValueError, IndexError, TypeError):
        return None
    if parsed is None:
        return None
    year, month, day, hour, minute = parsed[:5]
    return ((year * 12 + month) * 31 + day) * 86400.0 + hour * 3600 + minute * 60


def is_header(line: MailLine) -> bool:
    """Whether a line is a technical header, or goes on with one: what stands above From: in a message's source."""
    text = line.text
    return text.startswith(("From ", " ", "\t")) or bool(_TECHNICAL.match(text) or _OTHER_FIELD.match(text))


def is_signature(line: MailLine) -> bool:
    """Whether a signature, a program's sign-off or a legal notice begins here."""
    return _SIGNATURE.match(line.text.lstrip()) is not None
