"""Find dialogues kept as one row for each utterance: who speaks, what is said, and often which dialogue it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from src.agents.recognisers.conversation import Conversation, trimmed
from src.agents.recognisers.exports.json_tree import is_json
from src.agents.recognisers.exports.message_lists import TOOLS, moment, role_word
from src.agents.recognisers.exports.utterances import Said, between_silences, conversations, in_order
from src.agents.recognisers.roles import Roles, plain_name
from src.agents.recognisers.table_columns import ASKING, plain, word_count, words
from src.records import Block, Document, Role, Span

NAME = "dialogue tables"
# Names of columns in the order in which they are believed.
_NAMES = (
    "speaker", "speaker name", "sender", "sender name", "author", "author name", "from", "from name", "said by",
    "sent by", "who", "participant", "character", "speaker id", "speaker idx", "sender id", "author id",
    "speaker label", "message from", "actor", "party", "voice", *words(
        "sprecher,sprecherin,absender,von,autor,wer,hablante,remitente,quien,locuteur,expéditeur,auteur,qui,parlante,"
        "mittente,autore,chi,falante,remetente,spreker,afzender,talare,avsändare,отправитель,говорящий,автор,кто,发言人,"
        "说话人,发送者,話者,発言者,送信者,화자"
    ), "name", "user", "username", "user name", "display name", "nick", "nickname",
)  # fmt: skip
_ROLES = (
    "role", "speaker role", "sender role", "sender type", "author type", "author role", "speaker type", "user type",
    "customer or agent", "agent or customer", "user or assistant",
    *words("rolle,rol,rôle,ruolo,papel,роль,角色,役割,역할"),
)  # fmt: skip
_TEXTS = (
    "utterance", "text", "message", "content", "message text", "message body", "message content", "utterance text",
    "turn text", "transcript", "transcription", "said", "says", "speech", "body", "dialogue", "dialog", "sentence",
    "statement", "line", "what was said", "what", "value", "words", "chat", "comment", "turn", "reply", "post", *words(
        "äußerung,nachricht,inhalt,aussage,mensaje,texto,enunciado,contenido,texte,contenu,réplique,messaggio,testo,"
        "contenuto,battuta,mensagem,conteúdo,fala,bericht,tekst,inhoud,meddelande,сообщение,текст,реплика,内容,文本,消息,"
        "话语,発話,発言,メッセージ,テキスト,내용,메시지,발화"
    ),
)  # fmt: skip
_DIALOGUES = (
    "dialogue id", "dialog id", "conversation id", "conv id", "chat id", "session id", "thread id", "ticket id",
    "call id", "case id", "transcript id", "interview id", "episode id",
    "conversation uuid", "thread ts", "dialogue no", "dialog no",
    "dialogue number", "dialog number", "conversation no", "conversation number", "chat no", "chat number",
    "ticket number", "ticket no", "dialogue name", "conversation name", "conversation", "dialogue", "dialog", "session",
    "thread", "ticket", "case", "call", "chat", "episode", "scene", "interview", "group id", *words(
        "gespräch,gespräch id,dialog nr,gespräch nr,conversación,conversación id,id conversación,диалог,对话,对话id,"
        "会话id,対話id,会話id,대화,대화id"
    ),
)  # fmt: skip
_NUMBERS = (
    "turn", "turn id", "turn no", "turn number", "turn index", "turn idx", "utterance id", "utterance no",
    "utterance idx",
    "utterance number", "utterance index", "message no", "message number", "message index", "seq", "sequence", "order",
    "position",
)  # fmt: skip
_TIMES = (
    "timestamp",
    "datetime",
    "date time",
    "time",
    "date",
    "sent at",
    "created at",
    "zeit",
    "datum",
    "hora",
    "fecha",
)
# Beside these columns a name and a text are reviews, commits, log lines or articles.
_OTHER = {
    "rating", "stars", "score", "review", "commit", "hash", "sha", "level", "severity", "logger", "host", "hostname",
    "file", "path", "likes", "retweets", "retweet count", "favorites", "subject", "title", "headline", "url", "link",
    "price", "quantity", "translation", "key", "email", "e mail", "phone", "age", "birthday", "genre",
}  # fmt: skip
_FEWEST_WORDS = 2.0  # of an average utterance where only names show who speaks
_NUMBERED_PLACE = re.compile(r"(.*?)(\d+)")


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns that hold who speaks, what is said, which dialogue, which turn and when; "" for none.

    `loose`: nothing but the values can show that this is talk. `bare`: the table has no header row.
    """

    speaker: str
    role: str
    text: str
    dialogue: str = ""
    number: str = ""
    time: str = ""
    loose: bool = True
    bare: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """One row; `begins` a table or follows an empty row."""

    said: Said
    dialogue: str
    number: float | None
    begins: bool


@dataclass(frozen=True, slots=True)
class _RoleWords:
    """The role words of a table, each looked up once."""

    roles: Roles
    known: dict[str, Role | None] = field(default_factory=dict)

    def role_of(self, word: str) -> Role | None:
        if word not in self.known:
            self.known[word] = role_word(word, self.roles)
        return self.known[word]


def find_dialogue_tables(document: Document, roles: Roles) -> Iterator[Conversation]:
    """The dialogues of tables with a row for each utterance, in the order of the rows or of their turn numbers.

    Dialogues are told apart by a column that names them. Without one the next begins with a new table, after an empty
    row, where turn numbers start again, and after a long silence.
    """
    for columns, rows in _tables(document, roles):
        if _is_talk(document, columns, rows):
            yield from conversations(list(_dialogues(columns, rows)), roles, NAME)


def _tables(document: Document, roles: Roles) -> Iterator[tuple[_Columns, list[_Row]]]:
    """Runs of rows with the same columns for speaker and text."""
    role_words = _RoleWords(roles)
    columns: _Columns | None = None
    run: list[_Row] = []
    last: Block | None = None
    for block in document.blocks:
        is_row = bool(block.cells) and not is_json(block)
        found = columns_of(tuple([cell.name for cell in block.cells])) if is_row else None
        inside = last is not None and is_row and block.start - last.end <= 1
        if columns and not _goes_on(columns, found, inside):
            yield columns, run
            columns, run = None, []
        columns = columns or found
        if columns:
            row = _row(document, block, columns, role_words, run[-1] if run else None, begins=_begins(last, block))
            run += [row] if row else []
        last = block
    if columns:
        yield columns, run


def _goes_on(columns: _Columns, found: _Columns | None, inside: bool) -> bool:
    """Whether a row belongs to the table; empty cells have no name, so that a row may lack columns."""
    if found is None:
        return inside
    return (found.speaker or found.role, found.text) == (columns.speaker or columns.role, columns.text) or (
        inside and found.text == columns.text
    )


def _begins(last: Block | None, block: Block) -> bool:
    """Whether a row begins a dialogue: another table, but for one that goes on over the page, or a row left empty."""
    if last is None:
        return True
    if block.start - last.end > 1:
        return not (last.place.startswith("page ") and block.place.startswith("page "))
    one, other = _NUMBERED_PLACE.fullmatch(last.place), _NUMBERED_PLACE.fullmatch(block.place)
    return bool(one and other and one[1] == other[1] and int(other[2][:9]) - int(one[2][:9]) > 1)


@lru_cache(maxsize=1024)
def columns_of(names: tuple[str, ...]) -> _Columns | None:
    """The columns of a table that could hold a dialogue."""
    if names == ("column 1", "column 2"):
        return _Columns("column 1", "", "column 2", bare=True)
    if names == ("column 1", "column 2", "column 3"):  # Zoom's chat: a time, "Name:", the text
        return _Columns("column 2", "", "column 3", time="column 1", bare=True)
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(plain(name), name)
    text = _first(by_name, _TEXTS)
    speaker, role = _first(by_name, _NAMES), _first(by_name, _ROLES)
    if not text or not (speaker or role) or text == speaker:
        return None
    by_name = {name: column for name, column in by_name.items() if column not in (text, speaker)}
    dialogue = _first(by_name, _DIALOGUES)
    loose = not dialogue and (bool(by_name.keys() & _OTHER) or plain(speaker) in _NAMES[-7:])
    return _Columns(speaker, role, text, dialogue, _first(by_name, _NUMBERS), _first(by_name, _TIMES), loose)


def _first(by_name: dict[str, str], wanted: tuple[str, ...]) -> str:
    return next((by_name[name] for name in wanted if name in by_name), "")


def _row(
    document: Document, block: Block, columns: _Columns, role_words: _RoleWords, last: _Row | None, begins: bool
) -> _Row | None:
    """The utterance of a row; without a speaker it goes on with the one before. None when nothing is said."""
    cells: dict[str, Span] = {}
    for cell, start, end in block.cells:
        span = trimmed(document, block.start + start, block.start + end)
        if span:
            cells.setdefault(cell, span)
    text = cells.get(columns.text)
    word = _value(document, cells.get(columns.role))
    name = _value(document, cells.get(columns.speaker)) or word
    if text is None or plain_name(word) in TOOLS or (not name and last is None):
        return None
    said = last.said if last else None
    if name or said is None:
        role = role_words.role_of(word) or role_words.role_of(name)
        said = Said(name, (text,), role, moment(_value(document, cells.get(columns.time))))
    else:
        said = Said(said.speaker, (text,), said.role, said.at)
    number = _value(document, cells.get(columns.number))
    dialogue = _value(document, cells.get(columns.dialogue)) or (last.dialogue if last else "")
    return _Row(said, dialogue, float(number) if re.fullmatch(r"\d{1,9}", number) else None, begins)


def _value(document: Document, span: Span | None) -> str:
    return " ".join(document.text[span.start : min(span.end, span.start + 200)].split()) if span else ""


def _is_talk(document: Document, columns: _Columns, rows: Sequence[_Row]) -> bool:
    """Whether both roles are told, or names take turns and say more than single words."""
    people = {row.said.speaker for row in rows}
    told = {row.said.role for row in rows}
    if columns.bare and columns.time and all(name.endswith(":") for name in people):
        return len(people) > 1
    if columns.bare:
        return None not in told and {"user", "assistant"} <= told
    if {"user", "assistant"} <= told and (None not in told or not columns.loose):
        return True
    nobody_answers = not columns.dialogue and 2 < len(people) == len(rows)
    if len(people) < 2 or columns.loose or nobody_answers:
        return False
    said = [document.text_of(piece) for row in rows for piece in row.said.pieces]
    return sum(map(word_count, said)) >= _FEWEST_WORDS * len(said) or any(len(text) > 20 for text in said)


def _dialogues(columns: _Columns, rows: Sequence[_Row]) -> Iterator[list[Said]]:
    if columns.dialogue:
        by_name: dict[str, list[_Row]] = {}
        for row in rows:
            by_name.setdefault(row.dialogue, []).append(row)
        yield from (_ordered(group) for group in by_name.values())
        return
    group: list[_Row] = []
    for row in rows:
        again = bool(group) and row.number is not None and row.number < (group[-1].number or 0)
        if group and (row.begins or again):
            yield from _without_silences(group)
            group = []
        group.append(row)
    yield from _without_silences(group)


def _ordered(rows: list[_Row]) -> list[Said]:
    """In the order of the turn numbers, where each row has one of its own."""
    numbers = {row.number for row in rows}
    if None not in numbers and len(numbers) == len(rows):
        rows = sorted(rows, key=lambda row: row.number or 0)
    return [row.said for row in rows]


def _without_silences(rows: Sequence[_Row]) -> Iterator[list[Said]]:
    told = {"user", "assistant"} <= {row.said.role for row in rows}
    said = in_order([row.said for row in rows])
    groups = [list(said)] if told else list(between_silences(said))
    for group in groups:
        yield from _asked(group)


def _asked(said: list[Said]) -> Iterator[list[Said]]:
    """Rows of "Question" and "Answer" are an exchange each."""
    if not all(plain(one.speaker) in ASKING for one in said):
        yield said
        return
    start = 0
    for number in range(1, len(said) + 1):
        if number == len(said) or (said[number].role == "user" and said[number - 1].role != "user"):
            yield said[start:number]
            start = number
