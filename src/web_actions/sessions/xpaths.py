"""XPaths as recorders write them, as CSS selectors."""

from __future__ import annotations

import re

from src.web_actions.dom.selectors import quoted

_START = re.compile(r"//(?:\*|([A-Za-z][\w-]*))\[@([A-Za-z_][\w-]*)=(?:\"([^\"]*)\"|'([^']*)')\]")
_STEP = re.compile(r"/([A-Za-z][\w-]*)(?:\[(\d+)\])?")


def css_of_xpath(path: str) -> str:
    """CSS for //*[@id="a"]/div[2]/span and /html/body/div[1]/a; "" for anything else.

    b[2] in XPath is the second b among its siblings, which is b:nth-of-type(2).
    """
    place, parts = 0, []
    if start := _START.match(path):
        value = start[3] if start[3] is not None else start[4]
        parts.append(f"{start[1] or ''}[{start[2]}={quoted(value)}]")
        place = start.end()
    while step := _STEP.match(path, place):
        parts.append(step[1] + (f":nth-of-type({step[2]})" if step[2] else ""))
        place = step.end()
    return " > ".join(parts) if parts and place == len(path) else ""
