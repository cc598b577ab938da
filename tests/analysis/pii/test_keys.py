"""Keys and passwords: found by shape or by the word before them, told from placeholders and hashes."""

from __future__ import annotations

import random
import string

import pytest

from src.analysis.pii import find_pii

ALNUM = string.ascii_letters + string.digits


def random_text(alphabet: str, length: int, seed: int = 1) -> str:
    # Taken by draw and not written out, so that no scanner takes this file for a leak
    rng = random.Random(seed)
    return "".join(rng.choice(alphabet) for _ in range(length))


SHAPES = {
    "key-openai": "sk-proj-" + random_text(ALNUM, 48),
    "key-anthropic": "sk-ant-api03-" + random_text(ALNUM, 93),
    "key-aws-access-key": "AKIA" + random_text(string.ascii_uppercase, 16),
    "key-github": "ghp_" + random_text(ALNUM, 36),
    "key-gitlab": "glpat-" + random_text(ALNUM, 20),
    "key-google": "AIza" + random_text(ALNUM, 35),
    "key-slack": f"xoxb-{random_text('123456789', 12)}-{random_text(ALNUM, 24)}",
    "key-stripe": "sk_live_" + random_text(ALNUM, 24),
    "key-hugging-face": "hf_" + random_text(ALNUM, 34),
    "key-npm": "npm_" + random_text(ALNUM, 36),
    "key-sendgrid": f"SG.{random_text(ALNUM, 22)}.{random_text(ALNUM, 43)}",
    "key-twilio": "SK" + random_text("0123456789abcdef", 32),
}


@pytest.mark.parametrize("rule", SHAPES)
def test_a_vendors_key_is_found_whole(rule: str) -> None:
    text = f"I pasted {SHAPES[rule]} into the config."
    assert [(one.rule, text[one.start : one.end]) for one in find_pii(text)] == [(rule, SHAPES[rule])]


@pytest.mark.parametrize(
    "text",
    ["my API key is {}", "token: {}", "SECRET_KEY = '{}'", '{{"access_token": "{}"}}', "Authorization: Bearer {}"],
)
def test_a_random_value_behind_a_word_is_a_key(text: str) -> None:
    value = random_text(ALNUM, 32, 7)
    text = text.format(value)
    assert [text[one.start : one.end] for one in find_pii(text)] == [value]


def test_a_private_key_is_found_with_its_lines_and_without_its_end() -> None:
    lines = "\n".join(random_text(ALNUM, 64, seed) for seed in range(5))
    whole = f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----"
    for text in (whole, whole.replace("\n", "\\n"), whole[:-30]):
        (found,) = find_pii(text)
        assert found.rule == "private-key"
        assert found.end > len(text) - 8


@pytest.mark.parametrize(
    "text",
    [
        "postgres://app:S3cr3tPw@db.net:5432/x",
        "Server=db;Database=crm;User Id=sa;Password=S3cr3tPw9;",
        "redis://:S3cr3tPw9@h:6379",
    ],
)
def test_a_connection_string_is_one_finding(text: str) -> None:
    (found,) = find_pii(text)
    assert (found.kind, text[found.start : found.end]) == ("API_KEY", text)


@pytest.mark.parametrize(
    "text",
    [
        "api_key = 'YOUR_API_KEY'",
        "OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "token: <insert your token here>",
        "export K=AKIAIOSFODNN7EXAMPLE",
        "key: sk-1234567890abcdef1234567890abcdef",
        "password = os.environ['PASSWORD']",
        "password=getpass()",
        "postgres://user:password@host/db",
        "sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "the token limit is 128000 tokens",
        "public key fingerprint a1b2c3d4e5f60718293a4b5c",
        "the secret to good_bread_is_patience_and_flour",
        "use sk-learn-pipelines-for-everyone-here",
        "token: 1234567890123456789",
    ],
)
def test_placeholders_hashes_and_words_are_no_keys(text: str) -> None:
    assert find_pii(text) == []
