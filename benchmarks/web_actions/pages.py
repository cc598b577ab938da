"""Recorded sessions without a browser: pages as shops and portals have them, by number, the same every time."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

STEPS_A_SESSION = 10
_SITES, _WORKFLOWS = 40, ("search", "checkout", "booking", "support")
_WORDS = [
    *("order", "price", "delivery", "fresh", "winter", "summer", "light", "strong", "classic", "daily", "offer", "new"),
    *("garden", "kitchen", "travel", "family", "season", "blue", "green", "small", "large", "guide", "review"),
    *("choice", "quality", "support", "account", "basket", "payment", "return", "help"),
]
_SCRIPT = "function f(a){return a*2};" * 30


def page(number: int, cards: int) -> tuple[str, list[tuple[str, str]]]:
    """A page of about 900 bytes a card, and what can be acted on: kind and selector. Other pages of a site differ."""
    chance = random.Random(number)
    targets: list[tuple[str, str]] = [("submit", "#search"), ("type", "#search > input"), ("hover", "#menu")]
    parts = [_head(chance, number)]
    for card in range(cards):
        parts.append(_card(chance, number, card))
        targets.append(("click", f"#p{number}-{card} a.buy"))
        targets.append(("select", f"#p{number}-{card} select"))
    parts.append("</main><footer><p>All rights reserved.</p></footer></div></body></html>")
    return "".join(parts), targets


def _head(chance: random.Random, number: int) -> str:
    menu = "".join(f'<li class="nav-item"><a href="/c/{word}?ref=nav">{word}</a></li>' for word in _WORDS)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Page {number}</title>'
        f"<style>{'.a{color:red;margin:0 auto}' * 20}</style>"
        f'<script>window.dataLayer=[{{"page":{number},"x":"{chance.random()}"}}];{_SCRIPT}</script>'
        f'</head><body data-ga="{number}"><div id="root"><ul id="menu" class="nav flex">{menu}</ul>'
        f'<form id="search" role="search"><input type="search" name="q" placeholder="Search {number}">'
        f'<button type="submit">Go</button></form><main>'
    )


def _card(chance: random.Random, number: int, card: int) -> str:
    words = " ".join(chance.choices(_WORDS, k=40))
    return (
        f'<article id="p{number}-{card}" class="card sm:w-1/2 lg:w-1/4" data-track="{chance.getrandbits(64):x}" '
        f'style="--i:{card}"><svg viewBox="0 0 24 24"><path d="M12 2L2 7l10 5 10-5z M2 17l10 5 10-5"/></svg>'
        f'<h3 class="title">{words[:40]}</h3><p>{words}</p><div style="display:none">{words[:80]}</div>'
        f'<label>Size <select name="size"><option value="s">Small</option><option value="m">Medium</option></select>'
        f'</label><span class="price">{chance.randint(1, 999)}.99</span>'
        f'<a class="buy btn btn-primary" href="/cart/add?id={card}&amp;utm_source=list" onclick="track({card})">Buy</a>'
        f'<img src="https://cdn.test/{card}.webp" alt="" loading="lazy" width="200" height="200"></article>'
    )


def sessions(steps: int, cards: int) -> Iterator[dict[str, object]]:
    """Sessions of STEPS_A_SESSION steps in the program's own schema."""
    for session in range(-(-steps // STEPS_A_SESSION)):
        chance = random.Random(f"session {session}")
        yield {
            "session_id": f"s{session}",
            "site": f"site{session % _SITES}.test",
            "workflow": _WORKFLOWS[session % len(_WORKFLOWS)],
            "goal": f"Do what visitor {session} wants.",
            "success": session % 3 != 0,
            "timestamp": f"2026-{1 + session % 12:02}-{1 + session % 28:02}T10:00:00Z",
            "steps": [_step(chance, session * STEPS_A_SESSION + number, cards) for number in range(STEPS_A_SESSION)],
        }


def _step(chance: random.Random, number: int, cards: int) -> dict[str, object]:
    dom, targets = page(number, cards)
    kind, selector = chance.choice(targets)
    value = {"type": "winter coat", "select": "m"}.get(kind, "")
    return {"action": kind, "selector": selector, "value": value, "dom": dom}


def write_sessions(path: Path, steps: int, cards: int) -> int:
    """Write them as JSON lines; the bytes of all DOMs together."""
    total = 0
    with path.open("w", encoding="utf-8") as stream:
        for session in sessions(steps, cards):
            steps_of = session["steps"]
            assert isinstance(steps_of, list)
            total += sum(len(step["dom"].encode()) for step in steps_of)
            stream.write(json.dumps(session) + "\n")
    return total
