"""Who is the user and who the assistant: role words, the speakers of a conversation, and what the user of the tool says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from src.records import Role

_USER = (
    "user", "human", "customer", "client", "caller", "visitor", "student", "patient", "interviewer", "you", "me",
    "question", "q",
)  # fmt: skip
_ASSISTANT = (
    "assistant", "ai", "ai assistant", "bot", "chatbot", "agent", "support", "support agent", "chatgpt", "gpt",
    "claude", "gemini", "advisor", "representative", "operator", "tutor", "teacher", "doctor", "interviewee", "model",
    "answer", "a",
)  # fmt: skip
ROLE_WORDS: Mapping[str, Role] = {
    **dict.fromkeys(_USER, "user"),
    **dict.fromkeys(_ASSISTANT, "assistant"),
    "system": "system",
}


@dataclass(frozen=True, slots=True)
class Roles:
    """Maps speakers to roles. `chosen` is what the user of the tool set under agent.identify.roles, by name."""

    chosen: Mapping[str, Role] = field(default_factory=dict)

    def of_label(self, label: str) -> Role | None:
        """The role a label names by itself: the user's choice, else a known role word, else None."""
        name = plain_name(label)
        return {plain_name(key): role for key, role in self.chosen.items()}.get(name) or ROLE_WORDS.get(name)

    def assign(self, speakers: Iterable[str]) -> dict[str, Role]:
        """A role for each speaker, given in the order they first speak.

        Choices and role words come first; of the others the first is the user, unless someone else is, and the
        rest are assistants.
        """
        ordered = list(dict.fromkeys(speakers))
        assigned: dict[str, Role] = {name: role for name in ordered if (role := self.of_label(name))}
        for name in ordered:
            if name not in assigned:
                taken = "user" in assigned.values()
                assigned[name] = "assistant" if taken else "user"
        return assigned


def plain_name(label: str) -> str:
    """A label as it is compared: lower case, single spaces, without marks around it."""
    return " ".join(label.strip(" \t*_#[]()<>:").lower().split())
