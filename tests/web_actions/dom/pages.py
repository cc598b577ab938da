"""Pages for the tests."""

SHOP = """<!doctype html><html><head><title>Shop &amp; more</title><style>.a{color:red}</style>
<script>track()</script></head><body data-ga="1" onload="x()">
<nav><ul><li><a href="/?utm_source=mail&amp;page=1">Home</a></li>
<li><a href="/cart" class="cart">Cart</a></li></ul></nav>
<main><div style="display: none">Hidden words</div><div hidden>Hidden too</div>
<form id="login" action="/in"><input type="hidden" name="csrf" value="abc">
<label>Name <input name="user" placeholder="Your name" value="Ada"></label>
<label>Password <input type="password" name="pw" value="hunter2"></label>
<select name="size"><option value="s">Small</option><option value="m" selected>Medium</option></select>
<button class="btn primary" data-track="77" onclick="go()">Go</button><button class="btn">Cancel</button></form>
<noscript>Please switch scripts on</noscript><svg><path d="M0 0L9 9"/></svg>
<p>Plain   words
 in lines</p><div class="empty"><span></span></div></main><footer>The end</footer></body></html>"""


def long_page(cards: int, target: int) -> str:
    """A page with as many cards, each with a button of the same looks; that of one card has the id "target"."""
    parts = [
        f'<article class="card"><h3>Card {number}</h3><p>{"some words " * 8}</p>'
        f"<button{' id=target' if number == target else ''}>Buy</button></article>"
        for number in range(cards)
    ]
    return f"<html><body><header>Top</header><main>{''.join(parts)}</main></body></html>"
