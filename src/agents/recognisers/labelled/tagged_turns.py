"""Find turns between the tags of chat templates: ChatML, [INST], <|user|>, <start_of_turn>, header ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from src.agents.recognisers.conversation import Conversation, Utterance, conversation_of
from src.agents.recognisers.labelled.layout import Layout
from src.agents.recognisers.labelled.runs import context_above
from src.agents.recognisers.roles import Roles
from src.records import Role

NAME = "tagged turns"

_SIGNS = ("<|", "[INST]", "<start_of_turn>", "<｜")
# Each alternative opens a turn (`role` or the name of the group) or ends one.
_TAG = re.compile(
    r"<\|im_start\|>[ \t]*(?P<chatml>\w{1,20})[^\n]{0,40}\n?"
    r"|<\|start_header_id\|>[ \t]*(?P<header>\w{1,20})[ \t]*<\|end_header_id\|>"
    r"|<start_of_turn>[ \t]*(?P<gemma>\w{1,20})\n?"
    r"|<\|(?P<bar>system|user|assistant)\|>"
    r"|<[|｜](?P<wide>User|Assistant|System)[|｜]>"
    r"|(?P<inst>\[INST\])(?:[ \t\n]*(?P<sys><<SYS>>))?"
    r"|(?P<endsys><</SYS>>)|(?P<answer>\[/INST\])"
    r"|(?P<stop><\|im_end\|>|<\|eot_id\|>|<\|end\|>|<end_of_turn>|<\|endoftext\|>|</s>|<s>|<\|begin_of_text\|>|<[|｜]end▁of▁sentence[|｜]>)"
)  # fmt: skip
_ROLES: dict[str, Role] = {
    "user": "user", "human": "user", "assistant": "assistant", "model": "assistant", "gpt": "assistant",
    "system": "system",
    "developer": "system",
}  # fmt: skip
_STARTS_ANEW = ("<s>", "<|begin_of_text|>", "<|endoftext|>")


@dataclass(slots=True)
class _Open:
    role: Role
    label: str
    start: int


def find_tagged_turns(layout: Layout, roles: Roles) -> Iterator[Conversation]:
    """Conversations of tagged turns; a system turn, a start tag or text between two tags begins another one."""
    if not any(sign in layout.text for sign in _SIGNS):
        return
    said: list[Utterance] = []
    first = 0
    for tagged in _tagged(layout.text):
        if tagged is None or (tagged[0].role == "system" and any(one.role != "system" for one in said)):
            yield from _finished(layout, said, first)
            said = []
        if tagged is None:
            continue
        turn, end = tagged
        if not said:
            first = turn.start
        said.append(Utterance(turn.label, roles.of_choice(turn.label) or turn.role, layout.pieces(turn.start, end)))
    yield from _finished(layout, said, first)


def _finished(layout: Layout, said: list[Utterance], first: int) -> Iterator[Conversation]:
    begin = layout.text.rfind("\n", 0, first) + 1
    while begin > 0 and _TAG.match(layout.text, begin) is None and first - begin < 40:
        begin = layout.text.rfind("\n", 0, begin - 1) + 1
    found = conversation_of(said, NAME, context_above(layout, begin, 0))
    if found is not None:
        yield found


def _tagged(text: str) -> Iterator[tuple[_Open, int] | None]:
    """Each tagged turn with its end; None where a conversation ends."""
    turn: _Open | None = None
    end = 0
    for match in _TAG.finditer(text):
        if turn is None and end and _parts(text[end : match.start()]):
            yield None
        if turn is not None:
            yield turn, match.start()
        turn = _opened(match)
        end = match.end()
        if match["stop"] in _STARTS_ANEW:
            yield None
    # A turn that nothing closes goes on to the end of its paragraph block.
    if turn is not None:
        yield turn, len(text)


def _parts(between: str) -> bool:
    return bool(between.strip()) or between.count("\n") > 2


def _opened(match: re.Match[str]) -> _Open | None:
    if match["sys"]:
        return _Open("system", "system", match.end())
    if match["inst"] or match["endsys"]:
        return _Open("user", "[INST]", match.end())
    if match["answer"]:
        return _Open("assistant", "[/INST]", match.end())
    label = match["chatml"] or match["header"] or match["gemma"] or match["bar"] or match["wide"]
    role = _ROLES.get(label.lower()) if label else None
    return _Open(role, label, match.end()) if role and label else None
