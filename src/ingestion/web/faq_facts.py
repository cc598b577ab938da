"""Questions and answers that a page tells search engines but may not show: schema.org FAQPage in JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from src.ingestion.pieces import Piece, clean
from src.ingestion.tables import row_piece

_MOST_NODES = 100_000
_MOST_QUESTIONS = 1000  # of one script


def faq_pieces(scripts: Iterable[str], visible: str, plain: Callable[[str], str]) -> Iterator[Piece]:
    """A row with cells "question" and "answer" for each question of the scripts that `visible` does not hold.

    `plain` makes text of HTML, which answers may be written in.
    """
    shown, told = _key(visible), set()
    for script in scripts:
        for question, answer in islice(_questions(script), _MOST_QUESTIONS):
            question, answer = plain(question), plain(answer)
            if question and answer and _key(question) not in shown and _key(question) not in told:
                told.add(_key(question))
                yield row_piece(["question", "answer"], [question, answer], "FAQ of the page", gap=2)


def _questions(script: str) -> Iterator[tuple[str, str]]:
    """The schema.org Questions with an accepted answer, wherever in the script they stand."""
    try:
        waiting: list[Any] = [json.loads(clean(script))]
    except (ValueError, RecursionError):
        return  # a script that browsers ignore, too
    seen = 0
    while waiting and seen < _MOST_NODES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            answer = _first(node.get("acceptedAnswer"))
            if "Question" in _types(node) and isinstance(answer, dict):
                yield _string(node.get("name") or node.get("text")), _string(answer.get("text"))
            else:
                waiting += [child for child in reversed(node.values()) if isinstance(child, (dict, list))]


def _types(node: dict[str, Any]) -> list[str]:
    types = node.get("@type")
    return [str(one).rpartition("/")[2] for one in (types if isinstance(types, list) else [types])]


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _key(text: str) -> str:
    return "".join(text.split()).lower()
