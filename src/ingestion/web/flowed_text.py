"""Mail text of the kind "format=flowed", whose paragraphs are broken into short lines (RFC 3676)."""

from __future__ import annotations

import re

_QUOTES = re.compile(r">*")


def joined_lines(text: str, delete_space: bool = False) -> str:
    """The text with lines that end in a space joined to the next one of the same quote depth.

    The quote marks of a paragraph's first line stay as they are. A signature's "-- " is a line of its own.
    """
    out: list[list[str]] = []  # the parts of each line
    depth, flows = 0, False
    for line in text.split("\n"):
        marks = _QUOTES.match(line)
        now = marks.end() if marks else 0
        content = line[now:].removeprefix(" ")
        if flows and now == depth and content != "-- ":
            out[-1].append(content)
        else:
            # The space between quote marks and text was there in what people saw; a stuffed one was not.
            out.append([line[:now], " " if now and line[now:].startswith(" ") else "", content])
        depth, flows = now, content.endswith(" ") and content != "-- "
        if flows and delete_space:
            out[-1][-1] = content[:-1]
    return "\n".join(map("".join, out))
