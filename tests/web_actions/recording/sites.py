"""Two small sites on 127.0.0.1 that a browser is let loose on: a shop and a library."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

_HEAD = """<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>
<script>window.tracked = "analytics";</script><style>.menu ul{{display:none}}.menu:hover ul{{display:block}}</style>
<link rel=stylesheet href=/style.css></head><body data-analytics-id="x-9f2" onload="tracked += 1">
<nav class="menu" id="top"><span>Menu</span><ul><li><a href=/>Home</a></li><li><a href=/about>About</a></li></ul></nav>
<div style="display:none" id="promo">Hidden offer</div>
"""
_COLOURS, _THINGS = ("Red", "Blue", "Green", "Black"), ("shoes", "hat", "coat", "scarf", "bag")
_PRODUCTS = list(enumerate(f"{colour} {thing}" for colour in _COLOURS for thing in _THINGS))


def _shop(path: str, query: dict[str, list[str]]) -> str:
    wanted = query.get("q", [""])[0].lower()
    if path == "/cart":
        return """<h1>Checkout</h1><form action=/done><label>E-mail <input name=email type=email></label>
<label>Password <input type=password name=password value="hunter2-from-autofill"></label>
<label>Card <input name=card autocomplete=cc-number value="4111 1111 1111 1111"></label>
<select name=ship><option value=post>Post</option><option value=van>Van</option></select>
<button type=submit data-testid=pay>Pay now</button></form>"""
    if path == "/done":
        return "<h1 id=thanks>Thank you</h1>"
    cards = "".join(
        f'<article class="card c{number}" data-track="p{number}"><h2>{escape(name)}</h2><p>{"A fine thing. " * 20}</p>'
        f'<a class=more href="/item?id={number}">Details</a> <a class=buy href="/cart?id={number}">Buy</a></article>'
        for number, name in _PRODUCTS
        if wanted in name.lower()
    )
    field = f'<input type=search name=q placeholder="Search products" value="{escape(wanted)}">'
    tags = "<p>The tags &lt;DOM&gt; and &lt;/ACTION&gt; as text.</p>"
    return f"<form role=search action=/>{field}<button>Go</button></form><main>{cards}</main>{tags}"


def _library(path: str, query: dict[str, list[str]]) -> str:
    rows = "".join(
        f"<tr><td>{number}</td><td>Book {number}</td><td><button name=lend value={number}>Lend</button></td></tr>"
        for number in range(1, 60)
    )
    return f"""<h1>Library</h1><form action=/><select name=order><option>title<option>year</select>
<table>{rows}</table></form><footer><a id=imprint href=/about>Imprint</a></footer>"""


_SITES = {"shop.test": ("Shop", _shop), "library.test": ("Library", _library)}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        title, body = _SITES[self.headers["Host"].partition(":")[0]]
        address = urlsplit(self.path)
        html = _HEAD.format(title=title) + body(address.path, parse_qs(address.query)) + "</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(html.encode())

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[int]:
    """Both sites on one port of 127.0.0.1; the browser is told that their names lead there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
