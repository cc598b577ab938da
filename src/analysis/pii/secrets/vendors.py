"""Find keys by the shape that their vendor gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from src.analysis.pii.findings import PIIFinding
from src.analysis.pii.scan import Scan
from src.analysis.pii.secrets.placeholders import is_placeholder


def _made(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{pattern})(?![A-Za-z0-9])")


# (rule, a part that every such key has, shape). The part is looked for first: str.find is a hundred times faster.
# Shapes from the vendors' documentation and key formats seen in public, 2026-11-21.
_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (rule, head, _made(pattern))
    for rule, head, pattern in (
        ("anthropic", "sk-ant-", r"sk-ant-[A-Za-z0-9_-]{20,200}"),
        ("openrouter", "sk-or-", r"sk-or-v1-[0-9a-f]{32,64}"),
        ("langsmith", "lsv2_", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
        ("openai", "sk-", r"sk-(?:(?:proj|svcacct|admin|None)-)?[A-Za-z0-9][A-Za-z0-9_-]{19,250}"),
        ("aws-access-key", "KIA", r"AKIA[A-Z0-9]{16}"),
        ("aws-temporary-key", "ASIA", r"ASIA[A-Z0-9]{16}"),
        ("github", "gh", r"gh[pousr]_[A-Za-z0-9]{30,255}"),
        ("github-fine-grained", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,255}"),
        ("gitlab", "gl", r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent)-[A-Za-z0-9_-]{20,64}"),
        ("google", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
        ("google-oauth", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
        ("google-access-token", "ya29.", r"ya29\.[A-Za-z0-9_-]{20,300}"),
        ("slack", "xox", r"xox[abeoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,250}"),
        ("slack-app", "xapp-", r"xapp-\d-[A-Z0-9]+-\d+-[A-Za-z0-9]{20,100}"),
        (
            "slack-webhook",
            "hooks.slack.com",
            r"(?:https?://)?hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/+]{20,120}",
        ),
        ("stripe", "_", r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,250}"),
        ("stripe-webhook", "whsec_", r"whsec_[A-Za-z0-9+/=]{24,80}"),
        ("hugging-face", "hf_", r"hf_[A-Za-z0-9]{30,60}"),
        ("json-web-token", "eyJ", r"eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,1000}"),
        ("npm", "npm_", r"npm_[A-Za-z0-9]{36}"),
        ("pypi", "pypi-", r"pypi-[A-Za-z0-9_-]{50,300}"),
        ("twilio", "", r"(?:AC|SK)[0-9a-f]{32}"),
        ("sendgrid", "SG.", r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}"),
        ("mailgun", "key-", r"key-[0-9a-f]{32}"),
        ("mailchimp", "-us", r"[0-9a-f]{32}-us\d{1,2}"),
        ("azure-storage", "==", r"[A-Za-z0-9+/]{86}=="),
        ("azure-signature", "sig=", r"sig=[A-Za-z0-9%+/]{40,80}(?:%3D|=)"),
        ("azure-client-secret", "8Q~", r"[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}"),
        ("digitalocean", "_v1_", r"do[opr]_v1_[0-9a-f]{64}"),
        ("shopify", "shp", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
        ("square", "sq0", r"sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}"),
        ("telegram", ":AA", r"\d{8,10}:AA[A-Za-z0-9_-]{32,33}"),
        ("discord", ".", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}"),
        (
            "discord-webhook",
            "/api/webhooks/",
            (
                r"(?:https?://)?(?:ptb\."
                r"|canary\.)?discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,70}"
            ),
        ),
        ("databricks", "dapi", r"dapi[0-9a-f]{32}(?:-\d)?"),
        ("notion", "ntn_", r"ntn_[A-Za-z0-9]{40,60}"),
        ("notion-secret", "secret_", r"secret_[A-Za-z0-9]{43}"),
        ("linear", "lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
        ("airtable", "pat", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
        ("groq", "gsk_", r"gsk_[A-Za-z0-9]{40,60}"),
        ("replicate", "r8_", r"r8_[A-Za-z0-9]{37}"),
        ("xai", "xai-", r"xai-[A-Za-z0-9]{60,100}"),
        ("perplexity", "pplx-", r"pplx-[A-Za-z0-9]{40,60}"),
        ("pinecone", "pcsk_", r"pcsk_[A-Za-z0-9_]{40,90}"),
        ("vault", "hv", r"hv[sb]\.[A-Za-z0-9_-]{20,200}"),
        ("doppler", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._]{40,60}"),
        ("postman", "PMAK-", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
        ("new-relic", "NRA", r"NRA[KA]-[A-Z0-9]{27}"),
        ("grafana", "gl", r"gl(?:sa|c)_[A-Za-z0-9_+/=]{30,400}"),
        ("sentry", "sntr", r"sntry[su]_[A-Za-z0-9+/=_]{40,300}"),
        ("supabase", "sbp_", r"sbp_[0-9a-f]{40}"),
        ("terraform", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}"),
        ("docker", "dckr_", r"dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,36}"),
        ("rubygems", "rubygems_", r"rubygems_[0-9a-f]{48}"),
        ("figma", "figd_", r"figd_[A-Za-z0-9_-]{40,44}"),
        ("age", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
    )
)
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_LINES = re.compile(r"(?:\s{0,4}[A-Za-z0-9+/=]{16,}){1,200}")
_LONGEST_BLOCK = 20_000


def find_vendor_keys(scan: Scan) -> Iterator[PIIFinding]:
    """Keys in a vendor's shape, signed web tokens and private key blocks; not what manuals put in their place."""
    for rule, head, pattern in _SHAPES:
        if head in scan.text:
            for found in pattern.finditer(scan.text):
                if not is_placeholder(found.group()) and _looks_random(rule, found.group()):
                    yield PIIFinding("API_KEY", *found.span(), 0.97, f"key-{rule}")
    for begin in _BEGIN.finditer(scan.text) if "PRIVATE KEY" in scan.text else ():
        end = _end_of_block(scan.text, begin.end())
        if end - begin.end() > 60 and "..." not in scan.text[begin.end() : end]:
            yield PIIFinding("API_KEY", begin.start(), end, 0.99, "private-key")


def _end_of_block(text: str, start: int) -> int:
    """Behind the END line, or as far as lines of base64 go where the text was cut off."""
    dashes = text.find("-----", start, start + _LONGEST_BLOCK)
    if dashes >= 0 and (end := _END.match(text, dashes)):
        return end.end()
    lines = _LINES.match(text, start)
    return lines.end() if lines else start


def _looks_random(rule: str, value: str) -> bool:
    """sk-learn-pipelines-for-everyone is no key of OpenAI's, nor is a word with a number at its end."""
    tail = value[len(value) // 3 :]
    if rule == "openai":
        return any(char.isdigit() for char in tail) and max(map(len, re.split(r"[-_]", value))) >= 12
    mixed = any(char.isdigit() for char in tail) or (tail.lower() != tail and tail.upper() != tail)
    return rule in ("azure-storage", "slack-webhook", "aws-access-key", "aws-temporary-key") or mixed
