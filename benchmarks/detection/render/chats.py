"""Chat exports: WhatsApp of both systems, Slack, Discord, Telegram, Teams. One file is one conversation."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.detection.gold import Gold, joined
from benchmarks.detection.talks import Scribe, Talk

ANDROID = ("%d/%m/%Y, %H:%M - ", "%m/%d/%y, %I:%M %p - ", "%d.%m.%y, %H:%M - ", "%Y-%m-%d, %H:%M - ")
IOS = ("[%d/%m/%Y, %H:%M:%S] ", "[%m/%d/%y, %I:%M:%S\u202f%p] ", "[%d.%m.%y, %H:%M:%S] ")
ENCRYPTED = "Messages and calls are end-to-end encrypted. No one outside of this chat can read or listen to them."


class Message:
    """One message: a turn may be sent in several."""

    def __init__(self, asks: bool, name: str, text: str, when: datetime) -> None:
        self.asks, self.name, self.text, self.when = asks, name, text, when


def _messages(scribe: Scribe, plain: bool = False) -> tuple[Talk, list[Message], list[Gold]]:
    """A talk as messages with times. Paragraphs are now and then sent one by one."""
    talk = scribe.talk(plain=plain)
    when = datetime(2025, scribe.rng.randint(1, 12), scribe.rng.randint(13, 28), scribe.rng.randint(7, 20), 5)
    sent: list[Message] = []
    for said in talk.said:
        for text in said.text.split("\n\n") if scribe.chance(0.5) else [said.text]:
            when += timedelta(seconds=scribe.rng.randint(20, 300))
            sent.append(Message(said.asks, talk.name_of(said), text, when))
    first = sent[0].asks
    return talk, sent, [joined(("user" if one.asks == first else "assistant", one.text) for one in sent)]


def whatsapp(styles: tuple[str, ...], path: Path, scribe: Scribe) -> list[Gold]:
    _, sent, gold = _messages(scribe)
    style = scribe.rng.choice(styles)
    ios = style.startswith("[")
    lines = [sent[0].when.strftime(style) + (f"{sent[0].name}: \u200e" if ios else "") + ENCRYPTED]
    for number, one in enumerate(sent):
        if number == 2:  # what a reader must leave out
            lines.append(("\u200e" if ios else "") + one.when.strftime(style) + _system_line(one.name, ios))
        lines.append(f"{one.when.strftime(style)}{one.name}: {one.text}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return gold


def _system_line(name: str, ios: bool) -> str:
    return f"{name}: \u200eimage omitted" if ios else f"{name}: <Media omitted>"


def teams(path: Path, scribe: Scribe) -> list[Gold]:
    """What is on the clipboard when messages are copied out of Teams."""
    _, sent, gold = _messages(scribe, plain=True)
    form = scribe.rng.choice(("{n}  {t}\n{x}", "[{t}] {n}\n{x}", "{n}, {t}:\n{x}"))
    lines = [form.format(n=one.name, t=one.when.strftime("%I:%M %p").lstrip("0"), x=one.text) for one in sent]
    path.write_text("\n\n".join(lines) + "\n", "utf-8")
    return gold


def slack(sent: list[Message], scribe: Scribe) -> Any:
    """A channel's day as Slack exports it, with a notice that somebody joined."""
    ids = {one.name: f"U0{abs(hash_of(one.name)):08X}" for one in sent}
    notice = {"type": "message", "subtype": "channel_join", "user": ids[sent[0].name],
              "text": f"<@{ids[sent[0].name]}> has joined the channel",
              "ts": _ts(sent[0].when - timedelta(hours=1))}  # fmt: skip
    return [notice] + [
        {"client_msg_id": f"m{n}", "type": "message", "user": ids[one.name], "text": one.text, "ts": _ts(one.when),
         "team": "T01", "user_profile": {"real_name": one.name, "name": one.name.split()[0].lower()}}
        for n, one in enumerate(sent)
    ]  # fmt: skip


def discord(sent: list[Message], scribe: Scribe) -> Any:
    """The shape of DiscordChatExporter."""
    messages = [
        {"id": str(10**17 + n), "type": "Default", "timestamp": one.when.isoformat() + "+00:00",
         "timestampEdited": None,
         "isPinned": False, "content": one.text, "attachments": [], "embeds": [], "reactions": [], "mentions": [],
         "author": {"id": str(hash_of(one.name)), "name": one.name.split()[0].lower(), "nickname": one.name,
                    "isBot": False}}
        for n, one in enumerate(sent)
    ]  # fmt: skip
    return {"guild": {"id": "1", "name": "Workshop"}, "channel": {"id": "2", "type": "GuildTextChat", "name": "help"},
            "messages": messages, "messageCount": len(messages)}  # fmt: skip


def telegram(sent: list[Message], scribe: Scribe) -> Any:
    """result.json of Telegram Desktop; a text with a link is a list of parts."""
    messages: list[dict[str, Any]] = [
        {"id": 1, "type": "service", "date": sent[0].when.isoformat(), "action": "create_group", "text": ""}
    ]
    for n, one in enumerate(sent, start=2):
        messages.append({"id": n, "type": "message", "date": one.when.isoformat(), "from": one.name,
                         "from_id": f"user{hash_of(one.name)}", "text": _with_links(one.text)})  # fmt: skip
    return {"name": sent[0].name, "type": "personal_chat", "id": 5, "messages": messages}


def _with_links(text: str) -> str | list[Any]:
    before, http, rest = text.partition("https://")
    if not http:
        return text
    link, space, after = rest.partition(" ")
    return [before, {"type": "link", "text": http + link}, space + after]


def as_json(shape: Callable[[list[Message], Scribe], Any], path: Path, scribe: Scribe) -> list[Gold]:
    _, sent, gold = _messages(scribe)
    indent = scribe.rng.choice((None, 1, 4))
    path.write_text(json.dumps(shape(sent, scribe), ensure_ascii=scribe.chance(0.5), indent=indent), "utf-8")
    return gold


def hash_of(name: str) -> int:
    """A number for a name, the same in every run."""
    return sum(ord(letter) * 31**n for n, letter in enumerate(name)) % 10**8


def _ts(when: datetime) -> str:
    return f"{(when - datetime(1970, 1, 1)).total_seconds():.6f}"
