"""Find conversations in JSON: exports of chat programs and assistants, training sets, tickets, lists of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from src.agents.recognisers.conversation import Conversation, Turn
from src.agents.recognisers.exports.json_tree import Tree, child, elements, is_json, is_list, leaf, tree_of
from src.agents.recognisers.exports.message_lists import (
    Message,
    looks_like_message,
    message_of,
    people_of,
    person,
    plain_key,
    role_word,
    texts_of,
)
from src.agents.recognisers.exports.reply_trees import chatgpt_messages, follow_replies, is_reply_tree, reply_chain
from src.agents.recognisers.exports.utterances import Said, between_silences, conversations, in_order
from src.agents.recognisers.roles import Roles
from src.agents.recognisers.table_columns import Exchange, column_of, exchanges, plan_of, spoken
from src.records import Document, Span

NAME = "JSON exports"
# Keys of lists that hold talk whoever speaks in them.
_TALK = {
    "messages", "chatmessages", "conversation", "conversations", "dialog", "dialogs", "dialogue", "dialogues", "turns",
    "utterances", "transcript", "transcripts", "chat", "chats", "chathistory", "messagelist", "msgs", "exchanges",
    "interview", "conversationparts", "original",
}  # fmt: skip
_STRINGS = _TALK | {"data"}
_COMMENTS = {"comments", "comment", "posts", "notes", "conversations", "conversationparts", "worklog"}
_INNER = ("comments", "messages", "conversation_parts", "items", "data", "nodes", "list")
_TICKET = {
    "priority", "assignee", "assigneeid", "requester", "requesterid", "reporter", "ticket", "ticketid", "issuetype",
    "closedat", "resolution", "state", "issue", "submitterid", "ticketnumber",
}  # fmt: skip
_OPENING = ("description", "description_text", "body")
_OPENERS = ("requester", "reporter", "customer", "user", "author", "submitter", "created_by")
# Records that have these beside an author and a text are logs, reviews, commits or articles.
_NO_TALK = {
    "level", "severity", "loglevel", "levelname", "logger", "loggername", "hostname", "rating", "stars", "overall",
    "reviewtext", "commit", "sha", "retweetcount", "favoritecount", "stacktrace", "title", "headline", "slug",
    "abstract",
}  # fmt: skip
_STEPS = re.compile(r"[^.\[\]\"]+(?![\d\]]*\])|(?<=\[\")[^\"]+")
_ALWAYS = {"mapping", "acceptedAnswer", "suggestedAnswer", "replies"}
_SPEAKERS = {
    "speaker",
    "sendername",
    "fromid",
    "speakerid",
    "speakername",
    "sender",
    "ts",
    "botid",
    "authorname",
    "messagetype",
}
_REJECTED = {"rejected", "nonpreferredoutput", "rejectedresponse", "rejectedmessages"}
_CHOSEN = ("chosen", "preferred_output", "completion", "chosen_response")
# Where logs of requests to a model keep the question and the answer.
_REQUESTED = (("messages",), ("request", "messages"), ("body", "messages"), ("request", "body", "messages"))
_REPLIED = (
    ("response", "choices", "[0]", "message"), ("choices", "[0]", "message"),
    ("response", "body", "choices", "[0]", "message"),
)  # fmt: skip
_TITLES = ("title", "subject", "topic")
_SYSTEM = ("system", "system_prompt", "systemPrompt", "system_message", "systemInstruction", "system_instruction")
_MOST_PEOPLE = 2  # who may all speak only once; where more people speak, somebody answers


def find_json_conversations(document: Document, roles: Roles) -> Iterator[Conversation]:
    """The conversations of a JSON document.

    Messages of tools and functions, notices, private notes and hidden messages are no turns. Where an export keeps
    branches, the one that was shown last is followed, in trees of answers the best ranked one.
    """
    loose: list[Tree] = []  # records that are messages themselves, as in a day of a Slack channel
    rows: list[Exchange] = []
    for block in document.blocks:
        if not is_json(block) or not _may_talk(tuple([cell.name for cell in block.cells])):
            continue
        tree = tree_of(document, block)
        before = len(rows)
        found = list(_in_tree(document, tree, roles, rows))
        yield from found
        if not found and len(rows) == before and looks_like_message(tree):
            loose.append(tree)
    yield from spoken(document, rows)
    yield from _talk(document, loose, roles, "", {})


@lru_cache(maxsize=1024)
def _may_talk(names: tuple[str, ...]) -> bool:
    """A cheap look at a record's keys: many records have the same, and most of them hold no talk."""
    steps = {name: found for name in names if (found := _STEPS.findall(name))}
    keys = dict.fromkeys(key for found in steps.values() for key in found)
    if looks_like_message(keys) or any(key.endswith("?") or key in _ALWAYS for key in keys):
        return True
    if any(name.endswith("]") and plain_key(found[-1]) in _STRINGS for name, found in steps.items()):
        return True  # a list of strings
    return {"user", "assistant"} <= {column.role for key in keys if (column := column_of(key))}


def _in_tree(document: Document, root: Tree, roles: Roles, rows: list[Exchange]) -> Iterator[Conversation]:
    """The conversations of one record; rows of questions and answers are collected in `rows`."""
    waiting: list[tuple[str, Tree]] = [("", root)]
    while waiting:
        key, node = waiting.pop()
        if is_list(node):
            found = [] if key in _REJECTED else list(_talk(document, elements(node), roles, "", {}))
        else:
            found = list(_of_object(document, node, roles))
            if not found:
                rows += _rows(document, node)
        yield from found
        if not found:
            below = [(plain_key(name), value) for name, value in node.items() if isinstance(value, dict)]
            waiting += [item for item in reversed(below) if item[0] not in _REJECTED]


def _of_object(document: Document, node: Tree, roles: Roles) -> Iterator[Conversation]:
    """What an object holds directly, read as the first of these shapes that fits."""
    if child(node, "mapping"):
        messages = chatgpt_messages(document, node)
        yield from _told(document, [m for tree in messages if (m := message_of(document, tree, roles))], roles, node)
        return
    if is_reply_tree(node):
        replies = [m for tree in follow_replies(document, node) if (m := message_of(document, tree, roles))]
        yield from _told(document, replies, roles, node)
        return
    preferred = _preferred(document, node, roles)
    if preferred:
        yield from _told(document, preferred, roles, node)
        return
    found = False
    for key, messages in _lists(node):
        for one in _talk(document, messages, roles, key, node):
            found = True
            yield one
    if not found:
        yield from _strings(document, node, roles)


def _lists(node: Tree) -> Iterator[tuple[str, list[Tree]]]:
    """The lists below an object, also those that stand in an object of the same name: Intercom, Jira."""
    for name, below in node.items():
        if not isinstance(below, dict):
            continue
        key = plain_key(name)
        if is_list(below):
            if key not in _REJECTED:
                yield key, elements(below)
        elif key in _COMMENTS:
            inner = next((elements(child(below, name)) for name in _INNER if elements(child(below, name))), [])
            yield key, inner


def _preferred(document: Document, node: Tree, roles: Roles) -> list[Message]:
    """The prompt and the chosen answer where both or one of them is a list of messages."""
    answer = next((found for key in _CHOSEN if (found := elements(child(node, key)))), [])
    answer = answer or [tree for path in _REPLIED if (tree := child(node, *path))]
    if not answer or not looks_like_message(answer[0]):
        return []
    chosen = [m for tree in answer if (m := message_of(document, tree, roles))]
    if any(message.role == "user" for message in chosen):
        return chosen
    prompt = leaf(node, "prompt")
    asked = elements(child(node, "prompt")) or elements(child(node, "input", "messages"))
    asked = asked or next((found for path in _REQUESTED if (found := elements(child(node, *path)))), [])
    before = [m for tree in asked if (m := message_of(document, tree, roles))]
    return [*([Message("user", (prompt,), "user")] if prompt else before), *chosen]


def _told(document: Document, messages: Sequence[Message], roles: Roles, node: Tree) -> Iterator[Conversation]:
    """One conversation of messages whose roles the export tells."""
    heard = [message for message in messages if not message.left_out]
    if len(heard) > 1 and all(message.role for message in heard):
        yield from conversations([[message.said for message in heard]], roles, NAME, _titles(node))


def _talk(document: Document, trees: Sequence[Tree], roles: Roles, key: str, node: Tree) -> Iterator[Conversation]:
    """The conversations of a list of messages, with what the object around it tells."""
    if not trees or sum(map(looks_like_message, trees[:4])) < min(2, len(trees)):
        return
    if len(trees) < 2 and key not in _COMMENTS and key not in _TALK:
        return
    people = people_of(document, node, trees, roles)
    chains = (tree for thread in _by_thread(document, trees) for tree in reply_chain(document, thread, node))
    read = [message_of(document, tree, roles, people) for tree in chains]
    messages = [message for message in read if message is not None]
    if 2 * len(messages) < len(read):
        return
    messages = [*_system(document, node, messages), *_opening(document, node, key, roles, messages), *messages]
    heard = _without_bots([message for message in messages if not message.left_out])
    told = {"user", "assistant"} <= {message.role for message in heard}
    if told or _is_talk(trees, heard, key, node):
        groups = list(_groups(heard, cut=not told and key not in _COMMENTS))
        yield from conversations(groups, roles, NAME, _titles(node))


def _by_thread(document: Document, trees: Sequence[Tree]) -> Iterator[list[Tree]]:
    """OASST's trees apart, which may stand message by message."""
    threads: dict[str, list[Tree]] = {}
    for tree in trees:
        span = leaf(tree, "message_tree_id")
        threads.setdefault(document.text_of(span) if span else "", []).append(tree)
    yield from threads.values()


def _is_talk(trees: Sequence[Tree], heard: Sequence[Message], key: str, node: Tree) -> bool:
    """Whether messages whose roles nobody tells are a talk, and not a log, reviews or a list of articles."""
    people = {message.speaker for message in heard}
    if len(people) < 2 or (len(people) > _MOST_PEOPLE and len(people) == len(heard)):
        return False
    keys = {plain_key(name) for tree in trees[:4] for name in tree}
    if keys & _NO_TALK or {"to", "subject"} <= keys:
        return False
    if key in _COMMENTS and key not in _TALK:
        return bool({plain_key(name) for name in (*node, *child(node, "ticket"))} & _TICKET)
    return key in _TALK or bool(keys & _SPEAKERS) or any(message.thread for message in heard)


def _without_bots(messages: list[Message]) -> list[Message]:
    """Without programs' messages where people talk to each other; a lone person talks to the program."""
    people = {message.speaker for message in messages if not message.is_bot}
    return [message for message in messages if not message.is_bot] if len(people) > 1 else messages


def _groups(messages: Sequence[Message], cut: bool) -> Iterator[list[Said]]:
    """Threads first to last, each in its own order; what is in no thread is cut at long silences."""
    threads: dict[str, list[Message]] = {}
    for message in messages:
        threads.setdefault(message.thread, []).append(message)
    for thread, group in threads.items():
        numbers = [message.number for message in group if message.number is not None]
        if len(numbers) == len(group) == len(set(numbers)):
            group.sort(key=lambda message: message.number or 0.0)
        said = in_order([message.said for message in group])
        if thread or not cut:
            yield list(said)
        else:
            yield from between_silences(said)


def _system(document: Document, node: Tree, messages: Sequence[Message]) -> Iterator[Message]:
    """The system prompt that stands beside the messages, unless one stands among them."""
    if any(message.role == "system" for message in messages):
        return
    for key in _SYSTEM:
        pieces = texts_of(document, node[key]) if key in node else ()
        if pieces:
            yield Message("system", pieces, "system")
            return


def _opening(document: Document, node: Tree, key: str, roles: Roles, messages: Sequence[Message]) -> Iterator[Message]:
    """The text with which a ticket was opened, where the comments do not begin with it."""
    if key not in _COMMENTS:
        return
    source = child(node, "source")
    message = message_of(document, source, roles) if looks_like_message(source) else None
    if message is None:
        span = next(
            (span for around in (node, child(node, "ticket")) for name in _OPENING if (span := leaf(around, name))),
            None,
        )
        if span is None:
            return
        name = next((name for key in _OPENERS if (name := person(document, child(node, key)))), "requester")
        message = Message(name, (span,), "user" if any(one.role for one in messages) else None)
    said = " ".join(map(document.text_of, message.pieces))
    if message.pieces and not any(" ".join(map(document.text_of, one.pieces)) == said for one in messages[:3]):
        yield message


def _titles(node: Tree) -> tuple[Span, ...]:
    spans = (leaf(node, key) or leaf(child(node, "ticket"), key) for key in _TITLES)
    return tuple(span for span in spans if span)[:1]


def _strings(document: Document, node: Tree, roles: Roles) -> Iterator[Conversation]:
    """A dialogue kept as a list of strings, said in turn or by those of a list beside it, or as a list of pairs."""
    only_data = "data" in node and set(node) <= {"id", "data"}  # UltraChat
    for name, below in node.items():
        if not isinstance(below, dict) or not is_list(below):
            continue
        if plain_key(name) in _TALK or name == "original" or (name == "data" and only_data):
            said = _lines(document, node, below) or _pairs(document, below, roles)
            if len({one.speaker for one in said}) > 1:
                yield from conversations([said], roles, NAME, _titles(node))


def _lines(document: Document, node: Tree, below: Tree) -> list[Said]:
    spans = [value for value in below.values() if isinstance(value, Span)]
    if len(spans) < 2 or len(spans) < len(below) or not all(" " in document.text_of(span) for span in spans[:2]):
        return []
    speakers = [value for value in child(node, "speakers").values() if isinstance(value, Span)]
    if len(speakers) == len(spans):
        return [Said(document.text_of(who), (span,)) for who, span in zip(speakers, spans, strict=True)]
    return [_in_turn(number, span) for number, span in enumerate(spans)]


def _in_turn(number: int, span: Span) -> Said:
    return Said("second", (span,), "assistant") if number % 2 else Said("first", (span,), "user")


def _pairs(document: Document, below: Tree, roles: Roles) -> list[Said]:
    """[[question, answer], ...] or [[speaker, text], ...]."""
    pairs = [
        (one, other)
        for pair in below.values()
        if isinstance(pair, dict) and len(pair) == 2
        for one, other in [tuple(pair.values())]
        if isinstance(one, Span) and isinstance(other, Span)
    ]
    if not pairs or len(pairs) < len(below):
        return []
    names = [document.text[one.start : min(one.end, one.start + 60)] for one, _ in pairs]
    if all(role_word(name, roles) for name in names):
        return [Said(name, (other,), role_word(name, roles)) for name, (_, other) in zip(names, pairs, strict=True)]
    return [_in_turn(number, span) for pair in pairs for number, span in enumerate(pair)]


def _rows(document: Document, node: Tree) -> Iterator[Exchange]:
    """The questions and answers among an object's values; of several answers the first."""
    row = {name: spans for name, value in node.items() if (spans := _cell(value))}
    answer = child(node, "acceptedAnswer") or child(node, "suggestedAnswer")  # schema.org's FAQPage
    said, asked = leaf(answer, "text"), leaf(node, "name")
    if said and asked:
        row = {"question": (asked,), "answer": (said,)}
    plan = plan_of(tuple(row)) if len(row) > 1 else None
    if plan:
        earlier = _pairs(document, child(node, "history"), Roles())
        for exchange in exchanges(document, row, plan):
            yield _after(exchange, earlier) if earlier else exchange
    yield from _asking_keys(document, node)


def _after(exchange: Exchange, earlier: Sequence[Said]) -> Exchange:
    """The exchange behind the rounds that came before it: the history of an Alpaca record."""
    turns = exchange.conversation.turns
    system = tuple(turn for turn in turns if turn.role == "system")
    before = tuple(Turn(one.role or "user", one.pieces) for one in earlier)
    return replace(
        exchange, conversation=replace(exchange.conversation, turns=(*system, *before, *turns[len(system) :]))
    )


def _cell(value: Tree | Span) -> tuple[Span, ...]:
    if isinstance(value, Span):
        return (value,)
    first = next(iter(value.values())) if is_list(value) else None
    if isinstance(first, dict):
        first = leaf(first, "text") or leaf(first, "answer") or leaf(first, "body")
    return (first,) if isinstance(first, Span) else ()


def _asking_keys(document: Document, node: Tree) -> Iterator[Exchange]:
    """An object whose keys are questions and whose values are the answers."""
    asking = {key: value for key, value in node.items() if key.endswith("?") and isinstance(value, Span)}
    if len(asking) < 2 or 2 * len(asking) < len(node):
        return
    for key, value in asking.items():
        end = document.text.rfind(key, max(0, value.start - len(key) - 9), value.start) + len(key)
        question = Span(end - len(key), end)
        if " " in key and document.text_of(question) == key:
            talk = (Turn("user", (question,)), Turn("assistant", (value,)))
            yield Exchange(Conversation(talk, NAME), ("question", "answer"), False)
