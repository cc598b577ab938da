"""What a message looks like in a JSON export: who says it, what, when, in which thread, and whether it is talk."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache

from src.agents.recognisers.conversation import trimmed
from src.agents.recognisers.exports.json_tree import Tree, child, elements, is_list, leaf
from src.agents.recognisers.exports.utterances import Said
from src.agents.recognisers.roles import Roles, plain_name
from src.records import Document, Role, Span

# Role words of exports beyond those that people write: values of "role", "from", "type" and their like.
_TOLD: dict[str, Role] = {
    **dict.fromkeys(("prompter", "end-user", "end user", "enduser", "requester", "lead", "contact", "inbound"), "user"),
    **dict.fromkeys(("incoming", "guest", "reporter", "buyer", "member", "consumer"), "user"),
    **dict.fromkeys(("admin", "staff", "outbound", "outgoing", "bing", "bard", "llm", "assistant_bot"), "assistant"),
    **dict.fromkeys(("seller", "employee", "helpdesk", "copilot", "team", "moderator", "expert"), "assistant"),
    "developer": "system",
}
TOOLS = {
    "tool", "function", "observation", "function_call", "function call", "function_response", "function response",
    "tool_call", "tool_calls", "tool_result", "tool_response", "tool response", "tool call", "ipython", "environment",
    "event", "internal", "note",
}  # fmt: skip
# Keys in the order in which they are believed, written without capitals and underscores.
_NAMES = (
    "speaker", "sendername", "fromname", "authorname", "speakername", "userprofile", "username", "displayname", "from",
    "sender", "author", "user", "speakerid", "senderid", "authorid", "userid", "fromid", "participant", "participantid",
    "who", "role", "name", "sendertype", "authortype",
)  # fmt: skip
_ROLES = ("role", "sendertype", "authortype", "usertype", "direction", "from", "sender", "speaker", "author", "user",
          "type", "participant", "who", "source")  # fmt: skip
_TEXTS = (
    "content", "text", "value", "utterance", "message", "plainbody", "bodytext", "plaintext", "body", "htmlbody", "msg",
    "parts", "says", "said", "data", "line", "sentence", "transcript", "comment",
)  # fmt: skip
_TIMES = (
    "ts", "timestamp", "timestampms", "time", "date", "createdat", "createtime", "created", "createddatetime",
    "datetime", "sentat", "originalarrivaltime", "dateunixtime", "start",
)  # fmt: skip
_PERSON = (
    "realname",
    "displayname",
    "nickname",
    "name",
    "username",
    "login",
    "firstname",
    "email",
    "emailaddress",
    "id",
)
_THREADS = (
    "threadts", "conversationid", "dialogueid", "dialogid", "convid", "conversation", "dialogue", "dialog", "chatid",
    "sessionid", "session", "threadid", "ticketid", "callid", "messagetreeid", "transcriptid", "episodeid", "conv",
)  # fmt: skip
_NO_TALK_TYPES = re.compile(
    r"service|event|systemevent|system_event|guild|channel|recipient|call\b|call_|threadcreated|userpremium|thread"
    r"activity|joined|group_|application",
    re.IGNORECASE,
)
_TALK_SUBTYPES = {"thread_broadcast", "file_share", "me_message", "file_comment", "reply_broadcast"}
_TALK_PARTS = {"comment", "open", "conversation", "quick_reply", "reply", "message"}
_NO_TEXT = {
    "thinking", "redacted_thinking", "reasoning", "tool_use", "tool_result", "tool_call", "tool-call", "tool-result",
    "function_call", "image", "image_url", "input_image", "file", "audio",
}  # fmt: skip
_HIDING = ("private", "internal", "isdeleted", "deleted", "isprivate", "isinternal", "isunsent", "hidden")
_SIGNS_OF_NO_TALK = frozenset(
    ("subtype", "parttype", "botid", "metadata", "public", "weight", "recipient", "type", "messagetype", *_HIDING)
)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|li|ul|ol|body|html|blockquote|h[1-6]|table|tr|td)\b[^<>]{0,300}>", re.IGNORECASE
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?")
_DEEPEST = 4  # steps from a message to its text


@dataclass(frozen=True, slots=True)
class Message:
    """One element of a list of messages. `left_out`: it belongs to the list but is no turn, as a tool's answer."""

    speaker: str
    pieces: tuple[Span, ...]
    role: Role | None = None
    at: float | None = None
    thread: str = ""
    number: float | None = None
    left_out: bool = False
    is_bot: bool = False

    @property
    def said(self) -> Said:
        return Said(self.speaker, self.pieces, self.role, self.at)


@dataclass(frozen=True, slots=True)
class People:
    """Whom an export names by number: roles and names by id, and who asked."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    requester: str = ""


@lru_cache(maxsize=4096)
def plain_key(key: str) -> str:
    """A key without capitals, underscores and hyphens: "senderName" and "sender_name" are the same."""
    return re.sub(r"[_\W]", "", key[:60]).lower()


def looks_like_message(tree: Iterable[str]) -> bool:
    """Whether an object has a key for who speaks and one for what is said: a cheap first look."""
    keys = {plain_key(key) for key in tree}
    return any(key in keys for key in _TEXTS) and (any(key in keys for key in _NAMES) or "type" in keys)


def message_of(document: Document, tree: Tree, roles: Roles, people: People = People()) -> Message | None:  # noqa: B008
    """The message that an object is, None when it is none."""
    keys = {plain_key(key): value for key, value in tree.items()}
    if "author" not in keys and "content" not in keys and isinstance(keys.get("message"), dict):
        inner = keys["message"]
        keys = {**keys, **{plain_key(key): value for key, value in inner.items()}} if isinstance(inner, dict) else keys
    reader = _Fields(document, keys)
    word, role = reader.told(roles)
    name = reader.name() or word
    if not name:
        return None
    speaker = people.names.get(name, name)
    role = role or people.roles.get(name)
    if people.requester and role is None and reader.text("authorid", "senderid", "userid"):
        role = "user" if name == people.requester else "assistant"
    pieces = reader.said()
    left_out = word in TOOLS or not pieces or reader.is_no_talk()
    if not pieces and not left_out and "content" not in keys:
        return None
    number = reader.text(
        "turn", "turnid", "turnnumber", "turnindex", "index", "position", "messageindex", "utteranceidx"
    )
    return Message(
        speaker,
        pieces,
        role,
        moment(reader.text(*_TIMES)),
        reader.text(*_THREADS),
        float(number) if re.fullmatch(r"\d{1,9}", number) else None,
        left_out,
        reader.text("isbot") == "true" or reader.child_text("author", "isBot") == "true",
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    """The values of one message by plain key."""

    document: Document
    keys: Mapping[str, Tree | Span]

    def text(self, *names: str) -> str:
        """The first of the values, short."""
        for name in names:
            value = self.keys.get(name)
            if value is not None and isinstance(value, Span):
                return self.document.text[value.start : min(value.end, value.start + 200)]
        return ""

    def child_text(self, name: str, *path: str) -> str:
        value = self.keys.get(name)
        span = leaf(value, *path) if isinstance(value, dict) else None
        return self.document.text[span.start : min(span.end, span.start + 200)] if span else ""

    def told(self, roles: Roles) -> tuple[str, Role | None]:
        """The word by which the export tells the role, and the role."""
        first = ""
        for name in _ROLES:
            for key in ("", "role", "type") if name in self.keys else ():
                word = self.child_text(name, key) if key else self.text(name)
                if not word or len(word) > 40:
                    continue
                first = first or (word.lower() if name == "role" or key == "role" else "")
                role = role_word(word, roles)
                if role or plain_name(word) in TOOLS:
                    return plain_name(word), role
        flag = self.text("inbound", "incoming", "isuser", "fromuser", "fromcustomer")
        if flag.lower() in ("true", "false"):
            return ("customer", "user") if flag.lower() == "true" else ("agent", "assistant")
        return first, None

    def name(self) -> str:
        for name in _NAMES:
            value = self.keys.get(name)
            if value is None:
                continue
            if isinstance(value, Span):
                return " ".join(self.text(name).split())
            if isinstance(value, dict) and (found := person(self.document, value)):
                return found
        return ""

    def said(self) -> tuple[Span, ...]:
        for name in _TEXTS:
            value = self.keys.get(name)
            if value is not None:
                pieces = texts_of(self.document, value)
                if pieces:
                    return pieces
        return ()

    def is_no_talk(self) -> bool:
        """Joins, private notes, deleted and hidden messages, and what a program posts."""
        if _SIGNS_OF_NO_TALK.isdisjoint(self.keys):
            return False
        subtype, part = self.text("subtype"), self.text("parttype")
        if (subtype and subtype not in _TALK_SUBTYPES) or (part and part not in _TALK_PARTS):
            return True
        if "botid" in self.keys or self.child_text("metadata", "is_visually_hidden_from_user") == "true":
            return True
        if self.text("public") == "false" or (self.text("weight") in ("0", "0.0") and "recipient" in self.keys):
            return True
        if any(self.text(flag) == "true" for flag in _HIDING):
            return True
        recipient = self.text("recipient")
        if recipient and recipient != "all" and "author" in self.keys and "content" in self.keys:
            return True
        return _NO_TALK_TYPES.match(self.text("type", "messagetype")) is not None


def person(document: Document, tree: Tree) -> str:
    """The name in an object that stands for a person, "" when there is none."""
    keys = {plain_key(key): value for key, value in tree.items()}
    for name in _PERSON:
        value = keys.get(name)
        if isinstance(value, Span):
            return " ".join(document.text[value.start : min(value.end, value.start + 100)].split())
    for value in tree.values():  # Microsoft Graph: from.user.displayName
        if isinstance(value, dict) and not is_list(value):
            span = next((leaf(value, key) for key in value if plain_key(key) in _PERSON[:6]), None)
            if span:
                return document.text_of(span)
    return ""


def texts_of(document: Document, value: Tree | Span) -> tuple[Span, ...]:
    """The pieces of text in a message's content."""
    return tuple(_texts(document, value, _DEEPEST))


def _texts(document: Document, value: Tree | Span, depth: int) -> Iterator[Span]:
    """The pieces of text in a message's content: a string, a list of parts, or an object around one of these."""
    if isinstance(value, Span):
        yield from without_tags(document, value)
    elif depth and is_list(value):
        for part in value.values():
            yield from _texts(document, part, depth - 1)
    elif depth:
        kind = leaf(value, "type") or leaf(value, "content_type")
        if kind and document.text_of(kind) in _NO_TEXT:
            return
        for key in ("text", "content", "parts", "value", "body", "message"):
            if key in value:
                yield from _texts(document, value[key], depth - 1)
                return


def without_tags(document: Document, span: Span) -> Iterator[Span]:
    """The text between the tags of paragraphs; all of it when it is not HTML."""
    if document.text[span.start] != "<" or document.text[span.end - 1] != ">":
        yield span
        return
    position = span.start
    for tag in _BLOCK_TAG.finditer(document.text, span.start, span.end):
        piece = trimmed(document, position, tag.start())
        if piece:
            yield piece
        position = tag.end()
    piece = trimmed(document, position, span.end)
    if piece:
        yield piece


def moment(text: str) -> float | None:
    """Seconds since 1970 of a Unix time in seconds, milliseconds or microseconds or of an ISO date; time zones are
    left aside, for only distances count."""
    if re.fullmatch(r"\d{9,17}(?:\.\d{1,9})?", text):
        seconds = float(text)
        while seconds > 1e11:
            seconds /= 1000
        return seconds
    match = _ISO.match(text)
    if match is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=timezone.utc).timestamp()  # type: ignore[arg-type,misc]
    except (ValueError, OverflowError):
        return None


def people_of(document: Document, tree: Tree, messages: Sequence[Tree], roles: Roles) -> People:
    """Whom a list of messages and the object around it name: users with ids, and the requester of a ticket."""
    names: dict[str, str] = {}
    told: dict[str, Role] = {}
    for key in ("users", "participants", "members", "authors"):
        for one in elements(child(tree, key)):
            identity = leaf(one, "id") or leaf(one, "user_id") or leaf(one, "_id")
            if identity:
                number = document.text_of(identity)
                names[number] = person(document, one) or number
                word = leaf(one, "role") or leaf(one, "type")
                role = role_word(document.text_of(word), roles) if word else None
                if role:
                    told[number] = role
    for message in messages:  # Slack: the profile stands in some messages only
        user, profile = leaf(message, "user"), child(message, "user_profile")
        if user and profile:
            names.setdefault(document.text_of(user), person(document, profile))
    asked = next((span for span in _requesters(tree) if span), None)
    return People(told, names, document.text_of(asked) if asked else "")


def _requesters(tree: Tree) -> Iterator[Span | None]:
    for around in (tree, child(tree, "ticket")):
        for key in ("requester_id", "requesterId", "customer_id", "customerId", "submitter_id"):
            yield leaf(around, key)
        yield leaf(around, "requester", "id")
        yield leaf(around, "customer", "id")


def role_word(word: str, roles: Roles) -> Role | None:
    """The role that a word of an export tells, None when it is a name."""
    return roles.of_label(word) or _TOLD.get(plain_name(word))


def told_role(name: str, roles: Roles) -> Role | None:
    """The role that stands beside a name: "Ann Lee (Customer)", "Support: Bo", "Agent - Bo"; None when none does."""
    whole = role_word(name, roles)
    if whole:
        return whole
    parts = [part for part in re.split(r"[()\[\]:|,–—]| - ", name[:100]) if part.strip()]
    told = [role for part in parts if (role := role_word(part, roles))] if len(parts) > 1 else []
    return told[0] if told else None
