"""E-mail threads with quoted replies, and support tickets."""

from __future__ import annotations

import json
import textwrap
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of, joined
from benchmarks.detection.talks import Scribe, Talk, wrapped

START = datetime(2025, 9, 15, 8, 12)


def _letters(scribe: Scribe) -> Talk:
    """A short talk that starts with the one who asks: threads of two to five letters."""
    while True:
        talk = scribe.talk(plain=True, greet=False)
        if 2 <= len(talk.said) <= 5:
            return talk


def top_posted(path: Path, scribe: Scribe) -> list[Gold]:
    """The newest letter on top, each older one quoted below it. The gold is in the order of writing."""
    talk = _letters(scribe)
    form = scribe.rng.choice(("wrote", "original", "header"))
    text = talk.said[0].text
    for number, said in enumerate(talk.said[1:], start=1):
        older = talk.said[number - 1]
        below = _quoted(form, talk.name_of(older), number, text)
        text = f"{said.text}\n{_signature(scribe, talk.name_of(said))}\n{below}"
    return _write(path, talk, text, [gold_of(talk)])


def _quoted(form: str, name: str, number: int, text: str) -> str:
    when = START + timedelta(hours=3 * number)
    address = f"{name.split()[0].lower()}@example.org"
    if form == "wrote":
        intro = f"On {when:%a, %d %b %Y at %H:%M}, {name} <{address}> wrote:"
        marked = (f">{'' if line.startswith('>') else ' '}{line}".rstrip() for line in text.split("\n"))
        return "\n".join([intro, "", *marked])
    intro = "-----Original Message-----\n" if form == "original" else "_" * 32 + "\n"
    sent = f"{intro}From: {name} <{address}>\nSent: {when:%A, %B %d, %Y %H:%M}"
    return f"{sent}\nTo: desk@example.org\nSubject: Your letter\n\n{text}"


def _signature(scribe: Scribe, name: str) -> str:
    return f"\n-- \n{name}\nPhone 0421 555 0199\n" if scribe.chance(0.3) else ""


def inline_replies(path: Path, scribe: Scribe) -> list[Gold]:
    """Each quoted question is followed by its answer."""
    talk = scribe.questions(2, 4, plain=True)
    name = talk.names[0]
    parts = [f"On Mon, 15 Sep 2025 at 08:12, {name} <q@example.org> wrote:"]
    for said in talk.said:
        lines = "\n".join(wrapped(said.text, 66))
        parts.append(textwrap.indent(lines, "> ") if said.asks else lines)
    return _write(path, talk, "\n\n".join(parts), [gold_of(talk)])


def _write(path: Path, talk: Talk, text: str, gold: list[Gold]) -> list[Gold]:
    sender, receiver = (talk.name_of(talk.said[-1]), talk.names[0] if not talk.said[-1].asks else talk.names[1])
    message = EmailMessage()
    message["From"] = f"{sender} <{sender.split()[0].encode('ascii', 'ignore').decode().lower()}@example.org>"
    message["To"] = f"{receiver} <desk@example.org>"
    message["Date"] = "Wed, 17 Sep 2025 09:40:00 +0200"
    message["Subject"] = "Re: Your letter"
    message["Message-ID"] = "<4711@example.org>"
    message.set_content(text)
    path.write_bytes(bytes(message))
    return gold


def ticket(path: Path, scribe: Scribe) -> list[Gold]:
    """A help desk's printout: fields on top, then each comment below a line that says who and when."""
    form = scribe.rng.choice(
        ("[{d:%Y-%m-%d %H:%M}] {r} ({n}):\n{x}", "{n} ({r}) wrote on {d:%d %B %Y %H:%M}:\n{x}",
         "#{i} {n} ({r}), {d:%d/%m/%Y %H:%M}\n{x}", "--- {r}: {n} | {d:%Y-%m-%d %H:%M} ---\n{x}")
    )  # fmt: skip
    talk = scribe.talk(plain=True, greet=False)
    number = scribe.rng.randint(1000, 99999)
    fields = f"Ticket: #{number}\nSubject: {scribe.heading()}\nStatus: Closed\nPriority: Normal\nAssigned to: Desk 2"
    words = {True: "Customer", False: "Support"}
    comments = [
        form.format(d=START + timedelta(minutes=17 * i), r=words[said.asks], n=talk.name_of(said), i=i + 1, x=said.text)
        for i, said in enumerate(talk.said)
    ]
    path.write_text("\n\n".join([fields, *comments]) + "\n", "utf-8")
    return [gold_of(talk)]


def ticket_json(path: Path, scribe: Scribe) -> list[Gold]:
    """A ticket with its comments as Zendesk's API gives it; internal notes are not public."""
    talk = scribe.talk(greet=False)
    ids = {True: 9001, False: 77}
    comments = [
        {"id": i, "author_id": ids[said.asks], "body": said.text, "public": True,
         "created_at": f"2025-09-15T08:{i:02}:00Z"}
        for i, said in enumerate(talk.said)
    ]  # fmt: skip
    comments.insert(1, {"id": 99, "author_id": 77, "body": "Asked the depot.", "public": False,
                        "created_at": "2025-09-15T08:00:30Z"})  # fmt: skip
    ticket = {"id": 4711, "subject": scribe.heading(), "status": "closed", "requester_id": 9001, "assignee_id": 77}
    path.write_text(json.dumps({"ticket": ticket, "comments": comments}, ensure_ascii=False, indent=2), "utf-8")
    return [joined((turn.role, turn.text) for turn in gold_of(talk))]
