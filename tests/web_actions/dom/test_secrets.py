"""What nobody may learn is masked in pages and actions."""

from __future__ import annotations

import pytest

from src.web_actions.dom.pruning import prune_dom
from src.web_actions.session import Action
from tests.web_actions.dom.pages import SHOP

CARD = "4111 1111 1111 1111"
KEY = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def test_a_password_is_masked_in_the_page_and_in_what_is_typed() -> None:
    pruned = prune_dom(SHOP, Action("type", "[name=pw]", "hunter3"))
    assert 'value="[password]"' in pruned.html
    assert pruned.value == "[password]"
    assert "hunter" not in pruned.html
    assert pruned.masked == 2
    assert pruned.action_of(Action("type", "[name=pw]", "hunter3")) == Action("type", "[name=pw]", "[password]")


def test_what_is_masked_is_counted_each_time() -> None:
    assert [prune_dom(SHOP, Action("click", ".primary")).masked for _ in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    "field",
    [
        "<input id=a name=cardNumber>",
        "<input id=a name=cc_number>",
        "<input id=a autocomplete='section-a cc-csc'>",
        "<input id=a autocomplete=one-time-code>",
        "<input id=a placeholder='Enter your PIN'>",
        "<input id=a aria-label='API key'>",
        "<input id=a name=authenticity_token>",
        "<input id=a type=PASSWORD>",
        "<input id=a name=user_pwd>",
    ],
)
def test_fields_that_take_secrets_are_known_by_their_kind_and_name(field: str) -> None:
    pruned = prune_dom(f"<body>{field.replace('>', ' value=topsecret>')}</body>", Action("type", "#a", "topsecret"))
    assert "topsecret" not in pruned.html
    assert pruned.value.startswith("[")


@pytest.mark.parametrize(
    "field",
    ["<input id=a name=city>", "<input id=a name=spinning>", "<input id=a placeholder='Name on credit card holder'>",
     "<input id=a name=author>", "<input id=a name=notes>", "<input id=a name=companion>"],
)  # fmt: skip
def test_other_fields_are_left_alone(field: str) -> None:
    assert prune_dom(f"<body>{field}</body>", Action("type", "#a", "Oslo")).value == "Oslo"


def test_cards_and_keys_are_known_by_themselves() -> None:
    page = f"<body><input id=a value='{CARD}'><p>Card {CARD} and {KEY}</p><textarea>{KEY}</textarea></body>"
    html = prune_dom(page, Action("click", "#a")).html
    assert "4111" not in html
    assert "ghp_" not in html
    assert "[card number]" in html
    assert prune_dom(page, Action("type", "#a", CARD)).value == "[card number]"
    assert prune_dom(page, Action("type", "#a", "order 1234 5678 9012 3456")).value == "order 1234 5678 9012 3456"


def test_addresses_lose_their_tokens() -> None:
    page = "<body><a id=a href='https://u:pw@a.test/x?session_id=abc&page=2&design=blue&code=77#access_token=zz'>x</a></body>"
    html = prune_dom(page, Action("click", "#a")).html
    assert "page=2" in html
    assert "design=blue" in html
    for secret in ("abc", "u:pw", "77", "zz"):
        assert secret not in html
    navigated = prune_dom("<p>x</p>", Action("navigate", "", "https://a.test/?token=abc&q=1"))
    assert navigated.value == "https://a.test/?token=[token]&q=1"


def test_a_selector_that_holds_a_secret_gives_way() -> None:
    page = f"<body><form><input value='{CARD}'><input value=b name=b></form></body>"
    pruned = prune_dom(page, Action("click", f"input[value='{CARD}']"))
    assert "4111" not in pruned.selector + pruned.html
    linked = prune_dom(
        "<body><a href='/?token=abc'>x</a><a href='/y'>y</a></body>", Action("click", "a[href='/?token=abc']")
    )
    assert "abc" not in linked.selector + linked.html
