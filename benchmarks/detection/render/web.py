"""HTML pages with questions and answers: definition lists, details, headings, bold paragraphs, tables."""

from __future__ import annotations

from html import escape
from pathlib import Path

from benchmarks.detection.gold import Gold, gold_of, pairs_of
from benchmarks.detection.render.labels import RECURRING
from benchmarks.detection.talks import Scribe

FORMS = {
    "dl": ("<dl>", "<dt>{q}</dt>\n<dd>{a}</dd>", "</dl>"),
    "details": ("", "<details>\n<summary>{q}</summary>\n{a}\n</details>", ""),
    "headings": ("", "<h3>{q}</h3>\n{a}", ""),
    "labels": ("", "<p><b>Q:</b> {q}</p>\n<p><b>A:</b> {plain}</p>", ""),
    "bold": ("", "<p><strong>{q}</strong></p>\n{a}", ""),
}


def faq_page(form: str, path: Path, scribe: Scribe) -> list[Gold]:
    opening, entry, closing = FORMS[form]
    parts: list[str] = []
    gold: list[Gold] = []
    for _ in range(2):
        pairs = pairs_of(scribe.questions(3, plain=form == "labels"))
        parts += [f"<h2>{scribe.heading()}</h2>", *map(_p, scribe.prose(1, 1)), opening]
        parts += [entry.format(q=escape(q.text), a=_body(a.text), plain=escape(a.text)) for q, a in pairs]
        parts.append(closing)
        gold += pairs
    return _page(path, scribe, parts, gold)


def transcript_page(path: Path, scribe: Scribe) -> list[Gold]:
    """A conversation with the names in bold before each paragraph."""
    parts: list[str] = []
    gold: list[Gold] = []
    for _ in range(2):
        talk = scribe.talk(plain=True, least=RECURRING)
        parts += [f"<h2>{scribe.heading()}</h2>", *map(_p, scribe.prose(1, 1))]
        parts += [f"<p><b>{escape(talk.name_of(said))}:</b> {escape(said.text)}</p>" for said in talk.said]
        gold.append(gold_of(talk, first_is_user=True))
    return _page(path, scribe, parts, gold)


def table_page(path: Path, scribe: Scribe) -> list[Gold]:
    pairs = pairs_of(scribe.questions(3, plain=True))
    rows = [f"<tr><td>{escape(q.text)}</td><td>{escape(a.text)}</td></tr>" for q, a in pairs]
    table = ["<table>", "<tr><th>Question</th><th>Answer</th></tr>", *rows, "</table>"]
    return _page(path, scribe, [*map(_p, scribe.prose()), *table], list(pairs))


def _page(path: Path, scribe: Scribe, parts: list[str], gold: list[Gold]) -> list[Gold]:
    title = scribe.heading()
    head = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    menu = '<nav><a href="/">Home</a> <a href="/help">Help</a></nav>'
    end = f"<h2>{scribe.heading()}</h2>{_p(scribe.prose()[0])}<footer>Imprint</footer></body></html>"
    text = "\n".join([head, "<style>p{margin:0}</style></head><body>", menu, f"<h1>{title}</h1>", *parts, end])
    path.write_text(text, "utf-8")
    return gold


def _p(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _body(text: str) -> str:
    """Paragraphs as <p>, their inner line breaks as <br>."""
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
