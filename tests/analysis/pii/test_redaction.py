"""Redaction: nothing is left, the same value becomes the same fake, JSON stays JSON, reports show no value."""

from __future__ import annotations

import json

import pytest

from src.analysis.pii import KINDS, PIIFinding, find_pii, mask_value, policies, redact, redact_text
from src.analysis.pii.checksums import luhn, mod_97

TEXT = (
    "My name is Anna Schmidt, anna@schmidt.de, +49 171 1234567, (415) 555-2671, card 4111 1111 1111 1111,\n"
    "IBAN DE89 3704 0044 0532 0130 00, SSN 536-90-4399, 45.33.32.156, 2a01:4f8::1, 52:54:00:9d:0e:67, "
    "CPF 390.533.447-05,\n"
    "Hauptstr. 5, 10115 Berlin, postgres://app:Sx9secretQ@db.net/d"
)


def test_every_kind_is_in_the_example() -> None:
    assert {one.kind for one in find_pii(TEXT)} == set(KINDS)


@pytest.mark.parametrize("policy", ["mask", "replace"])
def test_a_second_search_finds_nothing(policy: str) -> None:
    once = redact(TEXT, find_pii(TEXT), policy, seed=7)  # type: ignore[arg-type]
    assert find_pii(once.text) == []
    assert sum(once.replaced.values()) == len(find_pii(TEXT))
    assert find_pii(redact_text(TEXT, policy, seed=7).text) == []  # type: ignore[arg-type]


def test_masks_name_the_kind_and_report_leaves_the_text() -> None:
    assert redact("to anna@schmidt.de", find_pii("to anna@schmidt.de"), "mask").text == "to [EMAIL]"
    assert redact(TEXT, find_pii(TEXT), "report").text == TEXT


def test_each_kind_has_its_own_policy_and_drop_is_told() -> None:
    chosen = {"EMAIL": "mask", "PHONE": "report", "CARD": "drop"}
    done = redact(TEXT, find_pii(TEXT), chosen)
    assert done.drop
    assert done.replaced == {"EMAIL": 1}
    assert "+49 171 1234567" in done.text
    with pytest.raises(ValueError, match="TELEPHONE"):
        policies({"TELEPHONE": "mask"})
    with pytest.raises(ValueError, match="hide"):
        policies({"EMAIL": "hide"})


def test_the_same_value_becomes_the_same_fake_and_the_seed_changes_it() -> None:
    def fakes(text: str, seed: int) -> list[str]:
        done = redact(text, find_pii(text), "replace", seed)
        return [done.text[one.new_start : one.new_end] for one in done.moved]

    assert fakes("anna@schmidt.de wrote", 1) == fakes("mail ANNA@schmidt.de", 1) != fakes("anna@schmidt.de wrote", 2)
    assert fakes("call 415-555-2671", 1)[0].replace("-", "") == fakes("call 4155552671", 1)[0].replace("-", "")
    assert fakes("4111 1111 1111 1111", 1)[0].replace(" ", "") == fakes("4111111111111111", 1)[0]


def test_fakes_keep_the_shape_and_belong_to_nobody() -> None:
    done = redact(TEXT, find_pii(TEXT), "replace", seed=3)
    fake = {one.kind: done.text[one.new_start : one.new_end] for one in done.moved}
    assert fake["EMAIL"].rsplit("@")[1].startswith("redacted.example.")
    assert fake["PHONE"][:1] == "("
    assert "555-01" in fake["PHONE"]
    assert not luhn(fake["CARD"].replace(" ", ""))
    assert fake["CARD"][0] == "4"
    assert not mod_97(fake["IBAN"].replace(" ", ""))
    assert len(fake["IBAN"]) == len("DE89 3704 0044 0532 0130 00")
    assert fake["SSN"].startswith("9")
    assert fake["ADDRESS"].startswith("Musterstraße")
    assert len(fake["NAME"].split()) == 2


def test_moved_places_match_both_texts() -> None:
    found = find_pii(TEXT)
    done = redact(TEXT, found, "mask")
    assert [(one.start, one.end) for one in done.moved] == [(one.start, one.end) for one in found]
    assert all(done.text[one.new_start : one.new_end] == f"[{one.kind}]" for one in done.moved)


def test_findings_that_overlap_are_replaced_once() -> None:
    text = "see 12 Main Street 555-867-5309 now"
    wide, narrow = PIIFinding("ADDRESS", 4, 20, 1.0, "a"), PIIFinding("PHONE", 15, 31, 1.0, "b")
    assert redact(text, [narrow, wide], "mask").text == "see [ADDRESS] now"
    assert redact(text, [wide, wide], "mask").replaced == {"ADDRESS": 1}


@pytest.mark.parametrize("policy", ["mask", "replace"])
def test_json_stays_json(policy: str) -> None:
    row = {
        "phone": 4155552671,
        "card": [4111111111111111],
        "text": 'say "hi" to\nanna@schmidt.de',
        "key": "-----BEGIN PRIVATE KEY-----\n" + "QUJD" * 40,
    }
    line = json.dumps(row)
    done = redact(line, find_pii(line), policy)  # type: ignore[arg-type]
    back = json.loads(done.text)
    assert back["text"].startswith('say "hi" to\n')
    assert "4111111111111111" not in done.text
    assert "anna@schmidt.de" not in done.text
    two = line + "\n" + line
    assert [json.loads(part) for part in redact(two, find_pii(two), policy).text.split("\n")] == [back, back]  # type: ignore[arg-type]


def test_a_report_shows_two_characters_at_most() -> None:
    for kind, value in (
        ("EMAIL", "anna@schmidt.de"),
        ("CARD", "4111111111111111"),
        ("API_KEY", "abcdefghijkl"),
        ("NAME", "Bo"),
        ("IP", '"\n1.2.3.4'),
    ):
        shown = mask_value(kind, value, b"key")
        assert shown == mask_value(kind, value, b"key") != mask_value(kind, value, b"other")
        head = shown.split("***")[0]
        assert len(head) <= 2
        assert value[len(head) :] not in shown
        assert "\n" not in shown
    assert mask_value("CARD", "4111111111111111").startswith("***")
    assert mask_value("EMAIL", "a@b.de") != mask_value("EMAIL", "b@b.de")


def test_invented_names_are_nobodys_and_no_finding() -> None:
    from src.analysis.pii.names.gazetteer import given_names, surnames
    from src.analysis.pii.names.invented import invented

    for country in ("us", "de", "fr", "es", "it", "pl", "in"):
        for number in range(0, 60, 7):
            first, family = invented(country, "fm"[number % 2], number, 2).split()
            assert first.lower() not in given_names()
            assert family.lower() not in surnames()
            assert find_pii(f"My name is {first} {family}.") == []
